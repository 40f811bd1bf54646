"""The admin pages of the register: they open, they save, and they refuse what loses something."""

import re
from html import unescape

import pytest
from django.contrib.admin import site
from django.contrib.auth import get_user_model
from django.urls import reverse

from imagine_site.images import uses
from imagine_site.register import kinds, signals
from labs.models import Theme
from people.models import Researcher
from tests.factories import images, labs, news, people

pytestmark = pytest.mark.django_db

MAKERS = {
    "researcher": people.researcher,
    "foundingmember": people.founding_member,
    "laboratory": labs.laboratory,
    "startup": labs.startup,
}
EACH_KIND = pytest.mark.parametrize("kind", sorted(MAKERS))


@pytest.fixture
def editor(client):
    user = get_user_model().objects.create_superuser("claire", password="x")
    client.force_login(user)
    return client


def address(record, page):
    opts = record._meta
    args = [] if page in {"changelist", "add", "autocomplete"} else [record.pk]
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


def typed(html: str) -> dict[str, str]:
    """What a browser would send back of an untouched form."""
    form = html[html.index("<form", html.index('id="content')) :]
    sent = {}
    for tag in re.findall(r"<input[^>]*>", form):
        got = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        kind = got.get("type", "text")
        if kind in {"checkbox", "radio"} and " checked" not in tag:
            continue
        if kind not in {"submit", "button", "file"} and "name" in got:
            sent[got["name"]] = unescape(got.get("value", "on" if kind == "checkbox" else ""))
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.S):
        sent[name] = unescape(text.removeprefix("\r\n").removeprefix("\n"))
    for name, options in re.findall(r'<select[^>]*?name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.findall(r'<option value="([^"]*)"[^>]*\bselected', options)
        if chosen:
            sent[name] = chosen if len(chosen) > 1 else chosen[0]
    return sent


def post(editor, record, **changes):
    where = address(record, "change")
    sent = typed(editor.get(where).content.decode()) | changes
    return editor.post(where, sent)


@EACH_KIND
def test_every_page_of_a_record_opens(editor, kind):
    record = MAKERS[kind]()
    for page in ("changelist", "add", "change", "history", "delete"):
        assert editor.get(address(record, page)).status_code == 200, page


@EACH_KIND
def test_an_old_version_can_be_looked_at_and_restored(editor, kind):
    record = MAKERS[kind](aliases="First")
    record.aliases = "Second"
    record.save()
    opts = record._meta
    old = reverse(
        f"admin:{opts.app_label}_{opts.model_name}_simple_history",
        args=[record.pk, record.history.last().pk],
    )
    response = editor.get(old)
    assert response.status_code == 200
    assert editor.post(old, typed(response.content.decode())).status_code == 302
    record.refresh_from_db()
    assert (record.aliases, record.version) == ("First", 3)
    assert str(record.history.first().history_user) == "claire"


def test_an_old_version_is_not_restored_over_a_save_nobody_looked_at(editor):
    person = people.researcher(aliases="First")
    old = reverse(
        "admin:people_researcher_simple_history", args=[person.pk, person.history.last().pk]
    )
    sent = typed(editor.get(old).content.decode())
    person.aliases = "Second"
    person.save()
    assert editor.post(old, sent).status_code == 409
    person.refresh_from_db()
    assert (person.aliases, person.version) == ("Second", 2)


def test_restoring_a_former_address_is_announced(editor, django_capture_on_commit_callbacks):
    told = []

    def listen(record, **_kwargs):
        told.append(record.slug)

    person = people.researcher(slug="ada")
    person.slug = "ada-l"
    person.save()
    old = reverse(
        "admin:people_researcher_simple_history", args=[person.pk, person.history.last().pk]
    )
    sent = typed(editor.get(old).content.decode())
    signals.readdressed.connect(listen, sender=Researcher)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            editor.post(old, sent)
    finally:
        signals.readdressed.disconnect(listen, sender=Researcher)
    assert told == ["ada"]


@EACH_KIND
def test_a_list_can_be_searched_and_filtered(editor, kind):
    record, other = MAKERS[kind](aliases="Zebra"), MAKERS[kind](is_public=False)
    where = address(record, "changelist")
    names = {str(getattr(each, each.name_fields[0])).split()[-1] for each in (record, other)}
    assert len(names) == 2
    for query, pks in (("q=zebra", {record.pk}), ("is_public__exact=0", {other.pk})):
        shown = editor.get(f"{where}?{query}").context["cl"].queryset
        assert {each.pk for each in shown} == pks


@EACH_KIND
def test_saving_an_untouched_form_changes_nothing(editor, kind):
    record = MAKERS[kind]()
    response = post(editor, record)
    assert response.status_code == 302, response.context["errors"]
    record.refresh_from_db()
    assert record.version == 1
    assert record.history.count() == 1


@EACH_KIND
def test_a_saved_change_says_who_made_it(editor, kind):
    record = MAKERS[kind]()
    assert post(editor, record, aliases="Another name").status_code == 302
    record.refresh_from_db()
    assert (record.aliases, record.version) == ("Another name", 2)
    assert str(record.history.first().history_user) == "claire"


@EACH_KIND
def test_a_save_over_a_newer_one_is_refused_with_both_texts(editor, kind):
    record = MAKERS[kind]()
    sent = typed(editor.get(address(record, "change")).content.decode())
    record.aliases = "Theirs"
    record.save()
    response = editor.post(address(record, "change"), sent | {"aliases": "Mine"})
    assert response.status_code == 409
    assert "Theirs" in response.content.decode()
    assert "Mine" in response.content.decode()
    record.refresh_from_db()
    assert record.aliases == "Theirs"


