"""Below the language prefix: the front page, and the map of the site."""

from django.urls import path
from django.utils.translation import pgettext_lazy

from imagine_site.home import views

app_name = "home"
urlpatterns = [
    path("", views.home, name="home"),
    path(pgettext_lazy("address", "site-map/"), views.site_map, name="site_map"),
]
