"""The photo desk: many at once, what is missing, what is ending, what nobody uses."""

import datetime

import pytest
from django.contrib.admin import site
from django.core.files.storage import default_storage
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from imagine_site.documents import references
from imagine_site.images import uses
from imagine_site.images.models import Image
from tests.factories import labs, news, pages, people
from tests.factories.images import GPS_CANARY, exif, image_file, make_image

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("only_jpeg")]
LIST = "admin:images_image_changelist"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def editor(admin_client):
    return admin_client


def incomplete(**words) -> Image:
    """An entry as it comes in without its words."""
    empty = {"credit": "", "alt_en": "", "alt_fr": "", "incomplete": True}
    return make_image(**{**empty, **words})


def take(client, file):
    return client.post(reverse("admin:images_image_take"), {"file": file})


def listed(user, query: str) -> set[str]:
    """Titles in the list, without the page around it."""
    request = RequestFactory().get(f"{reverse(LIST)}?{query}")
    request.user = user
    return {
        str(image)
        for image in site.get_model_admin(Image).get_changelist_instance(request).result_list
    }


def row(image: Image, **values) -> dict:
    """What the table sends for one picture."""
    sent = {name: getattr(image, name) for name in ("title", "credit", "licence")}
    sent |= {"alt_en": image.alt_en, "alt_fr": image.alt_fr, "version": image.version, **values}
    return {f"image-{image.pk}-{name}": value for name, value in sent.items()}


# -- Incomplete entries -----------------------------------------------------------------------


def test_an_incomplete_entry_is_shown_nowhere_until_it_is_complete():
    image = incomplete(alt_en="A hall")
    assert not image.usable()
    assert not Image.objects.usable().exists()
    assert image.obstacles() == [
        "Its entry in the library is incomplete. Missing: credit, alternative text in French."
    ]
    assert (image.url(), image.picture(), image.preload()) == ("", "", "")
    image.credit = "Jane Doe"
    image.save()
    assert not image.usable()
    image.alt_fr = "Un hall"
    image.save(update_fields=["alt_fr"])
    image.refresh_from_db()
    assert image.usable()
    assert not image.incomplete


def test_it_can_be_filled_in_bit_by_bit_and_a_complete_one_not_emptied(editor):
    image = incomplete()
    address = reverse("admin:images_image_change", args=[image.pk])
    sent = {"_version": image.version, "title": "Hall", "credit": "Jane Doe", "consent": ""}
    assert editor.post(address, sent).status_code == 302
    image.refresh_from_db()
    assert (image.credit, image.incomplete) == ("Jane Doe", True)
    sent |= {"_version": image.version, "decorative": "on"}
    assert editor.post(address, sent).status_code == 302
    image.refresh_from_db()
    assert not image.incomplete
    response = editor.post(address, {**sent, "_version": image.version, "credit": ""})
    assert list(response.context["adminform"].form.errors) == ["credit"]


# -- Many at once -----------------------------------------------------------------------------


def test_a_dropped_file_is_taken_with_what_it_says_of_itself(editor, admin_user):
    tags = exif()
    tags[0x010E], tags[0x013B] = "The hall on the day it opened", "Jane Doe"
    response = take(editor, image_file(96, 64, exif=tags, name="DSC_1.jpg"))
    image = Image.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "name": "DSC_1.jpg",
        "state": "added",
        "id": image.pk,
        "title": "DSC_1",
        "url": reverse("admin:images_image_change", args=[image.pk]),
        "thumb": image.file_url(shape="card", at_least=1),
        "missing": ["alternative text in English", "alternative text in French"],
    }
    assert (image.credit, image.created_by, image.incomplete) == ("Jane Doe", admin_user, True)
    assert image.description == "The hall on the day it opened"
    assert all(default_storage.exists(path) for path in image.paths())
    assert image.history.get().history_user == admin_user
    assert GPS_CANARY.encode() not in image.read_original()


def test_a_file_that_is_here_already_leads_to_its_entry(editor):
    first = make_image(title="Hall", file=image_file(seed=5))
    response = take(editor, image_file(seed=5, name="again.jpg"))
    assert response.status_code == 200
    answer = response.json()
    assert (answer["state"], answer["id"], answer["title"]) == ("known", first.pk, "Hall")
    assert Image.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "said"), [(b"GIF89a", "GIF files are not taken"), (b"", "empty"), (None, "Choose")]
)
def test_a_file_that_is_refused_says_why_and_leaves_nothing(editor, content, said):
    response = take(editor, "" if content is None else image_file(content=content))
    assert response.status_code == 400
    assert said in response.json()["error"]
    assert not Image.objects.exists()


