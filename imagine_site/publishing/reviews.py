"""Sent for review, changes asked for, approved: the way of a story between colleagues.

Whoever may change a story sends it; whoever may publish it answers. A review ends when the story is
published or scheduled, or is taken back. Publishers may approve what they sent themselves, unless
`REVIEW_BY_ANOTHER` is set.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from imagine_site.editing.versions import make_version
from imagine_site.publishing import actions
from imagine_site.publishing.letters import post_letters
from imagine_site.publishing.models import Event, Review, Story, concrete_editions
from imagine_site.publishing.newsroom import note_event
from imagine_site.publishing.publication import Publication

#: Longer notes are cut: they go into a letter and a panel.
NOTE_LENGTH = 5_000

State = Review.State


class NoReview(Exception):
    """There is no open review to answer or to take back."""


# -- who, and what waits for whom -------------------------------------------------------------


def publishers(model: type[Story]) -> QuerySet:
    """Active accounts that may publish stories of a kind, by name."""
    right = f"{model._meta.app_label}.publish_{model._meta.model_name}"
    accounts = get_user_model().objects.with_perm(
        right, backend="django.contrib.auth.backends.ModelBackend"
    )
    return accounts.filter(is_staff=True).order_by("last_name", "first_name", "username")


def _may_publish(user: AbstractBaseUser) -> list[ContentType]:
    stories = [edition._meta.get_field("story").related_model for edition in concrete_editions()]
    return [
        ContentType.objects.get_for_model(model)
        for model in stories
        if user.has_perm(f"{model._meta.app_label}.publish_{model._meta.model_name}")
    ]


def waiting_for(user: AbstractBaseUser) -> QuerySet[Review]:
    """Open reviews whose next step is this person's, longest waiting first: to answer (named, or
    nobody was), to change what was asked for, to publish what was approved."""
    publishes = Q(story_type__in=_may_publish(user))
    for_all = Q(reviewer=None) & ~Q(requested_by=user)
    to_answer = Q(state=State.WAITING) & (Q(reviewer=user) | for_all) & publishes
    to_change = Q(state=State.CHANGES, requested_by=user)
    to_publish = Q(state=State.APPROVED) & publishes
    found = Review.objects.open().filter(to_answer | to_change | to_publish)
    return found.select_related("requested_by", "reviewer", "judged_by").order_by("requested_at")


def sent_by(user: AbstractBaseUser) -> QuerySet[Review]:
    """Open reviews that this person asked for, newest first."""
    found = Review.objects.open().filter(requested_by=user)
    return found.select_related("requested_by", "reviewer", "judged_by")


def may_judge(review: Review, user: AbstractBaseUser) -> bool:
    """Whether somebody who may publish the story may also approve it."""
    return not (settings.REVIEW_BY_ANOTHER and review.requested_by_id == user.pk)


# -- verbs ------------------------------------------------------------------------------------

OnFailure = Callable[[], object] | None


def _open_review(story: Story) -> Review:
    review = Review.objects.select_for_update().of(story).open().first()
    if review is None:
        raise NoReview
    return review


def _lock(story: Story) -> Story:
    (locked,) = actions.lock([story]).values()
    return locked


@transaction.atomic
def send(
    story: Story,
    *,
    by: AbstractBaseUser,
    note: str = "",
    reviewer: AbstractBaseUser | None = None,
    on_failure: OnFailure = None,
) -> Review:
    """Ask for a review of the story as it is saved: of one colleague, or of all who may publish.

    Sent again, it is the same review, which waits again.
    """
    story = _lock(story)
    make_version(story, by=story.edited_by or by)
    review = Review.objects.of(story).open().first() or Review(story=story)
    review.state = State.WAITING
    review.story_version = story.version
    review.requested_by, review.requested_at = by, timezone.now()
    review.note, review.reviewer = note, reviewer
    review.judged_version = review.judged_by = review.judged_at = None
    review.judgement = ""
    review.save()
    note_event(
        story,
        Event.Kind.REVIEW_REQUESTED,
        by=by,
        note=note,
        **({"reviewer": str(reviewer)} if reviewer else {}),
    )
    concerned = [reviewer] if reviewer else list(publishers(type(story)).exclude(pk=by.pk))
    post_letters(
        "publishing/mail/review_requested.txt",
        gettext_lazy("For review: %(title)s"),
        story=story,
        to=concerned,
        on_failure=on_failure,
        by=by,
        note=note,
    )
    return review


def request_changes(
    story: Story, *, by: AbstractBaseUser, note: str = "", on_failure: OnFailure = None
) -> Review:
    """Answer that something must change first. Raises `NoReview`."""
    return _judge(
        story,
        State.CHANGES,
        Event.Kind.CHANGES_REQUESTED,
        "publishing/mail/changes_requested.txt",
        gettext_lazy("Changes requested: %(title)s"),
        by=by,
        note=note,
        on_failure=on_failure,
    )


def approve(
    story: Story, *, by: AbstractBaseUser, note: str = "", on_failure: OnFailure = None
) -> Review:
    """Answer that the story as it is saved may be published. Raises `NoReview`, and
    `PermissionDenied` where it must be somebody else's answer."""
    return _judge(
        story,
        State.APPROVED,
        Event.Kind.APPROVED,
        "publishing/mail/approved.txt",
        gettext_lazy("Approved: %(title)s"),
        by=by,
        note=note,
        on_failure=on_failure,
    )


