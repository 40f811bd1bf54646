"""Signing in, and one's own account: the library's views in the dress of the admin.

Everything lies below /admin/, so that the admin's content policy holds. Who is signed in reaches
these views through `admin_site.admin_view` (urls.py); what is sensitive asks for a fresh proof.
"""

from allauth.account.adapter import get_adapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.views import LoginView, ReauthenticateView
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.contrib.auth import views as passwords
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django.views.generic import TemplateView

from imagine_site.accounts.adapters import passkeys_work
from imagine_site.accounts.factors import second_factors
from imagine_site.accounts.forms import ResetForm
from imagine_site.accounts.journal import Kind, record
from imagine_site.accounts.sessions import end_sessions, sessions_of
from imagine_site.accounts.visitors import device


class InAdmin:
    """What every template of the admin expects to find; kept by no cache."""

    title = ""

    @method_decorator(never_cache)
    def dispatch(self, request: HttpRequest, *args, **kwargs):
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context.pop("site", None)  # the library's; ours stands in every page
        return {
            **admin.site.each_context(self.request),
            "title": self.title,
            "passkeys_work": passkeys_work(self.request),
            **context,
        }


# -- Outside ----------------------------------------------------------------------------------


class SignIn(InAdmin, LoginView):
    title = gettext_lazy("Sign in")
    template_name = "accounts/sign_in.html"

    def dispatch(self, request: HttpRequest, *args, **kwargs):
        if request.user.is_authenticated and not admin.site.has_permission(request):
            logout(request)  # else the admin and this page would send each other around for ever
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        return {**super().get_context_data(**kwargs), "mail_is_sent": mail_is_sent()}


class SecondStep(InAdmin, mfa.AuthenticateView):
    title = gettext_lazy("Second step")
    template_name = "accounts/second_step.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        user = self.stage.login.user
        types = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
        return {
            **context,
            "has_app": Authenticator.Type.TOTP in types,
            "has_passkey": Authenticator.Type.WEBAUTHN in types and context["passkeys_work"],
        }


class SignInByPasskey(InAdmin, webauthn.LoginWebAuthnView):
    """Answers the page's script with a challenge, and takes its answer."""


@require_POST
def start_over(request: HttpRequest) -> HttpResponse:
    """Away from the second step, to sign in as somebody else."""
    clear_login(request)
    return redirect("account_login")


def mail_is_sent() -> bool:
    """Whether letters leave the house; without a server a link could reach nobody."""
    return not settings.EMAIL_BACKEND.endswith(("console.EmailBackend", "dummy.EmailBackend"))


class OnlyWithMail:
    def dispatch(self, request: HttpRequest, *args, **kwargs):
        if not mail_is_sent():
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class ForgottenPassword(InAdmin, OnlyWithMail, passwords.PasswordResetView):
    title = gettext_lazy("Forgotten password")
    template_name = "accounts/forgotten.html"
    form_class = ResetForm
    success_url = reverse_lazy("password_reset_done")


class ForgottenPasswordSent(InAdmin, OnlyWithMail, passwords.PasswordResetDoneView):
    title = gettext_lazy("Look into your mail")
    template_name = "accounts/forgotten_sent.html"


class NewPassword(InAdmin, OnlyWithMail, passwords.PasswordResetConfirmView):
    title = gettext_lazy("New password")
    template_name = "accounts/new_password.html"
    success_url = reverse_lazy("password_reset_complete")

    def form_valid(self, form):
        record(Kind.PASSWORD, user=self.user, request=self.request, note=_("by letter"))
        end_sessions(self.user)
        return super().form_valid(form)


class NewPasswordSet(InAdmin, OnlyWithMail, passwords.PasswordResetCompleteView):
    title = gettext_lazy("New password")
    template_name = "accounts/new_password_set.html"


# -- One's own account ------------------------------------------------------------------------


