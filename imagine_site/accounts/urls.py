"""Below /admin/. The names are those by which the library finds its own pages."""

from django.contrib import admin
from django.urls import path

from imagine_site.accounts import views

inside = admin.site.admin_view

urlpatterns = [
    path("login/", views.SignIn.as_view(), name="account_login"),
    path("password_change/", inside(views.ChangePassword.as_view()), name="account_password"),
    # Outside: on the way in.
    path("account/second-step/", views.SecondStep.as_view(), name="mfa_authenticate"),
    path("account/passkey/", views.SignInByPasskey.as_view(), name="mfa_login_webauthn"),
    path("account/start-over/", views.start_over, name="account_start_over"),
    path("account/forgotten/", views.ForgottenPassword.as_view(), name="admin_password_reset"),
    path(
        "account/forgotten/sent/",
        views.ForgottenPasswordSent.as_view(),
        name="password_reset_done",
    ),
    path(
        "account/forgotten/<uidb64>/<token>/",
        views.NewPassword.as_view(),
        name="password_reset_confirm",
    ),
    path(
        "account/forgotten/set/",
        views.NewPasswordSet.as_view(),
        name="password_reset_complete",
    ),
    # Inside.
    path("account/", inside(views.Account.as_view()), name="mfa_index"),
    path("account/sessions/", inside(views.end_own_sessions), name="account_end_sessions"),
    path(
        "account/confirm/password/",
        inside(views.ConfirmByPassword.as_view()),
        name="account_reauthenticate",
    ),
    path("account/confirm/code/", inside(views.ConfirmByCode.as_view()), name="mfa_reauthenticate"),
    path(
        "account/confirm/passkey/",
        inside(views.ConfirmByPasskey.as_view()),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/app/", inside(views.EnrolApp.as_view()), name="mfa_activate_totp"),
    path("account/app/remove/", inside(views.RemoveApp.as_view()), name="mfa_deactivate_totp"),
    path("account/passkeys/add/", inside(views.AddPasskey.as_view()), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:object_id>/remove/",
        inside(views.RemovePasskey.as_view()),
        name="mfa_remove_webauthn",
    ),
    path("account/codes/", inside(views.RecoveryCodes.as_view()), name="mfa_view_recovery_codes"),
    path(
        "account/codes/new/",
        inside(views.NewRecoveryCodes.as_view()),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/codes/download/",
        inside(views.DownloadRecoveryCodes.as_view()),
        name="mfa_download_recovery_codes",
    ),
]
