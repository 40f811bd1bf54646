"""What became of a story: every version that was ever public, and the way back to it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from imagine_site.publishing import actions
from imagine_site.publishing.models import Edition
from imagine_site.publishing.parts import StoryPart, admin_name


class Timeline(StoryPart):
    def story_urls(self):
        return [
            self.story_path("<int:pk>/editions/", self.editions_view, "editions"),
            self.story_path(
                "<int:pk>/editions/<int:edition_pk>/restore/",
                require_POST(self.restore_view),
                "restore",
            ),
            *super().story_urls(),
        ]

    def editions_view(self, request, pk: int):
        """Every version that was ever public, with the words that each changed."""
        story = self.story_or_refusal(request, pk, to_change=False)
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
        story = self.story_or_refusal(request, pk)
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
        return HttpResponseRedirect(reverse(admin_name(self.model, "change"), args=[pk]))


def edition_state(edition: Edition) -> str:
    """One word for the list of editions."""
    if edition.is_live():
        return _("live")
    if edition.is_scheduled():
        return _("scheduled")
    return _("ended") if edition.was_ever_live() else _("cancelled")
