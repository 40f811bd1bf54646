"""What every public page carries around its content: the menus and who founded the institute.

Nothing is read before a template asks, so that the admin and answers without a page pay nothing;
then it is one query for all of it, founding members included (known by their kind, because this
room and theirs are strangers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.http import HttpRequest
from django.utils.functional import cached_property

from imagine_site.components.head import address, current_language, other_language
from imagine_site.pages.models import Menu, PageEdition
from imagine_site.register import kinds

#: Pages that the frame of the site points to wherever they exist, by the addresses they may have.
SUPPORT = frozenset({"support-us", "support", "give", "donate", "nous-soutenir", "donner"})
CONTACT = frozenset({"contact", "contact-us"})
PRESS = frozenset({"press", "press-room", "presse", "espace-presse"})
ACCESSIBILITY = frozenset({"accessibility", "accessibilite"})


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    short: str = ""


class Site:
    """Menus and founding members in one language, read once, when first asked for."""

    def __init__(self, language: str):
        self.language = language

    @cached_property
    def _rows(self) -> list[tuple[str, str, str, str, str, int]]:
        pages = (
            PageEdition.objects.in_language(self.language)
            .live()
            .order_by()
            .annotate(
                what=Value("page", CharField()),
                short=Value("", CharField()),
                rank=Cast("menu_order", IntegerField()),
            )
            .values_list("what", "slug", "menu_label", "short", "menu", "rank")
        )
        if model := kinds.get("foundingmember"):
            name = Coalesce(
                NullIf(F(f"name_{self.language}"), Value("")),
                F(f"name_{other_language(self.language)}"),
                output_field=CharField(),
            )
            members = (
                model.objects.public()
                .order_by()
                .annotate(
                    what=Value("member", CharField()),
                    label=name,
                    place=Value("", CharField()),
                    rank=Cast("order", IntegerField()),
                )
                .values_list("what", "slug", "label", "short_name", "place", "rank")
            )
            pages = pages.union(members, all=True)
        return sorted(pages, key=lambda row: (row[5], row[2]))

    def _pages(self, *, menu: str) -> list[Link]:
        return [
            Link(label, address("pages:page", slug, language=self.language))
            for what, slug, label, _short, where, _rank in self._rows
            if what == "page" and where == menu
        ]

    def _page_at(self, slugs: frozenset[str]) -> Link | None:
        for what, slug, label, _short, _where, _rank in self._rows:
            if what == "page" and slug in slugs:
                return Link(label, address("pages:page", slug, language=self.language))
        return None

    @cached_property
    def header(self) -> list[Link]:
        return self._pages(menu=Menu.HEADER)

    @cached_property
    def footer(self) -> list[Link]:
        return self._pages(menu=Menu.FOOTER)

    @cached_property
    def founding_members(self) -> list[Link]:
        """In the order of the statutes."""
        return [
            Link(label, address("people:founding_member", slug, language=self.language), short)
            for what, slug, label, short, _where, _rank in self._rows
            if what == "member"
        ]

    @cached_property
    def support(self) -> Link | None:
        return self._page_at(SUPPORT)

    @cached_property
    def contact(self) -> Link | None:
        return self._page_at(CONTACT)

    @cached_property
    def press(self) -> Link | None:
        return self._page_at(PRESS)

    @cached_property
    def accessibility(self) -> Link | None:
        return self._page_at(ACCESSIBILITY)


def site(request: HttpRequest) -> dict[str, Any]:
    """`site` in every template; see `Site`."""
    return {"site": Site(current_language())}
