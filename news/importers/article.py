"""What a source file says, as a value: no database, no path, the same for every format.

A reader makes it, a person can look at it (`--dry-run`), and the saver turns it into a story. It
keeps the words exactly as they were read, so that "no word is lost" can be counted and not only
claimed; what the house's document format looks like is said in one place, `to_html`.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from html import escape
from typing import Any

from imagine_site.documents import clean, words

from .labels import caption_key


@dataclass(frozen=True)
class NoteCall:
    """The place in a text where a note is called; `raw` is the call as it was written."""

    raw: str
    note: int
    """Index in `Article.notes`."""


@dataclass(frozen=True)
class SpeakerName:
    """The name of the person who said the quotation above, where the name stands in prose."""

    text: str


Runs = tuple[str | NoteCall | SpeakerName, ...]


@dataclass(frozen=True)
class Paragraph:
    runs: Runs

    def as_read(self) -> str:
        return as_read(self.runs)


@dataclass(frozen=True)
class Heading:
    runs: Runs
    level: int = 2

    def as_read(self) -> str:
        return as_read(self.runs)


@dataclass(frozen=True)
class Quote:
    """A quotation that stands on its own; without its marks, which the page draws."""

    paragraphs: tuple[Runs, ...]
    attribution: str = ""
    role: str = ""
    is_attributed_in_text: bool = False
    """The speaker is named by a paragraph beside it, which stays: the quotation has no footer."""

    def as_read(self) -> str:
        parts = [as_read(runs) for runs in self.paragraphs]
        if not self.is_attributed_in_text:
            parts += [self.attribution, self.role]
        return "\n".join(part for part in parts if part)


@dataclass(frozen=True)
class CaptionLine:
    """The caption of a picture that the file names and does not hold."""

    text: str

    def as_read(self) -> str:
        return self.text


@dataclass(frozen=True)
class Item:
    runs: Runs
    marker: str = "-"


@dataclass(frozen=True)
class ItemList:
    items: tuple[Item, ...]
    is_ordered: bool = False

    def as_read(self) -> str:
        return "\n".join(f"{item.marker} {as_read(item.runs)}" for item in self.items)


@dataclass(frozen=True)
class Rule:
    """A line drawn between two parts."""

    def as_read(self) -> str:
        return ""


@dataclass(frozen=True)
class NoteLine:
    """A note that nothing in the body calls, printed where it stood; index in `Article.notes`."""

    note: int

    def as_read(self) -> str:
        return ""  # counted once, with the notes


Part = Paragraph | Heading | Quote | CaptionLine | ItemList | Rule | NoteLine


@dataclass(frozen=True)
class Note:
    """A footnote; `marker` is the sign it was written with ("*", "1.")."""

    marker: str
    text: str


@dataclass(frozen=True)
class Speech:
    """Somebody's words, marked as such within a paragraph; `attribution` may be empty."""

    text: str
    attribution: str = ""


@dataclass(frozen=True)
class Doubt:
    """What the reader was not sure of and did not decide, for a person to look at."""

    code: str
    text: str
    line: int = 0
    """In the source, counted from 1; 0 when it is about the whole file."""


