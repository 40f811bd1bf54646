"""How laboratories and start-ups are found: by every name they have, and what they do."""

from collections.abc import Collection, Iterator

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from imagine_site.search.sources import Entry, Source
from labs.models import Laboratory, StartUp

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


def laboratories(pks: Collection[int] | None) -> Iterator[Entry]:
    found = Laboratory.objects.public().with_memberships().prefetch_related("themes")
    if pks is not None:
        found = found.filter(pk__in=pks)
    today = timezone.localdate()
    for laboratory in found.order_by("pk").iterator(chunk_size=500):
        names = "\n".join((*laboratory.all_names(), laboratory.unit_code))
        leaders = [
            member.researcher.full_name
            for member in laboratory.memberships.all()
            if member.leads(at=today)
        ]
        for language in LANGUAGES:
            with translation.override(language):
                themes = (theme.name for theme in laboratory.themes.all())
                science = (
                    getattr(laboratory, f"{name}_{language}") for name in ("description", "note")
                )
                yield Entry(
                    object_id=laboratory.pk,
                    language=language,
                    title=laboratory.name,
                    url=laboratory.get_absolute_url(),
                    summary=getattr(laboratory, f"we_study_{language}"),
                    text="\n".join(filter(None, (*science, *themes, *leaders))),
                    aliases=names,
                    label=", ".join(leaders),
                    picture_id=laboratory.image_id,
                )


def startups(pks: Collection[int] | None) -> Iterator[Entry]:
    found = StartUp.objects.public().order_by("pk")
    if pks is not None:
        found = found.filter(pk__in=pks)
    for startup in found.iterator(chunk_size=500):
        for language in LANGUAGES:
            with translation.override(language):
                yield Entry(
                    object_id=startup.pk,
                    language=language,
                    title=startup.name,
                    url=startup.get_absolute_url(),
                    summary=startup.field,
                    text=getattr(startup, f"description_{language}"),
                    aliases=startup.aliases,
                    label=startup.field,
                )


LABORATORIES = Source(
    kind="laboratory",
    plural=_("Laboratories"),
    model=Laboratory,
    entries=laboratories,
    named=True,
    order=2,
)
STARTUPS = Source(
    kind="startup", plural=_("Start-ups"), model=StartUp, entries=startups, named=True, order=5
)
