"""Who keeps the accounts, and cannot become more than that."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from imagine_site.accounts.journal import forget
from imagine_site.accounts.models import AccountEvent
from tests.accounts.door import LIMIT, is_inside, sign_in, told
from tests.factories.accounts import PASSWORD, account, administrator, give_app

pytestmark = pytest.mark.django_db

User = get_user_model()
LIST = "/admin/auth/user/"


def page_of(user, view: str = "change") -> str:
    return reverse(f"admin:auth_user_{view}", args=[user.pk])


def fields(user, **changes) -> dict:
    """What the form of an account sends."""
    sent = {
        "username": user.username,
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "is_active": "on" if user.is_active else None,
        "groups": [group.pk for group in user.groups.all()],
        **changes,
    }
    return {name: value for name, value in sent.items() if value is not None}


@pytest.fixture
def ada(client):
    """Signed in: an administrator who is no superuser."""
    user = administrator()
    client.force_login(user)
    return user


def act(client, action: str, *users):
    return client.post(
        LIST, {"action": action, "_selected_action": [user.pk for user in users]}, follow=True
    )


def test_an_administrator_makes_an_account_with_a_role(client, ada):
    role = Group.objects.create(name="Proofreaders")
    new = {
        "username": "marie",
        "first_name": "Marie",
        "last_name": "Curie",
        "email": "marie@example.org",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
        "groups": [role.pk],
        "is_superuser": "on",
    }
    assert client.get(reverse("admin:auth_user_add")).status_code == 200
    assert client.post(reverse("admin:auth_user_add"), new).status_code == 302
    marie = User.objects.get(username="marie")
    assert marie.is_staff
    assert not marie.is_superuser
    assert list(marie.groups.all()) == [role]
    assert AccountEvent.objects.get(kind="rights").note == "+Proofreaders"
    assert sign_in(Client(), "marie").status_code == 302


@pytest.mark.parametrize("right", ["is_superuser", "is_staff", "user_permissions"])
def test_no_crafted_form_gives_more_than_roles(client, ada, right):
    eve = account(is_staff=False)
    value = [Permission.objects.first().pk] if right == "user_permissions" else "on"
    for victim in (eve, ada):
        before = User.objects.values().get(pk=victim.pk)
        assert client.post(page_of(victim), fields(victim, **{right: value})).status_code == 302
        assert User.objects.values().get(pk=victim.pk) == before
        assert not victim.user_permissions.exists()


def test_a_superusers_account_is_out_of_reach(client, ada):
    root = account("root", is_superuser=True)
    give_app(root)
    visitor = Client()
    visitor.force_login(root)
    before = User.objects.values().get(pk=root.pk)
    assert client.post(page_of(root), fields(root, email="ada@evil.example")).status_code == 403
    new = {"password1": "another long phrase", "password2": "another long phrase"}
    answer = client.post(
        reverse("admin:auth_user_password_change", args=[root.pk]),
        {**new, "usable_password": "true"},
    )
    assert answer.status_code == 403
    assert client.post(page_of(root, "delete"), {"post": "yes"}).status_code == 403
    for action in ("unlock", "end_sessions", "reset_factor", "delete_selected"):
        act(client, action, root)
    assert User.objects.values().get(pk=root.pk) == before
    assert Authenticator.objects.filter(user=root).count() == 2
    assert not AccountEvent.objects.exists()


def test_roles_and_their_rights_are_a_superusers_affair(client, ada):
    group = ada.groups.get()
    change = reverse("admin:auth_group_change", args=[group.pk])
    everything = [right.pk for right in Permission.objects.all()]
    assert client.post(change, {"name": group.name, "permissions": everything}).status_code == 403
    assert client.get(reverse("admin:auth_group_add")).status_code == 403
    assert group.permissions.count() == 5


def test_a_superuser_chooses_rights_among_what_is_written(client):
    client.force_login(account("root", is_superuser=True))
    group = Group.objects.create(name="Readers")
    page = client.get(reverse("admin:auth_group_change", args=[group.pk]))
    rights = page.context["adminform"].form.fields["permissions"].queryset
    labels = set(rights.values_list("content_type__app_label", flat=True))
    assert {"news", "images"} <= labels
    assert not labels & {"sessions", "mfa", "axes", "admin"}
    post = Permission.objects.get(codename="change_post")
    sent = {"name": "Readers", "permissions": [post.pk]}
    assert client.post(reverse("admin:auth_group_change", args=[group.pk]), sent).status_code == 302
    assert list(group.permissions.all()) == [post]


def test_a_name_and_an_address_belong_to_one_account(client, ada):
    eve = account()
    refused = client.post(page_of(ada), fields(ada, email="EVE@example.org"))
    assert "Another account has this e-mail address." in told(refused)
    refused = client.post(page_of(ada), fields(ada, username="EVE"))
    assert refused.status_code == 200
    assert client.post(page_of(eve), fields(eve, last_name="Arden")).status_code == 302


def test_nobody_shuts_themselves_out(client, ada):
    refused = client.post(page_of(ada), fields(ada, is_active=None))
    assert "You would shut yourself out." in told(refused)


def test_deactivation_ends_sessions_for_good(client, ada):
    eve = account()
    visitor = Client()
    sign_in(visitor)
    assert client.post(page_of(eve), fields(eve, is_active=None)).status_code == 302
    assert not is_inside(visitor)
    eve.refresh_from_db()
    client.post(page_of(eve), fields(eve, is_active="on"))
    assert not is_inside(visitor)
    assert sign_in(Client()).status_code == 302


def test_ending_sessions_and_resetting_a_factor_are_written_down(client, ada):
    eve = account()
    visitor = Client()
    sign_in(visitor)
    give_app(eve)
    assert "Sessions ended: 1 account." in told(act(client, "end_sessions", eve))
    assert not is_inside(visitor)
    act(client, "reset_factor", eve)
    assert not Authenticator.objects.exists()
    done = AccountEvent.objects.filter(by=ada).order_by("pk").values_list("kind", "user__username")
    assert list(done) == [("sessions-ended", "eve"), ("factor-reset", "eve")]
    assert LogEntry.objects.filter(user=ada, object_id=str(eve.pk)).count() == 2


def test_the_list_shows_who_is_locked_and_has_a_factor_and_unlocks(client, ada, counting):
    eve = account()
    give_app(eve)
    for _ in range(LIMIT):
        sign_in(Client(), "eve", "wrong")
    row = {user.username: user for user in client.get(LIST).context["cl"].result_list}
    assert (row["eve"].has_lock, row["eve"].has_factor) == (True, True)
    assert (row["ada"].has_lock, row["ada"].has_factor) == (False, False)
    assert "locked" in told(client.get(page_of(eve)))
    act(client, "unlock", eve)
    assert sign_in(Client()).status_code == 302
    assert AccountEvent.objects.filter(kind="unlocked", by=ada).exists()


def test_the_command_line_unlocks_too(counting):
    account()
    for _ in range(LIMIT):
        sign_in(Client(), "eve", "wrong")
    call_command("axes_reset_username", "eve", verbosity=0)
    assert sign_in(Client()).status_code == 302


def test_the_list_of_accounts_asks_the_database_the_same_for_many(client, ada):
    def queries():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(LIST).status_code == 200
        return len(seen)

    before = queries()
    for number in range(5):
        account(f"name-{number}")
    assert queries() == before


def test_an_account_that_wrote_something_can_be_deleted_by_superusers_only(client, ada):
    eve = account()
    assert client.get(page_of(eve, "delete")).status_code == 403
    assert act(client, "delete_selected", eve).status_code == 200
    assert User.objects.filter(pk=eve.pk).exists()


def test_the_journal_forgets(settings):
    settings.ACCESS_LOG_DAYS = 30
    for days in (29, 31):
        at = timezone.now() - timedelta(days=days)
        AccountEvent.objects.create(kind="failed", at=at)
    assert forget() == 1
    assert AccountEvent.objects.count() == 1
