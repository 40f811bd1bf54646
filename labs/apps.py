from django.apps import AppConfig

from imagine_site.images import uses
from imagine_site.register import kinds


class LabsConfig(AppConfig):
    name = "labs"
    label = "labs"

    def ready(self):
        from labs.uses import in_labs

        kinds.register(self.get_model("Laboratory"))
        kinds.register(self.get_model("StartUp"))
        uses.register(in_labs)
