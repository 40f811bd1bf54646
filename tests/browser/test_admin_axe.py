"""Every list and every form of the admin, as axe judges it, light and dark."""

from pathlib import Path

import pytest
from django.contrib import admin
from django.urls import reverse

from tests.browser.windows import pause
from tests.house import institute as houses

AXE = Path(__file__).parents[2] / "audit" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not AXE.exists(), reason="axe comes with the tools of the audit"),
]


def judge(page) -> list[str]:
    """What axe finds serious; it sets styles itself, which the policy refuses it."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{page.url} {rule['id']}: {node['html'][:120]}"
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def test_axe_finds_nothing_serious_on_any_list_or_form(signed_in, live_server):
    houses.build()
    page, found = signed_in, []
    urls = [reverse("admin:index")]
    for model in sorted(admin.site._registry, key=str):
        info = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        urls += [
            reverse(f"{info}_changelist"),
            reverse(f"{info}_change", args=[houses.one_of(model).pk]),
        ]
        if model._meta.model_name in {"post", "laboratory"}:
            urls.append(reverse(f"{info}_add"))
    assert len(urls) > 30
    for number, url in enumerate(urls):
        page.emulate_media(color_scheme="dark" if number % 2 else "light")
        page.goto(live_server.url + url)
        pause(page, 120)  # lists of names are drawn once the document is there
        assert page.locator("h1").count() >= 1, url
        found += judge(page)
    assert found == []
