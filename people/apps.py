from django.apps import AppConfig

from imagine_site.images import uses
from imagine_site.register import kinds


class PeopleConfig(AppConfig):
    name = "people"
    label = "people"

    def ready(self):
        from people.uses import in_people

        kinds.register(self.get_model("Researcher"))
        kinds.register(self.get_model("FoundingMember"))
        uses.register(in_people)
