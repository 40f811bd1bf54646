"""What happened at the door: who signed in, who failed, whose account was changed by whom.

A journal is read, never edited. It holds addresses of people and is therefore kept for a time only
(`ACCESS_LOG_DAYS`; CNIL, recommendation on logging of 14 October 2021: six months to a year).
"""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AccountEvent(models.Model):
    class Kind(models.TextChoices):
        SIGNED_IN = "signed-in", _("signed in")
        SIGNED_OUT = "signed-out", _("signed out")
        FAILED = "failed", _("failed to sign in")
        LOCKED = "locked", _("locked after repeated failures")
        UNLOCKED = "unlocked", _("unlocked")
        PASSWORD = "password", _("password changed")
        FACTOR_ADDED = "factor-added", _("second factor added")
        FACTOR_REMOVED = "factor-removed", _("second factor removed")
        FACTOR_RESET = "factor-reset", _("second factor reset")
        SESSIONS_ENDED = "sessions-ended", _("sessions ended")
        RIGHTS = "rights", _("rights changed")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    at = models.DateTimeField(_("when"), default=timezone.now, db_index=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("account"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="account_events",
    )
    name = models.CharField(
        _("name"),
        max_length=150,
        blank=True,
        help_text=_("As it was then. Empty: nobody has that name, and what was typed is not kept."),
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("done by"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    address = models.GenericIPAddressField(_("address"), null=True)
    device = models.CharField(_("device"), max_length=200, blank=True)
    note = models.CharField(_("note"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("sign-in or change of account")
        verbose_name_plural = _("sign-ins and changes of accounts")
        ordering = ["-at", "-pk"]
        default_permissions = ["view"]

    def __str__(self) -> str:
        return f"{self.name or '?'}: {self.get_kind_display()}"
