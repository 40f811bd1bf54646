"""The latest news for those who subscribe: Atom (RFC 4287), RSS 2.0 and JSON Feed 1.1.

The three say the same of the same articles, chosen by the same question as the list. They read live
editions only, and carry the whole text as it is published, with addresses made absolute.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import urlsplit

import lxml.html
from django.conf import settings
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from lxml import etree

from imagine_site.components.head import address, current_language
from imagine_site.components.structured import absolute
from imagine_site.pagecache.keeping import keep
from news.filters import NewsFilter
from news.lists import Choice, find_subjects, with_texts
from news.models import PostEdition
from news.views import known, list_title

#: Articles in a feed.
LENGTH = 20

ATOM = "http://www.w3.org/2005/Atom"
CONTENT = "http://purl.org/rss/1.0/modules/content/"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: What no XML 1.0 document may hold (§2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Attributes of a text that hold an address; `srcset` is a list of them.
_ADDRESSES = ("href", "src", "poster")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article as every format says it."""

    id: str
    url: str
    title: str
    label: str
    summary: str
    html: str
    published: datetime.datetime
    updated: datetime.datetime
    image: str
    image_bytes: int
    #: When a picture left the text by itself, its rights being over; None where none did.
    picture_left: datetime.datetime | None

    @classmethod
    def of(cls, edition: PostEdition) -> Entry:
        published = _moment(edition)
        lead = edition.lead_picture
        picture = lead.rendition() if lead else None
        return cls(
            id=tag(f"post:{edition.story_id}:{edition.language}"),
            url=absolute(edition.get_absolute_url()),
            title=_clean(edition.title),
            label=_clean(str(edition.label)),
            summary=_clean(edition.summary),
            html=_clean(with_absolute_addresses(edition.shown_html)),
            published=published,
            updated=max(published, edition.revised_at or published),
            image=absolute(settings.MEDIA_URL + picture.path) if picture else "",
            image_bytes=picture.bytes if picture else 0,
            picture_left=_last_end(edition),
        )


def _moment(edition: PostEdition) -> datetime.datetime:
    """When it was published: to the second if it went live on its own day, else that day."""
    live_from = timezone.localtime(edition.live_from)
    if live_from.date() == edition.date:
        return live_from.replace(microsecond=0)
    return timezone.make_aware(datetime.datetime.combine(edition.date, datetime.time()))


def _last_end(edition: PostEdition) -> datetime.datetime | None:
    days = [datetime.date.fromisoformat(since) for since, _html in edition.html_later]
    if edition.lead_image and (last := edition.lead_image.last_day):
        days.append(last + datetime.timedelta(days=1))
    day = max((day for day in days if day <= timezone.localdate()), default=None)
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time())) if day else None


def tag(name: str) -> str:
    """An identifier that holds even when the site moves to another address (RFC 4151)."""
    return f"tag:{urlsplit(settings.SITE_URL).hostname},2026:{name}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def with_absolute_addresses(html: str) -> str:
    """A reader shows the text far from the site; a link within the text leads to the article."""
    if not html.strip():
        return ""
    whole = lxml.html.fragment_fromstring(html, create_parent="div")
    for element in whole.iter(etree.Element):
        for name in _ADDRESSES:
            if (value := element.get(name, "")).startswith("/"):
                element.set(name, absolute(value))
        if srcset := element.get("srcset"):
            parts = (part.strip() for part in srcset.split(","))
            element.set("srcset", ", ".join(absolute(part) for part in parts if part))
        if element.get("href", "").startswith("#"):
            # Footnotes: their numbers stay, the jump has no place to lead to in a reader.
            element.attrib.pop("href")
        element.attrib.pop("id", None)
    inner = (lxml.html.tostring(child, encoding="unicode") for child in whole)
    return (whole.text or "") + "".join(inner)


@dataclass(frozen=True, slots=True)
class Feed:
    title: str
    description: str
    language: str
    home: str
    url: str
    entries: tuple[Entry, ...]
    updated: datetime.datetime

    @property
    def id(self) -> str:
        return tag(urlsplit(self.home).path + ("?" + urlsplit(self.home).query).rstrip("?"))


