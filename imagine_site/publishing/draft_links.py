"""Sharing a draft from the form: the panel with the links that were made, and its buttons."""

from __future__ import annotations

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_POST
from js_asset import Script

from imagine_site.editing.languages import language_name
from imagine_site.publishing.models import LANGUAGES, DraftLink, Story
from imagine_site.publishing.newsroom import LINK_DAYS
from imagine_site.publishing.parts import StoryPart, admin_name
from imagine_site.publishing.shared_drafts import (
    MOST_DAYS,
    NothingToShare,
    revoke,
    share,
    token_of,
)

#: Older ones are still in the journal.
SHOWN = 20


class ShareForm(forms.Form):
    """What is asked for a link, under names that no field of a story has."""

    language = forms.ChoiceField(
        label=gettext_lazy("Language"), choices=[(code, code) for code in LANGUAGES]
    )
    label = forms.CharField(label=gettext_lazy("For whom"), max_length=150, required=False)
    days = forms.IntegerField(
        label=pgettext_lazy("duration", "Days"), min_value=1, max_value=MOST_DAYS, required=False
    )

    def clean_days(self) -> int:
        return self.cleaned_data["days"] or LINK_DAYS


@dataclass(frozen=True, slots=True)
class Shown:
    """A link as the panel lists it."""

    link: DraftLink
    url: str
    language: str
    revocable: bool

    @property
    def state(self) -> str:
        if self.link.revoked_at:
            return pgettext("shared draft", "revoked")
        if self.link.opens():
            return pgettext("shared draft", "open")
        return pgettext("shared draft", "expired")


class DraftLinks(StoryPart):
    """The panel “Share a draft”."""

    class Media:
        css = {"all": ["publishing/draft_links.css"]}
        js = [Script("publishing/draft_links.js", type="module")]

    def story_urls(self):
        return [
            self.story_path("<int:pk>/share/", require_POST(self.share_view), "share"),
            self.story_path(
                "<int:pk>/share/<int:link_pk>/revoke/", require_POST(self.revoke_view), "unshare"
            ),
            *super().story_urls(),
        ]

    def panels(self, request, story):
        return super().panels(request, story) | {"draft_links": self._panel(request, story)}

    def _panel(self, request: HttpRequest, story: Story | None) -> dict:
        may = story is not None and self.has_change_permission(request, story)
        return {
            "may_share": may or story is None,
            "story": story,
            "url": reverse(admin_name(self.model, "share"), args=[story.pk]) if story else "",
            "languages": [{"code": code, "name": language_name(code)} for code in LANGUAGES],
            "days": LINK_DAYS,
            "most_days": MOST_DAYS,
            "links": self._links(request, story) if may else [],
        }

    def _links(self, request: HttpRequest, story: Story) -> list[Shown]:
        may_publish = self.has_publish_permission(request)
        return [
            Shown(
                link,
                request.build_absolute_uri(reverse("shared_draft", args=[token_of(link)]))
                if link.opens()
                else "",
                capfirst(language_name(link.language)),
                link.opens() and (may_publish or link.made_by_id == request.user.pk),
            )
            for link in DraftLink.objects.of(story).select_related("made_by")[:SHOWN]
        ]

    # -- asked by the script of the form

    def share_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """Make a link to what is saved now; answers the list, and the new address."""
        story = self.story_or_refusal(request, pk)
        link, refusal = self._share(request, story, request.POST.get("language", ""))
        if link is None:
            return JsonResponse({"message": refusal}, status=400)
        return self._list(request, story, _("The link is ready."), made=link)

    def revoke_view(self, request: HttpRequest, pk: int, link_pk: int) -> JsonResponse:
        """Close a link at once; answers the list."""
        story = self.story_or_refusal(request, pk)
        self._revoke(request, story, link_pk)
        return self._list(request, story, _("Revoked: the address is closed."))

    def _list(
        self, request: HttpRequest, story: Story, message: str, made: DraftLink | None = None
    ) -> JsonResponse:
        links = self._links(request, story)
        html = render_to_string("publishing/draft/_links.html", {"links": links}, request)
        url = next((shown.url for shown in links if made and shown.link.pk == made.pk), "")
        return JsonResponse({"html": html, "message": message, "url": url})

    # -- pressed in a form without scripts, which saves first

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        """Revoking is done whatever else the form says: a mistyped date must not keep a link
        open."""
        pressed = request.POST.get("_revoke_link", "") if request.method == "POST" else ""
        if pressed and object_id:
            if not (pressed.isdecimal() and object_id.isdecimal()):
                raise PermissionDenied
            self._revoke(request, self.story_or_refusal(request, int(object_id)), int(pressed))
            self.message_user(request, _("Revoked: the address is closed."), messages.SUCCESS)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def response_add(self, request, obj, post_url_continue=None):
        return self._pressed(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self._pressed(request, obj) or super().response_change(request, obj)

    def _pressed(self, request: HttpRequest, story: Story) -> HttpResponse | None:
        language = request.POST.get("_share")
        if not language and "_revoke_link" not in request.POST:
            return None
        if language:
            link, refusal = self._share(request, story, language)
            if link is None:
                self.message_user(request, refusal, messages.ERROR)
            else:
                url = request.build_absolute_uri(reverse("shared_draft", args=[token_of(link)]))
                text = format_html(
                    '{} <a href="{}">{}</a>', _("Saved, and the link is ready:"), url, url
                )
                self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(reverse(admin_name(self.model, "change"), args=[story.pk]))

    # -- both

    def _share(
        self, request: HttpRequest, story: Story, language: str
    ) -> tuple[DraftLink | None, str]:
        """The link, or why there is none."""
        if not self.has_change_permission(request, story):
            raise PermissionDenied
        asked = ShareForm(
            {
                "language": language,
                "label": request.POST.get("share_label", ""),
                "days": request.POST.get("share_days", ""),
            }
        )
        if not asked.is_valid():
            wrong = (
                f"{asked.fields[name].label}: {error}"
                for name, errors in asked.errors.items()
                for error in errors
            )
            return None, " ".join(wrong)
        try:
            return share(story, by=request.user, **asked.cleaned_data), ""
        except NothingToShare:
            return None, _("Nothing is written in %(language)s yet.") % {
                "language": language_name(language)
            }

    def _revoke(self, request: HttpRequest, story: Story, link_pk: int) -> None:
        link = get_object_or_404(DraftLink.objects.of(story), pk=link_pk)
        if link.made_by_id != request.user.pk and not self.has_publish_permission(request):
            raise PermissionDenied
        revoke(link, by=request.user)
