from django.apps import AppConfig


class EditingConfig(AppConfig):
    name = "imagine_site.editing"
    label = "editing"
