from django.apps import AppConfig


class ComponentsConfig(AppConfig):
    name = "imagine_site.components"
    label = "components"
