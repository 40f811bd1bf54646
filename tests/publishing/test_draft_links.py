"""Shared drafts: one version of one language, for whoever has the address, for a while."""

import datetime
import re

import lxml.html
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.core.signing import Signer
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.publishing.actions import publish
from imagine_site.publishing.models import DraftLink, Event
from imagine_site.publishing.shared_drafts import NothingToShare, revoke, share, token_of
from news.models import Guest, Post
from tests.factories import labs, news, pages
from tests.publishing.test_preview import NEW, admin_url, essence, typed_into

pytestmark = pytest.mark.django_db

User = get_user_model()


def signed_in(name, *codenames):
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def writer():
    return signed_in("writer", "view_post", "change_post", "add_post", "view_page", "change_page")


@pytest.fixture
def publisher():
    return signed_in("publisher", "view_post", "change_post", "publish_post")


def address(link):
    return reverse("shared_draft", args=[token_of(link)])


def read(link, **headers):
    return Client().get(address(link), headers=headers)


def shared(story, language="en", **more):
    return share(story, language=language, by=None, **more)


class TestWhatIsRead:
    def test_the_page_as_it_would_be_and_a_word_that_it_is_none_yet(self):
        story = news.post(title_en="A draft", body_en="<p>Words.</p>")
        story.themes.add(labs.theme(name_en="Hearts"))
        answer = read(shared(story))
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "Draft, not for publication." in page
        edition = publish(story, language="en", by=None)
        public = Client().get(edition.get_absolute_url()).content.decode()
        article = lxml.html.fromstring(page).xpath("//*[contains(@class, 'prose')]")[0]
        said, _pictures = essence(public)
        assert article.text_content().strip() in said
        for words in ("A draft", "Hearts", "Words."):
            assert words in page

    def test_the_version_that_was_shared_whatever_came_later(self):
        theme = labs.theme(name_en="Hearts")
        story = news.visit(title_en="First", guests=[("Eve", "Mayor")]).story
        story.themes.add(theme)
        link = shared(story)
        story.refresh_from_db()
        story.title_en, story.kind = "Second", "news"
        story.save()
        story.themes.clear()
        Guest.objects.filter(post=story).delete()
        later = shared(story)
        page, second = read(link).content.decode(), read(later).content.decode()
        for words in ("First", "Hearts", "Eve"):
            assert words in page
            assert words not in second
        assert "Second" in second
        story.refresh_from_db()
        assert story.title_en == "Second"

    def test_what_autosave_brought_becomes_a_version_first(self):
        story = news.post()
        Post.objects.filter(pk=story.pk).update(title_en="Typed meanwhile", version=7)
        link = shared(story)
        assert "Typed meanwhile" in read(link).content.decode()
        assert link.story_version == 7

    def test_one_language_only_and_no_other_draft(self):
        other = news.post(title_en="Another draft", slug_en="another")
        story = news.post(
            title_en="Shown", title_fr="Caché", body_en='<p><a href="/en/news/another/">x</a></p>'
        )
        page = read(shared(story)).content.decode()
        assert "Caché" not in page
        assert str(other) not in page
        assert Client().get("/en/news/another/").status_code == 404
        assert 'lang="fr"' in read(shared(story, "fr")).content.decode()[:60]

    def test_institutional_pages(self):
        story = pages.page(title_en="Support us", role="support")
        assert "Support us" in read(shared(story)).content.decode()

    def test_a_shared_draft_whose_picture_and_address_were_taken_since(self):
        story = news.post(slug_en="mine", title_en="Mine")
        link = shared(story)
        Post.objects.filter(pk=story.pk).update(slug_en="")
        news.article(slug_en="mine", title_en="Theirs")
        page = read(link).content.decode()
        assert "<h1" in page
        assert "Mine" in page

    def test_it_gives_nothing_away(self):
        story = news.post(title_en="A draft", slug_en="future-address", kind="press")
        answer = read(shared(story))
        page = answer.content.decode()
        for absent in ("future-address", "<script", "og:", "canonical", "ld+json", "manifest-src"):
            assert absent not in page, absent
        assert 'name="robots" content="noindex, nofollow"' in page
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == "no-store"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "script-src 'none'" in answer["Content-Security-Policy"]
        assert not answer.cookies
        assert "cookie" not in answer.get("Vary", "").lower()


