from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from imagine_site.images import uses
from imagine_site.publishing import findings
from imagine_site.register import signals


class PagesConfig(AppConfig):
    name = "imagine_site.pages"
    label = "pages"
    verbose_name = _("Institutional pages")

    def ready(self):
        from imagine_site.pages.checks import own_address
        from imagine_site.pages.listeners import refresh_links
        from imagine_site.pages.uses import in_pages

        uses.register(in_pages)
        findings.check(own_address)
        signals.readdressed.connect(refresh_links, dispatch_uid="pages")
