from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PageCacheConfig(AppConfig):
    name = "imagine_site.pagecache"
    label = "pagecache"

    def ready(self):
        from imagine_site.pagecache import triggers

        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="generation triggers")
