"""What stands between an empty folder and a site one can look at, each step done once.

A second start finds everything in its place and changes nothing: also not what a visitor of the
demonstration has edited or removed since.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.management.commands import collectstatic
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from imagine_site.home.accounts import create_account

EDITOR = "editor"


def prepare(say: Callable[[str], object]) -> str | None:
    """Bring database, static files, sample and account into place; `say` is told each step taken.

    Returns the new account's password, or None where the account was there before. The account is
    made last: where it exists, the sample was loaded completely, and is never loaded again.
    """
    if migrations_are_missing():
        say("Preparing the database…")
        call_command("migrate", interactive=False, verbosity=0)
    digest = static_digest()
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if not stamp.exists() or stamp.read_text("ascii") != digest:
        say("Collecting style sheets and scripts…")
        collect_static_files()
        stamp.write_text(digest, "ascii")
    if get_user_model().objects.filter(username=EDITOR).exists():
        return None
    say("Loading the sample institute…")
    call_command("load_sample")
    return create_account(EDITOR)


def migrations_are_missing() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def collect_static_files() -> None:
    """As `manage.py collectstatic`, under the same names, but not compressed.

    Compressing pays on a network and takes most of a minute; this site is looked at where it runs.
    """
    command = collectstatic.Command()
    command.storage = ManifestStaticFilesStorage()
    call_command(command, interactive=False, verbosity=0)


def static_digest() -> str:
    """Changes when a static file is added, removed or saved; their contents are not read."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(None):
            about = Path(storage.path(name)).stat()
            digest.update(f"{name}\0{about.st_size}\0{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()
