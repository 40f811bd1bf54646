"""Every public address for search engines: sitemaps.org 0.9, with the pairs of languages
(`xhtml:link`), the pictures (Google's image extension 1.1) and the news of the last two days.

An index lists the parts; a part has entries of one kind, each with the moment of its last change
and where its translation is. Parts are ranges of primary keys, so that the last of a hundred
thousand articles cost what the first do: an offset would read past all before.
"""

from __future__ import annotations

import datetime
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from django.conf import settings
from django.db.models import CharField, DateTimeField, F, Max, OuterRef, QuerySet, Subquery, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe
from lxml import etree

from imagine_site.components.head import LANGUAGES, address, other_language
from imagine_site.images.models import Image
from imagine_site.pagecache.keeping import keep
from imagine_site.pages.models import PageEdition
from labs.models import Laboratory, StartUp
from news.models import PostEdition
from people.models import FoundingMember, Researcher

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML = "http://www.w3.org/1999/xhtml"
PICTURE = "http://www.google.com/schemas/sitemap-image/1.1"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"

#: Primary keys of a file. The protocol allows 50,000 entries; a record has one in each language.
#: With so many it is short enough to be kept as a finished page.
KEYS_PER_FILE = 12_500
#: Rows that are read at once: a file is written as it is read, and its rows never are in memory
#: all together.
ROWS_AT_ONCE = 1_000
#: Rows of a file that are looked at for its last change: those published at last, and before them
#: some that had been planned.
LATEST = 20
#: The news sitemap: its age and length are Google's.
NEWS_AGE = datetime.timedelta(days=2)
NEWS_LENGTH = 1_000