@dataclass(frozen=True)
class Article:
    source: str
    language: str
    raw: str = field(repr=False)
    """The whole text of the file, for counting."""
    translation_key: str = ""
    title: str = ""
    lede: str = ""
    published: date | None = None
    published_raw: str = ""
    section: str = ""
    content_type: str = ""
    blocks: tuple[Part, ...] = ()
    notes: tuple[Note, ...] = ()
    speeches: tuple[Speech, ...] = ()
    remainder: tuple[str, ...] = ()
    doubts: tuple[Doubt, ...] = ()

    def doubting(self, doubt: Doubt) -> "Article":
        """Return the same article with one more doubt."""
        return replace(self, doubts=(*self.doubts, doubt))

    @property
    def summary(self) -> str:
        return self.lede

    @property
    def headings(self) -> tuple[str, ...]:
        return tuple(_shown(part.runs) for part in self.blocks if isinstance(part, Heading))

    @property
    def captions(self) -> tuple[str, ...]:
        return tuple(part.text for part in self.blocks if isinstance(part, CaptionLine))

    @property
    def footnotes(self) -> tuple[str, ...]:
        return tuple(note.text for note in self.notes)

    @property
    def quotes(self) -> tuple[Speech, ...]:
        """Every quotation: first those that stand on their own, then those within paragraphs."""
        own = tuple(
            Speech("\n\n".join(map(_shown, part.paragraphs)), part.attribution)
            for part in self.blocks
            if isinstance(part, Quote)
        )
        return own + self.speeches

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(doubt.text for doubt in self.doubts)

    @cached_property
    def body(self) -> str:
        """The body as a document, with no picture and no record known yet."""
        return self.to_html()

    def to_html(
        self, images: Mapping[str, int] | None = None, speakers: Mapping[str, str] | None = None
    ) -> str:
        """Return the body in the house's document format, sanitised.

        `images` leads from the text of a caption, or its `caption_key`, to an image of the
        library; a caption without an image stays as a line of its own, so that no word is lost.
        `speakers` leads from an attribution, as in `quotes`, to a record ("researcher:3").
        Raises `imagine_site.documents.DocumentError` when the text is too long for a document.
        """
        return clean(_Writer(self, images or {}, speakers or {}).write())

    def fields_text(self) -> str:
        """Return every word of every field, once, as it was read."""
        return "\n".join(
            [
                self.title,
                self.lede,
                self.published_raw,
                self.section,
                self.content_type,
                *(part.as_read() for part in self.blocks),
                *(f"{note.marker} {note.text}" for note in self.notes),
            ]
        )

    @cached_property
    def words_in(self) -> int:
        return self._words_read.total()

    @cached_property
    def words_out(self) -> int:
        """How many words the fields and the remainder hold together."""
        return self._words_kept.total()

    @cached_property
    def words_lost(self) -> tuple[str, ...]:
        """Words of the file that no field and no remainder holds; always to be empty."""
        return _left(self._words_read, without=self._words_kept)

    @cached_property
    def words_added(self) -> tuple[str, ...]:
        """Words that the file does not hold as often; always to be empty."""
        return _left(self._words_kept, without=self._words_read)

    @cached_property
    def document_words(self) -> Counter[str]:
        """The words the stored body must hold, to be compared with those of its plain text.

        They are the words of the parts and notes, less the numbers that the page counts itself:
        those of notes and of ordered lists ("founders1" is "founders" there, with note 1).
        """
        texts = [note.text for note in self.notes]
        for part in self.blocks:
            match part:
                case CaptionLine(text):
                    texts.append(text)
                case NoteLine(index):
                    texts.append(self.notes[index].marker)
                case Quote(attribution=name, role=role, is_attributed_in_text=False):
                    texts += [name, role]
            texts += map(_shown, _runs_of(part))
        return Counter(words("\n".join(texts)))

    @cached_property
    def _words_read(self) -> Counter[str]:
        return Counter(words(self.raw))

    @cached_property
    def _words_kept(self) -> Counter[str]:
        return Counter(words("\n".join([self.fields_text(), *self.remainder])))

    def __getstate__(self) -> dict[str, Any]:
        """For another process: the numbers of words, and not the words once more."""
        counted = {"words_in": self.words_in, "words_out": self.words_out}
        said = {name: vars(self)[name] for name in self.__dataclass_fields__}
        return said | counted

    def as_json(self) -> dict[str, Any]:
        """Return what `import_articles --json` prints about the article, less what saving adds."""
        return {
            "language": self.language,
            "title": self.title,
            "published": self.published.isoformat() if self.published else None,
            "section": self.section,
            "summary": self.lede,
            "headings": list(self.headings),
            "quotes": [
                {"text": quote.text, "attribution": quote.attribution} for quote in self.quotes
            ],
            "captions": list(self.captions),
            "footnotes": list(self.footnotes),
            "words_in": self.words_in,
            "words_out": self.words_out,
            "remainder": list(self.remainder),
            "warnings": list(self.warnings),
        }


