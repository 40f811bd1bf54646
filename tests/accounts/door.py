"""Knocking at the door, and reading what is said there."""

import re

from django.test import Client
from django.urls import reverse

from tests.factories.accounts import PASSWORD

LOGIN = "/admin/login/"
#: Failures that lock while `counting` (see conftest.py).
LIMIT = 3


def sign_in(client: Client, name: str = "eve", password: str = PASSWORD, **more):
    return client.post(LOGIN, {"login": name, "password": password}, **more)


def is_inside(client: Client) -> bool:
    return client.get(reverse("admin:jsi18n")).status_code == 200


def told(response) -> str:
    """The words of a page, without mark-up and what differs at every request."""
    text = re.sub(r"<(script|style).*?</\1>|<input[^>]*>", "", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)).strip()
