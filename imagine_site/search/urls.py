"""Below the language prefix: the search, and what it suggests while somebody types."""

from django.urls import path
from django.utils.translation import pgettext_lazy

from imagine_site.search import views

app_name = "search"
urlpatterns = [
    path(pgettext_lazy("address", "search/"), views.search, name="search"),
    path(pgettext_lazy("address", "search/suggestions/"), views.suggest, name="suggestions"),
]