#: Pages that are lists, the same ones in both languages.
LISTS = (
    "home:home",
    "news:list",
    "news:visits",
    "labs:laboratories",
    "labs:startups",
    "people:people",
    "people:founding_members",
    "pages:history",
    "pages:key_figures",
    "home:site_map",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One address; `pair` gives language and path of the page and its translation."""

    path: str
    changed: datetime.datetime | None = None
    pair: tuple[tuple[str, str], ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Entries of one kind.

    `rows` have the last change, a picture (or None) as it was on `cut` (or is now), and `columns`,
    from which `spelled` tells the language and the slugs of each entry by language.
    """

    name: str
    view: str
    rows: QuerySet
    columns: tuple[str, ...]
    spelled: Callable[..., Iterable[tuple[str, dict[str, str]]]]
    #: Whether rows change where they stand, or only by new ones.
    changes: bool

    def files(self) -> Iterator[tuple[int, datetime.datetime]]:
        """Number and last change of those that have entries, the newest first."""
        rows = self.rows
        while found := list(rows.order_by("-pk").values_list("pk", "changed")[:LATEST]):
            number = -(-found[0][0] // KEYS_PER_FILE)
            if self.changes:
                changed = self._keys(number).aggregate(last=Max("changed"))["last"]
            else:
                changed = max(changed for _pk, changed in found)
            yield number, changed
            rows = self.rows.filter(pk__lte=(number - 1) * KEYS_PER_FILE)

    def _keys(self, number: int) -> QuerySet:
        last = number * KEYS_PER_FILE
        return self.rows.filter(pk__gt=last - KEYS_PER_FILE, pk__lte=last)

    def entries(self, number: int) -> Iterator[Entry]:
        """Those of one file, counted from 1."""
        where = {code: address(self.view, _SLUG, language=code) for code in LANGUAGES}
        columns = ("pk", "changed", "cut", "picture_id", *self.columns)
        values = self._keys(number).values_list(*columns).order_by("pk")
        before = 0
        while rows := list(values.filter(pk__gt=before)[:ROWS_AT_ONCE]):
            yield from self._entries_of(rows, where)
            if len(rows) < ROWS_AT_ONCE:
                return
            before = rows[-1][0]

    def _entries_of(self, rows: list[tuple], where: dict[str, str]) -> Iterator[Entry]:
        pictures = _pictures({row[3] for row in rows if row[3]})
        for _pk, changed, cut, picture, *columns in rows:
            found = pictures.get(picture, "")
            if isinstance(found, Image):
                found = found.as_of(cut).url() if cut else found.url()
            for language, slugs in self.spelled(*columns):
                paths = {
                    code: where[code].replace(_SLUG, slugs[code])
                    for code in LANGUAGES
                    if slugs.get(code)
                }
                pair = tuple(paths.items()) if len(paths) > 1 else ()
                yield Entry(paths[language], changed, pair, found)


#: Stands for a slug in an address: to be asked for each would take longer than all the rest.
_SLUG = "a-slug-that-is-replaced"


def _pictures(wanted: set[int]) -> dict[int, str | Image]:
    """The address of one JPEG for each picture that may be shown; the picture itself where it
    replaced another. (A file of the map has thousands.)"""
    images = Image.objects.usable().filter(pk__in=wanted).iterator()
    return {image.pk: image if image.former else image.url() for image in images}


def _editions(name: str, view: str, model: type, picture: str | None) -> Section:
    # Both languages in one part: asked for one of them, SQLite would read all of that language.
    siblings = model.objects.live().filter(story=OuterRef("story")).order_by()
    sibling = siblings.exclude(language=OuterRef("language"))
    rows = model.objects.live().annotate(
        there=Subquery(sibling.values("slug")[:1]),
        changed=F("live_from"),
        cut=F("published_at"),
        picture_id=F(f"{picture}_id") if picture else Value(None, CharField()),
    )

    def spelled(language: str, slug: str, there: str | None):
        yield language, {language: slug, other_language(language): there or ""}

    return Section(name, view, rows, ("language", "slug", "there"), spelled, changes=False)


def _records(name: str, view: str, model: type, picture: str, *slugs: str) -> Section:
    """`slugs` are the columns by language, or the one of all languages."""
    rows = model.objects.public().annotate(
        changed=F("updated_at"),
        cut=Value(None, DateTimeField()),
        picture_id=F(f"{picture}_id"),
    )

    def spelled(*found: str):
        by_language = dict(zip(LANGUAGES, found * len(LANGUAGES), strict=False))
        for language, slug in by_language.items():
            if slug:
                yield language, by_language

    return Section(name, view, rows, slugs, spelled, changes=True)


def sections() -> dict[str, Section]:
    by_language = [f"slug_{code}" for code in LANGUAGES]
    found = [
        _editions("news", "news:article", PostEdition, "lead_image"),
        _editions("pages", "pages:page", PageEdition, None),
        _records("laboratories", "labs:laboratory", Laboratory, "image", *by_language),
        _records("start-ups", "labs:startup", StartUp, "logo", "slug"),
        _records("people", "people:person", Researcher, "photo", "slug"),
        _records("founding-members", "people:founding_member", FoundingMember, "logo", "slug"),
    ]
    return {section.name: section for section in found}


def lists(language: str) -> Iterator[Entry]:
    """The lists change when something in them does; that is not claimed to the second."""
    for view in LISTS:
        pair = tuple((code, address(view, language=code)) for code in LANGUAGES)
        yield Entry(address(view, language=language), pair=pair)


# -- Written --------------------------------------------------------------------------------------


def _absolute(path: str) -> str:
    return path if "://" in path else settings.SITE_URL + path


def _add(parent, namespace: str, name: str, text: str = "", **attributes: str):
    element = etree.SubElement(parent, f"{{{namespace}}}{name}", attributes)
    element.text = text or None
    return element


def _when(moment: datetime.datetime) -> str:
    """W3C date and time, to the second."""
    return timezone.localtime(moment).isoformat(timespec="seconds")


def write_index(files: Iterable[tuple[str, datetime.datetime | None]]) -> bytes:
    root = etree.Element(f"{{{SITEMAP}}}sitemapindex", nsmap={None: SITEMAP})
    for path, changed in files:
        element = _add(root, SITEMAP, "sitemap")
        _add(element, SITEMAP, "loc", _absolute(path))
        if changed:
            _add(element, SITEMAP, "lastmod", _when(changed))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def write_part(entries: Iterable[Entry]) -> bytes:
    names = {None: SITEMAP, "xhtml": XHTML, "image": PICTURE}
    written = io.BytesIO()
    with etree.xmlfile(written, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{SITEMAP}}}urlset", nsmap=names):
            for entry in entries:
                with file.element(_URL):
                    _write_entry(file, entry)
    return written.getvalue()


_URL, _LOC, _LASTMOD = (f"{{{SITEMAP}}}{name}" for name in ("url", "loc", "lastmod"))
_LINK, _IMAGE, _IMAGE_LOC = f"{{{XHTML}}}link", f"{{{PICTURE}}}image", f"{{{PICTURE}}}loc"


def _write_entry(file: etree.xmlfile, entry: Entry) -> None:
    with file.element(_LOC):
        file.write(_absolute(entry.path))
    if entry.changed:
        with file.element(_LASTMOD):
            file.write(_when(entry.changed))
    both = entry.pair and (*entry.pair, ("x-default", dict(entry.pair)[LANGUAGES[0]]))
    for code, path in both:
        with file.element(_LINK, rel="alternate", hreflang=code, href=_absolute(path)):
            pass
    if entry.picture:
        with file.element(_IMAGE), file.element(_IMAGE_LOC):
            file.write(_absolute(entry.picture))


def write_news(editions: Iterable[PostEdition]) -> bytes:
    root = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "news": NEWS})
    for edition in editions:
        element = _add(root, SITEMAP, "url")
        _add(element, SITEMAP, "loc", _absolute(edition.get_absolute_url()))
        news = _add(element, NEWS, "news")
        publication = _add(news, NEWS, "publication")
        _add(publication, NEWS, "name", "Institut Imagine")
        _add(publication, NEWS, "language", edition.language)
        _add(news, NEWS, "publication_date", edition.date.isoformat())
        _add(news, NEWS, "title", "".join(c for c in edition.title if c.isprintable()))
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


