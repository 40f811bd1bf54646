"""What the parts of a story's form have in common.

The form of a story is composed of parts, one module each: keeping, timeline, preview, shared
drafts, review, comments, publication. A part is a class between this one and `StoryAdmin`, with
its own addresses, its own panel beside the text, and its own script and style sheet.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin.helpers import AdminForm
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path
from django.utils.text import capfirst

from imagine_site.editing.admin import VersionedAdmin
from imagine_site.editing.comparing import moment
from imagine_site.editing.languages import language_name
from imagine_site.publishing.models import LANGUAGES, Story

__all__ = ["LANGUAGE_FIELDSET", "StoryPart", "admin_name", "moment"]

#: The class of a fieldset that holds one language: `LANGUAGE_FIELDSET.format("en")`.
LANGUAGE_FIELDSET = "language language-{}"


class StoryPart(VersionedAdmin):
    """The ground under every part; each calls `super()` and adds its own."""

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"{self.opts.app_label}.publish_{self.opts.model_name}")

    def shows_list(self, request: HttpRequest) -> bool:
        """Whether many stories are asked for: their states are then fetched beforehand."""
        match = request.resolver_match
        return match is None or (match.url_name or "").endswith("_changelist")

    def story_urls(self) -> list[URLPattern]:
        """Addresses of the parts, below the model's own in the admin."""
        return []

    def story_path(self, route: str, view, name: str) -> URLPattern:
        """`story_path("<int:pk>/preview/", self.preview_view, "preview")` is named
        `admin:news_post_preview`, and open to staff only; the view checks the rest."""
        label = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(route, self.admin_site.admin_view(view), name=label)

    def panels(self, request: HttpRequest, story: Story | None) -> dict[str, Any]:
        """What the panels beside the form show, by the part's name; `story` is the stored one, or
        None on the form of a new one."""
        return {}

    def story_or_refusal(self, request: HttpRequest, pk: int, *, to_change: bool = True) -> Story:
        """The stored story; raises `Http404`, or `PermissionDenied` where the account may not."""
        story = get_object_or_404(self.model._base_manager, pk=pk)
        allowed = (
            self.has_change_permission(request, story)
            if to_change
            else self.has_view_or_change_permission(request, story)
        )
        if not allowed:
            raise PermissionDenied
        return story

    def get_urls(self):
        return [*self.story_urls(), *super().get_urls()]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        stored = None
        if obj is not None and obj.pk is not None:
            # A form that came back has filled the instance with what was typed.
            is_as_stored = request.method == "GET"
            stored = obj if is_as_stored else self.model._base_manager.filter(pk=obj.pk).first()
        context["panels"] = self.panels(request, stored)
        context |= _by_language(context["adminform"])
        return super().render_change_form(request, context, add, change, form_url, obj)


def _by_language(form: AdminForm) -> dict[str, Any]:
    """The fieldsets of each language apart from the others, so that they can stand side by side."""
    wanted = {LANGUAGE_FIELDSET.format(code): code for code in LANGUAGES}
    fieldsets = list(form)
    return {
        "language_fieldsets": [
            (wanted[each.classes], capfirst(language_name(wanted[each.classes])), each)
            for each in fieldsets
            if each.classes in wanted
        ],
        "other_fieldsets": [each for each in fieldsets if each.classes not in wanted],
    }


def admin_name(model: type[models.Model], view: str) -> str:
    """The name of a page of a model in the admin: `admin:news_post_change`."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}"