@transaction.atomic
def _judge(story, state, kind, template, subject, *, by, note, on_failure) -> Review:
    story = _lock(story)
    review = _open_review(story)
    if state == State.APPROVED and not may_judge(review, by):
        raise PermissionDenied
    make_version(story, by=story.edited_by or by)
    review.state = state
    review.judged_by, review.judged_at = by, timezone.now()
    review.judged_version, review.judgement = story.version, note
    review.save()
    note_event(story, kind, by=by, note=note)
    author = review.requested_by
    post_letters(
        template,
        subject,
        story=story,
        to=[author] if author and author.is_active and author != by else [],
        on_failure=on_failure,
        by=by,
        note=note,
    )
    return review


@transaction.atomic
def take_back(story: Story, *, by: AbstractBaseUser, note: str = "") -> Review:
    """Close the open review without an answer. Raises `NoReview`."""
    story = _lock(story)
    review = _open_review(story)
    review.closed_at = timezone.now()
    review.save(update_fields=["closed_at"])
    note_event(story, Event.Kind.REVIEW_CANCELLED, by=by, note=note)
    return review


# -- the admin --------------------------------------------------------------------------------


class ReviewFilter(admin.SimpleListFilter):
    """Where a text is on its way between colleagues."""

    title = gettext_lazy("review")
    parameter_name = "review"

    def lookups(self, request, model_admin):
        return State.choices

    def queryset(self, request, queryset):
        if self.value() not in State.values:
            return queryset
        kind = ContentType.objects.get_for_model(queryset.model)
        there = Review.objects.open().filter(
            story_type=kind, story_id=OuterRef("pk"), state=self.value()
        )
        return queryset.filter(Exists(there))


