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
from imagine_site.pages.accessibility import Statement, statement
from imagine_site.pages.models import Menu, PageEdition, Role
from imagine_site.register import kinds

#: Shown in the last line of every page, not among the things to read.
LEGAL = (Role.LEGAL, Role.PRIVACY)
#: Offered to visitors on every page, whether an editor put them in a menu or not.
PRACTICAL = (Role.GOVERNANCE, Role.SUPPORT, Role.PRESS, Role.CONTACT)


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
    def _rows(self) -> list[tuple[str, str, str, str, str, str, int]]:
        pages = (
            PageEdition.objects.in_language(self.language)
            .live()
            .order_by()
            .annotate(
                what=Value("page", CharField()),
                short=Value("", CharField()),
                rank=Cast("menu_order", IntegerField()),
            )
            .values_list("what", "slug", "menu_label", "short", "menu", "role", "rank")
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
                    said_role=Value("", CharField()),
                    rank=Cast("order", IntegerField()),
                )
                .values_list("what", "slug", "label", "short_name", "place", "said_role", "rank")
            )
            pages = pages.union(members, all=True)
        return sorted(pages, key=lambda row: (row[6], row[2]))

    def _link(self, label: str, slug: str) -> Link:
        return Link(label, address("pages:page", slug, language=self.language))

    @cached_property
    def pages(self) -> list[Link]:
        """Every page, for the site map."""
        return [
            self._link(label, slug)
            for what, slug, label, _short, _menu, _role, _rank in self._rows
            if what == "page"
        ]

    def _pages(self, *, menu: str) -> list[Link]:
        return [
            self._link(label, slug)
            for what, slug, label, _short, where, _role, _rank in self._rows
            if what == "page" and where == menu
        ]

    @cached_property
    def by_role(self) -> dict[str, Link]:
        """The pages that are something to the site: `site.by_role.press` in a template."""
        return {
            role: self._link(label, slug)
            for what, slug, label, _short, _menu, role, _rank in self._rows
            if what == "page" and role
        }

    @cached_property
    def header(self) -> list[Link]:
        return self._pages(menu=Menu.HEADER)

    @cached_property
    def footer(self) -> list[Link]:
        """What the footer lists: the menus, then what has a role that every page must lead to."""
        menus = [*self.header, *self._pages(menu=Menu.FOOTER)]
        roles = [self.by_role[role] for role in PRACTICAL if role in self.by_role]
        apart = [*self.legal, self.by_role.get(Role.ACCESSIBILITY)]
        return [link for link in dict.fromkeys([*menus, *roles]) if link not in apart]

    @cached_property
    def legal(self) -> list[Link]:
        return [self.by_role[role] for role in LEGAL if role in self.by_role]

    @cached_property
    def founding_members(self) -> list[Link]:
        """In the order of the statutes."""
        return [
            Link(label, address("people:founding_member", slug, language=self.language), short)
            for what, slug, label, short, _menu, _role, _rank in self._rows
            if what == "member"
        ]

    @property
    def support(self) -> Link | None:
        return self.by_role.get(Role.SUPPORT)

    @property
    def contact(self) -> Link | None:
        return self.by_role.get(Role.CONTACT)

    @property
    def press(self) -> Link | None:
        return self.by_role.get(Role.PRESS)

    @property
    def accessibility(self) -> Link | None:
        return self.by_role.get(Role.ACCESSIBILITY)

    @property
    def statement(self) -> Statement:
        """What the foot of every page says of the site's accessibility, and why."""
        return statement()


def site(request: HttpRequest) -> dict[str, Any]:
    """`site` in every template (see `Site`), and `draft` where the page is none yet."""
    return {"site": Site(current_language()), "draft": getattr(request, "draft", None)}
