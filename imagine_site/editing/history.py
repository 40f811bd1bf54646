"""What became of a row: its versions, what changed between any two of them, and the way back.

One page tells it, newest first. Rooms upstairs add what they know of a row (`moments`), what else
is a version of it (`version_by_key`) and what a document in it names (`names_of`).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Page, Paginator
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET
from simple_history.admin import SimpleHistoryAdmin

from imagine_site.documents.comparison import Names
from imagine_site.editing import comparing, versions
from imagine_site.editing.comparing import RelatedRows, Version, moment, person

#: Lines of the history on one page.
PER_PAGE = 50
#: Deleted rows that can be brought back, the last first.
MOST_DELETED = 100
#: What addresses call the row as it is now.
NOW = "now"


@dataclass
class Moment:
    """One line of the history: something somebody did."""

    at: datetime.datetime
    #: Names the mark beside the line: saved, working, published, review, shared, comment.
    kind: str
    what: str
    who: str = ""
    #: The fields that changed, in words.
    changed: list[str] = field(default_factory=list)
    note: str = ""
    state: str = ""
    language: str = ""
    #: Of the version that this made, if it made one.
    version_key: str = ""
    links: list[tuple[str, str]] = field(default_factory=list)
    #: The row of the history that is told, until its page is asked for.
    history_id: int | None = None


@dataclass(frozen=True)
class Restored:
    """What restoring did: what could not come back, and the fields another row has taken."""

    lost: list[str]
    taken: list[str]


class HistoryPages(SimpleHistoryAdmin):
    """The pages on which a row's versions are read, compared and brought back."""

    #: False where more than the row would have to come back, such as files.
    deleted_come_back = True
    change_list_template = "editing/history_changelist.html"

    def get_urls(self):
        wrap = self.admin_site.admin_view
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        urls = [
            path(
                "<path:object_id>/compare/",
                wrap(require_GET(self.compare_view)),
                name=f"{name}_compare",
            )
        ]
        if self.deleted_come_back:
            urls.append(path("deleted/", wrap(self.deleted_view), name=f"{name}_deleted"))
        return [*urls, *super().get_urls()]

    def page_url(self, view: str, *args) -> str:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_{view}"
        return reverse(name, args=args, current_app=self.admin_site.name)

    def changelist_view(self, request, extra_context=None):
        more = {}
        if self.deleted_come_back and self.has_add_permission(request):
            more["deleted_url"] = self.page_url("deleted")
        return super().changelist_view(request, more | (extra_context or {}))

    # -- versions

    def version_by_key(self, pk: Any, row: models.Model | None, key: str) -> Version | None:
        """The version an address means; None where there is none of that name."""
        if key == NOW:
            return self.working_version(row) if row is not None else None
        if not key.startswith("h") or not _is_key(key[1:]):
            return None
        kept = self._history(pk).filter(history_id=int(key[1:])).first()
        return self.kept_version(kept) if kept else None

    def working_version(self, row: models.Model) -> Version:
        return Version(
            key=NOW,
            title=_("As it is now"),
            values=comparing.values_of(row, self.model),
            companions=versions.companions_of(row),
            at=row.updated_at,
            by=person(getattr(row, "edited_by", None)),
        )

    def kept_version(self, kept) -> Version:
        """From a row of the history."""
        return Version(
            key=f"h{kept.history_id}",
            title=_("Version of %(moment)s") % {"moment": moment(kept.history_date)},
            values=comparing.values_of(kept, self.model),
            companions=kept.companions,
            at=kept.history_date,
            by=person(kept.history_user),
            reason=kept.history_change_reason or "",
        )

    def comparable(self, old: Version, new: Version) -> tuple[Version, Version]:
        """Both as they are compared; a room upstairs may put one in the terms of the other."""
        return old, new

    def names_of(self, compared: Iterable[Version]) -> Names:
        """What the documents of versions name."""
        return comparing.NoNames()

    def _history(self, pk: Any) -> models.QuerySet:
        kept = self.model.history.filter(**{self.opts.pk.attname: pk})
        return kept.select_related("history_user")

    def _row_to_look_at(self, request: HttpRequest, object_id: str):
        """Its key and the row, None where it was deleted; the account may look at it."""
        row, pk = None, None
        try:
            pk = self.opts.pk.to_python(unquote(object_id))
            row = self._rows().filter(pk=pk).first()
        except ValidationError:
            pass
        if not self.has_view_or_change_permission(request, row):
            raise PermissionDenied
        if row is None and (pk is None or not self._history(pk).exists()):
            raise Http404
        return pk, row

    def _rows(self) -> models.QuerySet:
        rows = self.model._base_manager.all()
        names = {each.name for each in self.opts.concrete_fields}
        return rows.select_related("edited_by") if "edited_by" in names else rows

    # -- the history

    def history_view(self, request, object_id, extra_context=None):
        """Everything that happened to a row, newest first, by day; any two versions to compare."""
        pk, row = self._row_to_look_at(request, object_id)
        steps = list(
            self.model.history.filter(**{self.opts.pk.attname: pk})
            .order_by("-history_id")
            .values_list("history_id", "history_date", "version", "history_change_reason")
        )
        lines = [
            Moment(at=at, kind="saved", what="", version_key=f"h{key}", history_id=key)
            for key, at, _version, _reason in steps
        ]
        lines += self.moments(request, row, {step[2] for step in steps if step[3]})
        lines.sort(key=lambda line: line.at, reverse=True)
        newest = None
        if row is not None and (not steps or steps[0][2] != row.version):
            newest = steps[0][0] if steps else None
            lines.insert(0, self._unversioned(row, newest))
        page = Paginator(lines, PER_PAGE).get_page(request.GET.get("p"))
        before = {key: steps[i + 1][0] for i, (key, *_rest) in enumerate(steps[:-1])}
        may_restore = row is not None and self.has_change_permission(request, row)
        if newest and page.number == 1:
            self._tell_unversioned(page[0], row, newest)
        self._tell(page, pk, before, may_restore=may_restore)
        keys = [line.version_key for line in page if line.version_key]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "object_id": pk,
            "title": _("History"),
            "subtitle": str(row) if row is not None else _("deleted"),
            "page": page,
            "page_range": page.paginator.get_elided_page_range(page.number),
            "zone": timezone.get_current_timezone_name(),
            "compare_url": self.page_url("compare", pk),
            "change_url": self.page_url("change", pk) if row is not None else "",
            "changelist_url": self.page_url("changelist"),
            "comparable": len(keys) > 1,
            "newer": keys[0] if keys else "",
            "older": keys[1] if len(keys) > 1 else "",
            "first_links": self.first_links(request, row) if row is not None else [],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "editing/history.html", context)

    def moments(
        self, request: HttpRequest, row: models.Model | None, explained: set[int]
    ) -> list[Moment]:
        """What else there is to tell; `explained` are the versions that say themselves why."""
        return []

    def first_links(self, request: HttpRequest, row: models.Model) -> list[tuple[str, str]]:
        """What most come for: label and address of the buttons above the history."""
        return []

    def _unversioned(self, row, newest: int | None) -> Moment:
        """What autosave keeps and no version has yet."""
        return Moment(
            at=row.updated_at,
            kind="working",
            what=_("Working copy, not yet a version"),
            who=person(getattr(row, "edited_by", None)),
            version_key=NOW,
            links=[
                (
                    _("What changed"),
                    f"{self.page_url('compare', row.pk)}?older=h{newest}&newer={NOW}",
                )
            ]
            if newest
            else [],
        )

    def _tell_unversioned(self, line: Moment, row: models.Model, newest: int) -> None:
        """The columns that were typed in since; what stands beside the row is asked for nowhere."""
        kept = self.model.history.get(history_id=newest)
        line.changed = comparing.changed_labels(
            self.model,
            (comparing.values_of(kept, self.model), {}),
            (comparing.values_of(row, self.model), {}),
        )

    def _tell(self, page: Page, pk: Any, before: dict[int, int], *, may_restore: bool) -> None:
        """Fill in the lines of one page that are versions, with one query for all of them."""
        told = [line for line in page if line.history_id]
        wanted = {line.history_id for line in told}
        wanted |= {before[key] for key in wanted if key in before}
        kept = {row.history_id: row for row in self._history(pk).filter(history_id__in=wanted)}
        for line in told:
            row = kept[line.history_id]
            old = kept.get(before.get(line.history_id))
            line.who = person(row.history_user)
            line.note = row.history_change_reason or ""
            line.what = {"+": _("Created"), "-": _("Deleted")}.get(row.history_type, _("Saved"))
            if row.history_type == "-":
                line.kind = "deleted"
            if old is not None and row.history_type == "~":
                line.changed = comparing.changed_labels(
                    self.model,
                    (comparing.values_of(old, self.model), old.companions),
                    (comparing.values_of(row, self.model), row.companions),
                )
                query = f"?older=h{old.history_id}&newer=h{row.history_id}"
                line.links.append((_("What changed"), self.page_url("compare", pk) + query))
            if may_restore:
                line.links.append(
                    (_("Restore"), self.page_url("simple_history", pk, row.history_id))
                )

    # -- two versions

    @staticmethod
    def _asked(request: HttpRequest, name: str) -> str:
        return request.GET.get(name, "")[:24]

    def compare_view(self, request, object_id):
        """`?older=h3&newer=now`: what one says otherwise than the other."""
        pk, row = self._row_to_look_at(request, object_id)
        newest = list(
            self.model.history.filter(**{self.opts.pk.attname: pk})
            .order_by("-history_id")
            .values_list("history_id", "version")[:2]
        )
        if row is not None and newest and newest[0][1] == row.version:
            newest = newest[1:] or newest  # the newest version is the row as it is
        keys = [f"h{key}" for key, _version in newest] or [NOW]
        first, last = (keys[0], NOW) if row is not None else (keys[-1], keys[0])
        old = self.version_by_key(pk, row, self._asked(request, "older") or first)
        new = self.version_by_key(pk, row, self._asked(request, "newer") or last)
        if old is None or new is None:
            raise Http404
        if old.key == NOW or (new.key != NOW and old.at and new.at and old.at > new.at):
            old, new = new, old
        may_restore = row is not None and self.has_change_permission(request, row)
        context = self._page(request, pk, row, _("Comparison")) | {
            "old": old,
            "new": new,
            "differences": self._differences(old, new)[0],
            "restore_old": self.restore_url(pk, old) if may_restore else "",
            "restore_new": self.restore_url(pk, new) if may_restore else "",
        }
        return TemplateResponse(request, "editing/history_compare.html", context)

    def restore_url(self, pk: Any, version: Version) -> str:
        """Where a version is brought back; "" for what is there anyway."""
        if version.key.startswith("h"):
            return self.page_url("simple_history", pk, version.key[1:])
        return ""

    def _differences(self, old: Version, new: Version):
        old, new = self.comparable(old, new)
        names = self.names_of((old, new))
        related = RelatedRows(self.model, (old, new))
        found = comparing.differences(self.model, old, new, names=names, related=related)
        return found, names, related

    def _page(self, request, pk, row, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "title": title,
            "subtitle": str(row) if row is not None else _("deleted"),
            "changelist_url": self.page_url("changelist"),
            "change_url": self.page_url("change", pk) if row is not None else "",
            "history_url": self.page_url("history", pk),
        }

    # -- the way back

    def history_form_view(self, request, object_id, version_id, extra_context=None):
        """What restoring a version would change; and, when it is sent, restores it."""
        pk, row = self._row_to_look_at(request, object_id)
        version = self.version_by_key(pk, row, f"h{version_id}")
        if row is None or version is None:
            raise Http404
        return self.restoring(request, row, version)

    def restoring(self, request: HttpRequest, row: models.Model, version: Version) -> HttpResponse:
        """The page that asks, and what happens when the answer is yes.

        The form carries the version of the row that was compared: over a newer save nothing is
        restored, and the page shows what restoring would change now (409).
        """
        status = 200
        if request.method == "POST":
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            try:
                restored = self.restore(
                    request, row.pk, version, over=request.POST.get(versions.VERSION_INPUT, "")
                )
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                return HttpResponseRedirect(request.path)
            if restored is not None:
                self._say_restored(request, version, restored)
                return HttpResponseRedirect(self.page_url("change", row.pk))
            status = 409
            row = self._rows().get(pk=row.pk)
        now = self.working_version(row)
        found, names, related = self._differences(now, version)
        title = _("Restore the version of %(moment)s") % {
            "moment": moment(version.at) if version.at else version.title
        }
        context = self._page(request, row.pk, row, title) | {
            "version": version,
            "version_input": versions.VERSION_INPUT,
            "row_version": row.version,
            "differences": found,
            "lost": comparing.lost(self.model, version, names=names, related=related),
            "explained": self.restoring_explained(row, version),
            "may_restore": self.has_change_permission(request, row),
            "is_newer": status == 409,
        }
        return TemplateResponse(request, "editing/history_restore.html", context, status=status)

    def restoring_explained(self, row: models.Model, version: Version) -> str:
        """What restoring means for visitors."""
        if not version.values.get("is_public", True):
            return _("That version is not public: visitors will no longer find it.")
        return _("There is no draft of it: visitors see the restored version at once.")

    @transaction.atomic
    def restore(
        self, request: HttpRequest, pk: Any, version: Version, *, over: str
    ) -> Restored | None:
        """Bring a version back as a new one; None where the row is not as it was when compared.

        What no version has yet is kept as one first, so that nothing is lost. Raises
        `ValidationError` where the old values hold no longer.
        """
        row = self.model._base_manager.select_for_update().get(pk=pk)
        if str(row.version) != over:
            return None
        versions.make_version(row, by=getattr(row, "edited_by", None) or request.user)
        restored = self.bring_back(request, row, version)
        self.log_change(request, row, f"Restored {version.key}")
        return restored

    def bring_back(self, request: HttpRequest, row: models.Model, version: Version) -> Restored:
        """Write what a version says into the row, within the transaction that locked it."""
        related = RelatedRows(self.model, (version,))
        missing = comparing.lost(
            self.model, version, names=self.names_of((version,)), related=related
        )
        before = comparing.values_of(row, self.model)
        for each in comparing.kept_fields(self.model):
            if each.name not in version.values:
                continue
            value = version.values[each.name]
            wanted = each.is_relation and value is not None
            if wanted and related.get(each.related_model, value) is None:
                value = None if each.null else before[each.name]
            setattr(row, each.attname, value)
        taken = _give_way(row, lambda column: before[column.name])
        row.validate_constraints()
        self._write(request, row)
        versions.restore_companions(row, version.companions)
        reason = _("Restored the version of %(moment)s") % {
            "moment": moment(version.at) if version.at else version.title
        }
        versions.make_version(row, by=request.user, reason=reason[:100])
        return Restored(missing, taken)

    def _write(self, request: HttpRequest, row: models.Model) -> None:
        """As the form saves it, with all that the room does when its form is saved."""
        request.restores_version = True
        form = self.get_form(request, row, change=True)(instance=row)
        self.save_model(request, row, form, change=True)

    def _say_restored(self, request, version: Version, restored: Restored) -> None:
        said = [
            _("The version of %(moment)s is back.")
            % {"moment": moment(version.at) if version.at else version.title},
            self.restored_explained(),
        ]
        self.message_user(request, " ".join(filter(None, said)), messages.SUCCESS)
        self._say_what_is_missing(request, restored)

    def restored_explained(self) -> str:
        return ""

    def _say_what_is_missing(self, request, restored: Restored) -> None:
        if restored.lost:
            text = _("Deleted since, and therefore not back: %(what)s.")
            messages.warning(request, text % {"what": ", ".join(restored.lost)})
        if restored.taken:
            text = _("Taken by another entry, and therefore left as it was: %(what)s.")
            messages.warning(request, text % {"what": ", ".join(restored.taken)})

    # -- deleted rows

    def delete_model(self, request, obj):
        obj._history_user = request.user
        obj.companions = versions.companions_of(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request, queryset):
        for row in queryset:
            kept = versions.companions_of(row)
            if kept != row.companions:
                self.model._base_manager.filter(pk=row.pk).update(companions=kept)
        super().delete_queryset(request, queryset)

    def deleted_view(self, request):
        """Rows of this kind that were deleted, and the way back for each."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._undelete(request)
        deleted = [
            (kept, str(kept.instance), person(kept.history_user)) for kept in self._deleted()
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Deleted: %(what)s") % {"what": self.opts.verbose_name_plural},
            "deleted": deleted,
            "zone": timezone.get_current_timezone_name(),
            "changelist_url": self.page_url("changelist"),
            "explained": self.undeleting_explained(),
        }
        return TemplateResponse(request, "editing/history_deleted.html", context)

    def undeleting_explained(self) -> str:
        return _("What was public is seen by visitors again at once.")

    def _deleted(self) -> list:
        """The last row of the history of each that is gone."""
        key = self.opts.pk.attname
        gone = (
            self.model.history.filter(history_type="-")
            .exclude(**{f"{key}__in": self.model._base_manager.values("pk")})
            .select_related("history_user")
            .order_by("-history_id")[:MOST_DELETED]
        )
        return list({getattr(kept, key): kept for kept in reversed(gone)}.values())[::-1]

    def _undelete(self, request) -> HttpResponse:
        asked = request.POST.get("history_id", "")
        kept = None
        if _is_key(asked):
            kept = self.model.history.filter(history_type="-", history_id=int(asked)).first()
        if kept is None:
            raise Http404
        pk = getattr(kept, self.opts.pk.attname)
        try:
            with transaction.atomic():
                row, restored = self._bring_back_deleted(request, kept)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(request.path)
        text = _("“%(row)s” is back, under the same number and with its history.")
        self.message_user(request, text % {"row": row}, messages.SUCCESS)
        self._say_what_is_missing(request, restored)
        return HttpResponseRedirect(self.page_url("change", pk))

    def _bring_back_deleted(self, request, kept) -> tuple[models.Model, Restored]:
        pk = getattr(kept, self.opts.pk.attname)
        if self.model._base_manager.filter(pk=pk).exists():
            raise ValidationError(_("It is there already."))
        row = self.model()
        for each in kept.tracked_fields:
            value = getattr(kept, each.attname)
            wanted = each.is_relation and value is not None
            if wanted and not each.related_model._base_manager.filter(pk=value).exists():
                value = None
            setattr(row, each.attname, value)
        companions = kept.companions or next(
            (
                each.companions
                for each in self._history(pk).order_by("-history_id")[:20]
                if each.companions
            ),
            {},
        )
        version = Version(
            key=f"h{kept.history_id}",
            title="",
            values=comparing.values_of(kept, self.model),
            companions=companions,
        )
        missing = comparing.lost(
            self.model,
            version,
            names=self.names_of((version,)),
            related=RelatedRows(self.model, (version,)),
        )
        taken = _give_way(row, partial(_something_else, row))
        row.validate_constraints()
        row._history_user = request.user
        with versions.in_silence(row):
            row.save(force_insert=True)
        self.model._base_manager.filter(pk=pk).update(created_at=kept.created_at)
        versions.restore_companions(row, companions)
        versions.make_version(row, by=request.user, reason=_("Brought back after its deletion"))
        self.log_addition(request, row, f"Brought back from {kept.history_id}")
        return row, Restored(missing, taken)


def _give_way(row: models.Model, instead) -> list[str]:
    """Where another row has by now what only one may have, this one takes `instead(column)`.

    The labels of the columns concerned.
    """
    taken = []
    for columns, is_taken in _unique_groups(row):
        if not is_taken():
            continue
        for column in columns:
            value = instead(column)
            if value != getattr(row, column.attname):
                setattr(row, column.attname, value)
                taken.append(capfirst(comparing.field_label(column)))
    return taken


def _unique_groups(row: models.Model):
    """Columns that no two rows may share, each with a question whether another row has them."""
    model = type(row)
    others = model._base_manager.exclude(pk=row.pk)
    for column in model._meta.concrete_fields:
        if column.unique and not column.primary_key:

            def is_taken(column=column) -> bool:
                value = getattr(row, column.attname)
                return value is not None and others.filter(**{column.name: value}).exists()

            yield [column], is_taken
    for constraint in model._meta.constraints:
        if isinstance(constraint, models.UniqueConstraint) and constraint.fields:

            def is_taken(constraint=constraint) -> bool:
                try:
                    constraint.validate(model, row)
                except ValidationError:
                    return True
                return False

            yield [model._meta.get_field(name) for name in constraint.fields], is_taken


def _something_else(row: models.Model, column: models.Field) -> Any:
    """What a row that comes back has where its own is taken: an address with a number, or nothing.

    Raises `ValidationError` where there has to be something.
    """
    if isinstance(column, models.SlugField):
        wanted, number = getattr(row, column.attname), 2
        others = type(row)._base_manager.exclude(pk=row.pk)
        while others.filter(**{column.name: f"{wanted}-{number}"}).exists():
            number += 1
        return f"{wanted}-{number}"
    if column.null:
        return None
    if column.blank:
        return column.get_default() if column.has_default() else ""
    raise ValidationError(
        _("Another entry has the same by now: %(what)s.") % {"what": comparing.field_label(column)}
    )


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
