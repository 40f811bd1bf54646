"""Every page the admin has opens, for every model it shows, on a house with something in it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.house import institute as houses

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)


def _name(model, view: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}"


@pytest.fixture
def house(db):
    return houses.build()


def _ids(model) -> str:
    return model._meta.label_lower


@pytest.mark.parametrize("model", MODELS, ids=_ids)
def test_the_list_opens_and_can_be_searched(house, admin_client, model):
    assert admin_client.get(reverse(_name(model, "changelist"))).status_code == 200
    found = admin_client.get(reverse(_name(model, "changelist")), {"q": "œdème “x”"})
    assert found.status_code == 200
    assert admin.site._registry[model].search_fields, "a list without a search"
    assert "?e=1" not in found.headers.get("Location", "")


@pytest.mark.parametrize("model", MODELS, ids=_ids)
def test_every_column_of_the_list_sorts_and_every_filter_filters(house, admin_client, model):
    url = reverse(_name(model, "changelist"))
    page = admin_client.get(url)
    changes = page.context["cl"]
    for number in changes.get_ordering_field_columns() or range(1, len(changes.list_display)):
        assert admin_client.get(url, {"o": f"-{number}"}).status_code == 200
    for spec in changes.filter_specs:
        for choice in list(spec.choices(changes))[:6]:
            if query := choice.get("query_string"):
                assert admin_client.get(url + query).status_code == 200, query


@pytest.mark.parametrize("model", MODELS, ids=_ids)
def test_a_new_one_and_an_old_one_open(house, admin_client, model):
    shown = admin.site._registry[model]
    row = houses.one_of(model)
    change = admin_client.get(reverse(_name(model, "change"), args=[row.pk]))
    assert change.status_code == 200
    add = admin_client.get(reverse(_name(model, "add")))
    assert add.status_code == (200 if shown.has_add_permission(add.wsgi_request) else 403)


@pytest.mark.parametrize("model", MODELS, ids=_ids)
def test_its_history_and_its_deletion_open(house, admin_client, model):
    row = houses.one_of(model)
    assert admin_client.get(reverse(_name(model, "history"), args=[row.pk])).status_code == 200
    delete = admin_client.get(reverse(_name(model, "delete"), args=[row.pk]))
    assert delete.status_code in {200, 403}
    if hasattr(row, "history"):
        version = row.history.first()
        old = reverse(_name(model, "simple_history"), args=[row.pk, version.pk])
        assert admin_client.get(old).status_code == 200


@pytest.mark.parametrize("language", houses.LANGUAGES)
def test_the_index_names_every_room(house, admin_client, settings, language):
    page = admin_client.get(reverse("admin:index"), headers={"accept-language": language})
    assert page.status_code == 200
    for model in MODELS:
        assert reverse(_name(model, "changelist")) in page.text


def test_every_admin_page_sends_the_admins_own_policy(house, admin_client):
    for model in MODELS:
        page = admin_client.get(reverse(_name(model, "changelist")))
        policy = page["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe-eval" not in policy
        assert "no-store" in page["Cache-Control"] or "private" in page["Cache-Control"], model
