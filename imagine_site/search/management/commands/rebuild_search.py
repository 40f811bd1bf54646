"""Make the search index again; see `imagine_site.search.actions.rebuild`."""

from django.core.management.base import BaseCommand

from imagine_site.search.actions import rebuild


class Command(BaseCommand):
    help = "Make the search index again from everything public (it keeps itself up to date)."

    def handle(self, *, verbosity: int, **options):
        for kind, number in rebuild().items():
            if verbosity:
                self.stdout.write(f"{kind}: {number}")