class Reviews(Publication):
    """The panel of the review, with its buttons; the text is saved before any of them acts."""

    class Media:
        css = {"all": ["publishing/reviews.css"]}

    # -- lists

    def get_queryset(self, request):
        found = super().get_queryset(request)
        if not self.shows_list(request):
            return found
        waiting = Prefetch("reviews", queryset=Review.objects.open(), to_attr="open_reviews")
        return found.prefetch_related(waiting)

    def get_list_display(self, request):
        columns = list(super().get_list_display(request))
        place = columns.index("state_fr") + 1 if "state_fr" in columns else len(columns)
        return [*columns[:place], "review_state", *columns[place:]]

    def get_list_filter(self, request):
        first, *others = super().get_list_filter(request)
        return [first, ReviewFilter, *others]

    @admin.display(description=gettext_lazy("review"))
    def review_state(self, story) -> str:
        for review in getattr(story, "open_reviews", ()):
            return format_html(
                '<span class="state state--review-{}">{}</span>',
                review.state,
                review.get_state_display(),
            )
        return ""

    # -- the form

    def panels(self, request, story):
        return super().panels(request, story) | {"reviews": self._reviews(request, story)}

    def _reviews(self, request, story) -> dict:
        may_change = self.has_change_permission(request, story)
        review = None
        if story is not None:
            people = ("requested_by", "reviewer", "judged_by")
            review = Review.objects.of(story).open().select_related(*people).first()
        may_publish = self.has_publish_permission(request)
        waits = review is not None and review.state == State.WAITING
        mine = review is not None and review.requested_by_id == request.user.pk
        may_send = may_change and not (waits and not mine)
        return {
            "review": review,
            "may_send": may_send,
            "sends_first": may_send and review is None and not may_publish,
            "may_answer": waits and may_publish,
            "may_approve": waits and may_publish and may_judge(review, request.user),
            "may_take_back": review is not None and may_change and (mine or may_publish),
            "changed_since_sent": waits and review.story_version != story.version,
            "changed_since": review is not None
            and review.judged_version is not None
            and review.judged_version != story.version,
            "reviewers": [
                (person.pk, person.get_full_name() or person.get_username())
                for person in publishers(self.model)
                if person != request.user
            ]
            if may_send
            else [],
            "note": request.POST.get("review_note", ""),
            "to": request.POST.get("review_to", ""),
        }

    def response_add(self, request, obj, post_url_continue=None):
        return self._reviewed(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request, obj):
        return self._reviewed(request, obj) or super().response_change(request, obj)

    def _reviewed(self, request, obj):
        """Carry out what a button of the panel asked for; the story itself is already saved."""
        asked = request.POST.get("_review")
        if not asked:
            return None
        steps = {
            "send": self._do_send,
            "changes": self._do_request_changes,
            "approve": self._do_approve,
            "approve-publish": self._do_approve,
            "back": self._do_take_back,
        }
        if asked not in steps or not self.has_change_permission(request, obj):
            raise PermissionDenied
        note = request.POST.get("review_note", "").strip()[:NOTE_LENGTH]
        on_failure = partial(
            self.message_user,
            request,
            _("The e-mail could not be sent; tell your colleague yourself. All else is done."),
            messages.WARNING,
        )
        try:
            said = steps[asked](request, obj, note, on_failure)
        except NoReview:
            said = _("Saved. This text is no longer in review: a colleague has dealt with it.")
            self.message_user(request, said, messages.WARNING)
            return self.to_the_form(obj)
        self.message_user(request, said, messages.SUCCESS)
        if asked == "approve-publish":
            return self.publish_as_asked(request, obj, "all")
        return self.to_the_form(obj)

    def _do_send(self, request, obj, note, on_failure) -> str:
        reviewer = None
        if chosen := request.POST.get("review_to"):
            allowed = publishers(self.model)
            reviewer = allowed.filter(pk=chosen).first() if chosen.isdecimal() else None
            if reviewer is None:
                raise PermissionDenied
        before = Review.objects.of(obj).open().first()
        if before and before.state == State.WAITING and before.requested_by_id != request.user.pk:
            return _("Saved. A colleague has sent it for review already.")
        send(obj, by=request.user, note=note, reviewer=reviewer, on_failure=on_failure)
        if reviewer:
            return _("Saved, and sent for review to %(name)s.") % {
                "name": reviewer.get_full_name() or reviewer.get_username()
            }
        return _("Saved, and sent for review to all who may publish it.")

    def _refuse_writers(self, request) -> None:
        if not self.has_publish_permission(request):
            raise PermissionDenied

    def _do_request_changes(self, request, obj, note, on_failure) -> str:
        self._refuse_writers(request)
        request_changes(obj, by=request.user, note=note, on_failure=on_failure)
        return _("Saved, and sent back with your answer.")

    def _do_approve(self, request, obj, note, on_failure) -> str:
        self._refuse_writers(request)
        approve(obj, by=request.user, note=note, on_failure=on_failure)
        return _("Saved, and approved.")

    def _do_take_back(self, request, obj, note, on_failure) -> str:
        review = Review.objects.of(obj).open().first()
        theirs = review is not None and review.requested_by_id != request.user.pk
        if theirs and not self.has_publish_permission(request):
            raise PermissionDenied
        take_back(obj, by=request.user, note=note)
        return _("Saved, and taken back from review.")
