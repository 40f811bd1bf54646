"""Make the public pictures again from the originals: after lost files or a change of sizes."""

import os
import signal
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from imagine_site.images import later
from imagine_site.images.library import make_missing


class Command(BaseCommand):
    help = "Make the renditions that are missing in the public storage (--all: every one anew)."

    def add_arguments(self, parser):
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--all", action="store_true", help="make every rendition anew")
        what.add_argument(
            "--waiting",
            action="store_true",
            help="make only what uploads left for later, as the site does by itself",
        )

    def handle(self, *args, **options):
        if options["waiting"]:
            report = self._make_waiting()
            self.stdout.write(f"{report.looked_at} images, {report.made} completed.")
        else:
            report = make_missing(everything=options["all"])
            self.stdout.write(f"{report.looked_at} images, {report.made} made anew.")
        for problem in report.problems:
            self.stderr.write(problem)

    def _make_waiting(self):
        os.nice(later.NICENESS)
        # What is begun is given back where the server is stopped, and this along with it. The code
        # says so (as a shell would), or the server would begin another one before it is gone.
        for stop in (signal.SIGTERM, signal.SIGINT):
            signal.signal(stop, lambda number, _frame: sys.exit(128 + number))
        return later.make_waiting(threads=settings.RENDITION_THREADS or None)
