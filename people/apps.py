from django.apps import AppConfig

from imagine_site.register import kinds


class PeopleConfig(AppConfig):
    name = "people"
    label = "people"

    def ready(self):
        kinds.register(self.get_model("Researcher"))
        kinds.register(self.get_model("FoundingMember"))
