"""The form of a long article: what it costs, and that it shows what it is about."""

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse

from imagine_site.home.accounts import EDITOR, role_group
from imagine_site.publishing import actions
from news.models import Guest, Post, Visit
from tests.factories.images import make_image
from tests.factories.labs import laboratory, startup, theme
from tests.factories.news import post as a_post
from tests.factories.people import founding_member, researcher

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    user = get_user_model().objects.create_user("eva", is_staff=True)
    user.groups.add(role_group(EDITOR))
    client.force_login(user)
    client.user = user
    return client


def long_text(images, language: str) -> str:
    """Three thousand words and thirty nodes of our own."""
    written = []
    for number in range(30):
        written.append(f"<p>{'word ' * 99}{language}.</p>")
        written.append(
            (
                f'<figure data-image="{images[number % 5].pk}"><figcaption>C</figcaption></figure>',
                "<blockquote><p>Said.</p><footer><cite>Somebody</cite></footer></blockquote>",
                f'<figure data-gallery="{images[0].pk} {images[1].pk}"></figure>',
                f'<p>Noted<span data-footnote="">Note {number}.</span>.</p>',
                "<h2>A heading</h2>",
            )[number % 5]
        )
    return "".join(written)


@pytest.fixture
def article(editor):
    images = [make_image() for _number in range(6)]
    story = a_post(
        kind="visit",
        title_en="The visit",
        lead_image=images[5],
        body_en=long_text(images, "en"),
        body_fr=long_text(images, "fr"),
        about={
            "laboratories": [laboratory(name_en="Laboratory of the Heart")],
            "people": [researcher(honorific="Pr", given_name="Ada", family_name="Person")],
            "startups": [startup(name="Smart Immune")],
            "founding_members": [founding_member(name_en="The Foundation")],
            "themes": [theme(name_en="Genetics")],
        },
    )
    Visit.objects.create(post=story, starts_on=story.date)
    Guest.objects.create(post=story, name="Somebody")
    for language in ("en", "fr"):
        actions.publish(story, language=language, by=editor.user)
    return story


def change(story) -> str:
    return reverse("admin:news_post_change", args=[story.pk])


def test_a_long_article_in_two_languages_opens_with_at_most_fifteen_queries(
    editor, article, django_assert_max_num_queries
):
    editor.get(change(article))
    with django_assert_max_num_queries(15):
        page = editor.get(change(article))
    for name in (
        "Laboratory of the Heart",
        "Pr Ada Person",
        "Smart Immune",
        "The Foundation",
        "Genetics",
        article.lead_image.title,
    ):
        assert f"selected>{name}</option>" in page.text, name


def test_saving_it_untouched_keeps_what_it_is_about(editor, article):
    form = editor.get(change(article)).context["adminform"].form
    for name in (*Post.RELATIONS, "themes"):
        chosen = [row.pk for row in form.initial[name]]
        assert chosen == list(getattr(article, name).values_list("pk", flat=True)), name
