"""What an article gives to be shared: its card, and its description for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from django.templatetags.static import static

from imagine_site.components import structured
from imagine_site.components.cards import Card
from news.models import PostEdition


class Link(Protocol):
    label: str
    url: str


class Facts(Protocol):
    """Of a visit, as its page shows them."""

    starts_on: object
    ends_on: object
    place: str
    guests: tuple[tuple[str, str], ...]


#: How the records an article is about are called in schema.org.
TYPES = {
    "person": "Person",
    "laboratory": "ResearchOrganization",
    "startup": "Organization",
    "member": "Organization",
}


def card_of(edition: PostEdition) -> Card:
    label, image = str(edition.label), edition.lead_picture
    if image is None:
        return Card(edition.title, label)
    photo = image.rendition(at_least=960).path
    return Card(edition.title, label, photo, (image.focal_x, image.focal_y))


def data_of(
    edition: PostEdition,
    *,
    about: Mapping[str, Sequence[Link]],
    visit: Facts | None,
    card: str,
) -> tuple[structured.Thing, ...]:
    """`NewsArticle`, and the `Event` of a visit. `card` is the address of its card."""
    path = edition.get_absolute_url()
    image = edition.lead_picture
    images = [*([image.url(at_least=1600)] if image else []), card]
    article = structured.news_article(
        title=edition.title,
        path=path,
        language=edition.language,
        published=edition.date,
        modified=edition.revised_at,
        summary=edition.summary,
        images=images,
        section=str(edition.label),
        about=[
            structured.named(kind, link.label, link.url)
            for group, kind in TYPES.items()
            for link in about.get(group, ())
        ],
        dois=edition.dois,
        logo=static("icons/icon-512.png"),
    )
    if visit is None:
        return (article,)
    event = structured.event(
        title=edition.title,
        path=path,
        language=edition.language,
        starts=visit.starts_on,
        ends=visit.ends_on,
        place=visit.place,
        summary=edition.summary,
        images=images,
        guests=visit.guests,
    )
    return (article, event)
