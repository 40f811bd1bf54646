"""Remove the sample institute; see `imagine_site.sample.removing`."""

from django.core.management.base import BaseCommand

from imagine_site.sample.removing import remove_sample


class Command(BaseCommand):
    help = "Remove the sample institute, except what somebody has changed or uses elsewhere."

    def add_arguments(self, parser):
        parser.add_argument(
            "--edited-too", action="store_true", help="also remove what somebody has changed"
        )

    def handle(self, *, edited_too: bool, **options):
        for line in remove_sample(edited_too=edited_too).lines():
            self.stdout.write(line)
