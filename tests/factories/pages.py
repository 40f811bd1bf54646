"""Institutional pages, key figures and milestones."""

from itertools import count

from imagine_site.pages.models import KeyFigure, Milestone, Page, PageEdition, Redirect
from imagine_site.publishing.actions import publish

_number = count(1)


def page(**fields) -> Page:
    number = next(_number)
    defaults = {
        "title_en": f"About us {number}",
        "title_fr": f"Qui sommes-nous {number}",
        "summary_en": "Who we are.",
        "summary_fr": "Qui nous sommes.",
        "body_en": "<h2>Our purpose</h2><p>We look for causes.</p>",
        "body_fr": "<h2>Notre mission</h2><p>Nous cherchons les causes.</p>",
    }
    return Page.objects.create(**defaults | fields)


def published_page(*, language: str = "en", at=None, **fields) -> PageEdition:
    return publish(page(**fields), language=language, by=None, at=at)


def key_figure(**fields) -> KeyFigure:
    number = next(_number)
    defaults = {
        "value": f"{number}",
        "label_en": "laboratories",
        "label_fr": "laboratoires",
        "as_of": "2020",
        "source_en": "Annual report",
        "source_fr": "Rapport annuel",
    }
    return KeyFigure.objects.create(**defaults | fields)


def milestone(**fields) -> Milestone:
    defaults = {"date": "2007", "text_en": "The foundation", "text_fr": "La fondation"}
    return Milestone.objects.create(**defaults | fields)


def redirect(**fields) -> Redirect:
    """Checked as the admin checks it."""
    row = Redirect(**{"old": f"/old/{next(_number)}/", "target": "/en/news/"} | fields)
    row.full_clean()
    row.save()
    return row