def test_without_a_script_the_same_form_takes_them_together(editor):
    known = make_image(file=image_file(seed=5))
    files = [image_file(seed=6), image_file(content=b"GIF89a", name="a.gif"), image_file(seed=5)]
    response = editor.post(reverse("admin:images_image_several"), {"files": files})
    (added,) = Image.objects.exclude(pk=known.pk)
    page = response.content.decode()
    assert f'href="{reverse("admin:images_image_complete")}?ids={added.pk}"' in page
    assert "GIF files are not taken" in page
    assert reverse("admin:images_image_change", args=[known.pk]) in page


def test_more_than_forty_at_once_are_said_and_not_dropped(editor, monkeypatch):
    monkeypatch.setattr("imagine_site.images.many_at_once.AT_ONCE", 1)
    files = [image_file(seed=6), image_file(seed=7, name="second.jpg")]
    page = editor.post(reverse("admin:images_image_several"), {"files": files}).content.decode()
    assert Image.objects.count() == 1
    assert "second.jpg" in page
    assert "at most 1 at once" in page


# -- Completing many --------------------------------------------------------------------------


def test_many_are_completed_in_one_page(editor, admin_user):
    one, two, three = incomplete(), incomplete(credit="Jane Doe"), incomplete()
    address = reverse("admin:images_image_complete")
    page = editor.get(address)
    assert [form.instance for form in page.context["rows"]] == [three, two, one]
    words = {"alt_en": "A hall", "alt_fr": "Un hall"}
    response = editor.post(
        f"{address}?ids={one.pk},{two.pk},{three.pk}",
        {
            "all-credit": "Agence",
            **row(one, **words),
            **row(two, decorative="on"),
            **row(three, alt_en="Half"),
        },
    )
    assert response.status_code == 302
    for image in (one, two, three):
        image.refresh_from_db()
    assert [image.credit for image in (one, two, three)] == ["Agence", "Jane Doe", "Agence"]
    assert [image.incomplete for image in (one, two, three)] == [False, False, True]
    assert one.history.count() == 2
    assert one.history.first().history_user == admin_user
    assert [form.instance for form in editor.get(address).context["rows"]] == [three]


def test_a_row_that_is_not_right_stays_and_the_others_are_saved(editor):
    bad, good = make_image(title="Bad"), incomplete(title="Good")
    Image.objects.get(pk=bad.pk).save()  # somebody else saved it meanwhile
    response = editor.post(
        f"{reverse('admin:images_image_complete')}?ids={bad.pk},{good.pk}",
        {**row(bad, credit="Mine"), **row(good, credit="Ours")},
    )
    assert response.status_code == 409
    assert [bool(form.errors) for form in response.context["rows"]] == [True, False]
    assert "Mine" in response.content.decode()
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.credit, bad.credit) == ("Ours", "Institut Imagine")
    emptied = editor.post(
        f"{reverse('admin:images_image_complete')}?ids={bad.pk}", row(bad, credit=" ")
    )
    assert list(emptied.context["rows"][0].errors) == ["credit"]


def test_the_selection_of_the_list_is_completed(editor):
    image = incomplete()
    response = editor.post(
        reverse(LIST), {"action": "complete_these", "_selected_action": [image.pk]}
    )
    assert response["Location"] == f"{reverse('admin:images_image_complete')}?ids={image.pk}"


@pytest.mark.parametrize("ids", ["", "abc", "999999", "1" * 40, ","])
def test_odd_selections_are_no_error(editor, ids):
    assert editor.get(f"{reverse('admin:images_image_complete')}?ids={ids}").status_code == 200


# -- The list ---------------------------------------------------------------------------------


def test_the_list_is_narrowed_to_what_needs_work(admin_user, used):
    today = timezone.localdate()
    make_image(title="Fine", taken_on=datetime.date(2011, 5, 1))
    make_image(title="Ended", rights_until=today - DAY)
    make_image(title="Soon", consent_until=today + 30 * DAY, by=admin_user)
    make_image(title="Later", rights_until=today + 31 * DAY, consent="missing")
    incomplete(title="Bare")
    incomplete(title="Said", credit="Jane")
    everything = {"Fine", "Ended", "Soon", "Later", "Bare", "Said"}
    for query, found in {
        "missing=any": {"Bare", "Said"},
        "missing=credit": {"Bare"},
        "missing=alt": {"Bare", "Said"},
        "rights=ended": {"Ended"},
        "rights=soon": {"Soon"},
        "rights=limited": {"Ended", "Soon", "Later"},
        "usable=yes": {"Fine", "Soon"},
        "usable=no": everything - {"Fine", "Soon"},
        "consent__exact=missing": {"Later"},
        "by=me": {"Soon"},
        "year=2011": {"Fine"},
        f"year={today.year}": everything - {"Fine"},
        "year=99999": set(),
        "year=odd": everything,
        "used=no": everything,
        "used=yes": set(),
        "missing=odd&rights=odd": everything,
    }.items():
        assert listed(admin_user, query) == found, query
    used.append(uses.Use("Somewhere"))
    assert listed(admin_user, "used=no") == set()


