"""What became of a story: its versions, reviews and editions on one page, and the way back to any.

To the versions that every row has come the editions: what was public is compared and brought back
like what was written. First of all stands what most come for: what publishing now would change.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import models
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from imagine_site.documents import references
from imagine_site.editing import comparing
from imagine_site.editing.comparing import RelatedRows, Thumbnail, Version, person
from imagine_site.editing.fields import DocumentField
from imagine_site.editing.history import Moment, Restored
from imagine_site.editing.languages import language_name
from imagine_site.files.models import File
from imagine_site.images.models import Image
from imagine_site.publishing import actions
from imagine_site.publishing.models import LANGUAGES, Comment, Edition, Event, Story
from imagine_site.publishing.newsroom import note_event
from imagine_site.publishing.parts import StoryPart, moment
from imagine_site.publishing.status import status
from imagine_site.register import kinds
from imagine_site.register.references import records, split

#: What the lines of the journal are marked as.
KINDS = {
    Event.Kind.PUBLISHED: "published",
    Event.Kind.SCHEDULED: "published",
    Event.Kind.UNSCHEDULED: "withdrawn",
    Event.Kind.WITHDRAWN: "withdrawn",
    Event.Kind.WITHDRAWAL_SCHEDULED: "withdrawn",
    Event.Kind.LINK_MADE: "shared",
    Event.Kind.LINK_REVOKED: "shared",
    Event.Kind.RELEASE_JOINED: "published",
    Event.Kind.RELEASE_LEFT: "withdrawn",
    Event.Kind.RESTORED: "saved",
}
#: Those that an edition was cut for.
CUT = {Event.Kind.PUBLISHED, Event.Kind.SCHEDULED}


class Timeline(StoryPart):
    def story_urls(self):
        return [
            self.story_path(
                "<int:pk>/changes/<str:language>/", require_GET(self.changes_view), "changes"
            ),
            self.story_path("<int:pk>/editions/", require_GET(self.editions_view), "editions"),
            self.story_path(
                "<int:pk>/editions/<int:edition_pk>/restore/", self.restore_view, "restore"
            ),
            *super().story_urls(),
        ]

    def panels(self, request, story):
        changes = []
        if story is not None:
            short = _("What would change (%(language)s)")
            changes = [
                (
                    short % {"language": language_name(language)},
                    self.page_url("changes", story.pk, language),
                )
                for language in LANGUAGES
                if story.is_written(language)
            ]
        return super().panels(request, story) | {"timeline": {"changes": changes}}

    # -- what publishing would change

    def first_links(self, request, row):
        return [
            (
                _("What would change on the live page (%(language)s)")
                % {"language": language_name(language)},
                self.page_url("changes", row.pk, language),
            )
            for language in LANGUAGES
            if row.is_written(language)
        ]

    def changes_view(self, request, pk: int, language: str):
        """The live page of a language beside what publishing now would make of it."""
        story = self.story_or_refusal(request, pk, to_change=False)
        if language not in LANGUAGES:
            raise Http404
        open_ones = story.editions.in_language(language).not_over().select_related("published_by")
        now = status(story, language, list(open_ones))
        public = now.live or now.scheduled
        would_be = would_be_edition(story, language)
        found = []
        if public is not None:
            found, _names, _related = self._differences(
                edition_as_published(self.model, public), would_be
            )
        context = self._page(
            request,
            pk,
            story,
            _("What would change on the live page (%(language)s)")
            % {"language": language_name(language)},
        ) | {
            "language": language,
            "language_name": capfirst(language_name(language)),
            "status": now,
            "edition": public,
            "zone": timezone.get_current_timezone_name(),
            "differences": found,
            "is_written": story.is_written(language),
            "others": [
                (capfirst(language_name(code)), self.page_url("changes", pk, code))
                for code in LANGUAGES
                if code != language
            ],
        }
        return TemplateResponse(request, "publishing/history_changes.html", context)

    # -- versions

    def version_by_key(self, pk, row, key):
        if not key.startswith("e"):
            return super().version_by_key(pk, row, key)
        if row is None or not key[1:].isascii() or not key[1:].isdigit() or len(key) > 19:
            return None
        edition = row.editions.select_related("published_by").filter(pk=int(key[1:])).first()
        return edition_version(row, edition) if edition else None

    def comparable(self, old, new):
        """An edition names what its text links to, too; so does a version compared with one."""
        if old.language and not new.language:
            return old, _with_mentions(self.model, new, old.language)
        if new.language and not old.language:
            return _with_mentions(self.model, old, new.language), new
        return old, new

    def names_of(self, compared):
        return NamesInTexts(
            body for version in compared for body in comparing.documents_of(self.model, version)
        )

    # -- the history

    def editions_view(self, request, pk: int):
        """Where the list of editions used to be: they stand in the history."""
        self.story_or_refusal(request, pk, to_change=False)
        return HttpResponseRedirect(self.page_url("history", pk))

    def moments(self, request, row, explained):
        lines = super().moments(request, row, explained)
        if row is None:
            return lines
        may_restore = self.has_change_permission(request, row)
        editions = {
            (edition.language, edition.number): edition
            for edition in row.editions.select_related("published_by").defer(
                "body", "html", "html_later", "text"
            )
        }
        told = set()
        for event in Event.objects.of(row).select_related("by"):
            if event.kind == Event.Kind.RESTORED and event.story_version in explained:
                continue
            line = self._of_event(event)
            key = (event.language, event.edition_number)
            if event.kind in CUT and key in editions and key not in told:
                told.add(key)
                self._add_edition(line, row, editions[key], may_restore=may_restore)
            lines.append(line)
        for key, edition in editions.items():
            if key not in told:  # cut before there was a journal
                line = Moment(
                    at=edition.published_at,
                    kind="published",
                    what=capfirst(str(Event.Kind.PUBLISHED.label)),
                    who=person(edition.published_by),
                    language=edition.language,
                )
                self._add_edition(line, row, edition, may_restore=may_restore)
                lines.append(line)
        lines += self._of_comments(row)
        return lines

    def _of_event(self, event: Event) -> Moment:
        what = capfirst(event.get_kind_display())
        if event.language:
            what = f"{what} ({language_name(event.language)})"
        line = Moment(
            at=event.at,
            kind=KINDS.get(event.kind, "review"),
            what=what,
            who=person(event.by) or event.by_name,
            note=event.note,
            language=event.language,
        )
        until = _read_moment(event.data.get("live_until"))
        if event.kind == Event.Kind.WITHDRAWAL_SCHEDULED and until:
            line.changed = [_("ends on %(moment)s") % {"moment": moment(until)}]
        return line

    def _add_edition(self, line: Moment, row: Story, edition: Edition, *, may_restore) -> None:
        line.version_key = f"e{edition.pk}"
        line.state = edition_state(edition)
        line.changed = [
            _("edition %(number)d") % {"number": edition.number},
            edition.title,
            interval(edition),
        ]
        if edition.is_live():
            line.links.append((_("See it on the site"), edition.get_absolute_url()))
        if may_restore:
            line.links.append((_("Restore"), self.page_url("restore", row.pk, edition.pk)))

    @staticmethod
    def _of_comments(row: Story) -> list[Moment]:
        """Remarks on the whole and on passages, and when they were resolved; not the replies."""
        lines = []
        said = _("“%(quote)s”: %(text)s")
        comments = Comment.objects.of(row).filter(parent=None).select_related("by", "resolved_by")
        for comment in comments:
            note = _short(comment.text)
            if comment.quote:
                note = said % {"quote": _short(comment.quote), "text": note}
            lines.append(
                Moment(
                    at=comment.at,
                    kind="comment",
                    what=_("Commented"),
                    who=person(comment.by),
                    note=note,
                )
            )
            if comment.resolved_at:
                lines.append(
                    Moment(
                        at=comment.resolved_at,
                        kind="comment",
                        what=_("Comment resolved"),
                        who=person(comment.resolved_by),
                        note=note,
                    )
                )
        return lines

    # -- the way back

    def restore_url(self, pk, version):
        if version.key.startswith("e"):
            return self.page_url("restore", pk, version.key[1:])
        return super().restore_url(pk, version)

    def restore_view(self, request, pk: int, edition_pk: int):
        """An edition, brought back into the working copy after a look at what that changes."""
        story = self.story_or_refusal(request, pk, to_change=request.method == "POST")
        edition = get_object_or_404(story.editions, pk=edition_pk)
        return self.restoring(request, story, edition_version(story, edition))

    def bring_back(self, request, row, version):
        if not version.language:
            restored = super().bring_back(request, row, version)
            note_event(row, Event.Kind.RESTORED, by=request.user)
            return restored
        edition = row.editions.get(pk=version.key[1:])
        missing = comparing.lost(
            self.model,
            version,
            names=self.names_of((version,)),
            related=RelatedRows(self.model, (version,)),
        )
        actions.restore(edition, by=request.user)
        return Restored(missing, [])

    def restoring_explained(self, row, version):
        if version.language:
            return _(
                "It comes back into the working copy, in its language only, as a new version. "
                "Visitors still read what is live; publish to change that."
            )
        return _(
            "It comes back into the working copy, in both languages, as a new version. "
            "Visitors still read what is live; publish to change that."
        )

    def restored_explained(self):
        return _("Visitors still read what is live; publish to change that.")

    def undeleting_explained(self):
        return _("They come back as drafts: publishing them is another step.")


# what editions say -------------------------------------------------------------------------------


def edition_state(edition: Edition) -> str:
    """One word for a line of the history."""
    if edition.is_live():
        return _("live")
    if edition.is_scheduled():
        return _("scheduled")
    return _("ended") if edition.was_ever_live() else _("cancelled")


def interval(edition: Edition) -> str:
    """From when to when it was, is or will be live."""
    if edition.live_until == edition.live_from:
        return _("never live")
    start = moment(edition.live_from)
    if edition.live_until is None:
        return _("live from %(start)s") % {"start": start}
    return _("live from %(start)s to %(end)s") % {
        "start": start,
        "end": moment(edition.live_until),
    }


def edition_version(story: Story, edition: Edition) -> Version:
    """An edition as a version of its story, beside what the story had when it was cut."""
    kept = story.history.filter(version=edition.story_version).exclude(companions={}).first()
    version = edition_as_published(type(story), edition)
    inner = {
        name: value
        for name, value in (kept.companions if kept else {}).items()
        if not type(story)._meta.get_field(name).many_to_many
    }
    return replace(version, companions=version.companions | inner)


def edition_as_published(model: type[Story], edition: Edition) -> Version:
    """What the public reads, in the terms of the story: the half of each pair of its language."""
    columns = {each.name: getattr(edition, each.name) for each in edition._meta.fields}
    relations = {
        name: [row.pk for row in getattr(edition, name).all()]
        for name in model.COMPANIONS
        if _is_many_to_many(type(edition), name)
    }
    values, inner = _in_terms_of_story(model, columns, edition.language)
    return Version(
        key=f"e{edition.pk}",
        title=_("Edition %(number)d (%(language)s), %(moment)s")
        % {
            "number": edition.number,
            "language": language_name(edition.language),
            "moment": moment(edition.published_at),
        },
        values=values,
        companions=inner | relations,
        at=edition.published_at,
        by=person(edition.published_by),
        reason=edition_state(edition),
        language=edition.language,
    )


def would_be_edition(story: Story, language: str) -> Version:
    """What publishing a language now would cut. Nothing is written."""
    kept_edition = story.editions.model
    columns: dict[str, Any] = {
        "title": story.text("title", language),
        "summary": story.text("summary", language),
        "body": story.text("body", language),
        "slug": actions.give_address(story, language),
        **story.snapshot(language),
    }
    for name, value in columns.items():
        column = kept_edition._meta.get_field(name)
        if value is None and isinstance(column, models.DateField) and not column.null:
            columns[name] = timezone.localdate()  # the day it goes live
    relations = {
        name: [row.pk for row in rows]
        for name, rows in story.relations(language).items()
        if name in story.COMPANIONS
    }
    values, inner = _in_terms_of_story(type(story), columns, language)
    return Version(
        key="would-be",
        title=_("What publishing now would show"),
        values=values,
        companions=inner | relations,
        language=language,
    )


def _in_terms_of_story(
    model: type[Story], columns: Mapping[str, Any], language: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The columns of an edition under the names the story has for them, and the inner rows that
    it keeps as JSON."""
    ours = {each.name: each for each in comparing.kept_fields(model)}
    values: dict[str, Any] = {}
    inner: dict[str, Any] = {}
    for name, value in columns.items():
        column = ours.get(f"{name}_{language}") or ours.get(name)
        if column is not None:
            values[column.name] = _as_column(column, value)
        elif name in model.COMPANIONS:
            inner |= _inner_rows(model, name, value, language)
    return values, inner


