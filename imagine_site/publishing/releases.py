"""Several texts that go live together: gathered, given a moment, moved or cancelled as one.

While a release has no moment, it is a list. Giving it one cuts an edition of every text, all in one
transaction or none; moving it moves these editions, with the words they had. Every verb locks the
stories first, in the order of `actions.lock`, and then the release.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from imagine_site.editing.languages import language_name
from imagine_site.publishing import actions, findings
from imagine_site.publishing.models import LANGUAGES, Edition, Event, Release, ReleaseItem, Story
from imagine_site.publishing.moments import NoSuchMoment, as_typed, read_moment
from imagine_site.publishing.newsroom import note_event
from imagine_site.publishing.parts import StoryPart, admin_name, moment


class ReleaseIsOver(Exception):
    """What was released cannot be changed as a release any more."""


class ReleaseChanged(Exception):
    """Somebody put a text in, or took one out, at the same moment; nothing was done."""


class NothingToRelease(Exception):
    """There is no text in the release."""


class InAnotherRelease(Exception):
    """A text waits in one release only; `item` says in which."""

    def __init__(self, item: ReleaseItem):
        self.item = item
        super().__init__(str(item.release))


# -- reading ----------------------------------------------------------------------------------


def open_releases(*, at: datetime.datetime | None = None) -> QuerySet[Release]:
    """Those that have no moment yet, or one to come."""
    at = at or timezone.now()
    return Release.objects.filter(Q(at=None) | Q(at__gt=at)).order_by("name", "pk")


def is_open(release: Release, *, at: datetime.datetime | None = None) -> bool:
    """The same rule as `open_releases`."""
    return release.at is None or release.at > (at or timezone.now())


def waiting_items(story: Story) -> QuerySet[ReleaseItem]:
    """The languages of a story that wait in a release."""
    return (
        ReleaseItem.objects.of(story)
        .filter(Q(release__at=None) | Q(release__at__gt=timezone.now()))
        .select_related("release")
        .order_by("language")
    )


def _open_releases_around(story: Story | None) -> QuerySet[Release]:
    """All that are open; `holds` says which of them, if any, the story waits in."""
    items = ReleaseItem.objects.none()
    if story is not None:
        items = ReleaseItem.objects.of(story).filter(release=OuterRef("pk"))
    return open_releases().annotate(holds=Exists(items))


@dataclass(frozen=True)
class Line:
    """One text of a release as its page shows it."""

    item: ReleaseItem
    story: Story
    title: str
    language: str
    edition: Edition | None
    state: str
    label: str
    changed: bool
    findings: Sequence[findings.Finding]

    @property
    def url(self) -> str:
        return reverse(admin_name(type(self.story), "change"), args=[self.story.pk])


def lines(release: Release) -> list[Line]:
    """The texts of a release, those of one story together."""
    now = timezone.now()
    found = []
    for item in release.items.prefetch_related("story").order_by("story_type", "story_id", "pk"):
        story = item.story
        if story is None:
            continue
        edition = _edition_of(item)
        state, label = _state(edition, now)
        waits = is_open(release, at=now)
        found.append(
            Line(
                item=item,
                story=story,
                title=story.text("title", item.language) or str(story),
                language=capfirst(language_name(item.language)),
                edition=edition,
                state=state,
                label=label,
                changed=state == "scheduled" and _has_changed(story, edition),
                findings=findings.inspect(story, item.language) if waits else [],
            )
        )
    return found


def _has_changed(story: Story, edition: Edition | None) -> bool:
    """Whether the working copy says something else by now than what is scheduled."""
    return (
        edition is not None
        and edition.story_version != story.version
        and story.differs_from(edition)
    )


def _edition_of(item: ReleaseItem) -> Edition | None:
    if item.edition_number is None:
        return None
    editions = item.story.editions.in_language(item.language)
    edition = editions.filter(number=item.edition_number).first()
    if edition and edition.live_until == edition.live_from:
        # Cut again from the form of the text, for the same moment: that one it is.
        return editions.scheduled().filter(live_from=item.release.at).first() or edition
    return edition


def _state(edition: Edition | None, now: datetime.datetime) -> tuple[str, str]:
    if edition is None:
        return "draft", _("waits for the moment")
    if edition.is_scheduled(at=now):
        return "scheduled", _("scheduled")
    if edition.is_live(at=now):
        return "live", _("live")
    if edition.was_ever_live(at=now):
        return "withdrawn", _("was live")
    return "withdrawn", _("no longer scheduled")


# -- verbs ------------------------------------------------------------------------------------


def _hold(release: Release) -> tuple[Release, list[ReleaseItem]]:
    """Lock the stories of a release and then itself; its items, with the locked stories."""
    items = list(release.items.prefetch_related("story").order_by("story_type", "story_id", "pk"))
    there = [item for item in items if item.story is not None]
    stories = actions.lock([item.story for item in there])
    held = Release.objects.select_for_update().get(pk=release.pk)
    if not is_open(held):
        raise ReleaseIsOver
    if set(held.items.values_list("pk", flat=True)) != {item.pk for item in items}:
        raise ReleaseChanged
    for item in there:
        item.story = stories[item.story._meta.label_lower, item.story_id]
    return held, there


@transaction.atomic
def join(
    release: Release, story: Story, *, by: AbstractBaseUser, languages: Iterable[str] = LANGUAGES
) -> list[ReleaseItem]:
    """Put languages of a story into a release; where it has a moment, they are scheduled at once.

    Raises `InAnotherRelease`, `ReleaseIsOver`, or `NothingPublished` with the findings that block.
    """
    (story,) = actions.lock([story]).values()
    held = Release.objects.select_for_update().get(pk=release.pk)
    if not is_open(held):
        raise ReleaseIsOver
    waiting = {item.language: item for item in waiting_items(story)}
    new = []
    for language in languages:
        if item := waiting.get(language):
            if item.release_id != held.pk:
                raise InAnotherRelease(item)
            continue
        new.append(ReleaseItem(release=held, story=story, language=language, added_by=by))
    for item in new:
        item.save()
        note_event(story, Event.Kind.RELEASE_JOINED, by=by, language=item.language, **_named(held))
    if new and held.at:
        _cut(held, new, by=by, at=held.at)
    return new


def _named(release: Release) -> dict:
    return {"release": release.pk, "release_name": release.name}


def _cut(release: Release, items: list[ReleaseItem], *, by, at) -> None:
    editions = actions.publish_together(
        [(item.story, item.language) for item in items],
        by=by,
        at=at,
        until=actions.AS_PLANNED,
        **_named(release),
    )
    for item, edition in zip(items, editions, strict=True):
        item.edition_number = edition.number
        item.save(update_fields=["edition_number"])


@transaction.atomic
def leave(item: ReleaseItem, *, by: AbstractBaseUser) -> None:
    """Take a text out of a release; what was scheduled for it is cancelled."""
    held, items = _hold(item.release)
    for each in items:
        if each.pk != item.pk:
            continue
        edition = _edition_of(each)
        if edition and edition.is_scheduled():
            actions.unschedule(each.story, language=each.language, by=by)
        note_event(
            each.story, Event.Kind.RELEASE_LEFT, by=by, language=each.language, **_named(held)
        )
        each.delete()


@transaction.atomic
def schedule(
    release: Release, *, by: AbstractBaseUser, at: datetime.datetime | None = None
) -> Release:
    """Let all texts of a release go live at a moment, now unless given; also to move it.

    What is scheduled keeps its words; the other texts are taken as they are saved. All or nothing:
    raises `NothingPublished` with the findings of every text that blocks, `NothingToRelease`,
    `ReleaseIsOver` or `ReleaseChanged`.
    """
    held, items = _hold(release)
    if not items:
        raise NothingToRelease
    now = timezone.now()
    at = max(at, now) if at else now
    editions = {item.pk: _edition_of(item) for item in items}
    cut = [item for item in items if (e := editions[item.pk]) and e.is_scheduled(at=now)]
    new = [item for item in items if item not in cut]
    blocking = [
        (item.story, item.language, late)
        for item in cut
        if (late := list(actions.too_late(editions[item.pk].live_until, at)))
    ]
    try:
        with transaction.atomic():
            _cut(held, new, by=by, at=at)
    except actions.NothingPublished as refusal:
        blocking += refusal.blocking
    if blocking:
        raise actions.NothingPublished(blocking)
    for item in cut:
        if editions[item.pk].live_from != at:
            moved = actions.move(editions[item.pk], by=by, at=at, **_named(held))
            item.edition_number = moved.number
            item.save(update_fields=["edition_number"])
    held.at = at
    held.save(update_fields=["at"])
    return held


@transaction.atomic
def cancel(release: Release, *, by: AbstractBaseUser) -> Release:
    """Take the moment away; the texts stay together and wait for another."""
    held, items = _hold(release)
    for item in items:
        edition = _edition_of(item)
        if edition and edition.is_scheduled():
            actions.unschedule(item.story, language=item.language, by=by)
        item.edition_number = None
        item.save(update_fields=["edition_number"])
    held.at = None
    held.save(update_fields=["at"])
    return held


@transaction.atomic
def update(release: Release, *, by: AbstractBaseUser, item_pk: int | None = None) -> int:
    """Schedule texts as they are saved now, at the release's moment: one, or all that changed or
    are no longer scheduled. Returns how many. Raises `NothingPublished`."""
    held, items = _hold(release)
    if held.at is None:
        return 0
    stale = [
        item
        for item in items
        if (item_pk is None or item.pk == item_pk)
        and (
            (edition := _edition_of(item)) is None
            or not edition.is_scheduled()
            or _has_changed(item.story, edition)
        )
    ]
    if stale:
        _cut(held, stale, by=by, at=held.at)
    return len(stale)


# -- in the form of a story, and in the lists --------------------------------------------------


def _blocked(refusal: actions.NothingPublished) -> str:
    """Every finding that blocks, with its text and language, as a list."""
    return format_html(
        "<ul>{}</ul>",
        format_html_join(
            "",
            "<li>{} ({}): {}</li>",
            (
                (
                    story.text("title", language) or str(story),
                    language_name(language),
                    " ".join(str(finding.message) for finding in found),
                )
                for story, language, found in refusal.blocking
            ),
        ),
    )


def chosen_release(request: HttpRequest) -> Release | None:
    """The open release that a form chose, or a new one that it names; None: neither."""
    chosen = request.POST.get("release", "")
    if chosen.isdecimal():
        return open_releases().filter(pk=chosen).first()
    name = " ".join(request.POST.get("release_name", "").split())[:150]
    if not name:
        return None
    return Release.objects.create(name=name, made_by=request.user)


class Releases(StoryPart):
    """Putting a text into a release, from its form and from the list."""

    actions = ["put_into_release"]

    def has_release_permission(self, request: HttpRequest) -> bool:
        return self.has_publish_permission(request) and request.user.has_perm(
            "publishing.change_release"
        )

    def _release(self, request, story) -> dict:
        """What the panel of publication says of releases."""
        found = list(_open_releases_around(story))
        mine = next((release for release in found if release.holds), None)
        may = self.has_release_permission(request)
        return {
            "release": mine,
            "may": may,
            "choices": found if may and not mine else [],
            "url": reverse("admin:publishing_release_change", args=[mine.pk])
            if mine and request.user.has_perm("publishing.view_release")
            else "",
        }

    def response_add(self, request, obj, post_url_continue=None):
        return self._in_release(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request, obj):
        return self._in_release(request, obj) or super().response_change(request, obj)

    def _in_release(self, request, obj):
        """Carry out what a button asked for; the story itself is already saved."""
        asked = request.POST.get("_release")
        if not asked:
            return None
        if asked not in ("join", "leave") or not self.has_release_permission(request):
            raise PermissionDenied
        if asked == "leave":
            try:
                for item in waiting_items(obj):
                    leave(item, by=request.user)
            except (ReleaseIsOver, ReleaseChanged):
                text = _("The release has changed meanwhile. Nothing was done.")
                self.message_user(request, text, messages.ERROR)
            else:
                self.message_user(request, _("Taken out of the release."), messages.SUCCESS)
        else:
            self._join(request, [obj])
        return self.to_the_form(obj)

    def to_the_form(self, story) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse(admin_name(self.model, "change"), args=[story.pk]))

    def _join(self, request, stories: Iterable[Story]) -> Release | None:
        """All the stories into the release that the form chose, or none of them."""
        try:
            with transaction.atomic():
                release = chosen_release(request)
                if release is None:
                    self.message_user(
                        request, _("Choose a release, or give a new one a name."), messages.ERROR
                    )
                    return None
                locked = actions.lock(stories)
                for key in locked:
                    story = locked[key]
                    written = [code for code in LANGUAGES if story.is_written(code)]
                    join(release, story, by=request.user, languages=written or LANGUAGES)
        except InAnotherRelease as error:
            text = _("“%(title)s” is in the release “%(release)s” already. Nothing was done.")
            said = {"title": error.item.story, "release": error.item.release}
            self.message_user(request, text % said, messages.ERROR)
        except ReleaseIsOver:
            text = _("This release is over. Nothing was done.")
            self.message_user(request, text, messages.ERROR)
        except actions.NothingPublished as refusal:
            text = _("Not put into the release, which has its moment already:")
            said = format_html("{}{}", text, _blocked(refusal))
            self.message_user(request, said, messages.ERROR)
        else:
            self.message_user(
                request,
                format_html(
                    '{} <a href="{}">{}</a>',
                    _("In the release:"),
                    reverse("admin:publishing_release_change", args=[release.pk]),
                    release,
                ),
                messages.SUCCESS,
            )
            return release
        return None

    @admin.action(description=gettext_lazy("Release together…"), permissions=["release"])
    def put_into_release(self, request, queryset):
        """The texts chosen in the list; which release is asked on a page between."""
        if "_release" in request.POST:
            release = self._join(request, list(queryset))
            if release is None:
                return None
            return HttpResponseRedirect(
                reverse("admin:publishing_release_change", args=[release.pk])
            )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Release together"),
            "stories": queryset,
            "releases": list(open_releases()),
            "zone": timezone.get_current_timezone_name(),
        }
        return TemplateResponse(request, "publishing/release_choose.html", context)


# -- the admin of releases --------------------------------------------------------------------


class OpenFilter(admin.SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [("open", _("to come")), ("over", _("released"))]

    def queryset(self, request, queryset):
        coming = Q(at=None) | Q(at__gt=timezone.now())
        match self.value():
            case "open":
                return queryset.filter(coming)
            case "over":
                return queryset.exclude(coming)
        return queryset


class ReleaseAdmin(admin.ModelAdmin):
    """The page of a release: its texts with their states, its moment, and what was done with it."""

    change_form_template = "publishing/release.html"
    list_display = ["name", "state", "texts", "made_by"]
    list_filter = [OpenFilter]
    list_select_related = ["made_by"]
    search_fields = ["name", "note"]
    fields = ["name", "note"]
    view_on_site = False

    class Media:
        css = {"all": ["editing/admin.css", "publishing/releases.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(count=Count("items")).order_by("-at", "-pk")

    @admin.display(description=gettext_lazy("state"), ordering="at")
    def state(self, release) -> str:
        if release.at is None:
            return _("no moment yet")
        word = _("to come") if is_open(release) else _("released")
        return format_html("{} <small>{}</small>", word, moment(release.at))

    @admin.display(description=gettext_lazy("texts"), ordering="count")
    def texts(self, release) -> int:
        return release.count

    # -- what may be done

    def has_change_permission(self, request, obj=None):
        """What was released stays as it is."""
        return super().has_change_permission(request, obj) and (obj is None or is_open(obj))

    def has_delete_permission(self, request, obj=None):
        """Only what has no moment: what is scheduled is cancelled first, what is over stays."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.at is None)

    def get_deleted_objects(self, objs, request):
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        protected += [str(release) for release in objs if release.at is not None]
        return to_delete, counts, perms_needed, protected

    def _may_publish_all(self, request, release) -> bool:
        kinds = {type(item.story) for item in release.items.prefetch_related("story") if item.story}
        return all(
            request.user.has_perm(f"{kind._meta.app_label}.publish_{kind._meta.model_name}")
            for kind in kinds
        )

    # -- the page

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["lines"], context["events"] = [], []
        if obj is not None:
            context["lines"] = lines(obj)
            events = Event.objects.filter(data__release=obj.pk).order_by("-at", "-pk")
            context["events"] = events[:100]
        may = obj is not None and self.has_change_permission(request, obj)
        context |= {
            "is_open": obj is not None and is_open(obj),
            "may_release": may and self._may_publish_all(request, obj),
            "stale": any(line.changed or line.state == "withdrawn" for line in context["lines"]),
            "release_at": request.POST.get("release_at", as_typed(obj.at) if obj else ""),
            "moment": moment(obj.at) if obj and obj.at else "",
            "zone": timezone.get_current_timezone_name(),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request, obj, form, change):
        if not change:
            obj.made_by = request.user
        elif form.has_changed():
            items = obj.items.prefetch_related("story")
            actions.lock([item.story for item in items if item.story])  # before the release's row
        else:
            return
        super().save_model(request, obj, form, change)

    def response_change(self, request, obj):
        return self._released(request, obj) or super().response_change(request, obj)

    def _released(self, request, release):
        """Carry out what a button asked for; name and note are already saved."""
        verbs = {
            "_schedule": self._do_schedule,
            "_now": self._do_release_now,
            "_cancel": self._do_cancel,
            "_update": self._do_update,
            "_remove": self._do_remove,
        }
        asked = next((name for name in verbs if name in request.POST), None)
        if asked is None:
            return None
        if not self._may_publish_all(request, release):
            raise PermissionDenied
        level, said = messages.SUCCESS, ""
        try:
            with transaction.atomic():
                said = verbs[asked](request, release)
        except NoSuchMoment as error:
            level, said = messages.ERROR, str(error)
        except actions.NothingPublished as refusal:
            level = messages.ERROR
            text = _("Nothing was published or scheduled. To be put right first:")
            said = format_html("{}{}", text, _blocked(refusal))
        except NothingToRelease:
            level, said = messages.ERROR, _("There is no text in this release yet.")
        except ReleaseIsOver:
            level, said = messages.ERROR, _("This release is over. Nothing was done.")
        except ReleaseChanged:
            level = messages.ERROR
            said = _("A colleague changed the list at this moment. Look at it, and try again.")
        self.message_user(request, said, level)
        url = reverse("admin:publishing_release_change", args=[release.pk])
        return HttpResponseRedirect(url)

    def _do_schedule(self, request, release) -> str:
        at, remark = read_moment(request.POST.get("release_at", ""))
        if at is None:
            raise NoSuchMoment(_("Say when."))
        if at <= timezone.now():
            raise NoSuchMoment(_("That moment has passed."))
        schedule(release, by=request.user, at=at)
        said = _("All texts go live on %(moment)s.") % {"moment": moment(at)}
        return f"{said} {remark}".strip()

    def _do_release_now(self, request, release) -> str:
        schedule(release, by=request.user)
        return _("Released: all texts are live.")

    def _do_cancel(self, request, release) -> str:
        cancel(release, by=request.user)
        return _("Cancelled: nothing of it is scheduled any more.")

    def _do_update(self, request, release) -> str:
        chosen = request.POST["_update"]
        if chosen != "all" and not chosen.isdecimal():
            raise PermissionDenied
        count = update(
            release, by=request.user, item_pk=int(chosen) if chosen.isdecimal() else None
        )
        return ngettext(
            "%(count)d text is scheduled as it is now.",
            "%(count)d texts are scheduled as they are now.",
            count,
        ) % {"count": count}

    def _do_remove(self, request, release) -> str:
        chosen = request.POST["_remove"]
        item = release.items.filter(pk=chosen).first() if chosen.isdecimal() else None
        if item is None:
            return _("It is no longer in this release.")
        leave(item, by=request.user)
        return _("Taken out of the release.")
