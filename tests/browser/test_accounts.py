"""At the door with a real browser: a telephone's app, a passkey, and no complaint of the policy."""

from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group

from tests.factories.accounts import PASSWORD, account, code

AXE = Path(__file__).parents[2] / "audit" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def door(page, live_server, settings):
    """The site under its own name, asking for a second factor, and a device that holds passkeys."""
    settings.SITE_URL = live_server.url
    settings.REQUIRE_SECOND_FACTOR = True
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    abilities = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    device.send("WebAuthn.addVirtualAuthenticator", {"options": abilities})
    page.loads = []
    page.on("load", lambda loaded: page.loads.append(loaded.url))
    return page


def judge(page) -> list[str]:
    """What axe finds serious in the page; nothing where axe is not installed."""
    if not AXE.exists():
        return []
    before = len(page.complaints)
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    del page.complaints[before:]  # axe sets styles, which the policy refuses it
    return [
        f"{page.url} {rule['id']}: {node['html'][:120]}"
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def give_name_and_password(page, url: str) -> None:
    page.goto(f"{url}/admin/")
    page.get_by_label("Name or e-mail address").fill("eve")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")


def sign_out(page) -> None:
    page.get_by_role("button", name="Log out").click()
    page.get_by_text("Logged out").first.wait_for()


def test_a_newcomer_sets_up_an_app_and_a_passkey_and_comes_in_by_either(door, live_server):
    user, faults = account(), []
    door.goto(f"{live_server.url}/admin/")
    faults += judge(door)
    give_name_and_password(door, live_server.url)
    door.get_by_text("a second factor").wait_for()
    faults += judge(door)

    door.get_by_role("link", name="Set up an app").click()
    door.get_by_text("I cannot scan").click()
    secret = door.locator(".secret").inner_text()
    faults += judge(door)
    door.get_by_label("The code the app shows").fill(code(secret))
    door.keyboard.press("Enter")
    door.get_by_role("heading", name="Recovery codes").wait_for()
    assert door.locator(".codes li").count() == 10
    faults += judge(door)
    door.get_by_role("link", name="to the newsroom").click()
    door.get_by_role("heading", level=1).wait_for()

    door.get_by_role("link", name="My account").click()
    door.get_by_role("link", name="Add a passkey").click()
    faults += judge(door)
    door.get_by_label("Name of the device").fill("My laptop")
    door.get_by_role("button", name="Add a passkey").click()
    door.get_by_role("rowheader", name="My laptop").wait_for()
    faults += judge(door)
    sign_out(door)

    give_name_and_password(door, live_server.url)
    door.get_by_label("Code").fill(code(secret, steps=1))
    faults += judge(door)
    door.keyboard.press("Enter")
    door.get_by_role("link", name="My account").wait_for()
    sign_out(door)

    door.goto(f"{live_server.url}/admin/")
    door.loads.clear()
    door.get_by_role("button", name="Sign in with a passkey").click()
    door.get_by_role("link", name="My account").wait_for()
    assert door.loads == [f"{live_server.url}/admin/"]
    assert Authenticator.objects.get(user=user, type="webauthn").last_used_at
    assert faults == []
    assert door.complaints == []


def test_a_device_without_a_passkey_is_told_so_in_words(door, live_server):
    account()
    door.goto(f"{live_server.url}/admin/")
    door.evaluate(
        "() => { navigator.credentials.get = async () => {"
        " throw new DOMException('', 'NotAllowedError') } }"
    )
    door.get_by_role("button", name="Sign in with a passkey").click()
    door.get_by_role("alert").get_by_text("No passkey was given").wait_for()
    assert door.complaints == []


def test_without_a_second_factor_two_pages_lead_to_the_desk(door, live_server, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    account()
    give_name_and_password(door, live_server.url)
    door.get_by_role("link", name="My account").wait_for()
    door.wait_for_load_state()
    assert len(door.loads) == 2, door.loads
    assert door.complaints == []


def test_the_pages_of_accounts_and_roles_are_accessible(signed_in, live_server):
    eve = account()
    eve.groups.add(Group.objects.create(name="Proofreaders"))
    me = get_user_model().objects.get(username="editor")
    faults = []
    for path in (
        "auth/user/",
        "auth/user/add/",
        f"auth/user/{eve.pk}/change/",
        f"auth/user/{eve.pk}/password/",
        f"auth/user/{me.pk}/delete/",
        "auth/group/add/",
        "accounts/accountevent/",
        "password_change/",
        "account/",
    ):
        signed_in.goto(f"{live_server.url}/admin/{path}")
        signed_in.get_by_role("heading", level=1).wait_for()
        faults += judge(signed_in)
    assert faults == []
    assert [line for line in signed_in.complaints if "policy" in line] == []
