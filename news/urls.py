"""Below the language prefix: the news list, an article, the chronicle of visits."""

from django.urls import path
from django.utils.translation import pgettext_lazy

from news import views

app_name = "news"
urlpatterns = [
    path(pgettext_lazy("address", "news/"), views.news_list, name="list"),
    path(pgettext_lazy("address", "news/<slug:slug>/"), views.article, name="article"),
    path(pgettext_lazy("address", "visits/"), views.visits, name="visits"),
]
