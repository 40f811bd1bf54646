"""The whole address space on one screen: each room's own `urls.py` holds its addresses."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from imagine_site.home import views as home

urlpatterns = [
    path("", home.to_the_visitors_language, name="root"),
    path("healthz", home.health, name="health"),
    path("robots.txt", home.robots, name="robots"),
    path("media/", include("imagine_site.images.urls")),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("imagine_site.home.urls")),
        path("", include("news.urls")),
        path("", include("labs.urls")),
        path("", include("people.urls")),
        path("", include("imagine_site.pages.urls")),
    ),
]

handler404 = "imagine_site.home.views.not_found"
handler500 = "imagine_site.home.views.server_error"
