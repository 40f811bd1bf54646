"""The group of editors, and the accounts made for it."""

import io

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from imagine_site.home.accounts import EDITORS, create_editor, editors

pytestmark = pytest.mark.django_db


def test_an_editor_may_write_everything_and_make_nobody_powerful(client):
    create_editor("eve")
    eve = get_user_model().objects.get(username="eve")
    assert eve.is_staff
    assert not eve.is_superuser
    for right in (
        "news.add_post",
        "news.change_visit",
        "news.view_postedition",
        "pages.change_page",
        "people.change_researcher",
        "people.delete_position",
        "labs.add_laboratory",
        "images.add_image",
    ):
        assert eve.has_perm(right), right
    for right in (
        "news.change_postedition",
        "news.delete_postedition",
        "pages.change_pageedition",
        "auth.change_user",
        "auth.view_user",
        "auth.change_group",
        "sessions.view_session",
    ):
        assert not eve.has_perm(right), right


def test_the_generated_password_opens_the_door(client):
    password = create_editor("eve")
    assert len(password) >= 20
    assert client.login(username="eve", password=password)
    assert create_editor("adam") != password


def test_what_an_administrator_took_from_the_group_stays_taken():
    editors().permissions.clear()
    create_editor("eve")
    assert Group.objects.get(name=EDITORS).permissions.count() == 0


def test_a_name_is_given_once():
    create_editor("eve")
    with pytest.raises(IntegrityError):
        create_editor("eve")


def test_the_command_says_name_and_password_once():
    said = io.StringIO()
    call_command("create_editor", "eve", stdout=said)
    account, password = (line.split(": ")[1] for line in said.getvalue().splitlines())
    assert account == "eve"
    assert get_user_model().objects.get(username="eve").check_password(password)
    with pytest.raises(CommandError, match="changepassword eve"):
        call_command("create_editor", "eve", stdout=said)
