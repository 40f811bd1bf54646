"""The stylesheet: one file a component in the sources, one file in all when served."""

import re
from pathlib import Path

from django.conf import settings

from imagine_site.components.stylesheet import flatten

CSS = Path(settings.BASE_DIR) / "static"
NAME = "css/site.css"


def read(name: str) -> str:
    return (CSS / name).read_text("utf-8")


def test_nothing_is_left_to_import():
    whole = flatten(NAME, read)
    assert "@import" not in whole
    assert whole.count("{") == whole.count("}")


def test_every_part_is_there_in_its_layer_and_in_order():
    whole = flatten(NAME, read)
    assert "@layer reset, tokens, layout, components, pages;" in whole
    for name, layer in re.findall(r'@import url\("([^"]+)"\) layer\((\w+)\)', read(NAME)):
        first_rule = read(f"css/{name}").strip()[:60]
        assert first_rule in whole, name
        assert f"@layer {layer} {{" in whole
    assert whole.index("@layer tokens {") < whole.index("@layer pages {")
    assert "@media print {" in whole


def test_addresses_stay_right_when_a_part_moves():
    parts = {
        "css/all.css": '@import url("parts/a.css") layer(x);',
        "css/parts/a.css": 'p { background: url("../../icons/a.svg"), url(b.png), url(data:,c) }',
    }
    whole = flatten("css/all.css", parts.__getitem__)
    assert 'url("../icons/a.svg")' in whole
    assert 'url("../css/parts/b.png")' in whole
    assert "url(data:,c)" in whole


def test_every_file_named_exists():
    for name in re.findall(r'url\("([^"]+)"\)', flatten(NAME, read)):
        assert (CSS / "css" / name).resolve().is_file(), name


def test_every_component_stylesheet_is_imported():
    imported = set(re.findall(r'url\("components/([^"]+)"\)', read(NAME)))
    assert imported == {path.name for path in (CSS / "css/components").glob("*.css")}


def test_the_page_stays_light():
    fonts = [CSS / f"fonts/{name}.woff2" for name in ("bricolage-grotesque", "newsreader")]
    assert sum(path.stat().st_size for path in fonts) < 75_000
    # About 10 kB compressed; the fonts take 70 of the 100 kB a page may weigh.
    assert len(flatten(NAME, read)) < 66_000