class TestWhereItLeadsNowhere:
    def test_politely_in_both_languages(self):
        link = shared(news.post(title_en="Secret title"))
        revoke(link, by=None)
        answer = read(link)
        assert answer.status_code == 410
        page = answer.content.decode()
        for words in ("This draft cannot be read here", 'lang="en">', 'lang="fr">'):
            assert words in page
        assert "Secret title" not in page
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Robots-Tag"] == "noindex, nofollow"

    def test_expired_at_the_second(self):
        link = shared(news.post(), days=1)
        with time_machine.travel(link.expires_at - datetime.timedelta(seconds=1), tick=False):
            assert read(link).status_code == 200
        with time_machine.travel(link.expires_at, tick=False):
            assert read(link).status_code == 410

    def test_the_story_or_its_version_is_gone(self):
        story = news.post()
        link = shared(story)
        story.history.all().delete()
        assert read(link).status_code == 410
        story.delete()
        assert read(link).status_code == 410

    def test_guesses(self):
        link = shared(news.post(title_en="Secret title"))
        forged = Signer(salt="other", sep=".").sign(link.key)
        for guess in ("x", link.key, f"{link.key}.AAAA", forged, link.pk, "%00", "é.é"):
            answer = Client().get(f"/preview/{guess}/")
            assert answer.status_code == 404, guess
            assert "Secret title" not in answer.content.decode()

    def test_other_methods(self):
        link = shared(news.post())
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(address(link)).status_code == 405
        assert strict.put(address(link)).status_code == 405
        assert strict.head(address(link)).status_code == 200


class TestCounting:
    def test_readers_are_counted_and_looking_ahead_is_not(self):
        link = shared(news.post())
        Client().head(address(link))
        read(link, **{"Sec-Purpose": "prefetch;prerender"})
        read(link, Purpose="prefetch")
        link.refresh_from_db()
        assert (link.opened, link.first_opened_at) == (0, None)
        first = timezone.now() + datetime.timedelta(hours=1)
        for hours in (1, 2):
            with time_machine.travel(link.made_at + datetime.timedelta(hours=hours), tick=False):
                read(link)
        link.refresh_from_db()
        assert link.opened == 2
        assert link.first_opened_at < first < link.last_opened_at

    def test_reading_changes_nothing_else(self):
        story = news.post()
        link = shared(story)
        story.refresh_from_db()
        versions, version = story.history.count(), story.version
        read(link)
        story.refresh_from_db()
        assert (story.history.count(), story.version) == (versions, version)
        assert not story.editions.exists()


class TestSharing:
    def test_seven_days_unless_said_otherwise_and_noted_without_the_key(self):
        link = shared(news.post(), label="Pr Lyonnet")
        assert link.expires_at - link.made_at == datetime.timedelta(days=7)
        event = Event.objects.get()
        assert (event.kind, event.note) == ("link-made", "Pr Lyonnet")
        assert link.key not in str(event.data)
        assert revoke(link, by=None)
        assert not revoke(link, by=None)
        assert [event.kind for event in Event.objects.order_by("pk")] == [
            "link-made",
            "link-revoked",
        ]

    @pytest.mark.parametrize(("language", "days"), [("de", 7), ("en", 0), ("en", 31)])
    def test_refused(self, language, days):
        with pytest.raises(ValueError, match="days"):
            shared(news.post(), language, days=days)

    def test_an_unwritten_language_cannot_be_shared(self):
        with pytest.raises(NothingToShare):
            shared(news.post(title_fr="", summary_fr="", body_fr=""), "fr")


