"""What the journal hears: the libraries announce, we write it down."""

import time

from allauth.account.signals import user_logged_in as signed_in
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa import signals as mfa
from allauth.mfa.models import Authenticator
from axes.signals import user_locked_out
from django.conf import settings
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.contrib.sessions.models import Session
from django.utils import timezone

from imagine_site.accounts import sessions
from imagine_site.accounts.forms import SPENT
from imagine_site.accounts.journal import Kind, forget, record
from imagine_site.accounts.lockout import account_meant, counted_name


def connect() -> None:
    signed_in.connect(on_sign_in, dispatch_uid="accounts.sign_in")
    user_logged_out.connect(on_sign_out, dispatch_uid="accounts.sign_out")
    user_login_failed.connect(on_failure, dispatch_uid="accounts.failure")
    user_locked_out.connect(on_lockout, dispatch_uid="accounts.lockout")
    mfa.authentication_failed.connect(on_wrong_factor, dispatch_uid="accounts.wrong_factor")
    mfa.authenticator_added.connect(on_factor_added, dispatch_uid="accounts.factor_added")
    mfa.authenticator_removed.connect(on_factor_removed, dispatch_uid="accounts.factor_removed")


def on_sign_in(sender, request, user, **kwargs):
    records = request.session.get("account_authentication_methods", [])
    how = [record.get("type") or record["method"] for record in records]
    record(Kind.SIGNED_IN, user=user, request=request, note=" + ".join(how))
    sessions.begin(request)
    # The time to tidy up: seldom, and no visitor waits for it.
    forget()
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def on_sign_out(sender, request, user, **kwargs):
    if user is not None:
        record(Kind.SIGNED_OUT, user=user, request=request)


def on_failure(sender, credentials, request=None, **kwargs):
    """Not while locked: whoever goes on trying must not fill the journal."""
    if request is None or _is_locked_already(request):
        return
    user = account_meant(counted_name(request, credentials))
    record(Kind.FAILED, user=user, request=request)


def on_lockout(sender, request, username, **kwargs):
    """Announced at every attempt; written down at the one that locks."""
    if getattr(request, "axes_failures_since_start", None) == settings.AXES_FAILURE_LIMIT:
        record(Kind.LOCKED, user=account_meant(username or ""), request=request)


def on_wrong_factor(sender, request, user, **kwargs):
    """A wrong code is a failure to sign in like a wrong password, and counts as one."""
    credentials = {"username": user.get_username()}
    user_login_failed.send(sender=__name__, credentials=credentials, request=request)


def on_factor_added(sender, request, user, authenticator, **kwargs):
    if authenticator.type == Authenticator.Type.TOTP:
        # The code that proved the app has done its service.
        authenticator.data[SPENT] = int(time.time()) // mfa_settings.TOTP_PERIOD
        authenticator.save(update_fields=["data"])
    record(Kind.FACTOR_ADDED, user=user, request=request, note=authenticator.get_type_display())


def on_factor_removed(sender, request, user, authenticator, **kwargs):
    record(Kind.FACTOR_REMOVED, user=user, request=request, note=authenticator.get_type_display())


def _is_locked_already(request) -> bool:
    counted = getattr(request, "axes_failures_since_start", None)
    return bool(getattr(request, "axes_locked_out", False)) and counted is None
