"""What laboratories and start-ups give to be shared: descriptions for machines (schema.org)."""

from __future__ import annotations

from collections.abc import Iterable

from imagine_site.components import structured
from imagine_site.components.words import spoken
from labs.models import Laboratory, Membership, StartUp
from people.models import Researcher


def data_of_laboratory(
    laboratory: Laboratory, *, heads: Iterable[Membership], themes: Iterable[str]
) -> structured.Thing:
    return structured.laboratory(
        name=laboratory.name,
        short_name=laboratory.short_name,
        path=laboratory.get_absolute_url(),
        description=str(spoken(laboratory, "we_study")),
        image=laboratory.image.url() if laboratory.image else "",
        heads=[_linked(head.researcher) for head in heads],
        themes=themes,
        website=laboratory.website,
        opened=laboratory.opened,
        closed=laboratory.closed,
    )


def data_of_startup(startup: StartUp, *, founders: Iterable[Researcher]) -> structured.Thing:
    """`founders` are the public ones."""
    return structured.organization(
        name=startup.name,
        path=startup.get_absolute_url(),
        description=str(spoken(startup, "description")),
        logo=startup.logo.url() if startup.logo else "",
        founded=startup.founded,
        founders=[_linked(founder) for founder in founders],
        same_as=[startup.website],
    )


def _linked(person: Researcher) -> tuple[str, str]:
    return person.full_name, person.get_absolute_url()
