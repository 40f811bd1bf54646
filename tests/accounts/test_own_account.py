"""One's own account: factors, sessions, password."""

from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core import mail
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.accounts.adapters import FactorAdapter, passkeys_work
from imagine_site.accounts.models import AccountEvent
from tests.accounts.door import LOGIN, is_inside, sign_in, told
from tests.factories.accounts import PASSWORD, account, code, give_app

pytestmark = pytest.mark.django_db


def enrol(client):
    """Through the form, as a person does; returns the secret."""
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    answer = client.post(reverse("mfa_activate_totp"), {"code": code(secret)})
    assert answer["Location"] == reverse("mfa_view_recovery_codes")
    return secret


# -- A second factor is required ---------------------------------------------------------------


def test_without_a_second_factor_no_page_opens_but_ones_own(client, required):
    account(is_superuser=True)
    sign_in(client)
    for name in ("admin:index", "admin:news_post_changelist", "admin:jsi18n", "style_guide"):
        for answer in (client.get(reverse(name)), client.post(reverse(name))):
            assert answer["Location"] == reverse("mfa_index"), name
    assert client.get("/admin/no/such/page").status_code == 302
    assert "a second factor" in told(client.get(reverse("mfa_index")))
    assert client.post(reverse("admin:logout")).status_code == 200


def test_with_one_the_site_opens(client, required):
    account()
    sign_in(client)
    enrol(client)
    codes = client.get(reverse("mfa_view_recovery_codes"))
    assert codes.text.count("<code>") == 10
    assert is_inside(client)
    assert "a second factor." not in told(client.get(reverse("mfa_index")))


def test_recovery_codes_alone_are_no_second_factor(client, required):
    user = account()
    give_app(user)
    Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).delete()
    sign_in(client)
    assert not is_inside(client)


def test_the_last_factor_stays_while_one_is_required(client, settings):
    account()
    sign_in(client)
    enrol(client)
    settings.REQUIRE_SECOND_FACTOR = True
    assert "cannot be removed" in told(client.get(reverse("mfa_index")))
    client.post(reverse("mfa_deactivate_totp"))
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()
    settings.REQUIRE_SECOND_FACTOR = False
    client.post(reverse("mfa_deactivate_totp"))
    assert not Authenticator.objects.exists()


def test_the_code_that_set_the_app_up_opens_nothing(client, monkeypatch):
    account()
    sign_in(client)
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    shown = code(secret)
    # As outside of a test, where nothing is open when the factor has been written.
    monkeypatch.setattr(transaction, "on_commit", lambda callback, **_options: callback())
    client.post(reverse("mfa_activate_totp"), {"code": shown})
    assert AccountEvent.objects.filter(kind="factor-added").count() == 2  # with its codes
    (letter,) = mail.outbox
    assert letter.to == ["eve@example.org"]
    thief = Client()
    sign_in(thief)
    thief.post(reverse("mfa_authenticate"), {"code": shown})
    assert not is_inside(thief)


def test_an_old_session_is_asked_again_before_the_account_changes(client):
    account()
    sign_in(client)
    with time_machine.travel(timezone.now() + timedelta(minutes=20)):
        asked = client.get(reverse("mfa_activate_totp"))
        proof, _query, _next = asked["Location"].partition("?")
        assert proof == reverse("account_reauthenticate")
        assert client.get(asked["Location"]).status_code == 200
        answer = client.post(proof, {"password": PASSWORD, "next": reverse("mfa_activate_totp")})
        assert answer["Location"] == reverse("mfa_activate_totp")
        assert client.get(reverse("mfa_activate_totp")).status_code == 200


def test_secrets_cannot_be_read_in_the_database(settings):
    user = account()
    secret = give_app(user)
    stored = Authenticator.objects.get(user=user, type=Authenticator.Type.TOTP)
    assert secret not in str(stored.data)
    assert FactorAdapter().decrypt(stored.data["secret"]) == secret
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key", [settings.SECRET_KEY]
    assert FactorAdapter().decrypt(stored.data["secret"]) == secret
    settings.SECRET_KEY_FALLBACKS = []
    assert not stored.wrap().validate_code(code(secret))  # lost: nobody's, and no empty secret


@pytest.mark.parametrize(
    ("site", "asked", "works"),
    [
        ("https://www.example.org", "www.example.org", True),
        ("https://www.example.org", "example.org", False),
        ("http://localhost:8000", "localhost:8000", True),
        ("http://127.0.0.1:8000", "127.0.0.1:8000", False),
        ("https://[::1]", "[::1]", False),
    ],
)
def test_passkeys_belong_to_the_name_of_the_site(rf, settings, site, asked, works):
    settings.SITE_URL, settings.ALLOWED_HOSTS = site, ["*"]
    assert passkeys_work(rf.get("/", headers={"host": asked})) is works


