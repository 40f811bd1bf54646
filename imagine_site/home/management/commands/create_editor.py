"""Make an account that may write in the admin, and say its password once."""

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError

from imagine_site.home.accounts import ADMINISTRATOR, EDITOR, KEEPER, WRITER, create_account

ROLES = {
    "writer": WRITER,
    "editor": EDITOR,
    "keeper": KEEPER,
    "administrator": ADMINISTRATOR,
}


class Command(BaseCommand):
    help = "Create an account with a role (editor) and print its generated password, once."

    def add_arguments(self, parser):
        parser.add_argument("name", help="the name to log in with")
        parser.add_argument(
            "--role",
            choices=ROLES,
            default="editor",
            help=(
                "writer: writes, and sends for review; editor: publishes, too; "
                "keeper: keeps records, pictures and files; administrator: all of it, and accounts"
            ),
        )

    def handle(self, *, name: str, role: str, **options):
        if get_user_model().objects.filter(username=name).exists():
            raise CommandError(
                f"There is an account “{name}” already. "
                f"A new password for it: manage.py changepassword {name}"
            )
        password = create_account(name, ROLES[role])
        self.stdout.write(f"Account: {name}\nPassword: {password}")
