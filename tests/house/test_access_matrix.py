"""Who may open what: every address, every role, both methods, from a table beside this file.

Deny by default: an address without a row fails, a model without a class fails, and a row whose
address has gone fails, so that nothing is ever added to the site without a decision.
"""

import tomllib
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from django.contrib import admin
from django.db import transaction
from django.template.backends.django import Template
from django.test import Client

from tests.house import institute as houses
from tests.house.addresses import Address, every_address
from tests.house.crawling import body_of

#: Those that a row names, in this order; writers have their own entry where they are answered
#: otherwise than editors.
NAMED = ("anonymous", "staff", "editor", "superuser")
ROLES = (*NAMED, "writer")
METHODS = ("GET", "POST")
TABLE = tomllib.loads(Path(__file__).with_name("access_matrix.toml").read_text("utf-8"))


@dataclass(frozen=True)
class Row:
    """What each role is answered, by method."""

    answers: dict[str, list[int]]
    query: str = ""
    #: Whether it says of writers something else than of editors.
    tells_writers: bool = False

    @classmethod
    def read(cls, table: dict) -> "Row":
        answers = {
            method: table[method] if isinstance(table[method], list) else [table[method]] * 4
            for method in METHODS
        }
        assert all(len(by_role) == len(NAMED) for by_role in answers.values()), table
        assert set(table) <= {*METHODS, "writer", "query"}, table
        as_editors = [answers[method][NAMED.index("editor")] for method in METHODS]
        for method, answer in zip(METHODS, table.get("writer", as_editors), strict=True):
            answers[method] = [*answers[method], answer]
        return cls(answers, table.get("query", ""), "writer" in table)

    def answer(self, method: str, role: str) -> int:
        return self.answers[method][ROLES.index(role)]


def rows() -> dict[str, Row]:
    """The table with the rows of each class of models written out."""
    found = {key: Row.read(table) for key, table in TABLE["addresses"].items()}
    for name, models in TABLE["models"].items():
        for model in models:
            for view, table in TABLE["views"][name].items():
                found[_key(model, view)] = Row.read(table)
    return found


def _key(model: str, view: str) -> str:
    """How `every_address` names a page of a model: by its name, or by its route if it has none."""
    if view == "short":  # /admin/news/post/1/ leads to /admin/news/post/1/change/
        return f"admin/{model.replace('_', '/', 1)}/<path:object_id>/"
    return f"admin:{model}_{view}"


def _addresses() -> dict[str, Address]:
    """One per key: what the admin has under two patterns is one page."""
    return {address.key: address for address in every_address()}


def test_every_address_has_a_row():
    assert set(_addresses()) - set(rows()) == set()


def test_every_row_has_its_address():
    assert set(rows()) - set(_addresses()) == set()


def test_every_model_of_the_admin_has_a_class_and_only_one():
    classed = [model for models in TABLE["models"].values() for model in models]
    shown = {f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry}
    assert sorted(classed) == sorted(set(classed))
    assert set(classed) == shown


@pytest.fixture
def accounts(db):
    return houses.accounts()


@pytest.fixture
def no_templates(monkeypatch):
    """Who is let in is decided before a template is rendered; other tests look at the pages."""
    monkeypatch.setattr(Template, "render", lambda *args, **kwargs: "")


#: Whoever may do everything finds no closed door that others find open: with the slow tests.
_ROLES = [
    pytest.param(role, marks=pytest.mark.slow if role == "superuser" else ()) for role in ROLES
]


@pytest.mark.parametrize("role", _ROLES)
def test_every_role_is_answered_as_the_table_says(house, accounts, no_templates, role):
    table, client, wrong = rows(), Client(raise_request_exception=False), []
    if accounts[role]:
        client.force_login(accounts[role])
    cookies = client.cookies.output(header="", sep=";")
    for key, address in _addresses().items():
        if role == "writer" and not table[key].tells_writers:
            continue  # every page takes its time, and where writers may less, a row says so
        url = address.url(houses.values_for(house, address))
        for method in METHODS:
            # As if each request were the first: what it writes is taken back.
            with transaction.atomic():
                client.cookies = SimpleCookie(cookies)
                answer = client.generic(method, url, QUERY_STRING=table[key].query)
                body_of(answer)  # read to its end, a file is closed
                transaction.set_rollback(True)
            expected = table[key].answer(method, role)
            if answer.status_code != expected:
                wrong.append(f"{method} {key}: {answer.status_code}, expected {expected}")
    assert wrong == [], "\n".join(wrong)


def test_a_form_without_its_token_is_refused_everywhere(house, accounts):
    """Whatever the superuser may POST, another site cannot make the superuser's browser POST."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(accounts["superuser"])
    table = rows()
    accepting = [
        address
        for key, address in _addresses().items()
        if table[key].answer("POST", "superuser") not in {404, 405}
    ]
    assert len(accepting) > 20
    accepted = {}
    for address in accepting:
        status = client.post(address.url(houses.values_for(house, address)), {"x": "1"}).status_code
        if status != 403:
            accepted[address.key] = status
    assert accepted == {}


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE"])
def test_no_public_address_takes_another_method(house, client, method):
    for key, address in _addresses().items():
        if not address.is_admin:
            url = address.url(houses.values_for(house, address))
            assert client.generic(method, url).status_code == 405, key


def test_somebody_who_was_deactivated_is_out_at_once(house, accounts, client):
    client.force_login(accounts["superuser"])
    assert client.get("/admin/").status_code == 200
    accounts["superuser"].is_active = False
    accounts["superuser"].save()
    assert client.get("/admin/").status_code == 302
