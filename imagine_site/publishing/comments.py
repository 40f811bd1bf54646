"""Remarks of colleagues on passages of the text: beside it, never in it, and never public.

The list is asked for by the form's script once the text stands, so that the form itself costs
nothing for it; the passages are found again in the browser, where the text is (see
`static/publishing/comments.js`).
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Script
from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from imagine_site.publishing.models import LANGUAGES, Comment, Story
from imagine_site.publishing.parts import StoryPart, admin_name

LONGEST = 4_000
#: A passage of more is commented on by its beginning.
LONGEST_QUOTE = 1_000
AROUND = 60

#: What the panel says; `{…}` is filled in by the script.
WORDS = {
    "none": gettext_lazy(
        "No remarks. Select words in the text to comment on them; colleagues see the remark "
        "beside the text, visitors never."
    ),
    "about": gettext_lazy("Comment on “{quote}”"),
    "about_all": gettext_lazy("Comment on the text as a whole"),
    "lost": gettext_lazy("The passage is no longer in the text."),
    "reply": gettext_lazy("Reply"),
    "resolve": gettext_lazy("Resolve"),
    "reopen": gettext_lazy("Reopen"),
    "edit": gettext_lazy("Edit"),
    "delete": gettext_lazy("Delete"),
    "show": gettext_lazy("Show in the text"),
    "send": gettext_lazy("Comment"),
    "save": gettext_lazy("Save"),
    "cancel": gettext_lazy("Cancel"),
    "edited": gettext_lazy("edited"),
    "resolved": gettext_lazy("{count} resolved"),
    "resolved_by": gettext_lazy("resolved by {name}"),
    "away": gettext_lazy("The server does not answer. Your remark is still here; try again."),
    "sent": gettext_lazy("Commented."),
    "your_comment": gettext_lazy("Your comment"),
    "open": gettext_lazy("{count} open"),
    "on_selection": gettext_lazy("Comment on the selection"),
}


class Comments(StoryPart):
    """The panel of remarks, and the doors behind it: for whoever may see the story's form."""

    class Media:
        css = {"all": ["publishing/comments.css"]}
        js = [Script("publishing/comments.js", type="module")]

    def story_urls(self):
        return [
            self.story_path("<int:pk>/comments/", require_GET(self.comments_view), "comments"),
            self.story_path("<int:pk>/comments/add/", require_POST(self.comment_view), "comment"),
            self.story_path(
                "<int:pk>/comments/<int:comment_pk>/",
                require_POST(self.comment_change_view),
                "comment_change",
            ),
            *super().story_urls(),
        ]

    def panels(self, request, story):
        url = reverse(admin_name(self.model, "comments"), args=[story.pk]) if story else ""
        words = {key: str(word) for key, word in WORDS.items()}
        return super().panels(request, story) | {"comments": {"url": url, "words": words}}

    def comments_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """All remarks of a story, threads in the order in which they began; two queries."""
        return self._all(request, self.story_or_refusal(request, pk, to_change=False))

    def comment_view(self, request: HttpRequest, pk: int) -> JsonResponse:
        """A new remark or, with `parent`, a reply; answers with all, or 400 with `errors`."""
        story = self.story_or_refusal(request, pk, to_change=False)
        posted = request.POST
        text = posted.get("text", "").strip()
        if error := _fault(text):
            return JsonResponse({"errors": [error]}, status=400)
        parent = None
        if posted.get("parent"):
            threads = Comment.objects.of(story).filter(parent=None)
            parent = get_object_or_404(threads, pk=_number(posted["parent"]))
        language = posted.get("language", "")
        Comment.objects.create(
            story=story,
            parent=parent,
            text=text,
            by=request.user,
            language=language if language in LANGUAGES else "",
            field="" if parent else self._field(posted.get("field", "")),
            quote="" if parent else posted.get("quote", "")[:LONGEST_QUOTE],
            prefix="" if parent else posted.get("prefix", "")[-AROUND:],
            suffix="" if parent else posted.get("suffix", "")[:AROUND],
        )
        if parent and parent.resolved_at:
            # An answer to what was settled unsettles it.
            parent.resolved_at = parent.resolved_by = None
            parent.save(update_fields=["resolved_at", "resolved_by"])
        return self._all(request, story, status=201)

    def comment_change_view(self, request: HttpRequest, pk: int, comment_pk: int) -> JsonResponse:
        """`action`: resolve, reopen, edit (with `text`) or delete. One's own words are one's own;
        resolving is for everybody who may change the story, and for who wrote the remark."""
        story = self.story_or_refusal(request, pk, to_change=False)
        comment = get_object_or_404(Comment.objects.of(story), pk=comment_pk)
        action, is_mine = request.POST.get("action"), comment.by_id == request.user.pk
        if action in ("resolve", "reopen") and comment.parent_id is None:
            if not (is_mine or self.has_change_permission(request, story)):
                raise PermissionDenied
            resolves = action == "resolve"
            comment.resolved_at = timezone.now() if resolves else None
            comment.resolved_by = request.user if resolves else None
            comment.save(update_fields=["resolved_at", "resolved_by"])
        elif action == "edit" and is_mine:
            text = request.POST.get("text", "").strip()
            if error := _fault(text):
                return JsonResponse({"errors": [error]}, status=400)
            if text != comment.text:
                comment.text, comment.edited_at = text, timezone.now()
                comment.save(update_fields=["text", "edited_at"])
        elif action == "delete" and is_mine and not comment.replies.exists():
            comment.delete()
        else:
            raise PermissionDenied
        return self._all(request, story)

    def _field(self, name: str) -> str:
        """Only fields that the form really has: the name comes back into the page."""
        return name if name in {field.name for field in self.opts.concrete_fields} else ""

    def _all(self, request: HttpRequest, story: Story, *, status: int = 200) -> JsonResponse:
        found = Comment.objects.of(story).select_related("by", "resolved_by")
        may_resolve = self.has_change_permission(request, story)
        threads: dict[int, dict[str, Any]] = {}
        for comment in found.order_by("at", "pk"):
            told = _told(comment, request.user, may_resolve=may_resolve)
            if comment.parent_id is None:
                threads[comment.pk] = told
            elif thread := threads.get(comment.parent_id):
                thread["replies"].append(told)
        return JsonResponse({"comments": list(threads.values())}, status=status)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _fault(text: str) -> str:
    if not text:
        return _("A comment needs words.")
    if len(text) > LONGEST:
        return _("A comment has at most %(count)d characters.") % {"count": LONGEST}
    return ""


def _name(user) -> str:
    return (user.get_full_name() or user.get_username()) if user else _("a former colleague")


def _told(comment: Comment, user, *, may_resolve: bool) -> dict[str, Any]:
    is_mine = comment.by_id == user.pk
    return {
        "id": comment.pk,
        "language": comment.language,
        "field": comment.field,
        "quote": comment.quote,
        "prefix": comment.prefix,
        "suffix": comment.suffix,
        "text": comment.text,
        "by": _name(comment.by),
        "at": comment.at.isoformat(),
        "when": date_format(timezone.localtime(comment.at), "SHORT_DATETIME_FORMAT"),
        "edited": comment.edited_at is not None,
        "resolved": comment.resolved_at is not None,
        "resolved_by": _name(comment.resolved_by) if comment.resolved_at else "",
        "mine": is_mine,
        "may_resolve": comment.parent_id is None and (may_resolve or is_mine),
        "replies": [],
    }
