"""Articles: a working copy that is complete in both languages, and one that is published."""

import datetime
from itertools import count

from imagine_site.publishing.actions import publish
from news.models import Guest, Kind, Post, PostEdition, Visit

_number = count(1)


def post(*, about: dict | None = None, **fields) -> Post:
    """A working copy, not public. `about`: `{"laboratories": [...], "people": [...], …}`."""
    number = next(_number)
    defaults = {
        "kind": Kind.NEWS,
        "date": datetime.date(2021, 3, 4),
        "title_en": f"A finding {number}",
        "title_fr": f"Une découverte {number}",
        "summary_en": "What was found, in two sentences.",
        "summary_fr": "Ce qui a été découvert, en deux phrases.",
        "body_en": "<p>It began in the laboratory.</p>",
        "body_fr": "<p>Tout a commencé au laboratoire.</p>",
    }
    story = Post.objects.create(**defaults | fields)
    for name, records in (about or {}).items():
        getattr(story, name).set(records)
    return story


def article(*, language: str = "en", at=None, by=None, **fields) -> PostEdition:
    """A published article in one language; `fields` as for `post`."""
    return publish(post(**fields), language=language, by=by, at=at)


def article_in_both_languages(**fields) -> dict[str, PostEdition]:
    """One story, published in English and French: `{"en": …, "fr": …}`."""
    story = post(**fields)
    return {language: publish(story, language=language, by=None) for language in ("en", "fr")}


def visit(*, language: str = "en", guests=(), visit_fields: dict | None = None, **fields):
    """A published visit; `guests` are `(name, role)` pairs."""
    story = post(**{"kind": Kind.VISIT} | fields)
    defaults = {
        "starts_on": story.date,
        "place_en": "Institute, Paris",
        "place_fr": "Institut, Paris",
        "announced_en": "A plan for research",
        "announced_fr": "Un plan pour la recherche",
    }
    Visit.objects.create(post=story, **defaults | (visit_fields or {}))
    for order, (name, role) in enumerate(guests):
        Guest.objects.create(post=story, name=name, role_en=role, role_fr=role, order=order)
    return publish(story, language=language, by=None)
