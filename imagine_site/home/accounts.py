"""Who may write: the group an institute starts with, and accounts in it.

Accounts themselves, and what groups may do, stay with administrators: an editor could otherwise
make an administrator of anyone.
"""

import secrets

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from simple_history.models import HistoricalChanges

from imagine_site.publishing.models import Edition

EDITORS = "Editors"
#: The rooms whose rows editors write.
WRITTEN = ("news", "labs", "people", "pages", "images")


def rights_of_editors() -> list[Permission]:
    """All that is written, with its inner rows; what was published is theirs to read only."""
    rights = []
    for label in WRITTEN:
        for model in apps.get_app_config(label).get_models():
            if issubclass(model, HistoricalChanges):
                continue
            of_this = Permission.objects.filter(
                content_type=ContentType.objects.get_for_model(model)
            )
            if issubclass(model, Edition):
                of_this = of_this.filter(codename=f"view_{model._meta.model_name}")
            rights += of_this
    return rights


@transaction.atomic
def editors() -> Group:
    """The group of editors, with its rights when it is made; administrators change them later."""
    group, made = Group.objects.get_or_create(name=EDITORS)
    if made:
        group.permissions.set(rights_of_editors())
    return group


@transaction.atomic
def create_editor(name: str) -> str:
    """Make an account that may write, and return its generated password, which is kept nowhere.

    Raises `IntegrityError` when the name is taken.
    """
    password = secrets.token_urlsafe(15)  # 120 bits
    account = get_user_model().objects.create_user(name, password=password, is_staff=True)
    account.groups.add(editors())
    return password
