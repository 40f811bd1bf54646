"""Publishing from the form of a story: now or at a moment, until a moment, by language or both.

What is typed is always saved first. Both languages are published together or not at all. What the
checks warn of is asked about once; the answer and its note stand in the journal.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from js_asset import Script

from imagine_site.editing.admin import VersionedForm
from imagine_site.editing.languages import language_name
from imagine_site.publishing import actions, findings
from imagine_site.publishing.checks import have_at_hand
from imagine_site.publishing.models import LANGUAGES, Edition
from imagine_site.publishing.moments import NoSuchMoment, as_typed, read_moment
from imagine_site.publishing.parts import admin_name, moment
from imagine_site.publishing.releases import Releases
from imagine_site.publishing.status import Status, status

#: What the buttons of the form ask for, one at a time; the value says the language, or `all`.
VERBS = ("publish", "update", "end", "keep", "withdraw", "unschedule")
#: Those that read the moments in the form.
_WITH_MOMENTS = ("_publish", "_end")


@dataclass(frozen=True)
class Plan:
    """From when and until when, as typed in a form; `remarks` are for the editor to read."""

    at: datetime.datetime | None = None
    #: A moment, None for no end, or `actions.AS_PLANNED`.
    until: datetime.datetime | object | None = actions.AS_PLANNED
    remarks: tuple[str, ...] = ()

    @classmethod
    def read(cls, data) -> Plan:
        """Raises `NoSuchMoment` with a sentence."""
        at, about_at = read_moment(data.get("publish_at", ""))
        until, about_until = read_moment(data.get("withdraw_at", ""), to_appear=False)
        now = timezone.now()
        if at and at <= now:
            raise NoSuchMoment(
                _("The moment of publishing has passed. Leave it empty to publish now.")
            )
        if until and until <= (at or now):
            raise NoSuchMoment(_("The moment of withdrawing comes before that of publishing."))
        if until is None and not data.get("withdraw_was"):
            # Nothing was shown and nothing typed; an end that was cleared is no longer wanted.
            until = actions.AS_PLANNED
        return cls(at, until, tuple(filter(None, (about_at, about_until))))


class StoryForm(VersionedForm):
    """What was typed for the moments of publishing is checked with the rest of the form."""

    def clean(self):
        cleaned = super().clean()
        wanted = any(name in self.data for name in _WITH_MOMENTS)
        if wanted or self.data.get("_review") == "approve-publish":
            try:
                Plan.read(self.data)
            except NoSuchMoment as error:
                self.add_error(None, str(error))
        return cleaned


@dataclass(frozen=True)
class LanguageState:
    """One language of a story in the panel."""

    code: str
    name: str
    status: Status | None = None
    written: bool = False
    ends: datetime.datetime | None = None
    changed_since: bool = False
    findings: Sequence[findings.Finding] = ()

    @property
    def in_a_sentence(self) -> str:
        return language_name(self.code)

    @property
    def warnings(self) -> list[findings.Finding]:
        return [finding for finding in self.findings if not finding.blocks]

    @property
    def live(self) -> Edition | None:
        return self.status.live if self.status else None

    @property
    def scheduled(self) -> Edition | None:
        return self.status.scheduled if self.status else None

    @property
    def address(self) -> str:
        return self.live.get_absolute_url() if self.live else ""


class Publication(Releases):
    """The panel that says what visitors read, and its buttons."""

    form = StoryForm

    class Media:
        css = {"all": ["publishing/publication.css"]}
        js = [Script("publishing/publication.js", type="module")]

    def story_urls(self):
        return [
            self.story_path("<int:pk>/publish/", self.publish_view, "publish"),
            *super().story_urls(),
        ]

    # -- the panel

    def panels(self, request, story):
        languages = self._languages(story)
        starts = {each.scheduled.live_from for each in languages if each.scheduled}
        ends = {each.ends for each in languages if each.ends}
        at, until = (moments.pop() if len(moments) == 1 else None for moments in (starts, ends))
        written = [each for each in languages if each.written]
        return super().panels(request, story) | {
            "publication": {
                "may_publish": self.has_publish_permission(request),
                "publish_at": request.POST.get("publish_at", as_typed(at)),
                "withdraw_at": request.POST.get("withdraw_at", as_typed(until)),
                "withdraw_was": request.POST.get("withdraw_was", as_typed(until)),
                "planned": bool(at or until or request.POST.get("publish_at")),
                "zone": timezone.get_current_timezone_name(),
                "languages": languages,
                # One that is not written yet is left out of "both" by itself.
                "both": len(written) != 1,
                "only": written[0] if len(written) == 1 else None,
                "any_live": any(each.live for each in languages),
                "warns": any(each.warnings for each in written),
                "note": request.POST.get("publish_note", ""),
                "release": self._release(request, story),
            }
        }

    def _languages(self, story) -> list[LanguageState]:
        if story is None:
            return [LanguageState(code, capfirst(language_name(code))) for code in LANGUAGES]
        editions = list(story.editions.defer("html", "html_later", "text"))
        have_at_hand(story, editions)
        return [self._language(story, code, editions) for code in LANGUAGES]

    def _language(self, story, language: str, editions: list[Edition]) -> LanguageState:
        now = status(story, language, editions)
        last = actions.last_to_come(
            (each for each in editions if each.language == language), at=timezone.now()
        )
        scheduled, written = now.scheduled, story.is_written(language)
        return LanguageState(
            code=language,
            name=capfirst(language_name(language)),
            status=now,
            written=written,
            ends=last.live_until if last else None,
            changed_since=scheduled is not None
            and scheduled.story_version != story.version
            and story.differs_from(scheduled),
            findings=findings.inspect(story, language) if written else (),
        )

    # -- the buttons

    def response_add(self, request, obj, post_url_continue=None):
        return self._published(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request, obj):
        return self._published(request, obj) or super().response_change(request, obj)

    def _published(self, request, obj):
        """Carry out what a publishing button asked for; the story itself is already saved."""
        asked = {verb: request.POST.get(f"_{verb}") for verb in VERBS}
        verb, value = next(((v, value) for v, value in asked.items() if value), (None, None))
        if verb is None:
            return None
        if not self.has_publish_permission(request):
            raise PermissionDenied
        languages = _asked_languages(value)
        if verb == "publish":
            return self.publish_as_asked(request, obj, value)
        for language in languages:
            getattr(self, f"_do_{verb}")(request, obj, language)
        return self.to_the_form(obj)

    def publish_as_asked(self, request, obj, value: str) -> HttpResponseRedirect:
        """Publish as the form says: now or at a moment; asks first where a check warns of
        something that the form has not acknowledged yet."""
        if not self.has_publish_permission(request):
            raise PermissionDenied
        languages = _asked_languages(value)
        try:
            plan = Plan.read(request.POST)
        except NoSuchMoment as error:  # it passed while the text was being saved
            self.message_user(request, str(error), messages.ERROR)
            return self.to_the_form(obj)
        if value == "all":
            languages = self._worth_publishing(obj, plan)
            if not languages:
                text = _("Saved. Visitors read exactly this already.")
                self.message_user(request, text, messages.SUCCESS)
                return self.to_the_form(obj)
        known = set(request.POST.getlist("acknowledged"))
        found = {language: findings.inspect(obj, language) for language in languages}
        blocked = any(finding.blocks for of_one in found.values() for finding in of_one)
        if not blocked and any(
            str(finding.message) not in known for of_one in found.values() for finding in of_one
        ):
            return HttpResponseRedirect(self._question(obj, value, request.POST))
        self._publish_together(request, obj, languages, plan)
        return self.to_the_form(obj)

    def _worth_publishing(self, story, plan: Plan) -> list[str]:
        """The written languages, without those that visitors read exactly as they are; all where
        nothing is written, so that the findings say so."""
        written = [code for code in LANGUAGES if story.is_written(code)] or list(LANGUAGES)
        if plan.at or plan.until is not actions.AS_PLANNED:
            return written
        editions = list(story.editions.defer("html", "html_later", "text"))
        return [
            code
            for code in written
            if not (now := status(story, code, editions)).live
            or now.live.story_version != story.version
            or now.scheduled
        ]

    def _question(self, story, value: str, data) -> str:
        """The page that asks about warnings, with the moments that were typed."""
        kept = ("publish_at", "withdraw_at", "withdraw_was")
        query = {"languages": value} | {name: data[name] for name in kept if data.get(name)}
        url = reverse(admin_name(self.model, "publish"), args=[story.pk])
        return f"{url}?{urlencode(query)}"

    def _publish_together(self, request, obj, languages: Sequence[str], plan: Plan) -> bool:
        note = request.POST.get("publish_note", "").strip()
        try:
            editions = actions.publish_together(
                [(obj, language) for language in languages],
                by=request.user,
                at=plan.at,
                until=plan.until,
                note=note,
            )
        except actions.NothingPublished as refusal:
            self._say_what_blocks(request, refusal)
            return False
        self._say_what_is_public(request, editions, plan)
        done = ", ".join(f"{edition.number} ({edition.language})" for edition in editions)
        self.log_change(request, obj, f"Published edition {done}")
        return True

    def _say_what_blocks(self, request, refusal: actions.NothingPublished) -> None:
        for _story, language, found in refusal.blocking:
            text = format_html(
                "{}<ul>{}</ul>",
                _("Saved, but not published in %(language)s:")
                % {"language": language_name(language)},
                format_html_join("", "<li>{}</li>", ((f.message,) for f in found)),
            )
            self.message_user(request, text, messages.ERROR)

    def _say_what_is_public(self, request, editions: Iterable[Edition], plan: Plan) -> None:
        for edition in editions:
            name = capfirst(language_name(edition.language))
            if edition.is_scheduled():
                text = _("%(language)s: goes live on %(moment)s.") % {
                    "language": name,
                    "moment": moment(edition.live_from),
                }
            else:
                text = format_html(
                    '{} <a href="{}">{}</a>',
                    _("%(language)s: published.") % {"language": name},
                    edition.get_absolute_url(),
                    _("See it on the site"),
                )
            if edition.live_until:
                until = _("Withdrawn on %(moment)s.") % {"moment": moment(edition.live_until)}
                text = format_html("{} {}", text, until)
            self.message_user(request, text, messages.SUCCESS)
        for remark in plan.remarks:
            self.message_user(request, remark, messages.WARNING)

    def _do_update(self, request, obj, language: str) -> None:
        """What is scheduled, as the text is now, at the same moment."""
        scheduled = (
            obj.editions.in_language(language).scheduled().order_by("live_from").only("live_from")
        ).first()
        if scheduled is None:
            said = _("%(language)s: nothing was scheduled.")
            said %= {"language": capfirst(language_name(language))}
            self.message_user(request, said, messages.WARNING)
            return
        self._publish_together(request, obj, [language], Plan(at=scheduled.live_from))

    def _do_end(self, request, obj, language: str) -> None:
        try:
            plan = Plan.read(request.POST)
        except NoSuchMoment as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        name = capfirst(language_name(language))
        if not isinstance(plan.until, datetime.datetime):
            self.message_user(request, _("Say when it is to be withdrawn."), messages.ERROR)
            return
        there = obj.editions.in_language(language).not_over().exists()
        if not there:
            return  # of two languages one may have nothing to end
        actions.keep(obj, language=language, by=request.user)
        actions.withdraw(obj, language=language, by=request.user, at=plan.until)
        text = _("%(language)s: withdrawn on %(moment)s.")
        text %= {"language": name, "moment": moment(plan.until)}
        self.message_user(request, text, messages.SUCCESS)
        for remark in plan.remarks:
            self.message_user(request, remark, messages.WARNING)
        self.log_change(request, obj, f"Withdrawal planned ({language})")

    def _do_keep(self, request, obj, language: str) -> None:
        kept = actions.keep(obj, language=language, by=request.user)
        text = (
            _("%(language)s: will not be withdrawn.")
            if kept
            else _("%(language)s: no withdrawal was planned.")
        )
        text %= {"language": capfirst(language_name(language))}
        self.message_user(request, text, messages.SUCCESS)

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

    # -- the question about warnings, where the form could not ask it

    def publish_view(self, request, pk: int):
        """What the checks warn of, and whether to publish all the same."""
        story = self.story_or_refusal(request, pk)
        if not self.has_publish_permission(request):
            raise PermissionDenied
        asked = request.POST if request.method == "POST" else request.GET
        value = asked.get("languages", "all")
        languages = _asked_languages(value)
        if value == "all":
            languages = [code for code in LANGUAGES if story.is_written(code)] or LANGUAGES
        wrong = ""
        plan = Plan()
        try:
            plan = Plan.read(asked)
        except NoSuchMoment as error:
            wrong = str(error)
        if request.method == "POST" and not wrong:
            if request.POST.get("version") == str(story.version):
                self._publish_together(request, story, languages, plan)
                return self.to_the_form(story)
            wrong = _("The text has changed since this page was opened: look again.")
        found = [
            (capfirst(language_name(code)), findings.inspect(story, code)) for code in languages
        ]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": story,
            "title": _("Publish all the same?"),
            "subtitle": str(story),
            "wrong": wrong,
            "found": found,
            "blocked": any(finding.blocks for _name, of_one in found for finding in of_one),
            "kept": {
                name: asked.get(name, "") for name in ("publish_at", "withdraw_at", "withdraw_was")
            }
            | {"languages": value, "version": story.version},
            "at": moment(plan.at) if plan.at else "",
            "note": request.POST.get("publish_note", ""),
            "back": reverse(admin_name(self.model, "change"), args=[story.pk]),
        }
        return TemplateResponse(request, "publishing/publish_anyway.html", context)


def _asked_languages(value: str) -> Sequence[str]:
    languages = LANGUAGES if value == "all" else (value,)
    if any(language not in LANGUAGES for language in languages):
        raise PermissionDenied
    return languages
