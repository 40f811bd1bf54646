from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ComponentsConfig(AppConfig):
    name = "imagine_site.components"
    label = "components"

    def ready(self):
        from imagine_site.components import kept

        post_migrate.connect(kept.forget_after_migrate, dispatch_uid="kept parts")
