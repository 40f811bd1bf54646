"""The roles, whatever the database was before, and the accounts made for them."""

import io
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.utils import translation

from imagine_site.home.accounts import (
    ADMINISTRATOR,
    EDITOR,
    FORMER_EDITORS,
    KEEPER,
    ROLES,
    WRITER,
    create_account,
    give_rights_on,
    make_roles,
    role_group,
    role_label,
)
from imagine_site.images.models import Image

pytestmark = pytest.mark.django_db
User = get_user_model()
SCHEMA_EDITOR = SimpleNamespace(connection=connection)


def someone(role: str):
    create_account(f"a-{role}", role)
    return User.objects.get(username=f"a-{role}")


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (
            WRITER,
            "news.add_post news.change_post news.change_visit news.delete_guest pages.change_page "
            "news.view_postedition labs.view_laboratory people.view_researcher images.add_image "
            "images.view_image files.add_file",
            "news.publish_post pages.publish_page news.delete_post pages.delete_page "
            "news.change_postedition labs.change_laboratory people.change_researcher "
            "pages.change_keyfigure pages.change_redirect images.delete_image "
            "publishing.view_release publishing.change_release publishing.view_event "
            "auth.view_user",
        ),
        (
            EDITOR,
            "news.publish_post pages.publish_page news.delete_post publishing.add_release "
            "publishing.view_event labs.add_laboratory people.delete_position "
            "pages.change_redirect images.change_image files.delete_file",
            "news.change_postedition news.delete_postedition pages.change_pageedition "
            "publishing.change_event publishing.delete_event publishing.add_event "
            "auth.change_user auth.view_user auth.change_group sessions.view_session",
        ),
        (
            KEEPER,
            "labs.add_laboratory labs.change_membership people.change_researcher "
            "pages.change_keyfigure pages.add_milestone images.add_image files.change_file",
            "news.view_post news.publish_post pages.change_page publishing.view_release "
            "publishing.view_event auth.view_user",
        ),
        (
            ADMINISTRATOR,
            "news.publish_post publishing.view_event auth.change_user auth.add_group "
            "accounts.view_accountevent",
            "publishing.delete_event news.delete_postedition",
        ),
    ],
)
def test_each_role_has_the_rights_of_its_work_and_no_others(role, may, may_not):
    account = someone(role)
    assert account.is_staff
    assert not account.is_superuser
    assert [right for right in may.split() if not account.has_perm(right)] == []
    assert [right for right in may_not.split() if account.has_perm(right)] == []


def test_the_migration_on_an_empty_database_gives_what_a_group_made_later_gets():
    """Permissions are made after the last migration; the roles had theirs before."""
    migrated = {name: _rights_of(name) for name in ROLES}
    assert all(migrated.values())
    Group.objects.all().delete()
    for name in ROLES:
        role_group(name)
    assert {name: _rights_of(name) for name in ROLES} == migrated


def _rights_of(name: str) -> set[str]:
    group = Group.objects.get(name=name)
    return {f"{right.content_type.app_label}.{right.codename}" for right in _permissions(group)}


def _permissions(group: Group):
    return group.permissions.select_related("content_type")


class TestAnOldDatabase:
    @pytest.fixture
    def old(self):
        """As it was when there was one group, from which an administrator took a right."""
        Group.objects.all().delete()
        group = Group.objects.create(name=FORMER_EDITORS)
        group.permissions.set(Permission.objects.filter(codename__in=["add_post", "publish_post"]))
        eve = User.objects.create_user("eve", is_staff=True)
        eve.groups.add(group)
        return eve

    def test_editors_stay_who_they_are_and_may_what_they_could_and_what_is_new(self, old):
        make_roles(apps, SCHEMA_EDITOR)
        assert [group.name for group in old.groups.all()] == [EDITOR]
        assert old.has_perm("news.publish_post")
        assert old.has_perm("publishing.change_release")
        assert not old.has_perm("news.change_post"), "taken by an administrator"
        assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)

    def test_a_group_that_has_the_name_of_a_role_by_chance_stays_as_it_is(self):
        Group.objects.all().delete()
        Group.objects.create(name=WRITER)
        make_roles(apps, SCHEMA_EDITOR)
        assert _rights_of(WRITER) == set()

    def test_new_tables_bring_their_rights_and_undo_nothing(self):
        writers = Group.objects.get(name=WRITER)
        writers.permissions.remove(*Permission.objects.filter(codename__in=["add_post"]))
        writers.permissions.remove(*Permission.objects.filter(content_type__app_label="files"))
        Group.objects.get(name=KEEPER).delete()
        give_rights_on("files")(apps, SCHEMA_EDITOR)
        assert "files.add_file" in _rights_of(WRITER)
        assert "news.add_post" not in _rights_of(WRITER)
        assert not Group.objects.filter(name=KEEPER).exists()


def test_a_writer_completes_a_picture_of_ones_own_and_changes_none_that_can_be_public(rf):
    library, will = admin.site.get_model_admin(Image), someone(WRITER)
    request = rf.get("/")
    request.user = will
    mine, shown = Image(incomplete=True, created_by=will), Image(created_by=will)
    theirs = Image(incomplete=True, created_by=someone(EDITOR))
    may = [library.has_change_permission(request, image) for image in (mine, shown, theirs, None)]
    assert may == [True, False, False, False]


def test_what_an_administrator_took_from_a_group_stays_taken():
    role_group(EDITOR).permissions.clear()
    create_account("eve")
    assert Group.objects.get(name=EDITOR).permissions.count() == 0


def test_roles_have_names_in_the_readers_language():
    assert role_label(WRITER) == "Writer"
    assert role_label("Photographers") == "Photographers"
    with translation.override("fr"):
        assert role_label("Photographers") == "Photographers"


def test_the_generated_password_opens_the_door(client):
    password = create_account("eve")
    assert len(password) >= 20
    assert client.login(username="eve", password=password)
    assert create_account("adam") != password


def test_a_name_is_given_once():
    create_account("eve")
    with pytest.raises(IntegrityError):
        create_account("eve")


def test_the_command_says_name_and_password_once():
    said = io.StringIO()
    call_command("create_editor", "eve", stdout=said)
    account, password = (line.split(": ")[1] for line in said.getvalue().splitlines())
    assert account == "eve"
    eve = User.objects.get(username="eve")
    assert eve.check_password(password)
    assert [group.name for group in eve.groups.all()] == [EDITOR]
    with pytest.raises(CommandError, match="changepassword eve"):
        call_command("create_editor", "eve", stdout=said)


def test_the_command_makes_accounts_of_every_role():
    for option, name in (("writer", WRITER), ("keeper", KEEPER), ("administrator", ADMINISTRATOR)):
        call_command("create_editor", option, role=option, stdout=io.StringIO())
        assert User.objects.get(username=option).groups.get().name == name
