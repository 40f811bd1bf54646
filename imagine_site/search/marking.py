"""The passage of a text that answers a question, with the words found marked.

Done here and not by the database, so that both show the same, every character is escaped, and a
word is marked in the form in which it stands: "génétiques" for a question about « genetique ».
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from imagine_site.register.names import WORD
from imagine_site.search.terms import Term
from imagine_site.search.words import folded, stem

#: Characters of a passage, and how far into the text it is looked for.
PASSAGE = 260
READ = 30_000


@dataclass(frozen=True, slots=True)
class Marker:
    """Knows the stems, and the beginnings by which most words are passed over unread."""

    language: str
    stems: frozenset[str]
    beginnings: tuple[str, ...]

    @classmethod
    def of(cls, terms: Sequence[Term], language: str) -> Marker:
        stems = frozenset(word for term in terms for word in term.stems)
        return cls(language, stems, tuple({word[:3] for word in stems}))

    def found(self, text: str, *, begun: bool = False) -> list[tuple[int, int, str]]:
        """Where the words stand: from, to, and which stem each is; `begun`: or begin with it."""
        places = []
        for word in WORD.finditer(text):
            plain = folded(word.group())
            if plain.startswith(self.beginnings):
                if (root := stem(plain, self.language)) in self.stems:
                    places.append((*word.span(), root))
                elif begun and any(len(each) > 3 and plain.startswith(each) for each in self.stems):
                    places.append((*word.span(), plain))
        return places if self.beginnings else []

    def marked(self, text: str) -> SafeString:
        """The whole text, escaped, with `<mark>` around what was asked for."""
        return _marked(text, self.found(text, begun=True), 0, len(text))

    def passage(self, text: str) -> SafeString:
        """The stretch with the most of what was asked for; the beginning where nothing is."""
        if len(text) < PASSAGE * 5 // 4:
            return _marked(text, self.found(text), 0, len(text))
        text = text[:READ]
        places = self.found(text)
        if not places:
            return conditional_escape(_cut(text, 0, min(len(text), PASSAGE))[2])
        best, most = 0, (0, 0)
        for index, (start, _end, _root) in enumerate(places):
            near = [
                root
                for begin, _stop, root in places[index : index + 12]
                if begin < start + PASSAGE - 80
            ]
            if (len(set(near)), len(near)) > most:
                best, most = index, (len(set(near)), len(near))
        start = max(0, places[best][0] - 80)
        begin, stop, _text = _cut(text, start, min(len(text), start + PASSAGE))
        body = _marked(text, places, begin, stop)
        return format_html(
            "{}{}{}", "… " if begin else "", body, " …" if stop < len(text.rstrip()) else ""
        )


def _cut(text: str, start: int, stop: int) -> tuple[int, int, str]:
    """Moved to the borders of words: where it begins, where it ends, and the text between."""
    if start:
        space = text.find(" ", start, start + 30)
        start = space + 1 if space >= 0 else start
    if stop < len(text):
        space = text.rfind(" ", stop - 30, stop)
        stop = space if space > start else stop
    return start, stop, text[start:stop]


def _marked(text: str, places: list[tuple[int, int, str]], begin: int, stop: int) -> SafeString:
    parts, last = [], begin
    for start, end, _root in places:
        if begin <= start and end <= stop:
            parts += [
                conditional_escape(text[last:start]),
                format_html("<mark>{}</mark>", text[start:end]),
            ]
            last = end
    parts.append(conditional_escape(text[last:stop]))
    return mark_safe("".join(parts))  # noqa: S308 - every part is escaped above
