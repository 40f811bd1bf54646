"""What a second factor is here, and who must have one.

A second factor is an authenticator app or a passkey. Recovery codes replace a lost one and are none
by themselves.
"""

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest

from imagine_site.accounts.journal import Kind, record
from imagine_site.accounts.sessions import end_sessions

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_SEEN = "second_factor"


def second_factors(user):
    return Authenticator.objects.filter(user=user, type__in=FACTORS)


def must_enrol(request: HttpRequest) -> bool:
    """Whether the signed-in person has no second factor, though the site asks for one.

    Found once, it is remembered in the session: an owner cannot remove the last factor while the
    site asks for one, and who resets it for somebody ends that person's sessions.
    """
    if not settings.REQUIRE_SECOND_FACTOR or not request.user.is_staff:
        return False
    if request.session.get(_SEEN) == request.user.pk:
        return False
    if not second_factors(request.user).exists():
        return True
    request.session[_SEEN] = request.user.pk
    return False


@transaction.atomic
def reset_second_factor(user, *, by, request: HttpRequest) -> None:
    """Remove all of somebody's factors and codes; they sign in by password and enrol anew."""
    Authenticator.objects.filter(user=user).delete()
    record(Kind.FACTOR_RESET, user=user, request=request, by=by)
    end_sessions(user)