def as_atom(feed: Feed) -> bytes:
    root = etree.Element(f"{{{ATOM}}}feed", nsmap={None: ATOM})
    root.set(XML_LANG, feed.language)

    def add(parent, name: str, text: str = "", **attributes: str):
        element = etree.SubElement(parent, f"{{{ATOM}}}{name}", attributes)
        element.text = text or None
        return element

    add(root, "id", feed.id)
    add(root, "title", feed.title)
    add(root, "subtitle", feed.description)
    add(root, "updated", feed.updated.isoformat(timespec="seconds"))
    add(root, "link", rel="self", type="application/atom+xml", href=feed.url)
    add(root, "link", rel="alternate", type="text/html", hreflang=feed.language, href=feed.home)
    add(add(root, "author"), "name", "Institut Imagine")
    for entry in feed.entries:
        element = add(root, "entry")
        add(element, "id", entry.id)
        add(element, "title", entry.title)
        add(element, "link", rel="alternate", type="text/html", href=entry.url)
        add(element, "published", entry.published.isoformat(timespec="seconds"))
        add(element, "updated", entry.updated.isoformat(timespec="seconds"))
        add(element, "category", term=entry.label)
        if entry.image:
            size = str(entry.image_bytes)
            add(element, "link", rel="enclosure", type="image/jpeg", length=size, href=entry.image)
        if entry.summary:
            add(element, "summary", entry.summary)
        add(element, "content", entry.html, type="html")
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def as_rss(feed: Feed) -> bytes:
    root = etree.Element("rss", {"version": "2.0"}, nsmap={"atom": ATOM, "content": CONTENT})
    channel = etree.SubElement(root, "channel")

    def add(parent, name: str, text: str = "", **attributes: str):
        element = etree.SubElement(parent, name, attributes)
        element.text = text or None
        return element

    add(channel, "title", feed.title)
    add(channel, "link", feed.home)
    add(channel, "description", feed.description)
    add(channel, "language", feed.language)
    add(channel, "lastBuildDate", format_datetime(feed.updated))
    add(channel, f"{{{ATOM}}}link", rel="self", type="application/rss+xml", href=feed.url)
    for entry in feed.entries:
        item = add(channel, "item")
        add(item, "title", entry.title)
        add(item, "link", entry.url)
        add(item, "guid", entry.id, isPermaLink="false")
        add(item, "pubDate", format_datetime(entry.published))
        add(item, "category", entry.label)
        add(item, "description", entry.summary or entry.title)
        if entry.image:
            add(
                item, "enclosure", url=entry.image, length=str(entry.image_bytes), type="image/jpeg"
            )
        add(item, f"{{{CONTENT}}}encoded", entry.html)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def as_json(feed: Feed) -> bytes:
    items = []
    for entry in feed.entries:
        item = {
            "id": entry.id,
            "url": entry.url,
            "title": entry.title,
            "content_html": entry.html,
            "date_published": entry.published.isoformat(timespec="seconds"),
            "date_modified": entry.updated.isoformat(timespec="seconds"),
            "tags": [entry.label],
            "language": feed.language,
        }
        if entry.summary:
            item["summary"] = entry.summary
        if entry.image:
            item["image"] = entry.image
        items.append(item)
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "language": feed.language,
        "authors": [{"name": "Institut Imagine", "url": absolute("/")}],
        "items": items,
    }
    return json.dumps(whole, ensure_ascii=False).encode()


@dataclass(frozen=True, slots=True)
class Format:
    media_type: str
    write: Callable[[Feed], bytes]


FORMATS = {
    "atom": Format("application/atom+xml", as_atom),
    "rss": Format("application/rss+xml", as_rss),
    "json": Format("application/feed+json", as_json),
}


@require_safe
def feed(request: HttpRequest, format: str) -> HttpResponse:
    """The latest articles, chosen like those of the list (`?kind=&lab=&person=&topic=&year=`).

    Three queries, more where a record or a topic is asked for. Both validators are given and
    answered (RFC 9110 §13).
    """
    language = current_language()
    asked = NewsFilter.from_query(request.GET).with_()
    subjects = find_subjects(asked, language)
    asked = known(asked, subjects)
    rows = with_texts(Choice.of(asked, subjects, language), size=LENGTH)
    entries = tuple(Entry.of(edition) for edition in rows)
    changed = _last_change(entries)
    value = Feed(
        title=_clean(f"{list_title(asked, subjects)} – Institut Imagine"),
        description=_("News, press releases, visits, awards and portraits from the institute."),
        language=language,
        home=absolute(address("news:list") + asked.query),
        url=absolute(address(f"news:feed_{format}") + asked.query),
        entries=entries,
        updated=timezone.localtime(changed),
    )
    shape = FORMATS[format]
    body = shape.write(value)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type=f"{shape.media_type}; charset=utf-8")
    response["ETag"] = etag
    response["Last-Modified"] = http_date(changed.timestamp())
    response["X-Robots-Tag"] = "noindex"  # the articles themselves are to be found
    response = get_conditional_response(request, etag, int(changed.timestamp()), response)
    return keep(response, address(f"news:feed_{format}") + asked.query)


def _last_change(entries: Iterable[Entry]) -> datetime.datetime:
    """When any list last changed: something went live, or ended, or lost a picture
    whose rights were over."""
    now = timezone.now()
    editions = PostEdition.objects.order_by()
    # Of either language: the last of one of them is not to be found without reading all of it.
    moments = editions.filter(live_from__lte=now).aggregate(began=Max("live_from"))
    moments |= editions.filter(live_until__lte=now).aggregate(ended=Max("live_until"))
    known = [*(moment for moment in moments.values() if moment)]
    known += [entry.updated for entry in entries if entry.updated <= now]
    known += [entry.picture_left for entry in entries if entry.picture_left]
    return max(known, default=datetime.datetime(2007, 1, 1, tzinfo=datetime.UTC)).replace(
        microsecond=0
    )
