from django.apps import AppConfig


class MentionsConfig(AppConfig):
    name = "imagine_site.mentions"
    label = "mentions"
