from django.apps import AppConfig


class SampleConfig(AppConfig):
    name = "imagine_site.sample"
    label = "sample"