# -- Answered -------------------------------------------------------------------------------------


def _answer(request: HttpRequest, body: bytes) -> HttpResponse:
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = HttpResponse(body, content_type="application/xml; charset=utf-8")
    response["ETag"] = etag
    response["X-Robots-Tag"] = "noindex"  # the file itself is no search result
    return keep(get_conditional_response(request, etag, None, response), request.path)


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """`/sitemap.xml`."""
    files = [(f"/sitemap-lists-{code}-1.xml", None) for code in LANGUAGES]
    for name, section in sections().items():
        parts = reversed(list(section.files()))
        files += [(f"/sitemap-{name}-{number}.xml", changed) for number, changed in parts]
    return _answer(request, write_index(files))


@require_safe
def part(request: HttpRequest, name: str, number: int) -> HttpResponse:
    """`/sitemap-news-1.xml`."""
    if name in {f"lists-{code}" for code in LANGUAGES} and number == 1:
        return _answer(request, write_part(lists(name.removeprefix("lists-"))))
    section = sections().get(name)
    # A key beyond what a database counts in would be an error and not an empty page.
    entries = section.entries(number) if section and 0 < number < 100_000 else iter(())
    if (first := next(entries, None)) is None:
        raise Http404(name)
    return _answer(request, write_part(chain([first], entries)))


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """`/sitemap-news.xml`: what is dated within the last two days, in both languages."""
    today = timezone.localdate()
    found: list[PostEdition] = []
    for code in LANGUAGES:  # one by one, because the lists' index begins with the language
        editions = PostEdition.objects.live().in_language(code)
        recent = editions.filter(date__gte=today - NEWS_AGE, date__lte=today)
        found += recent.newest_first().for_cards()[:NEWS_LENGTH]
    found.sort(key=lambda edition: (edition.date, edition.pk), reverse=True)
    return _answer(request, write_news(found[:NEWS_LENGTH]))
