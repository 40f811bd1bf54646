"""Load the sample institute; see `imagine_site.sample.loading`."""

from django.core.management.base import BaseCommand

from imagine_site.sample.loading import load_sample


class Command(BaseCommand):
    help = "Load the sample institute. A second run changes nothing."

    def handle(self, *, verbosity: int, **options):
        say = self.stdout.write if verbosity else lambda _line: None
        for line in load_sample(say=say).lines():
            say(line)
