from django.apps import AppConfig


class RegisterConfig(AppConfig):
    name = "imagine_site.register"
    label = "register"
