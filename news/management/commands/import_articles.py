"""Read articles from files into working copies, or publish them at once."""

import json
import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from news.importers.saving import ERROR, ImageFolder, Import, Outcome, files_in
from news.importers.sources import SourceError
from news.models import Kind


class Command(BaseCommand):
    help = (
        "Import articles from text files or folders of them. A second run changes nothing; a "
        "changed file updates the working copy, unless a person has edited it since. "
        "Ends with 1 when a file could not be imported; the others are in."
    )

    def add_arguments(self, parser):
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--language",
            choices=[code for code, _name in settings.LANGUAGES],
            help="the language of the files (else from .en.txt / .fr.txt, else from the words)",
        )
        parser.add_argument("--kind", choices=Kind.values, default=Kind.NEWS.value)
        parser.add_argument("--publish", action="store_true", help="publish what was imported")
        parser.add_argument(
            "--images",
            type=Path,
            metavar="DIR",
            help="pictures named like the captions, described in DIR/images.yaml",
        )
        parser.add_argument(
            "--force", action="store_true", help="overwrite what a person edited since the import"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="print what was understood, save nothing"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object per file")

    def handle(self, *, paths, images, json: bool, **options):
        try:
            run = Import(
                language=options["language"],
                kind=options["kind"],
                publish=options["publish"],
                force=options["force"],
                dry_run=options["dry_run"],
                images=ImageFolder(images) if images else None,
            )
        except SourceError as error:
            raise CommandError(str(error)) from error
        files = list(files_in(paths))
        if not files:
            raise CommandError("No file with a known ending was found there.")
        failed = 0
        console = Console(file=sys.stderr)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            done = progress.track(run.files(files), total=len(files), description="Importing")
            for outcomes in done:
                for outcome in outcomes:
                    failed += outcome.status == ERROR
                    self.report(outcome, as_json=json, in_full=options["dry_run"])
        if failed:
            if not json:
                self.stderr.write(f"{failed} of {len(files)} not imported.")
            sys.exit(1)

    def report(self, outcome: Outcome, *, as_json: bool, in_full: bool) -> None:
        said = outcome.as_json()
        if as_json:
            self.stdout.write(json.dumps(said, ensure_ascii=False))
            return
        line = f"{outcome.status}: {outcome.source}"
        if outcome.error:
            line += f": {outcome.error}"
        if outcome.url:
            line += f" -> {outcome.url}"
        self.stdout.write(line)
        if not outcome.article:
            return
        self.stdout.write(
            f"  {said['words_in']} words in, {said['words_out']} words out, "
            f"{len(said['remainder'])} lines in the remainder"
        )
        for warning in said["warnings"]:
            self.stdout.write(f"  ? {warning}")
        for line in said["remainder"]:
            self.stdout.write(f"  remainder: {line}")
        if in_full:
            for name in ("language", "title", "published", "section", "summary"):
                self.stdout.write(f"  {name}: {said[name] or '-'}")
            for name in ("headings", "captions", "footnotes"):
                for text in said[name]:
                    self.stdout.write(f"  {name.removesuffix('s')}: {text}")
            for quote in said["quotes"]:
                self.stdout.write(f"  quote: {quote['text']} — {quote['attribution'] or '?'}")