class TestThePanel:
    def url(self, story, *link):
        return reverse(f"admin:news_post_{'unshare' if link else 'share'}", args=[story.pk, *link])

    def test_a_link_is_made_listed_and_revoked_beside_the_form(self, writer):
        story = news.post(title_en="Shared")
        asked = {"language": "en", "share_label": "The minister", "share_days": "3"}
        made = writer.post(self.url(story), asked)
        assert made.status_code == 200
        link = DraftLink.objects.get()
        assert link.made_by == writer.user
        assert made.json()["url"] == f"http://testserver{address(link)}"
        assert "The minister" in made.json()["html"]
        assert Client().get(made.json()["url"]).status_code == 200
        form = writer.get(admin_url(story, "change")).content.decode()
        assert address(link) in form
        assert "Opened once" in form
        answer = writer.post(self.url(story, link.pk))
        assert address(link) not in answer.json()["html"]
        assert read(link).status_code == 410

    def test_without_scripts_the_form_is_saved_first(self, writer):
        story = news.post(title_en="Before")
        url = admin_url(story, "change")
        data = typed_into(story, title_en="Typed", share_label="Her", _share="en")
        answer = writer.post(url, data, follow=True)
        link = DraftLink.objects.get()
        assert address(link) in answer.content.decode()
        assert "Typed" in read(link).content.decode()
        # Revoked even where the form cannot be saved.
        writer.post(url, typed_into(story, date="nonsense", _revoke_link=str(link.pk)))
        assert read(link).status_code == 410

    def test_a_new_story_is_saved_and_shared_at_once(self, writer):
        add = reverse("admin:news_post_add")
        writer.post(add, NEW | {"title_fr": "Neuf", "_share": "fr"})
        assert "Neuf" in read(DraftLink.objects.get()).content.decode()

    @pytest.mark.parametrize(
        "asked", [{}, {"language": "de"}, {"language": "en", "share_days": "31"}]
    )
    def test_what_cannot_be_shared(self, writer, asked):
        assert writer.post(self.url(news.post()), asked).status_code == 400
        assert not DraftLink.objects.exists()

    def test_an_empty_language_is_said(self, writer):
        story = news.post(title_fr="", summary_fr="", body_fr="")
        answer = writer.post(self.url(story), {"language": "fr"})
        assert answer.status_code == 400
        assert answer.json()["message"] == "Nothing is written in French yet."

    def test_only_the_maker_or_a_publisher_may_revoke(self, writer, publisher):
        story = news.post()
        mine = share(story, language="en", by=publisher.user)
        assert writer.post(self.url(story, mine.pk)).status_code == 403
        url = admin_url(story, "change")
        assert writer.post(url, typed_into(story, _revoke_link=str(mine.pk))).status_code == 403
        assert read(mine).status_code == 200
        theirs = share(story, language="en", by=writer.user)
        assert publisher.post(self.url(story, theirs.pk)).status_code == 200
        assert read(theirs).status_code == 410

    def test_who_may_not_change_neither_shares_nor_sees_addresses(self, writer):
        story = news.post()
        link = shared(story)
        reader = signed_in("reader", "view_post")
        assert reader.post(self.url(story), {"language": "en"}).status_code == 403
        assert reader.post(self.url(story, link.pk)).status_code == 403
        page = reader.get(admin_url(story, "change")).content.decode()
        assert address(link) not in page
        assert Client().post(self.url(story), {"language": "en"}).status_code == 302

    def test_a_link_of_another_story_is_not_found(self, writer):
        link = share(news.post(), language="en", by=writer.user)
        assert writer.post(self.url(news.post(), link.pk)).status_code == 404

    def test_addresses_have_nothing_a_mail_program_breaks(self):
        assert re.fullmatch(r"/preview/[\w.-]+/", address(shared(news.post())))
