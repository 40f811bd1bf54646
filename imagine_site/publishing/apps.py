from django.apps import AppConfig
from django.db.models.signals import post_migrate

from imagine_site.publishing import findings


class PublishingConfig(AppConfig):
    name = "imagine_site.publishing"
    label = "publishing"

    def ready(self):
        from imagine_site.publishing import checks, triggers

        findings.check(checks.texts)
        findings.check(checks.address)
        findings.check(checks.pictures)
        post_migrate.connect(triggers.install_after_migrate, dispatch_uid="edition triggers")
