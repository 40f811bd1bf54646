"""The library's forms with our words, our counting of failures, and codes that work once."""

import threading

from allauth.account.forms import LoginForm
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal import auth as totp
from allauth.mfa.utils import decrypt
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.forms import PasswordResetForm
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from imagine_site.accounts.lockout import refuse_while_locked

SPENT = "spent"


class SignInForm(LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label = _("Name or e-mail address"), _("Password")
        password.help_text = ""
        name.max_length = 254
        name.widget.attrs = {
            "autocomplete": "username",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }
        password.widget.attrs = {"autocomplete": "current-password"}


class ConfirmPasswordForm(PasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["password"].widget.attrs = {
            "autocomplete": "current-password",
            "autofocus": True,
        }


def _code_as_typed(field: forms.Field) -> None:
    field.label = _("Code")
    field.widget.attrs = {
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "autofocus": True,
        "maxlength": 20,
    }


class OneTimeCode:
    """A code of the app is accepted once (RFC 6238 §5.2), in whichever process it arrives.

    The library remembers used codes in the cache, which each process may have for itself; here the
    time step of the last accepted code is kept beside the secret.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _code_as_typed(self.fields["code"])

    def clean_code(self) -> str:
        if refuse_while_locked(context.request, self.user):
            raise ValidationError(_("Too many attempts."), code="locked")
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            self._spend(code)
        return code

    @transaction.atomic
    def _spend(self, code: str) -> None:
        stored = Authenticator.objects.select_for_update().get(pk=self.authenticator.pk)
        step = _step_of(decrypt(stored.data["secret"]), code)
        if step is None or step <= stored.data.get(SPENT, 0):
            raise ValidationError(
                _("This code has been used. Wait for the next one."), code="incorrect_code"
            )
        stored.data[SPENT] = step
        stored.save(update_fields=["data"])
        self.authenticator.data = stored.data


def _step_of(secret: str, code: str) -> int | None:
    """The time step whose code this is, among those that are accepted now."""
    for step in totp.yield_hotp_counters_from_time():
        expected = totp.format_hotp_value(totp.hotp_value(secret, step))
        if compare_user_code(actual=code, expected=expected):
            return step
    return None


class CodeForm(OneTimeCode, AuthenticateForm):
    pass


class ConfirmCodeForm(OneTimeCode, ReauthenticateForm):
    pass


class EnrolAppForm(ActivateTOTPForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _code_as_typed(self.fields["code"])
        self.fields["code"].label = _("The code the app shows")


class AddPasskeyForm(AddWebAuthnForm):
    """A passkey that opens the site by itself, unless its owner wants it beside the password."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("Name of the device")
        self.fields["name"].help_text = _("So that you know it again: “my laptop”.")
        self.fields["name"].initial = self.initial["name"] = ""
        self.fields["name"].widget.attrs = {"autocomplete": "off", "maxlength": 60}
        alone = self.fields["passwordless"]
        alone.initial = True
        alone.label = _("Sign in with it alone, without a password")
        alone.help_text = _("Untick for an old security key that knows neither PIN nor finger.")


class ResetForm(PasswordResetForm):
    """Sends in the background: the time an answer takes must not tell who has an account."""

    def send_mail(self, *args, **kwargs):
        language = translation.get_language()

        def send():
            with translation.override(language):
                super(ResetForm, self).send_mail(*args, **kwargs)

        threading.Thread(target=send, name="password-reset-mail").start()