def everywhere(image: Image) -> None:
    """Show a picture in every place there is."""
    people.researcher(photo=image)
    people.founding_member(logo=image)
    labs.laboratory(image=image)
    labs.startup(logo=image)
    pages.milestone(image=image)
    news.post(title_en="Draft", body_en=f'<figure data-gallery="{image.pk}"></figure>')
    news.post(title_en="Led", lead_image=image)
    pages.page(body_fr=f'<figure data-image="{image.pk}"></figure>')
    gone = news.article(
        title_en="Was", body_en=f'<p>x</p><figure data-image="{image.pk}"></figure>'
    ).story
    gone.body_en = "<p>x</p>"
    gone.save()


def test_a_page_of_pictures_asks_as_often_as_one(editor, django_assert_max_num_queries):
    for number in range(3):
        image = make_image(file=image_file(24, 16, "PNG", seed=number))
        if number < 2:
            everywhere(image)
    with django_assert_max_num_queries(24):
        page = editor.get(reverse(LIST))
    assert page.content.decode().count("and 8 more") == 2
    assert "nowhere yet" in page.content.decode()
    with django_assert_max_num_queries(11):
        found = uses.of_all(Image.objects.all())
    assert sorted(len(places) for places in found.values()) == [0, 9, 9]
    assert uses.used_keys() == {pk for pk, places in found.items() if places}


def test_what_only_looks_like_a_picture_in_a_text_is_no_use():
    image = make_image()
    mark = f'&lt;figure data-image="{image.pk}">'
    news.post(body_en=f"<p>Write {mark} here.</p>")
    other = f'<p>x</p><figure data-image="{image.pk + 1}" data-alt="{mark}"></figure>'
    news.post(body_en=other.replace('t="&lt;', "t='&lt;").replace('>"></figure>', ">'></figure>"))
    assert uses.of(image) == []
    assert uses.used_keys() == {image.pk + 1}


def test_every_way_of_showing_a_picture_in_a_text_is_found():
    images = [make_image() for _number in range(4)]
    alone, gallery, poster, wide = (image.pk for image in images)
    story = news.post(
        title_en="All",
        body_fr=f'<p>x</p><figure data-image="{alone}"></figure>'
        f'<figure data-alt="a" data-width="wide" data-image="{wide}"></figure>'
        f'<figure data-gallery="999 {gallery} 998"></figure>'
        f'<figure data-poster="{poster}" data-video="youtube:abc"></figure>',
    )
    for found in (uses.of_all(images), {image.pk: uses.of(image) for image in images}):
        assert [[str(use) for use in found[image.pk]] for image in images] == [["All"]] * 4
    assert uses.used_keys() >= {image.pk for image in images}
    assert references(story.body_fr).images == (alone, wide, 999, gallery, 998, poster)


def test_the_form_of_an_entry_costs_a_bounded_number_of_queries(
    editor, django_assert_max_num_queries
):
    image = make_image()
    everywhere(image)
    with django_assert_max_num_queries(30):
        assert editor.get(reverse("admin:images_image_change", args=[image.pk])).status_code == 200


def test_from_an_entry_to_the_next_in_the_same_list(editor):
    first, other, last = incomplete(title="First"), make_image(), incomplete(title="Last")
    address = reverse("admin:images_image_change", args=[last.pk])
    filters = "_changelist_filters=missing%3Dany"
    page = editor.get(f"{address}?{filters}")
    assert (page.context["before"], page.context["after"]) == (None, first.pk)
    assert editor.get(address).context["after"] == other.pk
    sent = {"_version": last.version, "credit": "Jane", "consent": "", "_after": first.pk}
    response = editor.post(f"{address}?{filters}", {**sent, "_save_after": "1"})
    assert response["Location"] == (
        f"{reverse('admin:images_image_change', args=[first.pk])}?{filters}"
    )
    last.refresh_from_db()
    assert last.credit == "Jane"
