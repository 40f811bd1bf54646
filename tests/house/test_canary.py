"""Nothing of what is not public leaves the house, by any door.

Every text of every working copy, of every record that is not public, of every edition that is not
live carries a canary; then a visitor looks everywhere, also where only a guess leads.
"""

import copy
import datetime
from itertools import count

import pytest
from django.core.signing import Signer
from django.db import models
from django.urls import reverse
from django.utils import timezone, translation

from imagine_site.editing.fields import DocumentField
from imagine_site.files.models import File
from imagine_site.pages.models import Page
from imagine_site.publishing.actions import publish, unschedule, withdraw
from imagine_site.publishing.shared_drafts import share, token_of
from news.models import Guest, Post, Visit
from tests.factories import labs, news, pages, people
from tests.factories.files import content_of, link, make_file, pdf_bytes
from tests.factories.images import make_image
from tests.house import institute as houses
from tests.house.crawling import crawl, fetch

pytestmark = pytest.mark.django_db

CANARY = "kanari"
SLUG = "sparrow"
_numbers = count(1)
#: Texts that are checked by a rule of their own, or are no words.
NOT_WORDS = {"orcid", "ror", "currency", "digest", "original", "amount"} | {
    f"import_digest_{language}" for language in ("en", "fr")
}


def fill(row: models.Model, *, private: bool = False) -> models.Model:
    """Put a canary into every text of a row that a person can type; not saved.

    `private` restricts it to what even a public record never shows.
    """
    wanted = {"aliases", "import_key", "import_ref", "consent_reference"}
    for field in row._meta.concrete_fields:
        if not isinstance(field, models.CharField | models.TextField) or field.choices:
            continue
        if private and field.name not in wanted:
            continue
        if field.name in NOT_WORDS or type(field).__name__ == "PartialDateField":
            continue
        if isinstance(field, models.SlugField):
            setattr(row, field.attname, f"{SLUG}-{row._meta.model_name}-{row.pk or 0}")
        elif isinstance(field, models.URLField):
            setattr(row, field.attname, f"https://{CANARY}.example/")
        elif isinstance(field, DocumentField):
            setattr(row, field.attname, f"<p>{CANARY} {field.name}</p>")
        elif field.editable or private:
            text = f"{CANARY} {row._meta.model_name} {row.pk or ''} {field.name}"
            setattr(row, field.attname, text[: field.max_length])
    return row


def filled(row: models.Model) -> models.Model:
    fill(row).save()
    return row


def secret_story(make, **fields):
    """A story whose every text is a canary, and links to a file that is one."""
    return with_secret_file(filled(make(**fields)))


def with_secret_file(story):
    paragraph = link(secret_file(), CANARY)
    for language in houses.LANGUAGES:
        name = f"body_{language}"
        setattr(story, name, getattr(story, name) + paragraph)
    story.save()
    return story


def secret_image():
    image = make_image()
    return filled(image)


def secret_file():
    """A file whose title, author and content are canaries."""
    return filled(make_file(content=pdf_bytes(f"{CANARY} content {next(_numbers)}")))


@pytest.fixture(scope="module")
def kept_secrets(made_once, built_house):
    return made_once(_unpublished_half, built_house)


@pytest.fixture
def secrets(kept_secrets, house):
    """The unpublished half of the house: the stories and the records nobody may see."""
    return copy.deepcopy(kept_secrets)


