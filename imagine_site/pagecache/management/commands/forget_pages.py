"""Have every process make every public page anew."""

from django.core.management.base import BaseCommand
from django.db import connection

from imagine_site.pagecache import triggers


class Command(BaseCommand):
    help = (
        "Have every public page made anew, in all processes: after changing a setting that is "
        "written into pages."
    )

    def handle(self, **_options):
        with connection.cursor() as cursor:
            triggers.leap(cursor)
        self.stdout.write("Every page is made anew when it is next asked for.")