@EACH_KIND
def test_mistakes_keep_what_was_typed(editor, kind):
    record = MAKERS[kind]()
    name = "given_name" if kind == "researcher" else "name" if kind == "startup" else "name_en"
    response = post(editor, record, **{name: "", "aliases": "Typed with care"})
    assert response.status_code == 200
    assert "Typed with care" in response.content.decode()


def test_a_position_added_on_the_page_counts_as_a_change_of_the_person(editor):
    person = people.researcher()
    prefix = {"positions-TOTAL_FORMS": "1", "positions-0-title_en": "Director"}
    assert post(editor, person, **prefix, **{"positions-0-since": "2016-07"}).status_code == 302
    assert [str(position) for position in person.positions.all()] == ["Director"]
    person.refresh_from_db()
    assert person.version == 2
    assert str(person.history.first().history_user) == "claire"


def test_a_mistyped_orcid_is_refused_in_the_form(editor):
    response = post(editor, people.researcher(), orcid="0000-0002-1825-0098")
    assert "typing mistake" in response.content.decode()


def test_the_page_of_a_person_shows_where_else_they_stand(editor):
    person = people.researcher()
    labs.membership(labs.laboratory(name_en="Heart morphogenesis"), person, role="head")
    labs.startup(name="codoc").founders.add(person)
    html = editor.get(address(person, "change")).content.decode()
    assert "Heart morphogenesis</a>, head" in html
    assert "codoc</a>" in html


def test_people_are_listed_by_whether_they_have_a_title_today(editor):
    titled, former, none = (people.researcher() for _ in range(3))
    people.position(titled, since="2001")
    people.position(former, since="2001", until="2010")
    where = address(titled, "changelist")
    for answer, expected in (
        ("yes", {titled}),
        ("no", {former, none}),
        ("maybe", {titled, former, none}),
    ):
        assert set(editor.get(f"{where}?titled={answer}").context["cl"].queryset) == expected


def test_lists_ask_as_often_for_many_rows_as_for_few(editor, django_assert_max_num_queries):
    for _ in range(2):
        labs.funding_round(labs.startup())
        labs.membership(labs.laboratory(), role="head")
        people.position(people.researcher())
    for _ in range(10):
        labs.funding_round(labs.startup())
        labs.membership(labs.laboratory(), role="head")
        people.position(people.researcher())
    for kind in ("startup", "laboratory", "researcher"):
        with django_assert_max_num_queries(12):
            editor.get(address(MAKERS[kind](), "changelist"))


def test_the_sum_raised_stands_in_the_list_of_companies(editor):
    startup = labs.startup()
    labs.funding_round(startup, amount=14_500_000, date="2017")
    assert "14,500,000 EUR" in editor.get(address(startup, "changelist")).content.decode()


@EACH_KIND
def test_what_no_published_text_names_can_be_deleted(editor, kind):
    record = MAKERS[kind]()
    editor.post(address(record, "delete"), {"post": "yes"})
    assert not kinds.get(kind).objects.exists()


@pytest.mark.parametrize(
    ("kind", "relation"),
    [
        ("researcher", "people"),
        ("foundingmember", "founding_members"),
        ("laboratory", "laboratories"),
        ("startup", "startups"),
    ],
)
def test_what_published_texts_name_is_not_deleted_but_can_be_hidden(editor, kind, relation):
    record = MAKERS[kind]()
    for _ in range(2):
        news.article(about={relation: [record]})
    response = editor.post(address(record, "delete"), {"post": "yes"}, follow=True)
    assert "2 published articles name it: untick “public” instead." in response.content.decode()
    selected = {"action": "delete_selected", "_selected_action": [record.pk], "post": "yes"}
    response = editor.post(address(record, "changelist"), selected)
    assert "2 published articles name it" in response.content.decode()
    assert kinds.get(kind).objects.filter(pk=record.pk).exists()


def test_two_editions_of_one_article_are_one_article():
    record = people.researcher()
    news.article_in_both_languages(about={"people": [record]})
    assert (
        site.get_model_admin(Researcher)
        .why_it_must_stay(record)
        .startswith("1 published article names it")
    )


def test_a_theme_can_be_added(editor):
    sent = {"name_en": "Rare", "name_fr": "Rares", "slug": "rare"}
    editor.post(reverse("admin:labs_theme_add"), sent)
    assert Theme.objects.get().slug == "rare"
    assert editor.get(reverse("admin:labs_theme_changelist")).status_code == 200


def test_the_library_knows_whose_picture_it_is():
    picture = images.make_image()
    people.researcher(given_name="Ada", family_name="Lovelace", photo=picture)
    people.founding_member(name_en="Inserm", logo=picture)
    labs.laboratory(name_en="Heart", image=picture)
    labs.startup(name="codoc", logo=picture)
    assert {str(use) for use in uses.of(picture)} == {"Ada Lovelace", "Inserm", "Heart", "codoc"}
    assert all(use.url.startswith("/admin/") for use in uses.of(picture))


def test_a_photograph_can_be_removed_and_the_person_stays():
    picture = images.make_image()
    person = people.researcher(photo=picture)
    person.photo = None
    person.save()
    person.refresh_from_db()
    assert person.photo is None
