"""Every text colour on every paper holds 7:1, in light and in dark (WCAG 2.2 SC 1.4.6)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TOKENS = (Path(settings.BASE_DIR) / "static/css/tokens.css").read_text("utf-8")


def palette(scheme: str) -> dict[str, str]:
    light, dark = TOKENS.split("@media (prefers-color-scheme: dark)")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    if scheme == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark))
    return colours


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("ink", "paper"),
        ("ink", "paper-2"),
        ("ink-2", "paper"),
        ("ink-2", "paper-2"),
        ("accent", "paper"),
        ("accent", "paper-2"),
        ("on-ink", "ink"),
        ("paper", "accent"),
        ("on-night", "night"),
        ("on-night-2", "night"),
    ],
)
def test_text_can_be_read(scheme, text, paper):
    colours = palette(scheme)
    assert contrast(colours[text], colours[paper]) >= 7


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("shape", "paper"), [("signal", "paper"), ("night-signal", "night"), ("focus", "paper")]
)
def test_what_is_drawn_can_be_seen(scheme, shape, paper):
    """3:1 for graphics and for the focus ring (SC 1.4.11)."""
    colours = palette(scheme)
    assert contrast(colours[shape], colours[paper]) >= 3


def test_the_browsers_frame_has_the_colour_of_the_paper():
    base = (Path(settings.BASE_DIR) / "templates/base.html").read_text("utf-8")
    for scheme in ("light", "dark"):
        paper = palette(scheme)["paper"]
        assert f'content="{paper}" media="(prefers-color-scheme: {scheme})"' in base
