"""The application a WSGI server serves (granian in production)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "imagine_site.settings")

application = get_wsgi_application()
