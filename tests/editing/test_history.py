"""The history of a record: what is told of it, two versions compared, one brought back, and the
way back after a deletion."""

import datetime

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.editing.versions import companions_of, in_silence, make_version
from imagine_site.pages.models import KeyFigure, Redirect
from labs.models import Laboratory, Membership, Theme
from people.models import Position, Researcher
from tests.factories import labs, pages, people
from tests.factories.images import make_image

User = get_user_model()

pytestmark = pytest.mark.django_db


def address(row, view: str, *args) -> str:
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{view}"
    return reverse(name, args=[row.pk, *args] if row.pk else args)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def with_rights(name: str, *codenames: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return signed_in(user)


def save(row, by=None, **fields):
    """A save as the admin makes it: one version, with what stands beside the row."""
    for name, value in fields.items():
        setattr(row, name, value)
    with in_silence(row):
        row.save()
    row.__dict__.pop("_history_user", None)
    return make_version(row, by=by)


@pytest.fixture
def claire(db):
    return User.objects.create_superuser("claire", first_name="Claire", last_name="Dubois")


@pytest.fixture
def editor(claire):
    return signed_in(claire)


def restore(client, row, kept, **sent):
    url = address(row, "simple_history", kept.history_id)
    version = type(row)._base_manager.get(pk=row.pk).version
    return client.post(url, {"_version": version} | sent)


class TestTheHistory:
    def test_it_says_who_changed_what_and_when_in_words(self, editor, claire):
        person = people.researcher(biography_en="Codes.")
        save(person, by=claire, biography_en="Writes.", is_public=False)
        page = editor.get(address(person, "history")).text
        assert "Claire Dubois" in page
        assert "Public, Biography (English)" in page
        assert "Created" in page

    def test_relations_and_inner_rows_count_as_changes(self, editor, claire):
        laboratory = labs.laboratory()
        save(laboratory, by=claire)
        laboratory.themes.add(labs.theme())
        labs.membership(laboratory)
        save(laboratory, by=claire)
        assert "Themes, Memberships" in editor.get(address(laboratory, "history")).text

    def test_times_are_those_of_the_institute(self, editor):
        figure = pages.key_figure()
        KeyFigure.history.update(
            history_date=datetime.datetime(2026, 7, 1, 22, 30, tzinfo=datetime.UTC)
        )
        page = editor.get(address(figure, "history"))
        assert "2 July 2026" in page.text
        assert "Europe/Paris" in page.text
        french = editor.get(address(figure, "history"), headers={"accept-language": "fr"})
        assert "2 juillet 2026" in french.text

    def test_what_no_version_has_yet_is_told_first(self, editor):
        figure = pages.key_figure(value="38")
        with in_silence(figure):
            figure.value = "39"
            figure.save()
        page = editor.get(address(figure, "history")).text
        assert "Working copy, not yet a version" in page
        assert page.index("Working copy") < page.index("Created")

    def test_hundreds_of_versions_cost_as_much_as_one(
        self, editor, claire, django_assert_max_num_queries
    ):
        laboratory = labs.laboratory()
        Laboratory.history.update(history_date=timezone.now() - datetime.timedelta(days=2))
        rows = [
            Laboratory.history.model(
                **{
                    field.attname: getattr(laboratory, field.attname)
                    for field in Laboratory.history.model.tracked_fields
                }
                | {"version": number, "description_en": f"Text {number}"},
                history_date=timezone.now() - datetime.timedelta(minutes=400 - number),
                history_type="~",
                history_user=claire,
            )
            for number in range(2, 402)
        ]
        Laboratory.history.bulk_create(rows)
        Laboratory.objects.filter(pk=laboratory.pk).update(version=401)
        editor.get(address(laboratory, "history"))
        with django_assert_max_num_queries(12):
            page = editor.get(address(laboratory, "history"))
        assert page.text.count("The science (English)") == 50
        assert "?p=9" in page.text
        assert "Created" in editor.get(address(laboratory, "history") + "?p=9").text

    def test_a_deleted_record_keeps_its_history(self, editor):
        theme = labs.theme()
        where, pk = address(theme, "history"), theme.pk
        theme.delete()
        assert "It was deleted" in editor.get(where).text
        assert editor.get(where.replace(f"/{pk}/", "/999999/")).status_code == 404
        assert editor.get(where.replace(f"/{pk}/", "/nonsense/")).status_code == 404

    def test_only_who_may_look_at_the_record_sees_it(self):
        figure = pages.key_figure()
        reader, other = with_rights("reader", "view_keyfigure"), with_rights("other")
        for view in ("history", "compare"):
            assert reader.get(address(figure, view)).status_code == 200
            assert other.get(address(figure, view)).status_code == 403
        assert "Restore" not in reader.get(address(figure, "history")).text


class TestComparing:
    def test_any_two_versions_in_any_order(self, editor, claire):
        figure = pages.key_figure(value="38", label_en="laboratories")
        first = figure.history.first()
        save(figure, by=claire, value="39", label_en="public laboratories", is_public=False)
        second = figure.history.first()
        url = address(figure, "compare")
        asked = {"older": f"h{first.history_id}", "newer": f"h{second.history_id}"}
        page = editor.get(url, asked)
        assert [each.label for each in page.context["differences"]] == [
            "Value",
            "What is counted (English)",
            "Public",
        ]
        assert "</span>public </ins>laboratories" in page.text
        turned = editor.get(url, {"older": asked["newer"], "newer": asked["older"]})
        assert turned.context["old"].key == asked["older"]
        assert "say the same" in editor.get(url, {"older": "now", "newer": asked["newer"]}).text

    @pytest.mark.parametrize("key", ["h999999", "h", "hx", "e1", "now2", "x" * 99])
    def test_a_version_that_is_none_is_not_found(self, editor, key):
        figure = pages.key_figure()
        assert editor.get(address(figure, "compare"), {"older": key}).status_code == 404

    def test_a_version_of_another_record_is_not_found(self, editor):
        one, other = pages.key_figure(), pages.key_figure()
        key = f"h{other.history.first().history_id}"
        assert editor.get(address(one, "compare"), {"older": key}).status_code == 404
        url = address(one, "simple_history", other.history.first().history_id)
        assert editor.get(url).status_code == 404

    def test_nothing_anyone_typed_becomes_markup(self, editor, claire):
        person = people.researcher(biography_en="<script>one</script>", aliases="<b>x</b>")
        people.position(person, title_en="<i>Head</i>", since="2019")
        save(person, by=claire)
        Position.objects.update(title_en="<i>Chief</i>")
        save(person, by=claire, biography_en="<script>two</script>", aliases="")
        page = editor.get(address(person, "compare"))
        assert len(page.context["differences"]) == 3
        for tag in ("<script>one", "<script>two", "<b>x", "<i>Head", "<i>Chief"):
            assert tag not in page.text

    def test_pictures_stand_side_by_side_and_related_rows_have_names(self, editor, claire):
        image = make_image()
        person = people.researcher()
        laboratory = labs.laboratory(image=image)
        theme = labs.theme(name_en="Hearts")
        laboratory.themes.add(theme)
        labs.membership(laboratory, person, role="member", since="2019")
        save(laboratory, by=claire)
        laboratory.themes.clear()
        Membership.objects.update(role="head")
        save(laboratory, by=claire, image=None)
        page = editor.get(address(laboratory, "compare"))
        assert image.file_url(at_least=320) in page.text
        assert "</span>Hearts</del>" in page.text
        assert "</span>member</del>" in page.text
        assert "</span>head</ins>" in page.text
        assert str(person) in page.text
        theme.delete()
        assert "theme" in editor.get(address(laboratory, "compare")).text


class TestRestoring:
    def test_fields_relations_and_inner_rows_come_back_as_a_new_version(self, editor, claire):
        laboratory = labs.laboratory(name_en="Hearts")
        theme, person = labs.theme(), people.researcher()
        laboratory.themes.add(theme)
        labs.membership(laboratory, person, role="head", since="2019")
        old = save(laboratory, by=claire)
        laboratory.themes.clear()
        laboratory.memberships.all().delete()
        save(laboratory, by=claire, name_en="Kidneys")
        asked = editor.get(address(laboratory, "simple_history", old.history_id))
        assert "visitors see the restored version at once" in asked.text
        assert "Kidneys" in asked.text
        assert restore(editor, laboratory, old).status_code == 302
        laboratory.refresh_from_db()
        assert laboratory.name_en == "Hearts"
        assert list(laboratory.themes.all()) == [theme]
        assert laboratory.memberships.get().researcher == person
        newest = laboratory.history.first()
        assert newest.history_change_reason.startswith("Restored the version of")
        assert newest.history_user == claire
        assert newest.companions == companions_of(laboratory)
        assert laboratory.history.count() == 4

    def test_what_no_version_has_yet_is_kept_as_one_first(self, editor):
        figure = pages.key_figure(value="38")
        old = figure.history.first()
        with in_silence(figure):
            figure.value = "39, typed and never saved"
            figure.save()
        restore(editor, figure, old)
        values = list(figure.history.order_by("history_id").values_list("value", flat=True))
        assert values == ["38", "39, typed and never saved", "38"]

    def test_nothing_is_restored_over_a_save_that_nobody_looked_at(self, editor):
        figure = pages.key_figure(value="38")
        old, before = figure.history.first(), figure.version
        save(figure, value="39")
        answer = restore(editor, figure, old, _version=before)
        assert answer.status_code == 409
        assert "Nothing was restored" in answer.text
        figure.refresh_from_db()
        assert figure.value == "39"
        assert f'name="_version" value="{figure.version}"' in answer.text

    def test_it_needs_the_right_to_change(self):
        figure = pages.key_figure(value="38")
        old = figure.history.first()
        save(figure, value="39")
        writer = with_rights("writer", "view_keyfigure", "change_post")
        page = writer.get(address(figure, "simple_history", old.history_id))
        assert page.status_code == 200
        assert "_version" not in page.text
        assert restore(writer, figure, old).status_code == 403
        figure.refresh_from_db()
        assert figure.value == "39"

    def test_what_was_deleted_since_is_said_and_the_rest_comes_back(self, editor, claire):
        laboratory = labs.laboratory(name_en="Hearts")
        theme = labs.theme()
        laboratory.themes.add(theme)
        labs.membership(laboratory, people.researcher())
        old = save(laboratory, by=claire)
        Membership.objects.all().delete()
        Researcher.objects.all().delete()
        theme.delete()
        save(laboratory, by=claire, name_en="Kidneys")
        asked = editor.get(address(laboratory, "simple_history", old.history_id))
        assert "Deleted since, and not coming back: theme, person" in asked.text
        url = address(laboratory, "simple_history", old.history_id)
        said = editor.post(url, {"_version": laboratory.version}, follow=True).text
        assert "not back: theme, person" in said
        laboratory.refresh_from_db()
        assert laboratory.name_en == "Hearts"

    def test_an_address_that_another_has_taken_is_left(self, editor):
        theme = labs.theme(name_en="Hearts", slug="hearts")
        old = theme.history.first()
        save(theme, name_en="Kidneys", slug="kidneys")
        labs.theme(slug="hearts")
        said = editor.post(
            address(theme, "simple_history", old.history_id),
            {"_version": theme.version},
            follow=True,
        ).text
        assert "left as it was: Address" in said
        theme.refresh_from_db()
        assert (theme.name_en, theme.slug) == ("Hearts", "kidneys")

    def test_a_picture_gets_its_words_back_and_keeps_its_file(self, editor):
        image = make_image(alt_en="A heart", credit="Ada")
        old, digest = image.history.first(), image.digest
        save(image, alt_en="A lung", credit="Eve", focal_x=0.1)
        assert "</span>lung</ins>" in editor.get(address(image, "compare")).text
        assert restore(editor, image, old).status_code == 302
        image.refresh_from_db()
        assert (image.alt_en, image.credit, image.focal_x) == ("A heart", "Ada", 0.5)
        assert image.digest == digest


class TestDeleted:
    def bring_back(self, client, model, kept):
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_deleted")
        return client.post(url, {"history_id": kept.history_id}, follow=True)

    def test_a_deleted_record_comes_back_whole_under_its_number(self, editor, claire):
        laboratory = labs.laboratory(name_en="Hearts")
        theme, person = labs.theme(), people.researcher()
        laboratory.themes.add(theme)
        labs.membership(laboratory, person, role="head", since="2019")
        pk, created = laboratory.pk, laboratory.created_at
        editor.post(address(laboratory, "delete"), {"post": "yes"})
        assert not Laboratory.objects.exists()
        listed = editor.get(reverse("admin:labs_laboratory_deleted"))
        assert "Hearts" in listed.text
        assert "Claire Dubois" in listed.text
        kept = Laboratory.history.filter(history_type="-").get()
        assert "is back" in self.bring_back(editor, Laboratory, kept).text
        back = Laboratory.objects.get()
        assert (back.pk, back.name_en, back.created_at) == (pk, "Hearts", created)
        assert list(back.themes.all()) == [theme]
        assert back.memberships.get().researcher == person
        assert back.history.first().history_change_reason == "Brought back after its deletion"
        assert "Hearts" not in editor.get(reverse("admin:labs_laboratory_deleted")).text
        assert "there already" in self.bring_back(editor, Laboratory, kept).text

    def test_several_deleted_at_once_come_back_whole(self, editor):
        laboratory = labs.laboratory()
        laboratory.themes.add(labs.theme())
        editor.post(
            reverse("admin:labs_laboratory_changelist"),
            {"action": "delete_selected", "_selected_action": [laboratory.pk], "post": "yes"},
        )
        assert not Laboratory.objects.exists()
        kept = Laboratory.history.filter(history_type="-").get()
        self.bring_back(editor, Laboratory, kept)
        assert Laboratory.objects.get().themes.count() == 1

    def test_an_address_taken_meanwhile_gets_a_number(self, editor):
        theme = labs.theme(slug="hearts")
        theme.delete()
        labs.theme(slug="hearts")
        kept = Theme.history.filter(history_type="-").get()
        assert "left as it was: Address" in self.bring_back(editor, Theme, kept).text
        assert sorted(Theme.objects.values_list("slug", flat=True)) == ["hearts", "hearts-2"]

    def test_what_cannot_be_there_twice_is_refused_with_a_reason(self, editor):
        redirect = pages.redirect(old="/old/")
        redirect.delete()
        pages.redirect(old="/old/")
        kept = Redirect.history.filter(history_type="-").get()
        assert "Another entry has the same" in self.bring_back(editor, Redirect, kept).text
        assert Redirect.objects.count() == 1

    def test_it_needs_the_right_to_add_and_pictures_stay_gone(self, editor):
        theme = labs.theme()
        theme.delete()
        kept = Theme.history.filter(history_type="-").get()
        reader = with_rights("reader", "view_theme", "change_theme")
        assert reader.get(reverse("admin:labs_theme_deleted")).status_code == 403
        assert self.bring_back(reader, Theme, kept).status_code == 403
        assert "deleted/" not in reader.get(reverse("admin:labs_theme_changelist")).text
        assert "deleted/" in editor.get(reverse("admin:labs_theme_changelist")).text
        assert not Theme.objects.exists()
        assert "deleted/" not in editor.get(reverse("admin:images_image_changelist")).text

    @pytest.mark.parametrize("sent", [{}, {"history_id": "x"}, {"history_id": "999999"}])
    def test_what_was_never_deleted_is_not_found(self, editor, sent):
        assert editor.post(reverse("admin:labs_theme_deleted"), sent).status_code == 404
