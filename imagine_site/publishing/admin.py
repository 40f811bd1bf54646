"""The base of the admin of every story: its states in the list, publishing in its form."""

from __future__ import annotations

import datetime

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Prefetch
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from imagine_site.editing.admin import VersionedAdmin, VersionedForm, in_its_language
from imagine_site.editing.fields import DocumentField
from imagine_site.editing.languages import language_name
from imagine_site.publishing import actions, findings
from imagine_site.publishing.editor import document_formfield
from imagine_site.publishing.editor_views import get_editor_urls
from imagine_site.publishing.models import LANGUAGES, Edition
from imagine_site.publishing.status import LABELS, Status, status

#: What the buttons of the form ask for, one at a time.
VERBS = ("publish", "withdraw", "unschedule")


class StateFilter(admin.SimpleListFilter):
    """Live, scheduled or draft in any language (a draft has nothing public at all)."""

    title = gettext_lazy("status")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [(state, LABELS[state]) for state in ("live", "scheduled", "draft", "withdrawn")]

    def queryset(self, request, queryset):
        editions = queryset.model._meta.get_field("editions").related_model.objects
        mine = editions.filter(story=OuterRef("pk"))
        live, scheduled, ever = (
            Exists(mine.filter(pk__in=chosen.values("pk")))
            for chosen in (editions.live(), editions.scheduled(), editions.ever_live())
        )
        match self.value():
            case "live":
                return queryset.filter(live)
            case "scheduled":
                return queryset.filter(scheduled)
            case "draft":
                return queryset.filter(~live, ~scheduled, ~ever)
            case "withdrawn":
                return queryset.filter(~live, ~scheduled, ever)
        return queryset


class LanguageFilter(admin.SimpleListFilter):
    """Stories that have a text in a language, or lack one."""

    title = gettext_lazy("language")
    parameter_name = "written"

    def lookups(self, request, model_admin):
        for code in LANGUAGES:
            yield code, _("written in %(language)s") % {"language": language_name(code)}
            yield f"no-{code}", _("not in %(language)s") % {"language": language_name(code)}

    def queryset(self, request, queryset):
        value = self.value() or ""
        code = value.removeprefix("no-")
        if code not in LANGUAGES:
            return queryset
        empty = {f"title_{code}": ""}
        return queryset.filter(**empty) if value.startswith("no-") else queryset.exclude(**empty)


def typed_moment(data) -> datetime.datetime | None:
    """When to publish, as the form's `publish_at` says (the site's time zone); None: now.

    Raises `ValueError` with what was typed when it is no date and time.
    """
    typed = data.get("publish_at", "").strip()
    if not typed:
        return None
    try:
        at = parse_datetime(typed)
    except ValueError:
        at = None
    if at is None:
        raise ValueError(typed)
    return timezone.make_aware(at) if timezone.is_naive(at) else at


class StoryForm(VersionedForm):
    """What was typed for the moment of publishing is checked with the rest of the form."""

    def clean(self):
        cleaned = super().clean()
        try:
            at = typed_moment(self.data)
        except ValueError as error:
            self.add_error(None, _("“%(typed)s” is no date and time.") % {"typed": error})
        else:
            if at and at <= timezone.now() and "_publish" in self.data:
                self.add_error(
                    None, _("The moment of publishing has passed. Leave it empty to publish now.")
                )
        return cleaned