# -- Sessions ----------------------------------------------------------------------------------


def test_sessions_are_listed_and_one_of_them_ended(client):
    account()
    others = []
    for agent in ("Mozilla/5.0 (X11; Linux) Firefox/140.0", "Mozilla/5.0 (iPhone) Safari/605"):
        others.append(Client(headers={"user-agent": agent}, REMOTE_ADDR="192.0.2.9"))
        sign_in(others[-1])
    sign_in(client)
    page = client.get(reverse("mfa_index"))
    words = told(page)
    assert "Firefox, Linux" in words
    assert "Safari, iPhone" in words
    assert "192.0.2.9" in words
    assert sum(session["is_this"] for session in page.context["sessions"]) == 1

    ended = UserSession.objects.get(session_key=others[0].session.session_key)
    client.post(reverse("account_end_sessions"), {"session": ended.pk})
    assert [is_inside(c) for c in (*others, client)] == [False, True, True]
    client.post(reverse("account_end_sessions"), {"others": "1"})
    assert [is_inside(c) for c in (*others, client)] == [False, False, True]
    assert AccountEvent.objects.filter(kind="sessions-ended").count() == 2


def test_nobody_ends_somebody_elses_session(client):
    account()
    account("adam")
    other = Client()
    sign_in(other, "adam")
    sign_in(client)
    row = UserSession.objects.get(session_key=other.session.session_key)
    for number in (row.pk, "x", 10**6):
        answer = client.post(reverse("account_end_sessions"), {"session": number})
        assert answer.status_code == 404
    assert is_inside(other)


def test_use_is_noted_now_and_then_and_not_at_every_page(client, django_assert_num_queries):
    account()
    sign_in(client)
    row = UserSession.objects.get()
    with django_assert_num_queries(2):  # the session and its user
        client.get(reverse("admin:jsi18n"))
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        client.get(reverse("admin:jsi18n"), REMOTE_ADDR="192.0.2.3")
    seen = UserSession.objects.get()
    assert (seen.pk, seen.ip) == (row.pk, "192.0.2.3")
    assert seen.last_seen_at - row.last_seen_at > timedelta(minutes=10)


def test_a_changed_password_ends_the_other_sessions_and_keeps_this_one(client):
    account()
    other = Client()
    sign_in(other)
    sign_in(client)
    new = "a new and long pass phrase"
    change = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert client.post(reverse("admin:password_change"), change).status_code == 302
    assert is_inside(client)
    assert not is_inside(other)
    client.get(reverse("mfa_index"))
    assert UserSession.objects.get().session_key == client.session.session_key
    assert AccountEvent.objects.filter(kind="password").exists()


@pytest.mark.parametrize("weak", ["short one", "password1234", "123456789012", "eve@example.org"])
def test_weak_passwords_are_refused(client, weak):
    user = account()
    client.force_login(user)
    change = {"old_password": PASSWORD, "new_password1": weak, "new_password2": weak}
    assert client.post(reverse("admin:password_change"), change).status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


# -- What visitors of the public site notice: nothing -------------------------------------------


def test_public_pages_know_nothing_of_accounts(client, django_assert_num_queries):
    account()
    sign_in(client)
    for path in ("/robots.txt", "/favicon.ico"):
        with django_assert_num_queries(0):
            answer = client.get(path)
        assert not answer.cookies
        assert "Cookie" not in answer.get("Vary", "")
    anonymous = Client()
    with django_assert_num_queries(0):
        anonymous.get("/admin/")
    page = anonymous.get("/en/")
    assert not page.cookies
    assert "Cookie" not in page.get("Vary", "")


@pytest.mark.parametrize("path", ["account_login", "admin_password_reset", "mfa_index"])
def test_the_pages_of_accounts_are_kept_and_listed_by_nobody(client, path):
    user = account()
    if path == "mfa_index":
        client.force_login(user)
    page = client.get(reverse(path))
    assert "no-store" in page["Cache-Control"]
    assert 'name="robots" content="NONE' in page.text
    assert "script-src 'self' 'nonce-" in page["Content-Security-Policy"].replace("  ", " ") or (
        "script-src 'self'" in page["Content-Security-Policy"]
    )
    assert "<script>" not in page.text


@pytest.mark.parametrize("path", [LOGIN, "/admin/account/"])
def test_they_speak_french(client, path):
    client.force_login(account()) if path != LOGIN else None
    page = client.get(path, headers={"accept-language": "fr"})
    assert page["Content-Language"] == "fr"
