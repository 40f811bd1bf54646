"""Make the finished HTML of every edition again, after the templates of the document changed."""

from django.core.management.base import BaseCommand

from imagine_site.publishing.actions import rerender
from imagine_site.publishing.models import concrete_editions


class Command(BaseCommand):
    help = "Render every edition again from its snapshot, after an upgrade that changed the looks."

    def handle(self, **options):
        for model in concrete_editions():
            changed = rerender(model.objects.all())
            self.stdout.write(f"{model._meta.verbose_name_plural}: {changed} rendered anew")