def _as_column(column: models.Field, value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, list):  # one a line, where an editor types it
        return "\n".join(map(str, value))
    return value


def _inner_rows(model, name: str, kept: dict | None, language: str) -> dict[str, list[dict]]:
    """The visit of an edition, and the guests in it, as rows of the story."""
    relation = model._meta.get_field(name)
    names = {each.attname for each in relation.related_model._meta.concrete_fields}
    nested = {
        key: value
        for key, value in (kept or {}).items()
        if key in model.COMPANIONS and isinstance(value, list)
    }
    row = {
        key if key in names else f"{key}_{language}": value
        for key, value in (kept or {}).items()
        if key not in nested
    }
    found = {name: [row] if kept else []}
    for key, rows in nested.items():
        inner = model._meta.get_field(key).related_model
        columns = {each.attname for each in inner._meta.concrete_fields}
        found[key] = [
            {each if each in columns else f"{each}_{language}": text for each, text in row.items()}
            for row in rows
        ]
    return found


def _is_many_to_many(model: type[models.Model], name: str) -> bool:
    return name in {each.name for each in model._meta.many_to_many}


def _with_mentions(model: type[Story], version: Version, language: str) -> Version:
    """With the records that its text links to, as publishing adds them."""
    bodies = [
        version.values[each.name]
        for each in comparing.kept_fields(model)
        if isinstance(each, DocumentField)
        and comparing.field_language(each) == language
        and version.values.get(each.name)
    ]
    mentioned = [
        parts for body in bodies for each in references(body).records if (parts := split(each))
    ]
    companions = dict(version.companions)
    for name, kept in companions.items():
        relation = model._meta.get_field(name)
        if relation.many_to_many:
            more = [pk for kind, pk in mentioned if kinds.get(kind) is relation.related_model]
            companions[name] = list(dict.fromkeys([*kept, *more]))
    return replace(version, companions=companions)


# what texts name ---------------------------------------------------------------------------------


class NamesInTexts:
    """The pictures, records and files that documents name, a few queries for all of them."""

    def __init__(self, bodies: Iterable[str]):
        named = [references(body) for body in bodies if body]
        images = {pk for each in named for pk in each.images}
        files = {pk for each in named for pk in each.files}
        self._images = Image.objects.in_bulk(images) if images else {}
        self._files = File.objects.in_bulk(files) if files else {}
        self._records = records(reference for each in named for reference in each.records)

    def picture(self, pk: int) -> Thumbnail | None:
        return comparing.thumbnail(self._images.get(pk))

    def record(self, reference: str) -> str | None:
        record = self._records.get(reference)
        return str(record) if record is not None else None

    def file(self, pk: int) -> str | None:
        file = self._files.get(pk)
        return str(file) if file is not None else None


def _read_moment(text: str | None) -> datetime.datetime | None:
    return parse_datetime(text) if text else None


def _short(text: str, at_most: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= at_most else text[: at_most - 1].rstrip() + "…"
