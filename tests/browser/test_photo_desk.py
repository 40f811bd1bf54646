"""The photo desk in a real browser: many files at once, the focal point by keyboard."""

from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from imagine_site.images.models import Image
from tests.factories.images import image_bytes, image_file, make_image

AXE = Path(__file__).parents[2] / "audit" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def upload(name: str, content: bytes) -> dict:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


@pytest.fixture
def desk(signed_in, live_server, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    signed_in.address = live_server.url
    return signed_in


def test_many_files_each_with_a_fate_of_its_own_then_completed(desk):
    make_image(title="Already here", file=image_file(seed=5))
    desk.goto(desk.address + reverse("admin:images_image_changelist"))
    files = [upload(f"new-{n}.jpg", image_bytes(60, 40, seed=20 + n)) for n in range(3)]
    files += [upload("bad.jpg", b"GIF89a"), upload("twice.jpg", image_bytes(240, 160, seed=5))]
    # Chosen or dropped: the same way from here on.
    desk.set_input_files("#drop-files", files)
    sum_ = desk.locator("[data-drop-sum]")
    expect(sum_).to_have_text("All 5 done: 3 added, 1 known, 1 refused.", timeout=20_000)
    expect(desk.locator(".drop__file--failed")).to_contain_text("GIF files are not taken")
    expect(desk.locator(".drop__file--known a")).to_have_text("Already here")
    desk.get_by_role("link", name="Complete these pictures").click()
    rows = desk.locator(".many__row")
    expect(rows).to_have_count(3)
    desk.get_by_label("Credit:", exact=True).fill("Agence")
    first = rows.first
    first.get_by_label("Alternative text in English").fill("A hall")
    first.get_by_label("Alternative text in French").fill("Un hall")
    desk.keyboard.press("Enter")  # in a text area: a new line, not the end of the work
    desk.get_by_role("button", name="Save all").click()
    expect(desk.locator(".messagelist")).to_contain_text("3 pictures saved.")
    assert Image.objects.filter(incomplete=True, credit="Agence").count() == 2
    assert Image.objects.filter(incomplete=False).count() == 2
    assert [said for said in desk.complaints if "400" not in said] == []


def test_a_file_dropped_anywhere_is_taken_and_the_page_stays(desk):
    desk.goto(desk.address + reverse("admin:images_image_changelist"))
    desk.evaluate(
        """(bytes) => {
          const dataTransfer = new DataTransfer();
          const file = new File([new Uint8Array(bytes)], "dropped.jpg", { type: "image/jpeg" });
          dataTransfer.items.add(file);
          for (const type of ["dragover", "drop"]) {
            const event = new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true });
            document.querySelector("#header").dispatchEvent(event);
          }
        }""",
        list(image_bytes(60, 40, seed=30)),
    )
    expect(desk.locator("[data-drop-sum]")).to_contain_text("1 added", timeout=20_000)
    assert Image.objects.get().title == "dropped"


def test_the_focal_point_moves_with_the_arrow_keys_and_every_crop_follows(desk):
    image = make_image(width=300, height=200)
    desk.goto(desk.address + reverse("admin:images_image_change", args=[image.pk]))
    point = desk.get_by_role("button", name="Focal point")
    point.focus()
    desk.keyboard.press("Shift+ArrowRight")
    desk.keyboard.press("ArrowUp")
    expect(desk.locator("#id_focal_x")).to_have_value("0.60")
    expect(desk.locator("#id_focal_y")).to_have_value("0.49")
    expect(desk.locator("[data-focal-value]")).to_have_text("60 % from the left, 49 % from the top")
    places = desk.eval_on_selector_all(
        "[data-focal-crop]", "crops => crops.map(crop => crop.style.objectPosition)"
    )
    assert places == ["60% 49%"] * 3
    box = desk.locator("[data-focal-image]").bounding_box()
    desk.mouse.click(box["x"] + box["width"] * 0.1, box["y"] + box["height"] * 0.9)
    expect(desk.locator("#id_focal_x")).to_have_value("0.10")
    desk.get_by_role("button", name="Save", exact=True).click()
    expect(desk.locator(".messagelist")).to_be_visible()
    image.refresh_from_db()
    assert image.focal == (0.1, 0.9)
    assert desk.complaints == []


@pytest.mark.skipif(not AXE.exists(), reason="axe comes with the tools of the audit")
def test_axe_finds_nothing_serious(desk):
    image = make_image(title="Hall", rights_until="2020-01-01")
    make_image(title="Bare", credit="", alt_en="", alt_fr="", incomplete=True, description="Says.")
    change = [image.pk]
    for name, args in {
        "changelist": None,
        "complete": None,
        "replace": change,
        "change": change,
    }.items():
        desk.goto(desk.address + reverse(f"admin:images_image_{name}", args=args))
        # The policy of the admin lets no script in but the site's own.
        desk.evaluate(AXE.read_text())
        found = desk.evaluate("axe.run(document, {resultTypes: ['violations']})")
        serious = [
            (each["id"], [node["html"][:120] for node in each["nodes"]])
            for each in found["violations"]
            if each["impact"] in {"serious", "critical"}
        ]
        assert serious == [], name
