"""The generation moves with every commit that visitors could see, and with no other."""

import datetime
import io

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.utils import timezone

from imagine_site.pagecache import triggers
from imagine_site.pagecache.boundaries import next_boundary
from imagine_site.pagecache.models import Generation
from imagine_site.pagecache.watching import Watch
from imagine_site.pagecache.wsgi import PageCache
from imagine_site.pages.models import KeyFigure
from imagine_site.publishing import actions
from labs.models import Laboratory
from news.models import Post
from tests.factories.labs import laboratory
from tests.factories.news import article
from tests.factories.news import post as a_post
from tests.pagecache.test_page_cache import ask


def generation() -> int:
    if connection.vendor == "postgresql":
        # What the deferred triggers of the test's own transaction would do at its commit.
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            cursor.execute("SELECT set_config('pagecache.moved', '', true)")
    return Generation.objects.get().number


@pytest.mark.django_db
class TestMoving:
    def test_publishing_and_withdrawing_move_it(self):
        story, before = a_post(), generation()
        actions.publish(story, language="en", by=None)
        published = generation()
        assert published > before
        actions.withdraw(story, language="en", by=None)
        assert generation() > published

    def test_a_working_copy_and_an_account_do_not(self):
        before = generation()
        story = a_post()
        story.title_en = "Changed"
        story.save()
        get_user_model().objects.create_user("eve")
        assert generation() == before

    def test_a_record_its_relations_and_a_bulk_update_do(self):
        before = generation()
        lab = laboratory()
        saved = generation()
        assert saved > before
        Laboratory.objects.filter(pk=lab.pk).update(unit_code="UMR 1163")
        updated = generation()
        assert updated > saved
        edition = article()
        related = generation()
        edition.laboratories.add(lab)
        assert generation() > related

    def test_deleting_moves_it(self):
        figure = KeyFigure.objects.create(value="24", label_en="labs", label_fr="labos")
        before = generation()
        figure.delete()
        assert generation() > before

    def test_every_table_that_public_pages_read_is_watched(self):
        watched = set(triggers.tables())
        for table in (
            "news_postedition",
            "news_postedition_laboratories",
            "pages_pageedition",
            "pages_redirect",
            "labs_membership",
            "labs_theme",
            "people_position",
            "images_image",
        ):
            assert table in watched, table
        assert not any("historical" in table for table in watched)
        assert Post._meta.db_table not in watched


@pytest.mark.django_db
class TestBoundaries:
    def test_an_embargo_the_end_of_an_edition_and_midnight_bound_every_page(self):
        now = timezone.now()
        midnight = next_boundary(now)
        assert timezone.localtime(midnight).time() == datetime.time()
        assert datetime.timedelta() < midnight - now <= datetime.timedelta(hours=25)
        second = datetime.timedelta(seconds=1)
        story = a_post()
        actions.publish(story, language="en", by=None, at=now + second)
        assert next_boundary(now) == now + second
        actions.withdraw(story, language="en", by=None, at=now + 3 * second)
        assert next_boundary(now + second) == now + 3 * second


@pytest.mark.django_db(transaction=True)
def test_a_page_is_kept_and_a_publication_is_seen_at_once():
    site = PageCache(get_wsgi_application(), most_bytes=10_000_000, watch=Watch(look_every=0))
    article(title_en="The first discovery")
    first, again = ask(site), ask(site)
    assert b"The first discovery" in first["body"]
    assert first == again
    assert len(site.store) == 1
    assert first["headers"]["Cache-Control"] == "public, no-cache"
    assert "Content-Security-Policy" in first["headers"]
    article(title_en="The second discovery")
    assert b"The second discovery" in ask(site)["body"]


@pytest.mark.django_db
def test_all_pages_are_forgotten_on_demand_and_after_a_backup_was_put_back():
    before = generation()
    call_command("forget_pages", stdout=io.StringIO())
    forgotten = generation()
    assert forgotten > before
    # A backup brings an old number, under which other pages may still be kept somewhere.
    Generation.objects.update(number=before - 1_000_000_000)
    triggers.install()
    assert generation() > forgotten
