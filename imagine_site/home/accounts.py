"""Who may do what: the four roles an institute starts with, and accounts in them.

A role is a group. Migrations make the groups and, when a room gets new tables, give them the rights
on these; administrators change groups as they like, and nothing they changed is ever undone.

Groups are stored under their English names; `role_label` says them in the reader's language.
"""

import secrets
from collections.abc import Iterable, Iterator

from django.apps import apps as installed
from django.contrib.auth import get_user_model
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group
from django.db import DEFAULT_DB_ALIAS, transaction
from django.utils.translation import gettext, gettext_noop

WRITER = gettext_noop("Writer")
EDITOR = gettext_noop("Editor")
KEEPER = gettext_noop("Register keeper")
ADMINISTRATOR = gettext_noop("Administrator")
ROLES = (WRITER, EDITOR, KEEPER, ADMINISTRATOR)

#: What the group of editors was called before there were roles.
FORMER_EDITORS = "Editors"

_ALL = "add change delete view"
_STORIES = {
    "news.post": "add change view",
    "pages.page": "add change view",
    "news.visit": _ALL,
    "news.guest": _ALL,
    "news.postedition": "view",
    "pages.pageedition": "view",
}
#: Saved is public, so that a writer only looks at the register and adds to the library.
_REGISTER = ("labs.*", "people.*")
_FACTS = ("pages.keyfigure", "pages.milestone")
_LIBRARY = ("images.*", "files.*")

#: By role and model (`room.*`: every model of a room), the rights on it.
RIGHTS: dict[str, dict[str, str]] = {
    WRITER: {
        **_STORIES,
        **dict.fromkeys(_REGISTER, "view"),
        **dict.fromkeys((*_FACTS, "pages.redirect"), "view"),
        **dict.fromkeys(_LIBRARY, "add view"),
    },
    EDITOR: {
        **_STORIES,
        "news.post": f"{_ALL} publish",
        "pages.page": f"{_ALL} publish",
        **dict.fromkeys((*_REGISTER, *_FACTS, "pages.redirect", *_LIBRARY), _ALL),
        "publishing.release": _ALL,
        "publishing.event": "view",
    },
    KEEPER: dict.fromkeys((*_REGISTER, *_FACTS, *_LIBRARY), _ALL),
}
RIGHTS[ADMINISTRATOR] = {
    **RIGHTS[EDITOR],
    "auth.user": _ALL,
    "auth.group": _ALL,
    "accounts.*": "view",
}


def role_label(name: str) -> str:
    """A group's name as it is shown; a group that is no role keeps its own."""
    return gettext(name) if name in ROLES else name


def _codenames(role: str, label: str, model: str) -> Iterator[str]:
    rights = RIGHTS[role].get(f"{label}.{model}", RIGHTS[role].get(f"{label}.*", ""))
    for verb in rights.split():
        yield f"{verb}_{model}"


def _rights(role: str, apps, using: str, rooms: Iterable[str] | None = None) -> list:
    """The permissions of a role on the tables that are there, of some rooms or of all."""
    named = {pattern.split(".")[0] for pattern in RIGHTS[role]}
    models = [
        model
        for model in apps.get_models()
        if model._meta.app_label in (named if rooms is None else named & set(rooms))
        and not model._meta.model_name.startswith("historical")
    ]
    found = []
    for model in models:
        label, name = model._meta.app_label, model._meta.model_name
        found += (
            apps.get_model("auth", "Permission")
            .objects.using(using)
            .filter(
                content_type__app_label=label,
                content_type__model=name,
                codename__in=list(_codenames(role, label, name)),
            )
        )
    return found


def _make_permissions(apps, using: str) -> None:
    """On an empty database they are made after the last migration; roles need them before."""
    for room in list(apps.get_app_configs()):
        if not hasattr(room, "models_module"):  # the stub that migrations see
            room.models_module = True
        create_permissions(room, verbosity=0, using=using, apps=apps)


def make_roles(apps, schema_editor) -> None:
    """For a migration: the groups that are not there yet, with their rights.

    The former group of editors keeps its members and what it may do, and gets what is new. A group
    that happens to have the name of a role is an administrator's and stays as it is.
    """
    using = schema_editor.connection.alias
    _make_permissions(apps, using)
    groups = apps.get_model("auth", "Group").objects.using(using)
    former = groups.filter(name=FORMER_EDITORS).first()
    if former and not groups.filter(name=EDITOR).exists():
        former.name = EDITOR
        former.save(update_fields=["name"])
        former.permissions.add(*_rights(EDITOR, apps, using, ["publishing", "files"]))
    for role in ROLES:
        group, made = groups.get_or_create(name=role)
        if made:
            group.permissions.set(_rights(role, apps, using))


def give_rights_on(*rooms: str):
    """For a migration that comes after new tables: `RunPython(give_rights_on("files"))`.

    Roles that an administrator has deleted are not made again.
    """

    def give(apps, schema_editor) -> None:
        using = schema_editor.connection.alias
        _make_permissions(apps, using)
        for group in apps.get_model("auth", "Group").objects.using(using).filter(name__in=ROLES):
            group.permissions.add(*_rights(group.name, apps, using, rooms))

    return give


@transaction.atomic
def role_group(name: str) -> Group:
    """The group of a role; made where an administrator (or an emptied database) has none."""
    group, made = Group.objects.get_or_create(name=name)
    if made:
        group.permissions.set(_rights(name, installed, DEFAULT_DB_ALIAS))
    return group


@transaction.atomic
def create_account(name: str, role: str = EDITOR) -> str:
    """Make an account with a role, and return its generated password, which is kept nowhere.

    Raises `IntegrityError` when the name is taken.
    """
    password = secrets.token_urlsafe(15)  # 120 bits
    account = get_user_model().objects.create_user(name, password=password, is_staff=True)
    account.groups.add(role_group(role))
    return password
