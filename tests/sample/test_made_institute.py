"""A generated institute is what the verbs would have left, and the same every time."""

import datetime

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.core.management import CommandError, call_command
from django.db import models

from imagine_site.documents import clean, parse, serialise
from imagine_site.publishing.actions import publish_together
from imagine_site.publishing.models import Event
from imagine_site.sample.filling import fill
from imagine_site.sample.institute import LANGUAGES, Invented, Names, Plan
from imagine_site.search.models import SearchEntry, SearchWord
from news.models import Guest, Kind, Post, Visit

PLAN = Plan(
    articles=8,
    people=6,
    laboratories=2,
    startups=1,
    visits=2,
    images=1,
    drafts=1,
    until=datetime.date(2026, 11, 20),
)


def columns(row: models.Model, *, but: tuple[str, ...] = ()) -> dict[str, object]:
    """Every column, but keys, and what leads to the row it belongs to."""
    left = {"id", "history_id", "post_id", "story_id", "object_id", *but}
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in left
    }


def related(row: models.Model) -> dict[str, list[int]]:
    return {
        field.name: sorted(getattr(row, field.name).values_list("pk", flat=True))
        for field in row._meta.many_to_many
    }


def by_the_verbs(post: Post, *, by) -> Post:
    """Write the same article again, as a person does: save it, add what belongs to it, publish."""
    written = ("title", "summary", "body", "lead_caption", "correction")
    again = Post(
        **{
            f"{name}_{code}": getattr(post, f"{name}_{code}")
            for name in written
            for code in LANGUAGES
        },
        **{f"slug_{code}": f"{getattr(post, f'slug_{code}')}-x" for code in LANGUAGES},
        kind=post.kind,
        date=post.date,
        section=post.section,
        lead_image=post.lead_image,
        dois=post.dois,
        edited_by=by,
    )
    again._history_user = by
    again.save()
    for field in Post._meta.many_to_many:
        getattr(again, field.name).set(getattr(post, field.name).all())
    for model in (Visit, Guest):
        for row in model.objects.filter(post=post).order_by("pk"):
            model.objects.create(post=again, **columns(row))
    publish_together([(again, code) for code in LANGUAGES], by=by)
    return Post.objects.get(pk=again.pk)


@pytest.mark.django_db
def test_a_generated_article_is_the_same_as_one_published_by_the_verb():
    by = get_user_model().objects.create_user("nadia", is_staff=True)
    filled = fill(PLAN, processes=0, scale=0.1)
    assert (filled.articles, filled.editions) == (9, 16)
    assert Post.objects.filter(kind=Kind.VISIT).count() == 2
    story_type = ContentType.objects.get_for_model(Post)
    # The first is a visit; the other has a picture in its text.
    first = Post.objects.get(pk=1)
    pictured = Post.objects.filter(editions__images__isnull=False).exclude(pk=first.pk)
    for post in (first, pictured.order_by("pk")[0]):
        with time_machine.travel(post.created_at, tick=False):
            again = by_the_verbs(post, by=by)
        slugs = ("slug_en", "slug_fr")
        assert columns(again, but=slugs) == columns(post, but=slugs)
        assert related(again) == related(post)
        assert [columns(row, but=slugs) for row in again.history.all()] == [
            columns(row, but=slugs) for row in post.history.all()
        ]
        for code in LANGUAGES:
            mine, theirs = (each.editions.get(language=code) for each in (post, again))
            assert columns(theirs, but=("slug",)) == columns(mine, but=("slug",))
            assert related(theirs) == related(mine)
            mine, theirs = (
                SearchEntry.objects.get(kind="news", language=code, object_id=each.pk)
                for each in (post, again)
            )
            assert columns(theirs, but=("url",)) == columns(mine, but=("url",))
        mine, theirs = (
            [
                columns(event)
                for event in Event.objects.filter(story_type=story_type, story_id=each.pk)
            ]
            for each in (post, again)
        )
        assert theirs == mine
        assert len(mine) == 2

    words = {(row.language, row.word): row.entries for row in SearchWord.objects.all()}
    call_command("rebuild_search", verbosity=0)
    rebuilt = {(row.language, row.word) for row in SearchWord.objects.all()}
    assert set(words) == rebuilt
    with pytest.raises(CommandError, match="must be empty"):
        call_command("make_institute", articles=1, verbosity=0)


def test_the_same_plan_says_the_same_and_bodies_are_as_they_are_stored():
    names = Names(
        images=(1, 2),
        laboratories=((1, {"en": "Laboratory", "fr": "Laboratoire"}),),
        people=((1, {"en": "Ada", "fr": "Ada"}), (2, {"en": "Léa", "fr": "Léa"})),
        startups=(),
        themes=(1,),
        founding_members=(),
    )
    elements = set()
    for number in range(20):
        for language in LANGUAGES:
            title, summary, document = Invented(number, PLAN, names).texts(language)
            assert (title, summary, document) == Invented(number, PLAN, names).texts(language)
            written = serialise(document)
            assert clean(written) == written
            assert parse(written) == document
            elements |= {element.name for element in document.walk()}
    assert elements >= {"h2", "p", "a", "figure", "blockquote", "ul", "strong", "span"}
    moments = [PLAN.moment(number) for number in range(PLAN.articles)]
    assert moments == sorted(set(moments))
