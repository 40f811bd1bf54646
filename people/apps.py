from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from imagine_site.images import uses
from imagine_site.pagecache import triggers
from imagine_site.register import kinds
from imagine_site.search import sources


class PeopleConfig(AppConfig):
    name = "people"
    label = "people"
    verbose_name = _("People and founding members")

    def ready(self):
        from people import searched
        from people.uses import in_people, pictures_of_people

        kinds.register(self.get_model("Researcher"))
        kinds.register(self.get_model("FoundingMember"))
        uses.register(in_people, pictures_of_people)
        sources.register(searched.PEOPLE)
        sources.register(searched.FOUNDING_MEMBERS)
        triggers.watch(*self.get_models())