class StoryAdmin(VersionedAdmin):
    """Lists with states; a form whose buttons publish, schedule and withdraw by language."""

    form = StoryForm
    change_form_template = "publishing/change_form.html"
    list_filter = [StateFilter, LanguageFilter]
    search_fields = ["title_en", "title_fr", "summary_en", "summary_fr", "slug_en", "slug_fr"]
    list_per_page = 50
    show_full_result_count = False
    #: A working copy is at no address; the form links to what is live.
    view_on_site = False

    # -- lists

    def get_queryset(self, request):
        editions = self.model._meta.get_field("editions").related_model.objects
        return (
            super()
            .get_queryset(request)
            .select_related("edited_by")
            .prefetch_related(
                Prefetch(
                    "editions",
                    queryset=editions.defer("html", "text").order_by("-live_from", "-pk"),
                    to_attr="fetched_editions",
                )
            )
        )

    def status_of(self, story, language: str) -> Status:
        editions = getattr(story, "fetched_editions", None)
        if editions is None:
            editions = list(story.editions.all())
        return status(story, language, editions)

    @admin.display(description=gettext_lazy("title"), ordering="title_en")
    def headline(self, story) -> str:
        return str(story)

    @admin.display(description=gettext_lazy("English"))
    def state_en(self, story) -> str:
        return self._state(story, "en")

    @admin.display(description=gettext_lazy("French"))
    def state_fr(self, story) -> str:
        return self._state(story, "fr")

    def _state(self, story, language: str) -> str:
        now = self.status_of(story, language)
        when = now.scheduled.live_from if now.scheduled else None
        return format_html(
            '<span class="state state--{}">{}</span>{}',
            now.state,
            now.label,
            format_html(" <small>{}</small>", moment(when)) if when else "",
        )

    # -- the form

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if isinstance(db_field, DocumentField):
            return in_its_language(document_formfield(db_field, **kwargs), db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_publish_permission(self, request) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    def get_urls(self):
        info = (self.opts.app_label, self.opts.model_name)
        mine = [
            path(
                "<int:pk>/editions/",
                self.admin_site.admin_view(self.editions_view),
                name="{}_{}_editions".format(*info),
            ),
            path(
                "<int:pk>/editions/<int:edition_pk>/restore/",
                self.admin_site.admin_view(require_POST(self.restore_view)),
                name="{}_{}_restore".format(*info),
            ),
        ]
        return [*mine, *get_editor_urls(self.admin_site), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        may_publish = self.has_publish_permission(request)
        typed = request.POST.get("publish_at", "")
        context["publication"] = {
            "may_publish": may_publish,
            "publish_at": typed,
            "zone": timezone.get_current_timezone_name(),
            "languages": [self._publication(obj, language) for language in LANGUAGES],
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _publication(self, story, language: str) -> dict:
        name = capfirst(language_name(language))
        if story is None or story.pk is None:
            return {"code": language, "name": name, "status": None, "findings": [], "address": ""}
        stored = type(story)._base_manager.get(pk=story.pk)
        now = status(stored, language, list(stored.editions.all()))
        return {
            "code": language,
            "name": name,
            "status": now,
            "findings": findings.inspect(stored, language) if stored.is_written(language) else [],
            "address": now.live.get_absolute_url() if now.live else "",
        }

    def save_model(self, request, obj, form, change):
        if self.changes_something(request, form, change):
            obj.edited_by = request.user
        super().save_model(request, obj, form, change)

    def response_add(self, request, obj, post_url_continue=None):
        return self._published(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request, obj):
        return self._published(request, obj) or super().response_change(request, obj)

    def _published(self, request, obj):
        """Carry out what a publishing button asked for; the story itself is already saved."""
        asked = {
            verb: request.POST.get(f"_{verb}") for verb in ("publish", "withdraw", "unschedule")
        }
        verb, value = next(((v, value) for v, value in asked.items() if value), (None, None))
        if verb is None:
            return None
        if not self.has_publish_permission(request):
            raise PermissionDenied
        languages = LANGUAGES if value == "all" else (value,)
        if any(language not in LANGUAGES for language in languages):
            raise PermissionDenied
        for language in languages:
            getattr(self, f"_do_{verb}")(request, obj, language)
        info = (self.admin_site.name, self.opts.app_label, self.opts.model_name)
        return HttpResponseRedirect(reverse("{}:{}_{}_change".format(*info), args=[obj.pk]))

    def _do_publish(self, request, obj, language: str) -> None:
        name = language_name(language)
        try:
            edition = actions.publish(
                obj, language=language, by=request.user, at=typed_moment(request.POST)
            )
        except findings.NotPublishable as refusal:
            self.message_user(
                request,
                format_html(
                    "{}<ul>{}</ul>",
                    _("Saved, but not published in %(language)s:") % {"language": name},
                    format_html_join("", "<li>{}</li>", ((f.message,) for f in refusal.findings)),
                ),
                messages.ERROR,
            )
            return
        if edition.is_scheduled():
            text = _("%(language)s: goes live on %(moment)s.") % {
                "language": capfirst(name),
                "moment": moment(edition.live_from),
            }
            self.message_user(request, text, messages.SUCCESS)
        else:
            self.message_user(
                request,
                format_html(
                    '{} <a href="{}">{}</a>',
                    _("%(language)s: published.") % {"language": capfirst(name)},
                    edition.get_absolute_url(),
                    _("See it on the site"),
                ),
                messages.SUCCESS,
            )
        self.log_change(request, obj, f"Published edition {edition.number} ({language})")

    def _do_withdraw(self, request, obj, language: str) -> None:
        ended = actions.withdraw(obj, language=language, by=request.user)
        text = (
            _("%(language)s: withdrawn. Its address now says that the text is gone.")
            if ended
            else _("%(language)s: nothing was public.")
        )
        text %= {"language": capfirst(language_name(language))}
        self.message_user(request, text, messages.SUCCESS)
        if ended:
            self.log_change(request, obj, f"Withdrawn ({language})")

    def _do_unschedule(self, request, obj, language: str) -> None:
        cancelled = actions.unschedule(obj, language=language, by=request.user)
        text = (
            _("%(language)s: no longer scheduled.")
            if cancelled
            else _("%(language)s: nothing was scheduled.")
        )
        text %= {"language": capfirst(language_name(language))}
        self.message_user(request, text, messages.SUCCESS)
        if cancelled:
            self.log_change(request, obj, f"Unscheduled ({language})")

    # -- editions

    def editions_view(self, request, pk: int):
        """Every version that was ever public, with the words that each changed."""
        story = get_object_or_404(self.model, pk=pk)
        if not self.has_view_or_change_permission(request, story):
            raise PermissionDenied
        editions = list(
            story.editions.select_related("published_by").order_by("-published_at", "-pk")
        )
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": story,
            "title": _("Published versions"),
            "subtitle": str(story),
            "editions": [(edition, edition_state(edition)) for edition in editions],
            "may_restore": self.has_change_permission(request, story),
        }
        return TemplateResponse(request, "publishing/editions.html", context)

    def restore_view(self, request, pk: int, edition_pk: int):
        story = get_object_or_404(self.model, pk=pk)
        if not self.has_change_permission(request, story):
            raise PermissionDenied
        edition = get_object_or_404(story.editions, pk=edition_pk)
        actions.restore(edition, by=request.user)
        self.log_change(request, story, f"Restored edition {edition.number} ({edition.language})")
        self.message_user(
            request,
            _(
                "Version %(number)s is back in the working copy. "
                "Visitors still read what is live; publish to change that."
            )
            % {"number": edition.number},
            messages.SUCCESS,
        )
        info = (self.admin_site.name, self.opts.app_label, self.opts.model_name)
        return HttpResponseRedirect(reverse("{}:{}_{}_change".format(*info), args=[pk]))


def moment(at) -> str:
    """A date and time with its zone: times are the institute's, not the editor's machine's."""
    local = timezone.localtime(at)
    return f"{date_format(local, 'DATETIME_FORMAT')} ({timezone.get_current_timezone_name()})"


def edition_state(edition: Edition) -> str:
    """One word for the list of editions."""
    if edition.is_live():
        return _("live")
    if edition.is_scheduled():
        return _("scheduled")
    return _("ended") if edition.was_ever_live() else _("cancelled")
