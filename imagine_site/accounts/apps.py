from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "imagine_site.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self):
        from imagine_site.accounts import listeners

        listeners.connect()
