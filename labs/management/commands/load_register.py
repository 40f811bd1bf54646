"""Load or update the register from a YAML file."""

from argparse import RawDescriptionHelpFormatter
from typing import Any

from django.core.management.base import (
    BaseCommand,
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
)
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from labs.register_file import RegisterFileError, Report, load

FORMAT = """
The file is UTF-8 YAML with any of the sections themes, laboratories, researchers, founding_members,
start_ups, each a list of records:

  laboratories:
    - {key: heart, name: {en: Heart morphogenesis, fr: Morphogenèse du cœur}}
  researchers:
    - given: Sigolène
      family: Meilhac
      honorific: Dr
      labs: [{lab: heart, role: head, since: 2012}]

Dates are as precise as you know: 2007, 2016-07 or 2014-06-18. What the file does not name stays as
it is; a record changed in the admin since the last load is kept. All mistakes are reported at once,
with their lines, and then nothing is written. Every key is described in docs/register-file.md.
"""


class _AsWritten(DjangoHelpFormatter, RawDescriptionHelpFormatter):
    """Leaves the lines of the example as they are."""


class Command(BaseCommand):
    help = "Load or update people, laboratories, founding members and start-ups from a YAML file."

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        return super().create_parser(
            prog_name, subcommand, formatter_class=_AsWritten, epilog=FORMAT, **kwargs
        )

    def add_arguments(self, parser):
        parser.add_argument("file", help="the register file (docs/register-file.md)")
        parser.add_argument(
            "--force", action="store_true", help="overwrite what was changed in the admin since"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would be done, and do nothing"
        )

    def handle(self, *args, file, force, dry_run, verbosity, **options):
        try:
            report = load(file, force=force, dry_run=dry_run)
        except RegisterFileError as error:
            count = len(error.problems)
            headline = ngettext(
                "Nothing was loaded: %(count)d problem.",
                "Nothing was loaded: %(count)d problems.",
                count,
            ) % {"count": count}
            raise CommandError(f"{headline}\n{error}") from error
        for line in _lines(report, verbosity):
            self.stdout.write(line)


def _lines(report: Report, verbosity: int):
    if verbosity:
        for name in report.created:
            yield _("created: %(name)s") % {"name": name}
        for name, changes in report.updated:
            yield _("updated: %(name)s (%(what)s)") % {"name": name, "what": ", ".join(changes)}
        for kept in report.kept:
            day = date_format(timezone.localtime(kept.on), "DATETIME_FORMAT")
            values = {"name": kept.name, "by": kept.by, "day": day}
            yield _("kept: %(name)s (edited by %(by)s on %(day)s)") % values
    yield _("%(created)d created, %(updated)d updated, %(unchanged)d unchanged, %(kept)d kept") % {
        "created": len(report.created),
        "updated": len(report.updated),
        "unchanged": len(report.unchanged),
        "kept": len(report.kept),
    } + (_(" (dry run: nothing was written)") if report.dry_run else "")
    if report.kept:
        yield _("With --force the file wins over what was edited.")
