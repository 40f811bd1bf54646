"""The application a WSGI server serves (granian in production)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")

application = get_wsgi_application()

# After the applications are ready: the wrapper reads the settings and the generation's model.
from django.conf import settings  # noqa: E402

from imagine_site.pagecache.wsgi import PageCache  # noqa: E402

if settings.PAGE_CACHE_BYTES:
    shared = watch = None
    if "replica" in settings.DATABASES:
        from imagine_site.machines.lagging import EachDatabase

        watch = EachDatabase()
    if settings.REDIS_URL:
        from imagine_site.pagecache.redis_pages import RedisPages

        shared = RedisPages(settings.REDIS_URL)
    application = PageCache(
        application,
        most_bytes=settings.PAGE_CACHE_BYTES,
        folder=settings.VAR_DIR,
        watch=watch,
        shared=shared,
    )

if "replica" in settings.DATABASES:
    from imagine_site.machines.reading import FromReplica

    application = FromReplica(application)
