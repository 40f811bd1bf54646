"""No keystroke is lost: autosave into the working copy, a copy in the browser, who else is here.

Autosave writes the row and makes no version; a version is made by an explicit save, by publishing,
and when somebody else goes on writing. The browser's part is in `static/editing/keep.js` and
`static/publishing/keeping.js`.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import Script
from django.http import Http404, HttpRequest, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from imagine_site.editing import conflicts, presence, versions
from imagine_site.editing.admin import VERSION_INPUT
from imagine_site.publishing.models import Story
from imagine_site.publishing.parts import StoryPart, admin_name
from imagine_site.publishing.typed import apply_typed

#: What autosave says; `{…}` is filled in by the script.
WORDS = {
    "saving": _("Saving…"),
    "saved": _("Saved {time}."),
    "except": _("Not yet: {fields}."),
    "not_saved_yet": _("Not saved yet."),
    "away": _("Not saved: the server does not answer."),
    "kept_here": _("Your text is kept in this browser."),
    "copy_failed": _("It cannot be kept in this browser either: copy it before you leave."),
    "signed_out": _("Not saved: you are signed out."),
    "other_account": _("Not saved: somebody else is signed in now."),
    "not_allowed": _("Not saved: you may no longer change this."),
    "deleted": _("Not saved: somebody has deleted this."),
    "too_large": _("Not saved: this is more than the server takes."),
    "paused": _("Nothing more is saved until you have compared."),
    "choose": _("Not saved yet: choose between both versions, then save."),
}


class Keeping(StoryPart):
    """Autosave, and what it needs of an explicit save."""

    class Media:
        css = {"all": ["publishing/keeping.css"]}
        js = [Script("publishing/keeping.js", type="module")]

    def story_urls(self):
        return [
            self.story_path("add/autosave/", require_POST(self.autosave_new_view), "autosave_new"),
            self.story_path("<int:pk>/autosave/", require_POST(self.autosave_view), "autosave"),
            *super().story_urls(),
        ]

    def keep_settings(self, request, obj):
        settings = super().keep_settings(request, obj)
        if settings and (obj or self.has_change_permission(request)):
            name = admin_name(self.model, "autosave" if obj else "autosave_new")
            settings["autosave"] = reverse(name, args=[obj.pk] if obj else [])
            settings["words"] = settings["words"] | WORDS
        return settings

    # -- The endpoints --------------------------------------------------------------------------

    @transaction.atomic
    def autosave_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """The form as it stands, written as far as it is valid; 409 over somebody's newer save."""
        story = self._locked(request, pk)
        if refusal := self._other_account(request):
            return refusal
        expected = request.POST.get(VERSION_INPUT, "")
        if str(story.version) != expected and not presence.wrote(request, story):
            return self._newer(story)
        return self._autosaved(request, story)

    @transaction.atomic
    def autosave_new_view(self, request: HttpRequest) -> JsonResponse:
        """The form of a new story: stored once, however often it is sent until its answer arrives.

        Answers with the story's addresses, so that the page goes on as its form.
        """
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        if refusal := self._other_account(request):
            return refusal
        claim = presence.claim(request, self.model)
        if claim is not None and claim.object_id:
            story = self._locked(request, claim.object_id)
            if story.version != claim.version:
                return self._newer(story)
        else:
            story = self.model()
        was_new = story.pk is None
        answer = self._autosaved(request, story)
        if was_new and story.pk:
            self.log_addition(request, story, [{"added": {}}])
        return answer

    def _locked(self, request: HttpRequest, pk: int) -> Story:
        story = self.model._base_manager.select_for_update().filter(pk=pk).first()
        if story is None:
            raise Http404
        if not self.has_change_permission(request, story):
            raise PermissionDenied
        return story

    @staticmethod
    def _other_account(request: HttpRequest) -> JsonResponse | None:
        """Whoever signed in again in another window may be somebody else: not their words."""
        if request.POST.get("_user", "") in {"", str(request.user.pk)}:
            return None
        return JsonResponse({"reason": "account"}, status=403)

    @staticmethod
    def _newer(story: Story) -> JsonResponse:
        answer = {"saved": conflicts.who_saved_when(story), "version": story.version}
        return JsonResponse(answer, status=409)

    def _autosaved(self, request: HttpRequest, story: Story) -> JsonResponse:
        applied = apply_typed(self, request, story)
        if story.pk is None:
            return JsonResponse({"version": None, "errors": applied.errors})
        presence.note_write(request, story, applied.rows)
        now = timezone.now()
        return JsonResponse(
            {
                "version": story.version,
                "changed": applied.changed,
                "at": now.isoformat(),
                "time": presence.clock(now, seconds=True),
                "errors": applied.errors,
                "rows": applied.rows,
                "others": presence.others(request, story),
                "pk": story.pk,
                "title": str(story),
                "autosave": reverse(admin_name(self.model, "autosave"), args=[story.pk]),
                "change": reverse(admin_name(self.model, "change"), args=[story.pk]),
            }
        )

    # -- The explicit save ----------------------------------------------------------------------

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """The form of a new story whose autosave stored it, but whose answer was lost, saves that
        story and makes no second one."""
        if object_id is None and request.method == "POST" and self.has_add_permission(request):
            last = presence.last_write(request, self.model, None)
            if last and self.model._base_manager.filter(pk=last.object_id).exists():
                object_id = str(last.object_id)
                request.POST = request.POST.copy()
                request.POST[VERSION_INPUT] = str(last.version)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def changes_something(self, request, form, change) -> bool:
        return hasattr(request, "autosaves") or super().changes_something(request, form, change)

    def save_model(self, request, obj, form, change):
        if change and self.changes_something(request, form, change):
            self._keep_what_others_wrote(request, obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request, form, formsets, change):
        story = form.instance
        if change and any(formset.has_changed() for formset in formsets):
            if not self.changes_something(request, form, change):
                self._keep_what_others_wrote(request, story)
            story.edited_by = request.user
        super().save_related(request, form, formsets, change)
        if change and not versions.is_versioned(story):  # autosave brought all of it already
            versions.make_version(story, by=story.edited_by or request.user)

    def _keep_what_others_wrote(self, request: HttpRequest, obj: Story) -> None:
        """Before somebody else's words go over those that only autosave has kept: their version."""
        stored = self.model._base_manager.select_related("edited_by").filter(pk=obj.pk).first()
        if stored is None or stored.edited_by is None or stored.edited_by == request.user:
            return
        if not versions.is_versioned(stored):
            versions.make_version(stored, by=stored.edited_by)
