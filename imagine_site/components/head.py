"""What a page says of itself to browsers, search engines and the language switch: one value.

Every public view hands a `Head` to its template, so that no page can forget its title, its
canonical address or where its other language is.
"""

import datetime
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.urls import get_script_prefix, reverse
from django.utils import translation
from django.utils.translation import gettext as _

from imagine_site.components import structured
from imagine_site.components.cards import Card
from imagine_site.components.words import shortened

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)

#: Longer descriptions are cut by search engines anyway.
DESCRIPTION_LENGTH = 200


def current_language() -> str:
    """The language of the page being made: one the site has, whatever the thread says."""
    language = translation.get_language()
    return language if language in LANGUAGES else LANGUAGES[0]


def other_language(language: str | None = None) -> str:
    """The site speaks two languages, so that "the other one" is well defined."""
    language = language or current_language()
    return next(code for code in LANGUAGES if code != language)


def address(name: str, *args: str, language: str | None = None) -> str:
    """`reverse()` in a given language: the segments of our addresses are translated."""
    return _address(name, args, language or current_language(), get_script_prefix())


@lru_cache(maxsize=4_096)
def _address(name: str, args: tuple[str, ...], language: str, _prefix: str) -> str:
    """An address never changes while the site runs, and a page names some thirty."""
    with translation.override(language):
        return reverse(name, args=args)


@dataclass(frozen=True, slots=True)
class Head:
    """A page's title, addresses and kind.

    `path` is its canonical path (filters in normal form, no noise). `other` is where the language
    switch leads; `translated` says whether the *same* content stands there: only then the two pages
    are declared a pair (hreflang), and otherwise the switch says where it leads instead.
    """

    title: str
    path: str = ""
    other: str = ""
    translated: bool = True
    description: str = ""
    kind: str = "website"
    published: datetime.date | datetime.datetime | None = None
    revised: datetime.datetime | None = None
    indexed: bool = True
    #: The picture for where the address is shared; without one, the site's own.
    card: Card | None = None
    #: What the page says to machines, beside the way to it (schema.org).
    data: tuple[structured.Thing, ...] = ()
    #: Label and path of the pages between the front page and this one.
    trail: tuple[tuple[str, str], ...] = ()
    #: Which news the feeds of this page hold: the query of the list in normal form.
    feed: str = ""

    @property
    def place(self) -> str:
        """What the menu says of this page depends on this alone: the first two steps of its path,
        and whether there are more (`/en/news/…`)."""
        steps = self.path.partition("?")[0].split("/", 3)
        return "/".join(steps[:3]).rstrip("/") + ("/…" if steps[3:] > [""] else "/")

    @property
    def canonical(self) -> str:
        return settings.SITE_URL + self.path if self.path else ""

    @property
    def other_language(self) -> str:
        return other_language()

    @property
    def other_name(self) -> str:
        """The other language in its own words, for those who cannot read this one."""
        return translation.get_language_info(other_language())["name_local"].capitalize()

    @property
    def locale(self) -> str:
        """As Open Graph writes it."""
        return {"en": "en_GB", "fr": "fr_FR"}.get(current_language(), current_language())

    @property
    def summary(self) -> str:
        return shortened(self.description, DESCRIPTION_LENGTH)

    @property
    def card_url(self) -> str:
        """Absolute; drawn when first asked for."""
        return structured.absolute((self.card or site_card()).url())

    @property
    def structured(self) -> tuple[structured.Thing, ...]:
        """Pages that are no page (not found, gone) say nothing."""
        if not self.indexed or not self.path:
            return ()
        front = address("home:home")
        if self.path == front:
            return self.data
        steps = [(_("Home"), front), *self.trail, (self.title, self.path)]
        return (*self.data, structured.breadcrumbs(steps))

    @property
    def pair(self) -> tuple[tuple[str, str], ...]:
        """Language and absolute address of this page and of its translation, or nothing."""
        if not (self.path and self.other and self.translated and self.indexed):
            return ()
        here = current_language()
        return (
            (here, self.canonical),
            (other_language(here), settings.SITE_URL + self.other),
        )

    @property
    def default_address(self) -> str:
        """The one of the pair for visitors who read neither language (x-default)."""
        return dict(self.pair).get(LANGUAGES[0], "")


def site_card() -> Card:
    """For every page without a picture of its own."""
    return Card(title=_("Understand, treat and cure genetic diseases, in children and in adults"))


def page(
    title: str, name: str, *args: str, other_args: tuple[str, ...] | None = None, **more
) -> Head:
    """The head of a page that exists in both languages under one URL name."""
    return Head(
        title=str(title),
        path=address(name, *args),
        other=address(
            name, *(args if other_args is None else other_args), language=other_language()
        ),
        **more,
    )
