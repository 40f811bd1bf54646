"""How people and founding members are found: by every name they have, and what is said of them."""

from collections.abc import Collection, Iterator

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from imagine_site.search.sources import Entry, Source
from people.models import FoundingMember, Researcher

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def people(pks: Collection[int] | None) -> Iterator[Entry]:
    found = Researcher.objects.public().with_positions().order_by("pk")
    if pks is not None:
        found = found.filter(pk__in=pks)
    today = timezone.localdate()
    for person in found.iterator(chunk_size=500):
        for language in LANGUAGES:
            with translation.override(language):
                titles = [position.title for position in person.titles(at=today)]
                past = [position.title for position in person.positions.all()]
                yield Entry(
                    object_id=person.pk,
                    language=language,
                    title=person.full_name,
                    url=person.get_absolute_url(),
                    summary=", ".join(titles),
                    text="\n".join(filter(None, (getattr(person, f"biography_{language}"), *past))),
                    aliases="\n".join((person.aliases, person.orcid)),
                    label=", ".join(titles[:1]),
                    picture_id=person.photo_id,
                )


def founding_members(pks: Collection[int] | None) -> Iterator[Entry]:
    found = FoundingMember.objects.public().order_by("pk")
    if pks is not None:
        found = found.filter(pk__in=pks)
    for member in found.iterator(chunk_size=500):
        names = "\n".join(member.all_names())
        for language in LANGUAGES:
            with translation.override(language):
                yield Entry(
                    object_id=member.pk,
                    language=language,
                    title=member.name,
                    url=member.get_absolute_url(),
                    text="\n".join(
                        getattr(member, f"{name}_{language}")
                        for name in ("description", "former_names")
                    ).strip(),
                    aliases=names,
                    label=str(member.get_sort_display()),
                )


PEOPLE = Source(
    kind="person", plural=_("People"), model=Researcher, entries=people, named=True, order=1
)
FOUNDING_MEMBERS = Source(
    kind="foundingmember",
    plural=_("Founding members"),
    model=FoundingMember,
    entries=founding_members,
    named=True,
    order=6,
)
