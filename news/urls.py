"""Below the language prefix: the news list, an article and its press kit, the chronicle."""

from django.urls import include, path
from django.utils.translation import pgettext_lazy

from news import feeds, views

app_name = "news"
_feeds = [
    path("feed.atom", feeds.feed, {"format": "atom"}, name="feed_atom"),
    path("feed.rss", feeds.feed, {"format": "rss"}, name="feed_rss"),
    path("feed.json", feeds.feed, {"format": "json"}, name="feed_json"),
]
urlpatterns = [
    path(pgettext_lazy("address", "news/"), include(_feeds)),
    path(pgettext_lazy("address", "news/"), views.news_list, name="list"),
    path(pgettext_lazy("address", "news/<slug:slug>/"), views.article, name="article"),
    path(
        pgettext_lazy("address", "news/<slug:slug>/press-kit.zip"),
        views.press_kit,
        name="press_kit",
    ),
    path(pgettext_lazy("address", "visits/"), views.visits, name="visits"),
]
