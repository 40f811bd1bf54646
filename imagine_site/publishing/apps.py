from django.apps import AppConfig

from imagine_site.publishing import findings


class PublishingConfig(AppConfig):
    name = "imagine_site.publishing"
    label = "publishing"

    def ready(self):
        from imagine_site.publishing import checks

        findings.check(checks.texts)
        findings.check(checks.pictures)
