"""A YAML file as text with line numbers, so that every mistake can be named by file and line.

Written on YAML's events and not on its loader, for four reasons: a value stays what was typed
(2016-07 is no sum, 2014-06-18 no date object, "no" no boolean, 14.5 no float), every key and value
knows its line, a key said twice is an error and not a silent loss, and nothing is ever built that
the file does not spell out (no tags, no aliases, so neither objects nor "billion laughs").

`read` gives the top mapping; `Section` reads one mapping by what is expected in it and collects all
problems instead of stopping at the first.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import yaml
from django.utils.translation import gettext as _

from imagine_site.register.dates import PartialDate

MAX_BYTES = 5_000_000
#: The register needs six levels. The YAML library's time grows with the square of the depth.
MAX_DEPTH = 20

# The C parser reads 5 MB in 4 s, the Python one in 50 s; both give the same events.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

#: What stands for "nothing" when it is not in quotation marks (YAML 1.2 §10.2.1.1).
_NULL = {"", "~", "null", "Null", "NULL"}
_YES = {"true", "yes", "on"}
_NO = {"false", "no", "off"}


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file. As text: `institute.yaml:41: researchers[3].orcid: …`."""

    file: str
    message: str
    line: int | None = None
    where: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(part for part in (place, self.where, self.message) if part)


class UnreadableFile(ValueError):
    """The file cannot be read as YAML at all; `problem` says where and why."""

    def __init__(self, problem: Problem):
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class Scalar:
    text: str | None
    line: int


@dataclass(frozen=True, slots=True)
class Sequence:
    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Mapping:
    line: int
    entries: dict[str, Node] = field(default_factory=dict)
    #: The line on which each key stands.
    lines: dict[str, int] = field(default_factory=dict)


Node = Scalar | Sequence | Mapping


def read(path: Path) -> Mapping:
    """The top mapping of a UTF-8 file of at most 5 MB.

    Raises `UnreadableFile` for what is no such file, no such mapping, or uses tags, anchors,
    aliases or a key twice.
    """
    return _tree(str(path), _text(path))


def _text(path: Path) -> str:
    def refuse(message: str, line: int | None = None) -> UnreadableFile:
        return UnreadableFile(Problem(str(path), message, line))

    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise refuse(_("cannot be read: %(reason)s") % {"reason": error.strerror}) from error
    if len(data) > MAX_BYTES:
        raise refuse(_("larger than 5 MB, which no register is"))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = _("not UTF-8 (byte 0x%(byte)02x): save the file with the encoding UTF-8")
        raise refuse(
            message % {"byte": data[error.start]}, data.count(b"\n", 0, error.start) + 1
        ) from error


