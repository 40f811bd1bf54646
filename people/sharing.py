"""What people and founding members give to be shared: cards, and descriptions for machines."""

from __future__ import annotations

from collections.abc import Iterable

from imagine_site.components import structured
from imagine_site.components.cards import Card
from imagine_site.components.words import spoken
from imagine_site.images.models import Image, shown
from people.models import FoundingMember, Researcher


def card_with(image: Image | None, title: str, label: str = "", *, shape: str = "full") -> Card:
    image = shown(image)
    if image is None:
        return Card(title, label)
    photo = image.rendition(shape=shape, at_least=480).path
    # A crop has its focal point where the whole picture has it.
    return Card(title, label, photo, (image.focal_x, image.focal_y))


def card_of_person(person: Researcher, titles: Iterable[str]) -> Card:
    return card_with(person.photo, person.full_name, next(iter(titles), ""), shape="portrait")


def data_of_person(
    person: Researcher,
    *,
    titles: Iterable[str],
    laboratories: Iterable[tuple[str, str]],
    links: Iterable[tuple[str, str]],
    left: bool,
) -> structured.Thing:
    """As of now: titles held, laboratories, and other pages about the same person."""
    orcid = [f"https://orcid.org/{person.orcid}"] if person.orcid else []
    return structured.person(
        name=person.full_name,
        path=person.get_absolute_url(),
        prefix=person.honorific,
        titles=list(titles),
        description=str(spoken(person, "biography")),
        image=person.photo.url(shape="portrait") if person.photo else "",
        laboratories=laboratories,
        same_as=[*orcid, *(url for _label, url in links)],
        works_here=not left,
    )


def data_of_member(member: FoundingMember) -> structured.Thing:
    ror = f"https://ror.org/{member.ror}" if member.ror else ""
    return structured.organization(
        name=member.name,
        short_name=member.short_name,
        path=member.get_absolute_url(),
        description=str(spoken(member, "description")),
        logo=member.logo.url() if member.logo else "",
        same_as=[member.website, ror],
    )
