"""Publishing from the form of a story: now, at a moment, withdrawing, cancelling; by language."""

from __future__ import annotations

import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from imagine_site.editing.admin import VersionedForm
from imagine_site.editing.languages import language_name
from imagine_site.publishing import actions, findings
from imagine_site.publishing.models import LANGUAGES
from imagine_site.publishing.parts import StoryPart, admin_name, moment
from imagine_site.publishing.status import status

#: What the buttons of the form ask for, one at a time.
VERBS = ("publish", "withdraw", "unschedule")


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


class Publication(StoryPart):
    """The panel that says what visitors read, and its buttons."""

    form = StoryForm

    def panels(self, request, story):
        return super().panels(request, story) | {
            "publication": {
                "may_publish": self.has_publish_permission(request),
                "publish_at": request.POST.get("publish_at", ""),
                "zone": timezone.get_current_timezone_name(),
                "languages": [self._publication(story, language) for language in LANGUAGES],
            }
        }

    def _publication(self, story, language: str) -> dict:
        name = capfirst(language_name(language))
        if story is None:
            return {"code": language, "name": name, "status": None, "findings": [], "address": ""}
        now = status(story, language, list(story.editions.all()))
        return {
            "code": language,
            "name": name,
            "status": now,
            "findings": findings.inspect(story, language) if story.is_written(language) else [],
            "address": now.live.get_absolute_url() if now.live else "",
        }

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
        languages = LANGUAGES if value == "all" else (value,)
        if any(language not in LANGUAGES for language in languages):
            raise PermissionDenied
        for language in languages:
            getattr(self, f"_do_{verb}")(request, obj, language)
        return HttpResponseRedirect(reverse(admin_name(self.model, "change"), args=[obj.pk]))

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
