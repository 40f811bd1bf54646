"""Where our rules meet the library: nobody signs up, only staff come in, secrets are encrypted."""

import base64
import ipaddress
import time
from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpRequest, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from imagine_site.accounts.factors import second_factors
from imagine_site.accounts.visitors import client_address, device

#: One sentence for whatever was wrong, so that it tells nothing.
WRONG = _("Name and password do not match. Mind upper and lower case in the password.")
#: What the library tells on the next page, in our words; what is not here is not told.
SAID = {
    "mfa/messages/totp_activated.txt": _("The authenticator app is on."),
    "mfa/messages/totp_deactivated.txt": _("The authenticator app is removed."),
    "mfa/messages/webauthn_added.txt": _("The passkey is added."),
    "mfa/messages/webauthn_removed.txt": _("The passkey is removed."),
    "mfa/messages/recovery_codes_generated.txt": _("Here are new recovery codes."),
}
#: And what it writes to the owner of the account.
WRITTEN = {
    "mfa/email/totp_activated": _("An authenticator app was set up."),
    "mfa/email/totp_deactivated": _("The authenticator app was removed."),
    "mfa/email/webauthn_added": _("A passkey was added."),
    "mfa/email/webauthn_removed": _("A passkey was removed."),
    "mfa/email/recovery_codes_generated": _("New recovery codes were made."),
    "account/email/password_changed": _("The password was changed."),
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials):
        """Who is not active, or no member of staff, is answered as if the password were wrong."""
        user = super().authenticate(request, **credentials)
        return user if user and user.is_active and user.is_staff else None

    def pre_login(self, request: HttpRequest, user, **kwargs):
        """Also whoever comes by passkey; the account may have been closed since."""
        if not (user.is_active and user.is_staff):
            messages.error(request, WRONG)
            return HttpResponseRedirect(reverse("account_login"))
        return None

    def is_safe_url(self, url: str) -> bool:
        """Only this very host: no other name the site may also have."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host()}, require_https=self.request.is_secure()
        )

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """A fresh sign-in is proof enough; the library would ask again at once."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        records = get_authentication_records(self.request, self.request.user)
        proofs = [record["at"] for record in records]
        return not proofs or time.time() - max(proofs) > app_settings.REAUTHENTICATION_TIMEOUT

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104 - "unknown", in a column of addresses

    def add_message(self, request, level, message_template=None, *args, message=None, **kwargs):
        said = message or SAID.get(message_template)
        if said:
            messages.add_message(request, level, said)

    def send_notification_mail(self, template_prefix, user, context=None, email=None) -> None:
        """A letter to whose account it is, so that what somebody else did there is noticed."""
        if user.email and template_prefix in WRITTEN:
            facts = {
                "deed": WRITTEN[template_prefix],
                "site": settings.SITE_URL,
                "address": client_address(self.request) if self.request else None,
                "device": device(self.request.META.get("HTTP_USER_AGENT", ""))
                if self.request
                else "",
            }
            text = render_to_string("accounts/notice.txt", facts)
            subject = _("Your account at %(institute)s was changed") % {
                "institute": settings.MFA_TOTP_ISSUER
            }
            send_mail(str(subject), text, None, [user.email], fail_silently=True)


def _cipher() -> MultiFernet:
    """Keys made from the site's secret, the former ones after the present one."""
    keys = [
        salted_hmac("imagine_site.accounts.factors", "", secret=secret, algorithm="sha256").digest()
        for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


class FactorAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are unreadable in a copy of the database alone."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode("ascii")

    def decrypt(self, encrypted_text: str) -> str:
        """A text whose key is lost becomes a secret nobody has, so that no code ever fits it."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return generate_totp_secret()

    def get_totp_issuer(self) -> str:
        return settings.MFA_TOTP_ISSUER

    def get_totp_label(self, user) -> str:
        return user.get_username()

    def can_delete_authenticator(self, authenticator) -> bool:
        """While the site asks for a second factor, the last one stays."""
        others = second_factors(authenticator.user_id).exclude(pk=authenticator.pk)
        return not settings.REQUIRE_SECOND_FACTOR or others.exists()

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": site_host(), "name": settings.MFA_TOTP_ISSUER}


def site_host() -> str:
    return urlsplit(settings.SITE_URL).hostname or ""


def passkeys_work(request: HttpRequest) -> bool:
    """Browsers bind a passkey to a name: to no address, and to no other name (WebAuthn §5.1)."""
    host = site_host()
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return urlsplit(f"//{request.get_host()}").hostname == host
    return False
