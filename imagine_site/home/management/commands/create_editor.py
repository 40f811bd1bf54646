"""Make an account that may write in the admin, and say its password once."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from imagine_site.home.accounts import create_editor


class Command(BaseCommand):
    help = "Create an editor's account and print its generated password, once."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the name to log in with")

    def handle(self, *, name: str, **options):
        if get_user_model().objects.filter(username=name).exists():
            raise CommandError(
                f"There is an account “{name}” already. "
                f"A new password for it: manage.py changepassword {name}"
            )
        self.stdout.write(f"Account: {name}\nPassword: {create_editor(name)}")
