from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from imagine_site.pagecache import triggers


class ImagesConfig(AppConfig):
    name = "imagine_site.images"
    label = "images"
    verbose_name = _("Image library")

    def ready(self):
        triggers.watch(self.get_model("Image"))
