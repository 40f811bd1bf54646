from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from imagine_site.images import uses
from imagine_site.pagecache import triggers
from imagine_site.publishing import findings
from imagine_site.publishing.signals import editions_changed
from imagine_site.register import signals
from imagine_site.search import sources


class NewsConfig(AppConfig):
    name = "news"
    label = "news"
    verbose_name = _("News")

    def ready(self):
        from news import searched
        from news import triggers as listed
        from news.checks import news
        from news.listeners import refresh_links
        from news.uses import in_news, pictures_of_news

        uses.register(in_news, pictures_of_news)
        sources.register(searched.SOURCE)
        editions_changed.connect(
            searched.refresh, sender=self.get_model("Post"), dispatch_uid="search news"
        )
        findings.check(news)
        triggers.watch(self.get_model("PostEdition"))
        signals.readdressed.connect(refresh_links, dispatch_uid="news")
        post_migrate.connect(listed.install_after_migrate, sender=self, dispatch_uid="news lists")