class Account(InAdmin, TemplateView):
    title = gettext_lazy("My account")
    template_name = "accounts/account.html"

    def get_context_data(self, **kwargs):
        user, context = self.request.user, super().get_context_data(**kwargs)
        factors = list(Authenticator.objects.filter(user=user).order_by("created_at"))
        of_type = {kind: [f for f in factors if f.type == kind] for kind in Authenticator.Type}
        recovery = of_type[Authenticator.Type.RECOVERY_CODES]
        passkeys = of_type[Authenticator.Type.WEBAUTHN]
        app = of_type[Authenticator.Type.TOTP]
        return {
            **context,
            "app": app[0] if app else None,
            "passkeys": passkeys,
            "recovery": recovery[0] if recovery else None,
            "codes_left": len(recovery[0].wrap().get_unused_codes()) if recovery else 0,
            "must_enrol": settings.REQUIRE_SECOND_FACTOR and not (app or passkeys),
            "last_stays": settings.REQUIRE_SECOND_FACTOR and len(app) + len(passkeys) == 1,
            "sessions": self._sessions(),
        }

    def _sessions(self) -> list[dict]:
        request = self.request
        if not UserSession.objects.filter(session_key=request.session.session_key).exists():
            UserSession.objects.create_from_request(request)
        return [
            {
                "pk": session.pk,
                "device": device(session.user_agent),
                "address": session.ip,
                "began": session.created_at,
                "seen": session.last_seen_at,
                "is_this": session.session_key == request.session.session_key,
            }
            for session in sessions_of(request.user)
        ]


@require_POST
def end_own_sessions(request: HttpRequest) -> HttpResponse:
    """One of them (`session`), or all others (`others`)."""
    ended = 0
    if "others" in request.POST:
        ended = end_sessions(request.user, but=request.session.session_key)
    elif number := request.POST.get("session"):
        if not number.isdecimal():
            raise Http404
        session = get_object_or_404(UserSession, pk=number, user=request.user)
        session.end()
        ended = 1
    if ended:
        note = ngettext("%(number)s session ended.", "%(number)s sessions ended.", ended)
        messages.success(request, note % {"number": ended})
        record(Kind.SESSIONS_ENDED, user=request.user, request=request, note=str(ended))
    return redirect("mfa_index")


class ConfirmByPassword(InAdmin, ReauthenticateView):
    title = gettext_lazy("Is it you?")
    template_name = "accounts/confirm.html"


class ConfirmByCode(InAdmin, mfa.ReauthenticateView):
    title = gettext_lazy("Is it you?")
    template_name = "accounts/confirm.html"


class ConfirmByPasskey(InAdmin, webauthn.ReauthenticateWebAuthnView):
    title = gettext_lazy("Is it you?")
    template_name = "accounts/confirm_by_passkey.html"


class EnrolApp(InAdmin, totp.ActivateTOTPView):
    title = gettext_lazy("Set up an authenticator app")
    template_name = "accounts/enrol_app.html"


class RemoveApp(InAdmin, totp.DeactivateTOTPView):
    title = gettext_lazy("Remove the authenticator app")
    template_name = "accounts/remove_factor.html"


class AddPasskey(InAdmin, webauthn.AddWebAuthnView):
    title = gettext_lazy("Add a passkey")
    template_name = "accounts/add_passkey.html"


class RemovePasskey(InAdmin, webauthn.RemoveWebAuthnView):
    title = gettext_lazy("Remove a passkey")
    template_name = "accounts/remove_factor.html"
    pk_url_kwarg = "object_id"
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form):
        """The library asks its adapter for apps only; the last passkey stays likewise."""
        if settings.REQUIRE_SECOND_FACTOR and second_factors(self.request.user).count() == 1:
            form.add_error(None, ValidationError(_("The last second factor stays.")))
            return self.form_invalid(form)
        return super().form_valid(form)


class RecoveryCodes(InAdmin, codes.ViewRecoveryCodesView):
    title = gettext_lazy("Recovery codes")
    template_name = "accounts/recovery_codes.html"


class NewRecoveryCodes(InAdmin, codes.GenerateRecoveryCodesView):
    title = gettext_lazy("New recovery codes")
    template_name = "accounts/new_recovery_codes.html"


class DownloadRecoveryCodes(codes.DownloadRecoveryCodesView):
    template_name = "accounts/recovery_codes.txt"


@method_decorator(sensitive_post_parameters(), name="dispatch")
class ChangePassword(InAdmin, passwords.PasswordChangeView):
    """As the admin's own, and the journal hears of it; the other sessions end by themselves."""

    title = gettext_lazy("Change of password")
    success_url = reverse_lazy("admin:password_change_done")

    def form_valid(self, form):
        record(Kind.PASSWORD, user=self.request.user, request=self.request)
        adapter = get_adapter(self.request)
        adapter.send_notification_mail("account/email/password_changed", self.request.user)
        return super().form_valid(form)
