"""`.env.example` names every variable that the settings read, and no other."""

import ast
import re

from tests.house.sources import ROOT

LINE = re.compile(r"(?P<comment>#?)(?P<name>[A-Z][A-Z0-9_]*)=(?P<value>.*)")


def _lines() -> list[re.Match]:
    text = (ROOT / ".env.example").read_text("utf-8")
    return [match for line in text.splitlines() if (match := LINE.fullmatch(line))]


def example() -> dict[str, str]:
    """The variables that are set there, those behind "#" left out."""
    return {line["name"]: line["value"] for line in _lines() if not line["comment"]}


def _read_by_the_settings() -> set[str]:
    tree = ast.parse((ROOT / "imagine_site" / "settings.py").read_text("utf-8"))
    return {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "env"
        and call.func.attr != "read_env"
    }


def test_every_variable_is_named_and_none_is_invented():
    named = [line["name"] for line in _lines()]
    assert sorted(named) == sorted(set(named))
    assert set(named) == _read_by_the_settings()


def test_every_variable_is_explained():
    """Each block of lines begins with a comment in words."""
    text = (ROOT / ".env.example").read_text("utf-8")
    for block in text.split("\n\n"):
        if any(LINE.fullmatch(line) for line in block.splitlines()):
            assert re.match(r"# \S+", block), block


def test_no_secret_is_in_the_example():
    assert example()["SECRET_KEY"] == ""
    secret = re.compile(r"PASSWORD|SECRET|ACCESS_KEY")
    assert [
        line["name"] for line in _lines() if secret.search(line["name"]) and line["value"]
    ] == []
