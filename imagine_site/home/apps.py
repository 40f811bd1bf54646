from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "imagine_site.home"
    label = "home"
