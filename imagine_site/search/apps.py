from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate

from imagine_site.register import signals


class SearchConfig(AppConfig):
    name = "imagine_site.search"
    label = "search"

    def ready(self):
        from imagine_site.search import actions, listeners

        signals.changed.connect(listeners.record_changed, dispatch_uid="search")
        post_delete.connect(listeners.deleted, dispatch_uid="search")
        post_migrate.connect(actions.install_after_migrate, sender=self, dispatch_uid="search")
