"""The whole address space on one screen: each room's own `urls.py` holds its addresses."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from imagine_site.home import known_files, sitemaps
from imagine_site.home import views as home
from imagine_site.home.style_guide import style_guide
from imagine_site.publishing.shared_drafts import shared_draft

urlpatterns = [
    path("", home.to_the_visitors_language, name="root"),
    path("healthz", home.health, name="health"),
    path("robots.txt", known_files.robots, name="robots"),
    path(".well-known/security.txt", known_files.security, name="security"),
    path("site.webmanifest", known_files.manifest, name="manifest"),
    path("favicon.ico", known_files.favicon, name="favicon"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-news.xml", sitemaps.news, name="sitemap_news"),
    path("sitemap-<slug:name>-<int:number>.xml", sitemaps.part, name="sitemap_part"),
    path("media/", include("imagine_site.images.urls")),
    path("files/", include("imagine_site.files.urls")),
    path("preview/<str:token>/", shared_draft, name="shared_draft"),
    path("admin/style-guide/", style_guide, name="style_guide"),
    # Before the admin, whose own log-in it replaces.
    path("admin/", include("imagine_site.accounts.urls")),
    path("admin/", admin.site.urls),
    *i18n_patterns(
        path("", include("imagine_site.home.urls")),
        path("", include("news.urls")),
        path("", include("labs.urls")),
        path("", include("people.urls")),
        path("", include("imagine_site.search.urls")),
        path("", include("imagine_site.pages.urls")),
    ),
]

handler404 = "imagine_site.home.views.not_found"
handler500 = "imagine_site.home.views.server_error"
