"""Queries put into SQL once give what Django's own give."""

import datetime

import pytest
from django.db.models import F
from django.utils import timezone

from imagine_site.components.prepared import NotPreparable, Prepared
from news.models import PostEdition
from tests.factories import news
from tests.factories.images import make_image

pytestmark = pytest.mark.django_db

LIVE = Prepared(
    lambda language, at, least: (
        PostEdition.objects.in_language(language)
        .live(at=at)
        .filter(pk__gte=least)
        .select_related("lead_image")
        .defer("body", "lead_image__description")
        .annotate(again=F("title"))
        .order_by("pk")
    ),
    at=datetime.datetime,
    least=int,
)
TITLES = Prepared(
    lambda title: PostEdition.objects.filter(title=title).values_list("pk", "title"), title=str
)


@pytest.fixture
def editions():
    return [
        news.article(title_en="Heart", lead_image=make_image(), dois="10.1038/nature123"),
        news.article(title_en="Eye"),
        news.article(language="fr", title_fr="Cœur"),
        news.article(title_en="Tomorrow", at=timezone.now() + datetime.timedelta(days=1)),
    ]


def test_its_rows_are_those_of_the_query(editions, django_assert_num_queries):
    for language in ("en", "fr", "en"):
        for days in (0, 2):
            values = {
                "language": language,
                "at": timezone.now() + datetime.timedelta(days=days),
                "least": editions[1].pk if days else 0,
            }
            expected = list(LIVE.queryset(**values))
            assert expected
            with django_assert_num_queries(1):
                found = LIVE(**values)
                assert found == expected
                pictures = [each.lead_image for each in found]
                assert pictures == [each.lead_image for each in expected]
            for one, other in zip(found, expected, strict=True):
                assert one.get_deferred_fields() == other.get_deferred_fields() == {"body"}
                assert one.again == one.title
                for field in PostEdition._meta.concrete_fields:
                    same = getattr(one, field.attname), getattr(other, field.attname)
                    assert same[0] == same[1], field
                if one.lead_image:
                    kept = one.lead_image.renditions, one.lead_image.get_deferred_fields()
                    assert kept == (other.lead_image.renditions, {"description"})


def test_rows_may_be_tuples(editions):
    assert TITLES(title="Heart") == [(editions[0].pk, "Heart")]
    assert TITLES(title="Nobody’s") == []


def test_a_value_is_never_read_as_sql(editions):
    for title in ("Heart' OR '1'='1", "%s", "%(title)s", "\ue0000\ue000", "Hea\\'rt"):
        assert TITLES(title=title) == []


def test_a_value_that_the_statement_does_not_hold_is_a_mistake_of_ours():
    forgotten = Prepared(
        lambda language: PostEdition.objects.in_language(language), at=datetime.datetime
    )
    with pytest.raises(NotPreparable, match="at"):
        forgotten(language="en", at=timezone.now())
