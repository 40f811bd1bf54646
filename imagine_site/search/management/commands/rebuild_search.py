"""Make the search index again; see `imagine_site.search.actions.rebuild`."""

from django.core.management.base import BaseCommand, CommandError

from imagine_site.search import opensearch
from imagine_site.search.actions import rebuild


class Command(BaseCommand):
    help = "Make the search index again from everything public (it keeps itself up to date)."

    def handle(self, *, verbosity: int, **options):
        for kind, number in rebuild().items():
            if verbosity:
                self.stdout.write(f"{kind}: {number}")
        # Noted from here on, so that nothing is missed while OpenSearch is filled.
        opensearch.set_up()
        if opensearch.index() is None:
            return
        try:
            number = opensearch.refill()
        except opensearch.Unreachable as error:
            said = f"The database has its index, OpenSearch has not: {error}"
            raise CommandError(said) from error
        if verbosity:
            self.stdout.write(f"OpenSearch: {number}")
