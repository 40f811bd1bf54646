"""Make the public pictures again from the originals: after lost files or a change of sizes."""

from django.core.management.base import BaseCommand

from imagine_site.images.library import make_missing


class Command(BaseCommand):
    help = "Make the renditions that are missing in the public storage (--all: every one anew)."

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="make every rendition anew")

    def handle(self, *args, **options):
        report = make_missing(everything=options["all"])
        self.stdout.write(f"{report.looked_at} images, {report.made} made anew.")
        for problem in report.problems:
            self.stderr.write(problem)
