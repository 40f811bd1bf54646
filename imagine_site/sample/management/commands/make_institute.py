"""Fill an empty database with an invented institute; see `imagine_site.sample.filling`."""

import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from imagine_site.sample.filling import NotEmpty, fill
from imagine_site.sample.institute import Plan


class Command(BaseCommand):
    help = (
        "Fill an empty database with an invented institute of any size, for measuring: articles "
        "in both languages over twenty years, with their people, laboratories and visits."
    )

    def add_arguments(self, parser):
        parser.add_argument("--articles", type=int, default=1_000)
        parser.add_argument("--people", type=int, help="a tenth of the articles, unless said")
        parser.add_argument("--laboratories", type=int, default=24)
        parser.add_argument("--startups", type=int, default=40)
        parser.add_argument("--visits", type=int, help="one article in fifty, unless said")
        parser.add_argument("--images", type=int, default=8, help="pictures, shared by all")
        parser.add_argument("--drafts", type=int, help="beside them; one in a hundred, unless said")
        parser.add_argument("--years", type=int, default=20)
        parser.add_argument("--seed", default="imagine")
        parser.add_argument(
            "--until", type=datetime.date.fromisoformat, help="day of the newest; today unless said"
        )
        parser.add_argument("--processes", type=int, help="all the machine has, unless said")

    def handle(self, *, verbosity: int, processes: int | None, **options):
        articles = options["articles"]
        plan = Plan(
            articles=articles,
            people=_said(options["people"], articles // 10),
            laboratories=options["laboratories"],
            startups=options["startups"],
            visits=_said(options["visits"], articles // 50),
            images=options["images"],
            drafts=_said(options["drafts"], articles // 100),
            until=options["until"] or timezone.localdate(),
            years=options["years"],
            seed=options["seed"],
        )
        say = self.stdout.write if verbosity else lambda _line: None
        try:
            filled = fill(plan, processes=processes, say=say)
        except NotEmpty as error:
            raise CommandError(f"The database has {error} already: it must be empty.") from None
        say(
            f"{filled.articles:,} articles and {filled.editions:,} editions in "
            f"{filled.seconds:.0f} s ({filled.rate:,.0f}/s; {filled.cpu_seconds:.0f} s of CPU time)"
        )


def _said(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value
