"""What the code and the templates say to people, and what the French catalogue makes of it.

The texts are read from the sources in Python, so that the fast tests need no gettext tools; run as
a program with two folders it compares two states of the catalogue, for the tools' own answer.
"""

import ast
import re
import sys
from pathlib import Path

import polib
from django.utils.translation.template import templatize

from tests.house.sources import ROOT, modules

CATALOGUE = ROOT / "imagine_site" / "locale" / "fr" / "LC_MESSAGES" / "django.po"
TEMPLATES = ("templates", "imagine_site", "news", "labs", "people")

#: Function: positions of context, singular, plural (as Django tells xgettext).
FUNCTIONS = {
    "gettext": (None, 0, None),
    "gettext_lazy": (None, 0, None),
    "gettext_noop": (None, 0, None),
    "_": (None, 0, None),
    "ngettext": (None, 0, 1),
    "ngettext_lazy": (None, 0, 1),
    "pgettext": (0, 1, None),
    "pgettext_lazy": (0, 1, None),
    "npgettext": (0, 1, 2),
    "npgettext_lazy": (0, 1, 2),
}
_CALL = re.compile(r"\b(?:n?p?gettext|_)\(")

Key = tuple[str | None, str, str]  # context, text, plural


def texts_of_the_sources() -> dict[Key, str]:
    """Every text to translate, and where it stands (the first place)."""
    found: dict[Key, str] = {}
    for path, tree in modules():
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and (key := _key(call)):
                found.setdefault(key, f"{path}:{call.lineno}")
    for folder in TEMPLATES:
        for path in sorted((ROOT / folder).rglob("*.html")) + sorted(
            (ROOT / folder).rglob("*.txt")
        ):
            if "templates" in path.parts:
                for key in texts_of_a_template(path.read_text("utf-8")):
                    found.setdefault(key, str(path.relative_to(ROOT)))
    return found


def _templates() -> list[Path]:
    files = [path for folder in TEMPLATES for path in (ROOT / folder).rglob("*")]
    return sorted(p for p in files if p.suffix in {".html", ".txt"} and "templates" in p.parts)


def texts_of_a_template(source: str) -> list[Key]:
    """Django turns a template into something like Python for xgettext; the calls are in there."""
    found = []
    code = templatize(source)
    for match in _CALL.finditer(code):
        end = match.end()
        while (end := code.find(")", end) + 1) > 0:
            try:
                call = ast.parse(code[match.start() : end].strip(), mode="eval").body
            except SyntaxError:
                continue
            if isinstance(call, ast.Call) and (key := _key(call)):
                found.append(key)
            break
    return found


def _key(call: ast.Call) -> Key | None:
    name = getattr(call.func, "id", getattr(call.func, "attr", None))
    if name not in FUNCTIONS:
        return None
    values = [
        None
        if position is None or position >= len(call.args)
        else getattr(call.args[position], "value", None)
        for position in FUNCTIONS[name]
    ]
    context, text, plural = values
    return (context, text, plural or "") if isinstance(text, str) and text else None


def key(entry: polib.POEntry) -> Key:
    return (entry.msgctxt, entry.msgid, entry.msgid_plural or "")


def forms(entry: polib.POEntry) -> list[str]:
    """The translation, or both forms of it."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def said(catalogue) -> set[tuple]:
    """What a catalogue says, whatever its header, order and line numbers."""
    return {(*key(entry), *forms(entry)) for entry in catalogue if not entry.obsolete}


_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd%]|\{\w*\}|</?[a-z][a-z0-9]*\b")


def placeholders(text: str) -> list[str]:
    return sorted(_PLACEHOLDER.findall(text))


#: What French typography wants, as patterns of what is wrong (Lexique des règles typographiques en
#: usage à l'Imprimerie nationale). The narrow no-break space is U+202F, the other U+00A0.
_TYPOGRAPHY = {
    "a straight apostrophe": re.compile(r"\w'\w"),
    "straight quotation marks": re.compile(r'"\w|\w"'),
    "English quotation marks": re.compile(r"[“”]"),
    "three dots": re.compile(r"\.\.\."),
    "no narrow no-break space before ; ! or ?": re.compile(r"(?<![\u202f;!?])[;!?](?=[\s»)]|$)"),
    "no no-break space before :": re.compile(r"(?<![\u00a0\u202f]):(?=[\s»)]|$)"),
    "no no-break space after «": re.compile(r"«(?![\u202f\u00a0])"),
    "no no-break space before »": re.compile(r"(?<![\u202f\u00a0])»"),
}


def typography(text: str) -> list[str]:
    """What is wrong with a French text; mark-up, braces, entities and addresses are no text."""
    bare = re.sub(r"<[^>]*>|\{[^}]*\}|&\w+;", "", text)
    bare = re.sub(r"https?://\S+", "x", bare)
    return [rule for rule, wrong in _TYPOGRAPHY.items() if wrong.search(bare)]


def differences(before: Path, now: Path) -> list[str]:
    """What two folders with a django.po and a django.mo say differently."""
    found = []
    for name, read in (("django.po", polib.pofile), ("django.mo", polib.mofile)):
        old, new = said(read(str(before / name))), said(read(str(now / name)))
        found += [f"{name}: {text}" for text in sorted(old ^ new, key=str)]
    return found


if __name__ == "__main__":
    changed = differences(Path(sys.argv[1]), Path(sys.argv[2]))
    for line in changed:
        print(line)
    if changed:
        sys.exit("The French catalogue is out of date: make messages, translate, commit.")