def _unpublished_half(house):
    tomorrow = timezone.now() + datetime.timedelta(days=1)
    hidden = {
        "people": [filled(people.researcher(is_public=False, photo=secret_image()))],
        "laboratories": [filled(labs.laboratory(is_public=False))],
        "startups": [filled(labs.startup(is_public=False))],
        "founding_members": [filled(people.founding_member(is_public=False, since="2007"))],
    }
    person, laboratory, startup = (
        hidden["people"][0],
        hidden["laboratories"][0],
        hidden["startups"][0],
    )
    filled(people.position(person, since="2019"))
    filled(people.researcher_link(person))
    # Hidden records stand beside public ones: each must be left out where the other is shown.
    labs.membership(house.laboratory, person, role="head", since="2021")
    labs.membership(laboratory, house.researcher, role="head", since="2021")
    house.startup.founders.add(person)
    house.startup.laboratories.add(laboratory)
    startup.founders.add(house.researcher)
    startup.laboratories.add(house.laboratory)
    filled(labs.funding_round(startup))
    filled(pages.key_figure(is_public=False))
    filled(pages.milestone(is_public=False))

    # A public article about hidden records, which its text links to as well.
    links = "".join(f'<a data-record="{rows[0].reference}">them</a> ' for rows in hidden.values())
    about_hidden = news.article_in_both_languages(
        title_en="A public text",
        title_fr="Un texte public",
        body_en=f"<p>About {links}</p>",
        body_fr=f"<p>À propos : {links}</p>",
        about=hidden,
    )

    stories = [secret_story(news.post), secret_story(pages.page)]  # drafts
    draft = stories[0]
    draft.kind, draft.lead_image = "visit", secret_image()
    draft.save()
    filled(Visit.objects.create(post=draft, starts_on=datetime.date(2021, 1, 1)))
    filled(Guest.objects.create(post=draft, name="x"))
    for make in (news.post, pages.page):
        scheduled, cancelled, withdrawn, edited = (secret_story(make) for _ in range(4))
        stories += [scheduled, cancelled, withdrawn]
        for language in houses.LANGUAGES:
            publish(scheduled, language=language, by=None, at=tomorrow)
            publish(cancelled, language=language, by=None, at=tomorrow)
            unschedule(cancelled, language=language, by=None)
            publish(withdrawn, language=language, by=None)
            withdraw(withdrawn, language=language, by=None)
        # Public, and since then its working copy has become something else.
        slugs = {f"slug_{language}": f"known-{edited.pk}" for language in houses.LANGUAGES}
        for field in ("title", "summary", "body"):
            for language in houses.LANGUAGES:
                setattr(edited, f"{field}_{language}", "Known")
        for name, value in slugs.items():
            setattr(edited, name, value)
        texts = ("section", "lead_caption_en", "lead_caption_fr", "menu_label_en")
        for name in (*texts, "correction_en", "correction_fr", "dois"):
            if hasattr(edited, name):
                setattr(edited, name, "Known")
        if hasattr(edited, "menu_label_fr"):
            edited.menu_label_fr = "Connu"
        edited.save()
        for language in houses.LANGUAGES:
            publish(edited, language=language, by=None)
        edited.refresh_from_db()
        with_secret_file(filled(edited))
    for story in stories:
        share(story, language="en", by=None)
    # A live article with a new edition for tomorrow.
    later = about_hidden["en"].story
    later.title_en = f"{CANARY} tomorrow"
    later.body_en = f"<p>{CANARY} tomorrow</p>{link(secret_file())}"
    later.save()
    publish(later, language="en", by=None, at=tomorrow)

    for record in (house.researcher, house.laboratory, house.startup, house.founding_member):
        fill(record, private=True).save()
    fill(house.image, private=True).save()
    return stories, [row for rows in hidden.values() for row in rows]


