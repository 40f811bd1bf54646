from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from imagine_site.images import uses
from imagine_site.pagecache import triggers
from imagine_site.register import kinds
from imagine_site.search import sources


class LabsConfig(AppConfig):
    name = "labs"
    label = "labs"
    verbose_name = _("Laboratories and start-ups")

    def ready(self):
        from labs import searched
        from labs.uses import in_labs, pictures_of_labs

        kinds.register(self.get_model("Laboratory"))
        kinds.register(self.get_model("StartUp"))
        uses.register(in_labs, pictures_of_labs)
        sources.register(searched.LABORATORIES)
        sources.register(searched.STARTUPS)
        triggers.watch(*self.get_models())
