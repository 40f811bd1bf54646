"""Accounts with what people hold in their hands: a password, an app, recovery codes."""

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission

PASSWORD = "a rather long pass phrase"


def account(name: str = "eve", **fields):
    fields = {"is_staff": True, "email": f"{name}@example.org", **fields}
    return get_user_model().objects.create_user(name, password=PASSWORD, **fields)


def administrator(name: str = "ada", **fields):
    """Who keeps accounts without being a superuser."""
    group, made = Group.objects.get_or_create(name="Keepers of accounts")
    if made:
        rights = ("add_user", "change_user", "delete_user", "view_user", "change_group")
        group.permissions.set(Permission.objects.filter(codename__in=rights))
    user = account(name, **fields)
    user.groups.add(group)
    return user


def give_app(user) -> str:
    """An authenticator app set up some time ago; returns its secret."""
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    return secret


def code(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or so many half minutes later."""
    now = list(totp.yield_hotp_counters_from_time())[1]
    return totp.format_hotp_value(totp.hotp_value(secret, now + steps))


def recovery_code(user) -> str:
    stored = Authenticator.objects.get(user=user, type=Authenticator.Type.RECOVERY_CODES)
    return stored.wrap().get_unused_codes()[0]
