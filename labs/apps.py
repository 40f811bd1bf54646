from django.apps import AppConfig

from imagine_site.register import kinds


class LabsConfig(AppConfig):
    name = "labs"
    label = "labs"

    def ready(self):
        kinds.register(self.get_model("Laboratory"))
        kinds.register(self.get_model("StartUp"))
