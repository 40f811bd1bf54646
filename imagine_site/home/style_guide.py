"""Every component with realistic values, and the tokens with what they measure: for staff only.

The page shows light and dark side by side. The tokens stand once, in `static/css/tokens.css`, under
a media query that a page cannot answer twice; so they are read from there and written again below
a class for each theme.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from imagine_site.components.head import Head
from imagine_site.components.pager import Pager
from imagine_site.components.words import Spoken
from imagine_site.register.dates import PartialDate
from labs.chart import Chart

TOKENS = Path(settings.BASE_DIR) / "static/css/tokens.css"
COMPONENTS = Path(settings.BASE_DIR) / "templates/components"
THEMES = ("light", "dark")
DARK = "@media (prefers-color-scheme: dark)"
#: Which colours are laid on which, and the least contrast that WCAG 2.2 asks there: text at level
#: AAA (SC 1.4.6), graphics and focus (SC 1.4.11).
PAIRS = (
    ("ink", "paper", 7),
    ("ink", "paper-2", 7),
    ("ink-2", "paper", 7),
    ("ink-2", "paper-2", 7),
    ("accent", "paper", 7),
    ("accent", "paper-2", 7),
    ("on-ink", "ink", 7),
    ("on-night", "night", 7),
    ("on-night-2", "night", 7),
    ("signal", "paper", 3),
    ("night-signal", "night", 3),
    ("focus", "paper", 3),
)
#: What the frame of every page shows, this one's too.
IN_THE_FRAME = {"site_header", "site_footer", "site_nav"}


# -- Tokens ------------------------------------------------------------------------------------


@cache
def tokens(theme: str) -> dict[str, str]:
    """Every custom property of the style sheet with its value in a theme."""
    light, _media, dark = TOKENS.read_text("utf-8").partition(DARK)
    found = dict(re.findall(r"--([\w-]+):\s*([^;]+);", light.partition(":root")[2]))
    if theme == "dark":
        found |= dict(re.findall(r"--([\w-]+):\s*([^;]+);", dark.partition("@media")[0]))
    return found


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb", as WCAG 2.2 defines it."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@dataclass(frozen=True, slots=True)
class Pair:
    """One colour on another, in one theme."""

    text: str
    paper: str
    text_colour: str
    paper_colour: str
    ratio: float
    least: int

    @property
    def holds(self) -> bool:
        return self.ratio >= self.least


def pairs(theme: str) -> list[Pair]:
    values = tokens(theme)
    return [
        Pair(
            text,
            paper,
            values[text],
            values[paper],
            contrast(values[text], values[paper]),
            least,
        )
        for text, paper, least in PAIRS
    ]


def themes_css() -> SafeString:
    """The tokens once more, below `.theme--light` and `.theme--dark`: our own file, no input."""
    rules = []
    for theme in THEMES:
        lines = "".join(f"--{name}: {value};" for name, value in tokens(theme).items())
        rules.append(f".theme--{theme} {{ color-scheme: {theme}; {lines} }}")
    return mark_safe("\n".join(rules))  # noqa: S308


# -- Components --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Shown:
    """A component as rendered in each theme."""

    name: str
    light: SafeString
    dark: SafeString


def _article(**more: Any) -> SimpleNamespace:
    values = {
        "get_absolute_url": "#",
        "title": "Emmanuel Macron visits the institute and announces a new plan",
        "summary": "On 4 December 2020 the President came to see a model of research that brings "
        "doctors, researchers and families together.",
        "label": "Visit",
        "date": datetime.date(2020, 12, 4),
        "lead_picture": None,
    }
    values |= more
    return SimpleNamespace(pk=values["title"], **values)


def examples() -> dict[str, dict[str, Any]]:
    """What each component is shown with, by the name of its template."""
    article, day = _article(), PartialDate.parse
    lab = Spoken("Human genetics of infectious diseases", "en", foreign=False)
    study = Spoken("We study why some fall ill where others do not.", "en", foreign=False)
    pager = Pager.of(240, size=12, asked=7)
    head = Head(title="Style guide", other="#", translated=False)
    figure = SimpleNamespace(
        shown="1,000+", label="researchers and doctors", as_of_date=day("2024-06"), source="Report"
    )
    milestone = SimpleNamespace(
        date="2014-07", when=day("2014-07"), text="The building opens.", image=None
    )
    link = SimpleNamespace(url="#", label="Stanislas Lyonnet")
    return {
        "articles": {
            "articles": [article, _article(title="Smart Immune raises €5 million", label="News")],
            "more": True,
            "parameter": "lab",
            "value": "genetics",
        },
        "breadcrumb": {"url": "#", "label": "Laboratories"},
        "card": {
            "url": "#",
            "title": article.title,
            "summary": article.summary,
            "label": article.label,
            "date": article.date,
            "image": None,
            "row": True,
            "level": 3,
        },
        "dated": {"since": day("2007"), "until": day("2016-09")},
        "empty": {
            "title": "Nothing fits these filters",
            "text": "Take one away to see more.",
            "url": "#",
            "link": "All news",
        },
        "filter_bar": {
            "action": "#",
            "asked": SimpleNamespace(kind="visit", year=2020, lab="", person="", topic=""),
            "kinds": [("news", "News"), ("visit", "Visit")],
            "years": [2021, 2020, 2019],
            "topics": [],
            "chips": [("Visit", "#"), ("2020", "#")],
        },
        "key_figures": {"figures": [figure]},
        "laboratory": {
            "seed": "human-genetics-of-infectious-diseases",
            "url": "#",
            "name": lab,
            "heads": "Jean-Laurent Casanova, Laurent Abel",
            "study": study,
            "themes": "Immunity · Infection",
        },
        "language_switch": {"head": head},
        "lost": {
            "label": "404",
            "title": "There is no page at this address",
            "text": "It may have moved, or its address was cut.",
            "latest": [],
        },
        "mark": {},
        "named": {"title": "People", "links": [link]},
        "page_header": {
            "label": "Visit",
            "title": "The President at the institute",
            "lede": "A lede says in two lines what the page is about.",
        },
        "pager": {
            "pager": pager,
            "links": pager.links(lambda number: f"#{number}"),
        },
        "person": {
            "photo": None,
            "name": "Stanislas Lyonnet",
            "honorific": "Pr",
            "url": "#",
            "roles": ["director of the institute"],
            "since": day("2016"),
            "until": None,
        },
        "portrait": {"photo": None, "name": "Alain Fischer", "large": True},
        "share": {"address": settings.SITE_URL + "/en/news/a-visit/", "subject": "A visit"},
        "timeline": {"milestones": [milestone], "tall": False},
        "year_chart": {
            "title": "Raised by start-ups, by year",
            "key": "guide_chart",
            "chart": Chart.of({2019: 12, 2020: 0, 2021: 31}),
        },
        "years": {"years": [(2021, "#", False), (2020, "#", True), (2019, "#", False)]},
        "visit_facts": {
            "visit": SimpleNamespace(
                starts_on=datetime.date(2020, 12, 4),
                ends_on=None,
                place="Paris",
                guests=[("Emmanuel Macron", "President of the Republic")],
                announced="A plan for rare diseases",
            )
        },
    }


def names() -> list[str]:
    """Every component there is, but those that the frame of each page shows."""
    return sorted({file.stem for file in COMPONENTS.glob("*.html")} - IN_THE_FRAME)


def _apart(html: str, theme: str) -> SafeString:
    """The same component twice on a page: its identifiers carry the theme."""
    html = re.sub(r'(\sid|\sfor|href)="(#?)([a-z][\w-]*)"', rf'\1="\2\3-{theme}"', html)
    html = re.sub(
        r'aria-labelledby="([^"]+)"',
        lambda found: f'aria-labelledby="{found[1].replace(" ", f"-{theme} ")}-{theme}"',
        html,
    )
    return mark_safe(re.sub(r"url\(#([\w-]+)\)", rf"url(#\1-{theme})", html))  # noqa: S308


def shown() -> Iterator[Shown]:
    """Each component rendered in both themes; one without an example is named all the same."""
    values = examples()
    for name in names():
        if name not in values:
            yield Shown(name, SafeString(""), SafeString(""))
            continue
        html = render_to_string(f"components/{name}.html", values[name])
        # "main" and "h1" are the page's own.
        html = re.sub(r"(</?)h1\b", r"\1h2", html)
        yield Shown(name, _apart(html, "light"), _apart(html, "dark"))


@never_cache
@require_safe
@staff_member_required
def style_guide(request: HttpRequest) -> HttpResponse:
    with override("en"):
        rendered = list(shown())
    by_theme = [(theme, pairs(theme)) for theme in THEMES]
    light = tokens("light")
    return render(
        request,
        "home/style_guide.html",
        {
            "head": Head(title=_("Style guide"), indexed=False),
            "themes": by_theme,
            "themes_css": themes_css(),
            "sizes": [(name, value) for name, value in light.items() if name.startswith("size-")],
            "spaces": [(name, value) for name, value in light.items() if name.startswith("space-")],
            "components": rendered,
        },
    )