def _left(some: Counter[str], *, without: Counter[str]) -> tuple[str, ...]:
    # Most often they are the same, which is soon seen.
    return () if some.items() == without.items() else tuple(sorted((some - without).elements()))


def as_read(runs: Runs) -> str:
    """Return the words of the runs as the file has them, the calls of notes included."""
    return "".join(
        run if isinstance(run, str) else run.raw if isinstance(run, NoteCall) else run.text
        for run in runs
    )


def _shown(runs: Runs) -> str:
    return "".join(
        run if isinstance(run, str) else "" if isinstance(run, NoteCall) else run.text
        for run in runs
    )


class _Writer:
    """Writes one article as a document; remembers which notes it has written already."""

    def __init__(
        self, article: Article, images: Mapping[str, int], speakers: Mapping[str, str]
    ) -> None:
        self.article = article
        self.images = images
        self.speakers = speakers
        self.written: set[int] = set()
        self.calls = Counter(
            run.note
            for part in article.blocks
            for runs in _runs_of(part)
            for run in runs
            if isinstance(run, NoteCall)
        )

    def write(self) -> str:
        return "".join(self.part(part) for part in self.article.blocks)

    def part(self, part: Part) -> str:
        match part:
            case Paragraph(runs):
                return f"<p>{self.inline(runs)}</p>"
            case Heading(runs, level):
                return f"<h{level}>{self.inline(runs)}</h{level}>"
            case Quote():
                return self.quote(part)
            case CaptionLine(text):
                return self.caption(text)
            case ItemList(items, is_ordered):
                tag = "ol" if is_ordered else "ul"
                inside = "".join(f"<li>{self.inline(item.runs)}</li>" for item in items)
                return f"<{tag}>{inside}</{tag}>"
            case NoteLine(index):
                note = self.article.notes[index]
                return f"<p>{escape(note.marker, quote=False)} {escape(note.text, quote=False)}</p>"
            case Rule():
                return "<hr>"

    def quote(self, quote: Quote) -> str:
        inside = "".join(f"<p>{self.inline(runs)}</p>" for runs in quote.paragraphs)
        footer = ""
        if quote.attribution and not quote.is_attributed_in_text:
            record = self.speakers.get(quote.attribution)
            data = f' data-record="{escape(record)}"' if record else ""
            footer = f"<cite{data}>{escape(quote.attribution, quote=False)}</cite>"
            if quote.role:
                footer += f"<span>{escape(quote.role, quote=False)}</span>"
            footer = f"<footer>{footer}</footer>"
        return f"<blockquote>{inside}{footer}</blockquote>"

    def caption(self, text: str) -> str:
        image = self.images.get(text) or self.images.get(caption_key(text))
        shown = escape(text, quote=False)
        if image is None:
            return f"<p><em>{shown}</em></p>"
        return f'<figure data-image="{image:d}"><figcaption>{shown}</figcaption></figure>'

    def inline(self, runs: Runs) -> str:
        return "".join(self.run(run) for run in runs)

    def run(self, run: str | NoteCall | SpeakerName) -> str:
        match run:
            case NoteCall():
                return self.call(run)
            case SpeakerName(text):
                shown = escape(text, quote=False)
                record = self.speakers.get(text)
                return f'<a data-record="{escape(record)}">{shown}</a>' if record else shown
            case _:
                return escape(run, quote=False)

    def call(self, call: NoteCall) -> str:
        """Write the note at its first call; further calls only name it."""
        name = f"n{call.note + 1}" if self.calls[call.note] > 1 else ""
        if call.note in self.written:
            return f'<span data-footnote="{name}"></span>'
        self.written.add(call.note)
        text = escape(self.article.notes[call.note].text, quote=False)
        return f'<span data-footnote="{name}">{text}</span>'


def _runs_of(part: Part) -> tuple[Runs, ...]:
    match part:
        case Paragraph(runs) | Heading(runs):
            return (runs,)
        case Quote(paragraphs):
            return paragraphs
        case ItemList(items):
            return tuple(item.runs for item in items)
        case _:
            return ()