def _guesses(stories, hidden) -> tuple[str, ...]:
    """Addresses of what is not public, as somebody who knows the slugs or counts ids would try."""
    guesses = []
    for language in houses.LANGUAGES:
        with translation.override(language):
            for row in (*stories, *hidden):
                guesses.append(row.get_absolute_url())
                if isinstance(row, Post):
                    guesses.append(reverse("news:press_kit", args=[row.slug]))
            for name in (
                "news:article",
                "news:press_kit",
                "people:person",
                "labs:laboratory",
                "pages:page",
            ):
                guesses += [reverse(name, args=[number]) for number in range(1, 6)]
    for file in File.objects.all():
        guesses += [
            file.get_absolute_url(),
            f"/files/{file.pk}/file.pdf",
            f"/media/{file.original}",
        ]
    guesses += [f"/media/{name}" for name in ("", "originals/", "r/", "r/" + "0" * 32 + ".jpg")]
    for row in stories:
        guesses.append(f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/")
        guesses.append(f"/preview/{row.pk}/")
        for shared in row.draft_links.all():
            forged = Signer(key="guessed", sep=".").sign(shared.key)
            guesses += [f"/preview/{token}/" for token in (shared.key, forged, f"{shared.key}.")]
    return tuple(guesses)


def test_nothing_that_is_not_public_leaves_the_house(house, secrets, client):
    stories, hidden = secrets
    guesses = _guesses(stories, hidden)
    seen = crawl(client, guesses)

    said = {url: page for url, page in seen.items() if page.response.status_code == 200}
    assert len(said) > 30
    assert sum("A public text" in page.text for page in said.values()) >= 3  # the crawl does read

    leaks = [url for url, page in seen.items() if CANARY in page.everything.lower()]
    assert leaks == []
    # An address that was asked for may be repeated in the answer; no other page may name it.
    named = [url for url, page in seen.items() if SLUG in page.everything and SLUG not in url]
    assert [url for url in named if not url.startswith("/admin/login/")] == []

    # Nor is the picture of a draft, whose files anybody could open who knew their names.
    shown = "".join(page.everything for page in said.values())
    (draft,) = (story for story in stories if getattr(story, "lead_image", None))
    assert [path for path in draft.lead_image.paths() if path in shown] == []
    assert house.image.paths()[0] in shown

    # Of the files, visitors get the one that a live text links to.
    given = {url for url in said if url.startswith("/files/")}
    assert given == {house.file.get_absolute_url()}
    assert File.objects.count() > 10


def test_a_shared_draft_is_the_one_door_and_opens_on_one_text(house, secrets, client):
    """Whoever has the address reads that text; from there no way leads to another draft."""
    stories, _hidden = secrets
    for story in stories:
        shared = share(story, language="en", by=None)
        page = fetch(client, reverse("shared_draft", args=[token_of(shared)]))
        assert page.response.status_code == 200
        assert story.title_en in page.text
        assert "noindex" in page.response["X-Robots-Tag"]
        others = [other for other in stories if other.slug_en != story.slug_en]
        assert [other for other in others if other.slug_en in page.everything] == []
        assert story.title_fr not in page.text
        assert fetch(client, story.get_absolute_url()).response.status_code in (404, 410)


def test_guessed_addresses_answer_as_if_nothing_were_there(house, secrets, client):
    stories, hidden = secrets
    for language in houses.LANGUAGES:
        with translation.override(language):
            for row in hidden:
                assert client.get(row.get_absolute_url()).status_code == 404, row
            for story in stories:
                withdrawn = story.editions.ever_live().exists()
                expected = 410 if withdrawn else 404
                assert client.get(story.get_absolute_url()).status_code == expected, story
                if isinstance(story, Post):
                    kit = reverse("news:press_kit", args=[story.slug])
                    assert client.get(kit).status_code == expected, story

    fetched = {file: fetch(client, file.get_absolute_url()) for file in File.objects.all()}
    public = [file for file, seen in fetched.items() if seen.response.status_code == 200]
    assert public == [house.file] == list(File.objects.public())
    assert {seen.response.status_code for seen in fetched.values()} == {200, 404}
    # The files of drafts do hold a canary: they would be found.
    assert all(
        CANARY in content_of(file).decode("latin-1") for file in fetched if file != house.file
    )


def test_the_canary_is_in_every_text_of_a_working_copy(secrets):
    for model in (Post, Page):
        draft = model.objects.filter(slug_en__startswith=SLUG, editions=None).first()
        for field in model._meta.concrete_fields:
            typed = isinstance(field, models.TextField | models.CharField) and field.editable
            if typed and not field.choices and not isinstance(field, models.SlugField):
                assert CANARY in getattr(draft, field.attname), field.name
