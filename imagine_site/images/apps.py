from django.apps import AppConfig
from django.core.signals import request_started
from django.utils.translation import gettext_lazy as _

from imagine_site.pagecache import triggers


class ImagesConfig(AppConfig):
    name = "imagine_site.images"
    label = "images"
    verbose_name = _("Image library")

    def ready(self):
        from imagine_site.images import later, signals

        signals.renditions_wait.connect(later.ask, dispatch_uid="images: later")
        request_started.connect(later.first_request, dispatch_uid="images: what was left")
        triggers.watch(self.get_model("Image"))