def _tree(file: str, text: str) -> Mapping:
    def refuse(message: str, line: int | None = None) -> UnreadableFile:
        return UnreadableFile(Problem(file, message, line))

    root: Node | None = None
    open_nodes: list[tuple[Sequence | Mapping, list]] = []  # a mapping waits with its key
    try:
        for event in yaml.parse(text, Loader=_Loader):
            line = event.start_mark.line + 1
            if isinstance(event, yaml.DocumentStartEvent) and root is not None:
                raise refuse(_("a second document (“---”); write one"), line)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise refuse(_("anchors and aliases (& and *) are not used here"), line)
            if getattr(event, "tag", None):
                raise refuse(_("tags (!) are not used here"), line)
            if isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
                open_nodes.pop()
                continue
            if isinstance(event, yaml.ScalarEvent):
                null = event.implicit[0] and event.value in _NULL
                node: Node = Scalar(None if null else event.value, line)
            elif isinstance(event, yaml.SequenceStartEvent):
                node = Sequence(line)
            elif isinstance(event, yaml.MappingStartEvent):
                node = Mapping(line)
            else:
                continue
            if open_nodes:
                _place(node, *open_nodes[-1], refuse)
            else:
                root = node
            if not isinstance(node, Scalar):
                open_nodes.append((node, []))
                if len(open_nodes) > MAX_DEPTH:
                    raise refuse(_("nested too deeply"), line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = " ".join(part for part in (error.context, error.problem) if part)
        message = _("no valid YAML")
        raise refuse(f"{message}: {reason}", mark.line + 1 if mark else None) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise refuse(f"{_('no valid YAML')}: {error.reason}", line) from error
    if root is None or (isinstance(root, Scalar) and not root.text):
        raise refuse(_("empty"))
    if not isinstance(root, Mapping):
        raise refuse(_("“key: value” expected at the top"), root.line)
    return root


def _place(node: Node, parent: Sequence | Mapping, waiting: list[Scalar], refuse) -> None:
    """Put a node where it belongs; in a mapping every other node is a key."""
    if isinstance(parent, Sequence):
        parent.items.append(node)
    elif waiting:
        parent.entries[waiting.pop().text] = node
    elif not isinstance(node, Scalar) or not node.text:
        raise refuse(_("a key must be a word"), node.line)
    elif node.text in parent.lines:
        first = parent.lines[node.text]
        message = _("the key “%(key)s” stands twice, first on line %(line)d")
        raise refuse(message % {"key": node.text, "line": first}, node.line)
    else:
        parent.lines[node.text] = node.line
        waiting.append(node)


class Problems(list[Problem]):
    """All that is wrong with one file, in the order of its lines once sorted."""

    def __init__(self, file: str):
        super().__init__()
        self.file = file

    def add(self, line: int, where: str, message: str) -> None:
        self.append(Problem(self.file, message, line, where))

    def in_order(self) -> list[Problem]:
        return sorted(self, key=lambda problem: problem.line or 0)


def meant(word: str, known) -> str:
    """ " Did you mean “orcid”?", or nothing where no known word is close."""
    close = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return " " + _("Did you mean “%(word)s”?") % {"word": close[0]} if close else ""


@dataclass
class Section:
    """One mapping, read key by key; what nobody asked for is a problem at the end (`finish`).

    Each reader returns None for a key that is absent, or that is wrong (and then reported), and
    the empty value of its type for an explicit null.
    """

    node: Mapping
    where: str
    problems: Problems
    asked: set[str] = field(default_factory=set)

    @property
    def line(self) -> int:
        return self.node.line

    def __contains__(self, key: str) -> bool:
        return key in self.node.entries

    def line_of(self, key: str) -> int:
        return self.node.lines.get(key, self.node.line)

    def path(self, key: str) -> str:
        return f"{self.where}.{key}" if self.where else key

    def wrong(self, key: str, message: str) -> None:
        self.problems.add(self.line_of(key), self.path(key), message)

    def require(self, *keys: str) -> None:
        for key in keys:
            if key not in self or getattr(self.node.entries[key], "text", "x") is None:
                self.problems.add(self.line, self.path(key), _("is missing"))

    def finish(self) -> None:
        for key in self.node.entries:
            if key not in self.asked:
                message = _("is not a key known here.") + meant(key, self.asked)
                self.wrong(key, message)

    def ignore(self, *keys: str) -> None:
        self.asked.update(keys)

    def _scalar(self, key: str) -> Scalar | None:
        self.asked.add(key)
        node = self.node.entries.get(key)
        if node is None or isinstance(node, Scalar):
            return node
        self.wrong(key, _("one value expected, not a list or keys"))
        return None

    # -- Values -------------------------------------------------------------------------------

    def text(self, key: str) -> str | None:
        node = self._scalar(key)
        return None if node is None else (node.text or "").strip()

    def partial_date(self, key: str) -> str | None:
        text = self.text(key)
        if text:
            try:
                PartialDate.parse(text)
            except ValueError:
                self.wrong(
                    key,
                    _("“%(value)s” is no date: write 2007, 2016-07 or 2014-06-18.")
                    % {"value": text},
                )
                return None
        return text

    def integer(self, key: str) -> int | None:
        text = self.text(key)
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,9}", text):
            self.wrong(key, _("“%(value)s” is no whole number") % {"value": text})
            return None
        return int(text)

    def decimal(self, key: str) -> Decimal | None:
        text = self.text(key)
        if not text:
            return None
        if not re.fullmatch(r"[0-9][0-9_]{0,17}(\.[0-9]{1,6})?", text, re.ASCII):
            self.wrong(key, _("“%(value)s” is no number: write 14.5") % {"value": text[:30]})
            return None
        return Decimal(text.replace("_", ""))

    def flag(self, key: str) -> bool | None:
        text = self.text(key)
        if not text:
            return None
        if text.lower() in _YES | _NO:
            return text.lower() in _YES
        self.wrong(key, _("“%(value)s”: write true or false") % {"value": text})
        return None

    def choice(self, key: str, choices) -> str | None:
        text = self.text(key)
        if text and text not in choices:
            known = ", ".join(choices)
            message = _("“%(value)s” is not one of %(known)s.") % {"value": text, "known": known}
            self.wrong(key, message + meant(text, choices))
            return None
        return text

    def texts(self, key: str) -> list[str] | None:
        """A list of texts; one text alone is a list of one."""
        found = self.placed_texts(key)
        return None if found is None else [text for text, _line, _where in found]

    def placed_texts(self, key: str) -> list[tuple[str, int, str]] | None:
        """As `texts`, each with its line and where it stands: `("heart", 12, "labs[2]")`."""
        self.asked.add(key)
        node = self.node.entries.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar):
            return [(node.text.strip(), node.line, self.path(key))] if node.text else []
        if isinstance(node, Mapping):
            self.wrong(key, _("a list expected: [one, two]"))
            return None
        found = []
        for number, item in enumerate(node.items, 1):
            where = f"{self.path(key)}[{number}]"
            if isinstance(item, Scalar) and item.text and item.text.strip():
                found.append((item.text.strip(), item.line, where))
            else:
                self.problems.add(item.line, where, _("a text expected"))
        return found

    def bilingual(self, key: str, *, both: bool) -> dict[str, tuple[str, int, str]] | None:
        """`{en: …, fr: …}` as language → (text, line, where).

        A plain text stands for `both` languages (names), or for English alone (sentences).
        """
        self.asked.add(key)
        node = self.node.entries.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar):
            text = (node.text or "").strip()
            languages = ("en", "fr") if both or not text else ("en",)
            return dict.fromkeys(languages, (text, node.line, self.path(key)))
        if isinstance(node, Sequence):
            self.wrong(key, _("a text expected, or {en: …, fr: …}"))
            return None
        inner = Section(node, self.path(key), self.problems)
        found = {}
        for language in ("en", "fr"):
            text = inner.text(language)
            if text is not None:
                found[language] = (text, inner.line_of(language), inner.path(language))
        inner.finish()
        return found

    def sections(self, key: str) -> list[Section] | None:
        """A list of mappings, numbered from 1 as an editor counts: `researchers[3]`."""
        self.asked.add(key)
        node = self.node.entries.get(key)
        if node is None:
            return None
        if isinstance(node, Scalar) and node.text is None:
            return []
        if not isinstance(node, Sequence):
            self.wrong(key, _("a list expected, each entry beginning with “- ”"))
            return None
        return list(self._mappings(key, node))

    def _mappings(self, key: str, node: Sequence) -> Iterator[Section]:
        for number, item in enumerate(node.items, 1):
            where = f"{self.path(key)}[{number}]"
            if isinstance(item, Mapping):
                yield Section(item, where, self.problems)
            else:
                self.problems.add(item.line, where, _("“key: value” expected"))
