"""Take the sample institute out again, for an institute that starts its own site.

Everything the sample made goes: stories with what was published of them, statements, records,
pictures, their history. What a person made it their own stays and is reported: a thing somebody
changed in the admin, and a thing that something outside the sample still needs.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.db import models, transaction
from django.db.models import Q, QuerySet

from imagine_site.images import uses
from imagine_site.images.models import Image
from imagine_site.pages.models import KeyFigure, Milestone, Page
from imagine_site.publishing.actions import withdraw
from imagine_site.publishing.models import LANGUAGES, Event, Story
from imagine_site.register.models import Record
from imagine_site.sample import content
from imagine_site.sample.content import PREFIX, REGISTER_PREFIX
from imagine_site.sample.loading import RECORDS
from imagine_site.sample.report import Report
from labs.models import Laboratory, StartUp, Theme
from news.models import Post
from people.models import Researcher


@transaction.atomic
def remove_sample(*, edited_too: bool = False) -> Report:
    """Remove all of the sample that nobody made their own.

    With `edited_too`, what a person changed goes as well; what is used outside the sample never
    does. Files of pictures go after the commit.
    """
    removal = _Removal(edited_too=edited_too)
    for model in (Post, Page):
        removal.stories(model)
    for model in (KeyFigure, Milestone):
        removal.statements(model)
    removal.records()
    removal.themes()
    removal.pictures()
    return removal.report


def was_edited(thing: models.Model) -> bool:
    """Whether a person saved it in the admin: the history names them; loading names nobody."""
    if getattr(thing, "edited_since_import", False):
        return True
    return thing.history.exclude(history_user=None).exists()


class _Removal:
    def __init__(self, *, edited_too: bool):
        self.edited_too = edited_too
        self.report = Report()

    def is_theirs(self, thing: models.Model) -> bool:
        """A person's own by now; reported."""
        if self.edited_too or not was_edited(thing):
            return False
        self.keep(thing, "somebody has changed it")
        return True

    def keep(self, thing: models.Model, reason: str) -> None:
        self.report.kept.append(f"{thing._meta.verbose_name} “{thing}” ({reason})")

    def gone(self, thing: models.Model) -> None:
        """Delete a row with its history, so that nothing tells of a sample once loaded."""
        history, pk = type(thing).history, thing.pk
        thing.delete()
        history.filter(**{type(thing)._meta.pk.name: pk}).delete()

    def stories(self, model: type[Story]) -> None:
        for story in model.objects.filter(import_ref__startswith=PREFIX):
            if self.is_theirs(story):
                continue
            for language in LANGUAGES:
                withdraw(story, language=language, by=None)  # tells whoever lists or keeps pages
            # Editions refuse to be deleted: what was public must stay citable. The sample is the
            # one exception, it never spoke for anyone; hence the plain queryset.
            QuerySet(story.editions.model).filter(story=story).delete()
            Event.objects.of(story).delete()
            self.gone(story)
            self.report.removed[str(model._meta.verbose_name_plural)] += 1

    def statements(self, model: type[models.Model]) -> None:
        for statement in model.objects.filter(import_key__startswith=PREFIX):
            if not self.is_theirs(statement):
                self.gone(statement)
                self.report.removed[str(model._meta.verbose_name_plural)] += 1

    def records(self) -> None:
        """All records that nothing needs any more; one that stays may need others, so they stay."""
        going: dict[str, Record] = {}
        for model in RECORDS:
            for record in model.objects.filter(import_key__startswith=REGISTER_PREFIX):
                if self.is_theirs(record):
                    continue
                if story := next(_stories_about(record), None):
                    self.keep(record, f"“{story}” is about it")
                else:
                    going[record.reference] = record
        is_settled = False
        while not is_settled:
            is_settled = True
            for reference, record in list(going.items()):
                stays = [near for near in _records_that_need(record) if near.reference not in going]
                if stays:
                    self.keep(record, f"it belongs to “{stays[0]}”")
                    del going[reference]
                    is_settled = False
        for record in going.values():
            self.gone(record)
            self.report.removed[str(record._meta.verbose_name_plural)] += 1

    def themes(self) -> None:
        keys = [theme["key"] for theme in content.read("register.yaml")["themes"]]
        for theme in Theme.objects.filter(slug__in=keys, laboratories=None, posts=None):
            if not self.is_theirs(theme):
                self.gone(theme)
                self.report.removed[str(Theme._meta.verbose_name_plural)] += 1

    def pictures(self) -> None:
        for image in Image.objects.filter(import_ref__startswith=PREFIX):
            if self.is_theirs(image):
                continue
            if places := [*map(str, uses.of(image)), *_rows_that_show(image)]:
                self.keep(image, f"“{places[0]}” shows it")
                continue
            pk = image.pk
            image.remove()
            Image.history.filter(id=pk).delete()
            self.report.removed[str(Image._meta.verbose_name_plural)] += 1


def _stories_about(record: Record) -> Iterator[models.Model]:
    """Stories and editions that are about the record, or whose text links to it."""
    mark = f'data-record="{record.reference}"'
    for model in (Post, Page):
        edition = model._meta.get_field("editions").related_model
        texts = Q()
        for language in LANGUAGES:
            texts |= Q(**{f"body_{language}__contains": mark})
        yield from model.objects.filter(texts)
        yield from QuerySet(edition).filter(body__contains=mark)
    for name in Post.RELATIONS:
        if Post._meta.get_field(name).related_model is type(record):
            yield from Post.objects.filter(**{name: record})
            yield from Post._meta.get_field("editions").related_model.objects.filter(
                **{name: record}
            )


def _records_that_need(record: Record) -> Iterable[Record]:
    """Records that would lose something with it: a laboratory its head."""
    if isinstance(record, Researcher):
        yield from Laboratory.objects.filter(memberships__researcher=record)
        yield from record.startups.all()
    elif isinstance(record, Laboratory):
        yield from Researcher.objects.filter(memberships__laboratory=record)
        yield from StartUp.objects.filter(laboratories=record)


def _rows_that_show(image: Image) -> list[str]:
    """Rows of any model that point to the picture; history only remembers, and does not count."""
    found = defaultdict(list)
    for relation in Image._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and relation.one_to_many):
            continue
        model = relation.related_model
        if hasattr(model, "history_id") or hasattr(model, "history_object"):
            continue
        for row in model._base_manager.filter(**{relation.field.name: image})[:1]:
            found[model].append(str(row))
    return [label for labels in found.values() for label in labels]
