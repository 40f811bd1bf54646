"""What a page says of itself to machines: JSON-LD in the words of schema.org.

Pure builders from values: they look nothing up, so that what a page does not show, it cannot say.
Empty values fall away. Addresses are given as paths and leave as absolute ones.
"""

import datetime
import json
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

NAME = "Institut Imagine"
STREET, POSTCODE, CITY, COUNTRY = "24 boulevard du Montparnasse", "75015", "Paris", "FR"

#: Inside `<script>` these could end the element or begin a comment (HTML Standard §4.12.1.3); the
#: two separators ended lines in older JavaScript.
_ESCAPES = {c: f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}

Thing = dict[str, Any]


def script(things: Iterable[Thing]) -> SafeString | str:
    """The data block for the head of a page, or nothing."""
    graph = list(things)
    if not graph:
        return ""
    written = json.dumps({"@context": "https://schema.org", "@graph": graph}, ensure_ascii=False)
    # One after the other: `translate` is a hundred times slower on long texts with accents.
    for character, escape in _ESCAPES.items():
        written = written.replace(character, escape)
    return mark_safe(f'<script type="application/ld+json">{written}</script>')  # noqa: S308 - escaped above


def absolute(address: str) -> str:
    return address if not address or "://" in address else settings.SITE_URL + address


def thing(kind: str, **properties: Any) -> Thing:
    """One object; what is empty is left out, dates are written as ISO 8601."""
    found: Thing = {"@type": kind}
    for name, value in properties.items():
        name = {"id": "@id"}.get(name, name)
        if isinstance(value, datetime.datetime):
            value = timezone.localtime(value).isoformat(timespec="seconds")
        elif isinstance(value, datetime.date):
            value = value.isoformat()
        elif isinstance(value, (list, tuple)):
            value = [item for item in value if item]
        if value not in ("", None, [], {}):
            found[name] = value
    return found


def named(kind: str, name: str, path: str = "") -> Thing:
    """A short mention of something that has a page of its own."""
    return thing(kind, name=name, url=absolute(path))


def postal_address() -> Thing:
    return thing(
        "PostalAddress",
        streetAddress=STREET,
        postalCode=POSTCODE,
        addressLocality=CITY,
        addressCountry=COUNTRY,
    )


def publisher(logo: str = "") -> Thing:
    """The institute, as pages refer to it."""
    return thing(
        "Organization",
        id=absolute("/#institute"),
        name=NAME,
        url=absolute("/"),
        logo=thing("ImageObject", url=absolute(logo)) if logo else None,
    )


def institute(*, description: str, logo: str = "", founders: Iterable[Thing] = ()) -> Thing:
    return publisher(logo) | thing(
        "ResearchOrganization",
        description=description,
        address=postal_address(),
        founder=list(founders),
    )


def website(*, search: str = "", languages: Iterable[str] = ()) -> Thing:
    """`search` is the path of the results, to which the question is added as `q`."""
    action = None
    if search:
        action = thing(
            "SearchAction",
            target=thing("EntryPoint", urlTemplate=f"{absolute(search)}?q={{search_term_string}}"),
        ) | {"query-input": "required name=search_term_string"}
    return thing(
        "WebSite",
        id=absolute("/#website"),
        name=NAME,
        url=absolute("/"),
        inLanguage=list(languages),
        publisher={"@id": absolute("/#institute")},
        potentialAction=action,
    )


def breadcrumbs(steps: Iterable[tuple[str, str]]) -> Thing:
    """From the front page to this one: label and path."""
    return thing(
        "BreadcrumbList",
        itemListElement=[
            thing("ListItem", position=number, name=label, item=absolute(path))
            for number, (label, path) in enumerate(steps, start=1)
        ],
    )


def news_article(
    *,
    title: str,
    path: str,
    language: str,
    published: datetime.date,
    modified: datetime.datetime | None = None,
    summary: str = "",
    images: Iterable[str] = (),
    section: str = "",
    about: Iterable[Thing] = (),
    dois: Iterable[str] = (),
    logo: str = "",
) -> Thing:
    return thing(
        "NewsArticle",
        id=absolute(path) + "#article",
        headline=title,
        url=absolute(path),
        mainEntityOfPage=absolute(path),
        inLanguage=language,
        description=summary,
        datePublished=published,
        dateModified=modified or published,
        image=[absolute(image) for image in images],
        articleSection=section,
        about=list(about),
        citation=[f"https://doi.org/{doi}" for doi in dois],
        isAccessibleForFree=True,
        author=publisher(),
        publisher=publisher(logo),
    )


def event(
    *,
    title: str,
    path: str,
    language: str,
    starts: datetime.date,
    ends: datetime.date | None = None,
    place: str = "",
    summary: str = "",
    images: Iterable[str] = (),
    guests: Iterable[tuple[str, str]] = (),
) -> Thing:
    """A visit. Guests are pairs of a name and the role on that day."""
    return thing(
        "Event",
        id=absolute(path) + "#visit",
        name=title,
        url=absolute(path),
        inLanguage=language,
        description=summary,
        startDate=starts,
        endDate=ends or starts,
        eventStatus="https://schema.org/EventScheduled",
        eventAttendanceMode="https://schema.org/OfflineEventAttendanceMode",
        location=thing("Place", name=place or NAME, address=postal_address()),
        image=[absolute(image) for image in images],
        attendee=[thing("Person", name=name, jobTitle=role) for name, role in guests],
        organizer=publisher(),
    )


def person(
    *,
    name: str,
    path: str,
    prefix: str = "",
    titles: Iterable[str] = (),
    description: str = "",
    image: str = "",
    laboratories: Iterable[tuple[str, str]] = (),
    same_as: Iterable[str] = (),
    works_here: bool = True,
) -> Thing:
    return thing(
        "Person",
        id=absolute(path) + "#person",
        name=name,
        url=absolute(path),
        honorificPrefix=prefix,
        jobTitle=list(titles),
        description=description,
        image=absolute(image),
        worksFor=publisher() if works_here else None,
        memberOf=[named("ResearchOrganization", *laboratory) for laboratory in laboratories],
        sameAs=list(same_as),
    )


def laboratory(
    *,
    name: str,
    path: str,
    short_name: str = "",
    description: str = "",
    image: str = "",
    heads: Iterable[tuple[str, str]] = (),
    themes: Iterable[str] = (),
    website: str = "",
    opened: str = "",
    closed: str = "",
) -> Thing:
    """`opened` and `closed` as far as they are known: 2007, 2007-03, 2007-03-01."""
    return thing(
        "ResearchOrganization",
        id=absolute(path) + "#laboratory",
        name=name,
        alternateName=short_name if short_name != name else "",
        url=absolute(path),
        description=description,
        image=absolute(image),
        parentOrganization=publisher(),
        member=[named("Person", *head) for head in heads],
        knowsAbout=list(themes),
        sameAs=website,
        foundingDate=opened,
        dissolutionDate=closed,
        address=postal_address(),
    )


def organization(
    *,
    name: str,
    path: str,
    short_name: str = "",
    description: str = "",
    logo: str = "",
    founded: int | None = None,
    founders: Iterable[tuple[str, str]] = (),
    same_as: Iterable[str] = (),
) -> Thing:
    """A start-up or a founding member."""
    return thing(
        "Organization",
        id=absolute(path) + "#organization",
        name=name,
        alternateName=short_name if short_name != name else "",
        url=absolute(path),
        description=description,
        logo=absolute(logo),
        foundingDate=str(founded or ""),
        founder=[named("Person", *founder) for founder in founders],
        sameAs=list(same_as),
    )
