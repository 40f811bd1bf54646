"""Redirects: one step, to where a colleague said, never before a page, never off to a stranger."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from imagine_site.pages import redirects
from imagine_site.pages.models import Redirect
from imagine_site.pages.redirects import normal_path, safe_target
from tests.factories import news, pages, people

pytestmark = pytest.mark.django_db


def refused(**fields) -> str:
    with pytest.raises(ValidationError) as found:
        pages.redirect(**fields)
    return " ".join(found.value.messages)


# -- Followed -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "status"), [(Redirect.Kind.PERMANENT, 301), (Redirect.Kind.TEMPORARY, 302)]
)
def test_an_old_address_leads_on(client, kind, status):
    pages.redirect(old="/ancienne-page.html", target="/fr/actualites/", kind=kind)
    answer = client.get("/ancienne-page.html")
    assert (answer.status_code, answer["Location"]) == (status, "/fr/actualites/")
    assert client.head("/ancienne-page.html").status_code == status


@pytest.mark.parametrize(
    "path",
    ["/en/old/page/", "/en/old/page", "/en/old/page?", "/en/%6Fld/page/"],
)
def test_the_same_address_however_written(client, path):
    pages.redirect(old="/en/old/page/", target="/en/people/")
    assert client.get(path)["Location"] == "/en/people/"


def test_accents_and_spaces_of_old_addresses(client):
    pages.redirect(old="/fr/équipe du cœur/", target="/fr/equipes/")
    assert client.get("/fr/e%CC%81quipe%20du%20c%C5%93ur/")["Location"] == "/fr/equipes/"
    assert client.get("/fr/équipe du cœur")["Location"] == "/fr/equipes/"


def test_an_old_address_below_a_language_or_none(client):
    pages.redirect(old="/research", target="/en/laboratories/")
    assert client.get("/research/", headers={"accept-language": "fr"})["Location"] == (
        "/en/laboratories/"
    )


def test_the_query_is_kept(client):
    pages.redirect(old="/old", target="/en/news/?kind=press#top")
    pages.redirect(old="/older", target="/en/news/")
    assert client.get("/old?a=1&b=%C3%A9")["Location"] == "/en/news/?kind=press&a=1&b=%C3%A9#top"
    assert client.get("/older?page=2")["Location"] == "/en/news/?page=2"


def test_what_is_gone_says_so(client):
    pages.redirect(old="/en/closed", target="", kind=Redirect.Kind.GONE)
    assert client.get("/en/closed/").status_code == 410


def test_a_redirect_never_stands_before_a_page(client):
    article = news.article()
    pages.redirect(old=article.get_absolute_url(), target="/en/people/")
    pages.redirect(old="/en/news", target="/en/people/")
    assert client.get(article.get_absolute_url()).status_code == 200
    assert client.get("/en/news/").status_code == 200


def test_a_hidden_record_may_be_replaced_but_is_not_told(client):
    person = people.researcher(is_public=False)
    before = client.get(person.get_absolute_url()).status_code
    assert before == 404
    pages.redirect(old=person.get_absolute_url(), target="/en/people/")
    assert client.get(person.get_absolute_url())["Location"] == "/en/people/"


def test_forms_are_not_sent_elsewhere(client):
    pages.redirect(old="/en/some/old", target="/en/news/")
    assert client.post("/en/some/old").status_code == 404


def test_an_address_that_nothing_answers_costs_one_query_more(client, django_assert_num_queries):
    with django_assert_num_queries(3):  # the latest news and the frame, of the page itself
        assert client.get("/en/no/such/page/").status_code == 404


# -- Refused: chains and loops --------------------------------------------------------------------


def test_a_redirect_to_itself_is_refused():
    assert "back to where it starts" in refused(old="/a/", target="/a")
    assert "back to where it starts" in refused(old="/a", target="/a/?x=1#y")
    # The site would add the language itself and come back here.
    assert "back to where it starts" in refused(old="/en/a/", target="/a/")


def test_a_chain_is_refused_from_either_end():
    pages.redirect(old="/b/", target="/en/news/")
    said = refused(old="/a/", target="/b?x=1")
    assert said == "/b leads on to /en/news/: lead there directly."
    said = refused(old="/en/news/", target="/en/people/")
    assert said == "/b leads here already: first lead it on to /en/people/."


def test_a_loop_of_two_is_refused():
    pages.redirect(old="/a", target="/b")
    assert "leads on to /b" in refused(old="/b", target="/a")


def test_a_redirect_may_be_changed():
    row = pages.redirect(old="/a", target="/en/news/")
    row.target = "/en/people/"
    row.full_clean()
    row.save()
    assert row.history.count() == 2


def test_one_row_for_one_address():
    pages.redirect(old="/a/", target="/en/news/")
    assert "already exists" in refused(old="/%61", target="/en/people/")


def test_gone_leads_nowhere_and_nothing_else_does():
    assert "Say where it leads" in refused(old="/a", target="")
    assert "Say where it leads" in refused(old="/a", target="/en/news/", kind=410)
    with pytest.raises(IntegrityError), transaction.atomic():
        Redirect.objects.create(old="/a", target="", kind=301)


# -- Refused: hostile -----------------------------------------------------------------------------

HOSTILE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/%2Fevil.example",
    "/%5Cevil.example",
    "/%5c/evil.example",
    "/a//evil.example",
    "http://evil.example/",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://",
    "https://user:pass@evil.example/",
    "https://www.institutimagine.org@evil.example/",
    "https://evil.example\\@www.institutimagine.org/",
    "https://evil example/",
    "https://[::1]/",
    "https://127.0.0.1/",
    "https://localhost/",
    "https://evil.example:notaport/",
    "https://[broken/",
    "/en/news/\r\nSet-Cookie: a=b",
    "/en/news/%0d%0aSet-Cookie:%20a=b",
    "/en/\x00",
    "/en/\u2028",
    "/\tevil",
    "/<script>",
    "evil.example",
    "?next=//evil.example",
    "",
]


@pytest.mark.parametrize("target", HOSTILE)
def test_a_hostile_target_is_refused(target):
    with pytest.raises(ValidationError):
        safe_target(target)


def test_a_hostile_target_that_came_another_way_is_not_followed(client, rf):
    row = Redirect(old="/en/some/old")
    for target in HOSTILE:
        if target and "\x00" not in target:  # PostgreSQL keeps no NUL
            row.target = target
            row.save()
            assert redirects.answer(rf.get("/en/some/old/")) is None, target
    answer = client.get("/en/some/old/")
    assert answer.status_code == 404
    assert "Location" not in answer


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "/%2Fevil.example/",
        "/%5Cevil.example/",
        "/\\evil.example",
        "/en//evil.example/",
        "/en/../admin/",
        "/a/%0d%0aLocation:%20x",
        "/%ff%fe",
        "/" + "a" * 5000,
    ],
)
def test_a_hostile_address_is_answered_404_and_nothing_more(client, path):
    pages.redirect(old="/evil.example", target="/en/news/")
    answer = client.get(path)
    assert answer.status_code in {302, 404}  # 302: only the site's own, to the same in a language
    assert answer.get("Location", "/en/").startswith(("/en/", "/fr/"))


@pytest.mark.parametrize("query", ["%0d%0aSet-Cookie:a=b", "next=//evil.example", "\u2028"])
def test_a_hostile_query_stays_a_query(client, query):
    pages.redirect(old="/old", target="/en/news/")
    answer = client.get(f"/old?{query}")
    assert answer["Location"].startswith("/en/news/?")
    assert not any(c in answer["Location"] for c in "\r\n")
    assert not answer.cookies


@pytest.mark.parametrize(
    "old", ["", "old", "https://x.example/a", "//a", "/a\\b", "/../a", "/a\n/b"]
)
def test_what_is_no_path_is_refused(old):
    assert refused(old=old)


@pytest.mark.parametrize("old", ["/", "/en/", "/fr", "/admin/x", "/static/a.css", "/media/r/a.jpg"])
def test_what_always_answers_by_itself_is_refused(old):
    assert refused(old=old) == "This address always answers by itself."


def test_normal_forms():
    assert normal_path("/a/b/?x=1#y") == "/a/b"
    assert normal_path("/caf%C3%A9/") == normal_path("/cafe\u0301") == "/café"
    assert safe_target("/en/café/") == "/en/caf%C3%A9/"
    assert safe_target("https://www.example.org/a?b=c#d") == "https://www.example.org/a?b=c#d"


def test_an_address_of_this_site_is_kept_as_a_path(settings):
    settings.SITE_URL = "https://www.example.org"
    assert safe_target("https://www.example.org/en/news/") == "/en/news/"
    assert safe_target("https://www.example.org") == "/"
    with pytest.raises(ValidationError):
        safe_target("https://www.example.org//evil.example/")
