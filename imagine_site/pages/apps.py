from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _

from imagine_site.images import uses
from imagine_site.pagecache import triggers
from imagine_site.publishing import findings
from imagine_site.publishing.signals import editions_changed
from imagine_site.register import signals
from imagine_site.search import sources


class PagesConfig(AppConfig):
    name = "imagine_site.pages"
    label = "pages"
    verbose_name = _("Institutional pages")

    def ready(self):
        from imagine_site.pages import accessibility, searched
        from imagine_site.pages.checks import legally_asked, own_address, unfilled
        from imagine_site.pages.listeners import refresh_links
        from imagine_site.pages.uses import in_pages, pictures_of_pages

        checks.register(accessibility.grid_is_sound, "accessibility")
        uses.register(in_pages, pictures_of_pages)
        sources.register(searched.SOURCE)
        editions_changed.connect(
            searched.refresh, sender=self.get_model("Page"), dispatch_uid="search pages"
        )
        for check in (own_address, unfilled, legally_asked):
            findings.check(check)
        signals.readdressed.connect(refresh_links, dispatch_uid="pages")
        public = ("PageEdition", "KeyFigure", "Milestone", "Redirect")
        triggers.watch(*(self.get_model(name) for name in public))
