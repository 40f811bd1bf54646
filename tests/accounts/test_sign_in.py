"""Through the door, or not."""

import threading
from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from imagine_site import settings as defaults
from imagine_site.accounts.models import AccountEvent
from tests.accounts.counting_hasher import CountingHasher
from tests.accounts.door import LIMIT, LOGIN, is_inside, sign_in, told
from tests.factories.accounts import PASSWORD, account, code, give_app, recovery_code

pytestmark = pytest.mark.django_db

ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def kinds(**which) -> list[str]:
    events = AccountEvent.objects.filter(**which).order_by("pk")
    return list(events.values_list("kind", flat=True))


def test_two_pages_lead_from_the_door_to_the_desk(client):
    account()
    door = client.get("/admin/", follow=True)
    assert [url for url, _status in door.redirect_chain] == ["/admin/login/?next=/admin/"]
    assert 'name="next" value="/admin/"' in door.text
    answer = client.post(
        LOGIN, {"login": "eve", "password": PASSWORD, "next": "/admin/"}, follow=True
    )
    assert answer.redirect_chain == [("/admin/", 302)]
    assert answer.status_code == 200
    assert kinds() == ["signed-in"]


def test_the_e_mail_address_and_another_case_do_as_well(client):
    account()
    for name in ("EVE", "Eve@Example.org"):
        assert sign_in(client, name).status_code == 302
        assert is_inside(client)
        client.post(reverse("admin:logout"))
    assert kinds() == ["signed-in", "signed-out"] * 2


def test_the_session_is_another_one_after_signing_in(client):
    account()
    client.get(LOGIN)
    client.post(reverse("account_start_over"))
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key
    sign_in(client)
    assert client.session.session_key != before
    assert not type(session)(before).exists(before)


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example",
        "https:evil.example",
        "/\\evil.example",
        "javascript:1",
    ],
)
def test_nobody_is_sent_to_another_site(client, elsewhere):
    account()
    answer = client.post(LOGIN, {"login": "eve", "password": PASSWORD, "next": elsewhere})
    assert answer["Location"] == "/admin/"


@pytest.mark.parametrize("which", ["unknown", "closed", "no staff", "wrong"])
def test_whoever_does_not_get_in_is_told_the_same(client, which):
    account(is_active=which != "closed", is_staff=which != "no staff")
    name = "nobody" if which == "unknown" else "eve"
    answer = sign_in(client, name, "wrong" if which == "wrong" else PASSWORD)
    assert answer.status_code == 200
    assert "Name and password do not match." in told(answer)
    reference = sign_in(Client(), "somebody else", "wrong")
    assert told(answer) == told(reference)
    assert "_auth_user_id" not in client.session


def test_somebody_unknown_costs_as_much_work_as_a_wrong_password(settings, client):
    settings.PASSWORD_HASHERS = ["tests.accounts.counting_hasher.CountingHasher"]
    account()
    account("adam", is_active=False)
    work = {}
    for name in ("eve", "adam", "nobody"):
        before = CountingHasher.hashed
        sign_in(client, name, "wrong")
        work[name] = CountingHasher.hashed - before
    assert work == {"eve": 1, "adam": 1, "nobody": 1}


def test_nobody_signs_up(client):
    for name in ("account_signup", "account_email", "socialaccount_signup", "account_logout"):
        with pytest.raises(NoReverseMatch):
            reverse(name)
    assert "sign up" not in told(client.get(LOGIN)).lower()


def test_an_account_without_the_staff_flag_is_not_sent_around_for_ever(client):
    user = account()
    client.force_login(user)
    user.is_staff = False
    user.save()
    answer = client.get("/admin/", follow=True)
    assert answer.status_code == 200
    assert len(answer.redirect_chain) == 1


# -- Too many failures -------------------------------------------------------------------------


def fail(client, times: int, name: str = "eve", **more) -> list[int]:
    return [sign_in(client, name, "wrong", **more).status_code for _ in range(times)]


def test_after_some_failures_the_right_password_is_refused_too(client, counting):
    assert defaults.AXES_FAILURE_LIMIT <= 10
    account()
    assert fail(client, LIMIT) == [200] * (LIMIT - 1) + [429]
    answer = sign_in(client)
    assert answer.status_code == 429
    assert answer["Retry-After"] == "900"
    assert answer["Cache-Control"] == "no-store"
    assert "15 minutes" in told(answer)
    assert not is_inside(client)
    fail(client, 3)
    assert sorted(kinds()) == ["failed"] * LIMIT + ["locked"]


def test_whoever_does_not_exist_is_locked_alike(client, counting):
    account()
    assert fail(client, LIMIT, "nobody") == [200] * (LIMIT - 1) + [429]
    fail(Client(), LIMIT)
    assert told(sign_in(client, "nobody")) == told(sign_in(Client(), "eve"))
    assert set(AccountEvent.objects.filter(user=None).values_list("name", flat=True)) == {""}


def test_one_account_has_one_counter_however_it_is_typed(counting):
    account()
    for number, name in enumerate(["eve", "EVE", "Eve@example.org"]):
        status = sign_in(Client(), name, "wrong", REMOTE_ADDR=f"192.0.2.{number}").status_code
    assert status == 429


def test_an_address_that_tries_many_names_is_locked_and_no_other(counting):
    account()
    for number in range(LIMIT):
        sign_in(Client(), f"name-{number}", "wrong", **ELSEWHERE)
    assert sign_in(Client(), **ELSEWHERE).status_code == 429
    assert sign_in(Client(), REMOTE_ADDR="192.0.2.8").status_code == 302


