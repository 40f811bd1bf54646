from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from imagine_site.images import uses
from imagine_site.publishing import findings
from imagine_site.register import signals


class NewsConfig(AppConfig):
    name = "news"
    label = "news"
    verbose_name = _("News")

    def ready(self):
        from news.checks import news
        from news.listeners import refresh_links
        from news.uses import in_news

        uses.register(in_news)
        findings.check(news)
        signals.readdressed.connect(refresh_links, dispatch_uid="news")
