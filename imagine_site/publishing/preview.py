"""The page as publishing would show it, beside the form, from what is typed."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator
from typing import Any

from csp.constants import NONE, SELF
from csp.utils import build_policy
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, models, transaction
from django.forms import BaseForm, BaseInlineFormSet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST
from js_asset import Script

from imagine_site.editing.languages import language_name
from imagine_site.publishing.findings import Finding
from imagine_site.publishing.models import LANGUAGES, Story
from imagine_site.publishing.parts import StoryPart, admin_name
from imagine_site.publishing.rehearsal import (
    Draft,
    NotShowable,
    Problem,
    put_aside_and_save,
    rehearse,
)

#: What the frame of the preview may load: a page, its styles and its pictures.
POLICY = {
    "script-src": [NONE],
    "connect-src": [NONE],
    "frame-ancestors": [SELF],
}


class Typed:
    """What stands in the form, as far as it can be read.

    What cannot (a date of 30 February, a picture that is not there) stays as it was saved, and is
    named in `problems`: a preview that waits for every field to be right is never there.

    Autosave writes while it reads (`typed.apply_typed`). Here everything is read and cleaned before
    the database is locked: a rehearsal keeps SQLite's one write lock until the page is made.
    """

    def __init__(self, part: StoryPart, request: HttpRequest, stored: Story | None):
        self.before = copy.copy(stored) if stored is not None else part.model()
        kind = part.get_form(request, stored, change=stored is not None)
        kind.sent_version = None  # a colleague's newer save is no reason not to look at the page
        self.form = kind(request.POST, instance=stored)
        self.formsets: list[BaseInlineFormSet] = []
        self.relations: list[models.ManyToManyField] = []
        self.problems: list[Problem] = []
        if not any(self.form.add_prefix(name) in request.POST for name in self.form.fields):
            return  # nothing was sent: the page as saved
        self.form.is_valid()
        self._go_back_where_wrong()
        self.relations = [
            relation
            for relation in self.form.instance._meta.many_to_many
            if relation.name in self.form.cleaned_data and relation.name in self.form.changed_data
        ]
        self.formsets, _inlines = part._create_formsets(
            request, self.form.instance, change=stored is not None
        )
        self.problems += self._named(self.form)
        for formset in self.formsets:
            if formset.management_form.is_valid():
                for form in formset.forms:
                    if not _is_going(formset, form):
                        self.problems += self._named(form)

    def _go_back_where_wrong(self) -> None:
        story = self.form.instance
        for name in self.form.errors:
            if name not in self.form.fields:
                continue
            column = story._meta.get_field(name)
            if column.many_to_many:
                continue
            value = getattr(self.before, column.attname)
            if isinstance(column, models.CharField) and not (
                column.choices or isinstance(column, models.SlugField)
            ):
                # Too long for the column, not for the eye.
                value = self.form.data.get(self.form.add_prefix(name), "")[: column.max_length]
            setattr(story, column.attname, value)

    @staticmethod
    def _named(form: BaseForm) -> Iterator[Problem]:
        for name, errors in form.errors.items():
            known = form.fields.get(name)
            label = f"{known.label}: " if known else ""
            for error in errors:
                yield Problem(f"{label}{error}", form.add_prefix(name) if known else "")

    def put_in(self) -> Story:
        """Save it, within a transaction that is taken back."""
        story = self.form.instance
        put_aside_and_save(story)
        for relation in self.relations:
            relation.save_form_data(story, self.form.cleaned_data[relation.name])
        for formset in self.formsets:
            if formset.management_form.is_valid():
                _save_what_is_right(formset)
        # As it stands now: the forms of inner rows hang what is wrong in them on the story, too.
        return type(story)._base_manager.get(pk=story.pk)


def _is_going(formset: BaseInlineFormSet, form: BaseForm) -> bool:
    """Whether an inner row was marked to be deleted, be it right or wrong."""
    form.is_valid()  # reads what was sent
    return bool(formset.can_delete and formset._should_delete_form(form))


def _save_what_is_right(formset: BaseInlineFormSet) -> None:
    """The inner rows that can be saved; the others stay as they were."""
    for form in formset.forms:
        stored = not form.instance._state.adding
        try:
            with transaction.atomic():
                if _is_going(formset, form):
                    if stored:
                        form.instance.delete()
                elif form.has_changed() and form.is_valid():
                    if stored:
                        formset.save_existing(form, form.instance)
                    else:
                        formset.save_new(form)
        except DatabaseError:
            continue  # a second visit of one story: the form names it when it is saved


class Preview(StoryPart):
    """The pane beside the form, and the page in it."""

    class Media:
        css = {"all": ["publishing/preview.css"]}
        js = [Script("publishing/preview.js", type="module")]

    def story_urls(self):
        return [
            self.story_path(
                "<int:pk>/preview/<str:language>/", require_POST(self.preview_view), "preview"
            ),
            self.story_path(
                "add/preview/<str:language>/", require_POST(self.preview_view), "preview_new"
            ),
            *super().story_urls(),
        ]

    def panels(self, request, story):
        return super().panels(request, story) | {
            "preview": [
                {
                    "code": language,
                    "name": capfirst(language_name(language)),
                    "url": self._preview_url(story, language),
                }
                for language in LANGUAGES
            ]
        }

    def _preview_url(self, story: Story | None, language: str) -> str:
        if story is None:
            return reverse(admin_name(self.model, "preview_new"), args=[language])
        return reverse(admin_name(self.model, "preview"), args=[story.pk, language])

    def preview_view(self, request: HttpRequest, language: str, pk: int | None = None):
        """What is typed, as the page that publishing it now would give.

        A page of its own for a browser without scripts; for the script of the form, the page
        together with what is wrong, as JSON.
        """
        if language not in LANGUAGES:
            raise Http404
        stored = None
        if pk is not None:
            stored = self.story_or_refusal(request, pk, to_change=False)
        elif not self.has_add_permission(request):
            raise PermissionDenied
        typed = Typed(self, request, stored)
        as_page = request.accepts("text/html")

        def draft(found: tuple[Finding, ...]) -> Draft:
            if not as_page:  # the pane names them beside the page
                return Draft(framed=True)
            return Draft(problems=tuple(typed.problems), findings=found)

        try:
            shown = rehearse(typed.put_in, language=language, asked=request, draft=draft)
        except (DatabaseError, NotShowable):
            answer = self._nothing_to_show(typed, as_page)
        else:
            answer = (
                HttpResponse(shown.html)
                if as_page
                else JsonResponse(
                    {
                        "html": shown.html,
                        "problems": _told(typed.problems),
                        "findings": _told(shown.findings),
                    }
                )
            )
        answer["Cache-Control"] = "no-store"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["X-Frame-Options"] = "SAMEORIGIN"
        answer["Content-Security-Policy"] = build_policy(replace=POLICY)
        return answer

    @staticmethod
    def _nothing_to_show(typed: Typed, as_page: bool) -> HttpResponse:
        why = Problem(_("This cannot be shown as a page yet. What you typed is still in the form."))
        problems = [why, *typed.problems]
        if not as_page:
            return JsonResponse({"problems": _told(problems), "findings": []}, status=422)
        text = "\n".join(problem.message for problem in problems)
        return HttpResponse(text, content_type="text/plain; charset=utf-8", status=422)


def _told(said: Iterable[Problem | Finding]) -> list[dict[str, Any]]:
    """For the script: problems always have to be put right, findings say whether they block."""
    return [
        {
            "message": str(each.message),
            "field": each.field,
            "blocks": getattr(each, "blocks", True),
        }
        for each in said
    ]