def test_everybody_behind_a_proxy_that_says_nothing_is_not_locked_together(counting):
    account()
    for number in range(LIMIT + 1):
        sign_in(Client(), f"name-{number}", "wrong", REMOTE_ADDR="127.0.0.1")
    assert sign_in(Client(), REMOTE_ADDR="127.0.0.1").status_code == 302


def test_only_what_our_own_proxy_heard_is_believed(settings, counting):
    settings.TRUSTED_PROXIES = 1
    account()
    for number in range(LIMIT):
        claimed = f"198.51.100.{number}, 192.0.2.7"
        sign_in(Client(), f"n{number}", "wrong", headers={"x-forwarded-for": claimed})
    forged = {"x-forwarded-for": "203.0.113.9, 192.0.2.7"}
    assert sign_in(Client(), headers=forged).status_code == 429
    assert sign_in(Client(), headers={"x-forwarded-for": "192.0.2.8"}).status_code == 302


def test_the_lock_opens_by_itself(client, counting):
    account()
    fail(client, LIMIT)
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert sign_in(client).status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=16)):
        assert sign_in(client).status_code == 302
    assert AccessAttempt.objects.count() == 0


def test_success_forgets_the_failures(client, counting):
    account()
    for _round in range(2):
        fail(client, LIMIT - 1)
        assert sign_in(client).status_code == 302
        client.post(reverse("admin:logout"))


def test_no_password_is_kept_of_an_attempt(client, counting):
    sign_in(client, "eve", "mistyped-secret")
    attempt = AccessAttempt.objects.get()
    assert "mistyped-secret" not in str(vars(attempt))
    sign_in(client, "my-password-in-the-wrong-field", "x")
    kept = [*AccountEvent.objects.values(), *AccessAttempt.objects.values()]
    assert len(kept) == 4
    assert "my-password" not in str(kept)


# -- Second step -------------------------------------------------------------------------------


def test_password_and_code_open_and_the_code_only_once(client):
    user = account()
    secret = give_app(user)
    assert sign_in(client)["Location"] == "/admin/account/second-step/"
    assert not is_inside(client)
    now = code(secret)
    assert client.post(reverse("mfa_authenticate"), {"code": now}).status_code == 302
    assert is_inside(client)
    assert AccountEvent.objects.get(kind="signed-in").note == "password + totp"

    again = Client()
    sign_in(again)
    refused = again.post(reverse("mfa_authenticate"), {"code": now})
    assert refused.status_code == 200
    assert not is_inside(again)


def test_a_used_code_is_refused_by_a_process_that_never_saw_it(client, settings):
    user = account()
    secret = give_app(user)
    now = code(secret)
    sign_in(client)
    client.post(reverse("mfa_authenticate"), {"code": now})
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    again = Client()
    sign_in(again)
    assert "has been used" in told(again.post(reverse("mfa_authenticate"), {"code": now}))
    assert not is_inside(again)
    # The one before is older still; the one after is good.
    again.post(reverse("mfa_authenticate"), {"code": code(secret, steps=-1)})
    assert not is_inside(again)
    again.post(reverse("mfa_authenticate"), {"code": code(secret, steps=1)})
    assert is_inside(again)


def test_a_recovery_code_opens_once(client):
    user = account()
    give_app(user)
    spare = recovery_code(user)
    for expected in (True, False):
        visitor = Client()
        sign_in(visitor)
        visitor.post(reverse("mfa_authenticate"), {"code": spare})
        assert is_inside(visitor) == expected


def test_wrong_codes_lock_like_wrong_passwords(client, counting):
    user = account()
    secret = give_app(user)
    sign_in(client)
    step = reverse("mfa_authenticate")
    statuses = [client.post(step, {"code": "000000"}).status_code for _ in range(LIMIT)]
    assert statuses == [200] * (LIMIT - 1) + [429]
    assert client.post(step, {"code": code(secret)}).status_code == 429
    assert not is_inside(client)
    # Not even the password is looked at any more.
    assert sign_in(Client()).status_code == 429


def test_the_second_step_can_be_left(client):
    give_app(account())
    sign_in(client)
    assert client.get(LOGIN).status_code == 302
    assert client.post(reverse("account_start_over"))["Location"] == LOGIN
    assert client.get(LOGIN).status_code == 200


# -- Forgotten ---------------------------------------------------------------------------------


def letters() -> list:
    for thread in threading.enumerate():
        if thread.name == "password-reset-mail":
            thread.join(5)
    return mail.outbox


def test_a_letter_leads_to_a_new_password_and_ends_all_sessions(client):
    user = account()
    elsewhere = Client()
    sign_in(elsewhere)
    known = client.post(reverse("admin_password_reset"), {"email": "eve@example.org"}, follow=True)
    (letter,) = letters()
    unknown = client.post(reverse("admin_password_reset"), {"email": "x@example.org"}, follow=True)
    assert told(known) == told(unknown)
    assert len(letters()) == 1
    link = next(word for word in letter.body.split() if "/admin/account/forgotten/" in word)
    form = client.get(link.replace("http://testserver", ""), follow=True)
    new = {"new_password1": "another long phrase", "new_password2": "another long phrase"}
    assert client.post(form.redirect_chain[-1][0], new).status_code == 302
    user.refresh_from_db()
    assert user.check_password("another long phrase")
    assert not is_inside(elsewhere)
    assert not is_inside(client)  # the second step, where there is one, is still asked for


def test_without_a_mail_server_no_letter_is_promised(client, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert client.get(reverse("admin_password_reset")).status_code == 404
    assert "Forgotten" not in told(client.get(LOGIN))
