"""The plain-text reader: a page copied from a web site, title first, into an Article.

The shape is the one the institute's pages have: title, lede, date, category, then captions,
headings, paragraphs, quotations and notes. Nothing in the file says which is which, so each
block is recognised by what stands in it and beside it, and where that is not enough the reader does
not choose: the field stays empty, the text stays a paragraph, and a doubt says so.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from django.utils.translation import gettext as _

from . import contradictions, labels, notes, quotes
from .article import (
    Article,
    CaptionLine,
    Doubt,
    Heading,
    Item,
    ItemList,
    Note,
    NoteCall,
    NoteLine,
    Paragraph,
    Part,
    Quote,
    Rule,
    SpeakerName,
    Speech,
)
from .dates import DateLine, read_date_line
from .files import SourceError
from .lines import Block, read_blocks
from .names import PersonLine, has_honorific, read_person_line

HEADER_BLOCKS = 8
"""A date without "Published on" counts only so near to the top."""
LONGEST_TITLE = 250
LONGEST_LEDE_AFTER_DATE = 90
"""In words. Before the date a lede may have any length, behind it a long paragraph is the body."""
LONGEST_QUOTE = 25
"""In paragraphs: how far the closing mark of a quotation is looked for."""

_ITEM = re.compile(r"(?P<marker>[-•·▪◦‣–—*]|\d{1,3}[.)])\s+(?P<text>\S.*)", re.DOTALL)
_READ_MORE = re.compile(
    r"(?i)(?:lire\s+(?:la\s+suite|l['’]article|plus)|read\s+(?:more|on|the\s+article)|en\s+savoir\s+plus"
    r"|learn\s+more|more)\b"
)
_NOTES_LABEL = re.compile(r"(?i)(?:foot)?notes?(?:\s+de\s+bas\s+de\s+page)?\s*:?")
_QUESTION = re.compile(r"(?i)(?:q|question)\s*\d*\s*[.:]")
_MOJIBAKE = re.compile("Ã[\u0080-\u00bf©¨ª«®´»]|â€[™œ\u009d“”˜¦]|\ufffd")
_WORD = re.compile(r"[^\W\d_]+")


def read_text(text: str, *, source: str, language: str, translation_key: str = "") -> Article:
    """Return the article a plain text is. Pure: the same text gives the same article.

    `source` is only carried along and named in errors. Raises `SourceError` for a text that is a
    list of articles, or two articles.
    """
    return _Reading(text, source, language, translation_key).article()


class _Reading:
    """One text on its way to an article: its blocks, and what they turned out to be."""

    def __init__(self, text: str, source: str, language: str, translation_key: str) -> None:
        self.text = text
        self.source = source
        self.language = language
        self.translation_key = translation_key
        self.blocks = read_blocks(text)
        self.dates: dict[int, DateLine] = {
            number: found
            for number, block in enumerate(self.blocks)
            if (found := read_date_line(block.text))
        }
        self.title = self.lede = self.section = self.content_type = ""
        self.published = None
        self.published_raw = ""
        self.remainder: list[tuple[int, str]] = []
        self.doubts: list[Doubt] = []
        self.speeches: list[Speech] = []

    def article(self) -> Article:
        self._refuse_what_is_no_article()
        self.date_at = self._find_date()
        if _MOJIBAKE.search(self.text):
            self._doubt("encoding", _("Some letters were damaged before the file was saved."))
        order = self._read_header()
        body = _Body(self, order)
        parts, article_notes = body.read()
        self._look_for_contradictions(order)
        if not parts:
            self._doubt("no-body", _("There is no text below the heading of the article."))
        return Article(
            source=self.source,
            language=self.language,
            raw=self.text,
            translation_key=self.translation_key,
            title=self.title,
            lede=self.lede,
            published=self.published,
            published_raw=self.published_raw,
            section=self.section,
            content_type=self.content_type,
            blocks=tuple(parts),
            notes=tuple(article_notes),
            speeches=tuple(self.speeches),
            remainder=tuple(text for _number, text in sorted(self.remainder)),
            doubts=tuple(self.doubts),
        )

    # What the whole text is

    def _refuse_what_is_no_article(self) -> None:
        texts = [block.text for block in self.blocks]
        prose = [text for text in texts if _is_prose(text)]
        longest = max(map(quotes.word_count, prose), default=0)
        marked = [n for n, found in self.dates.items() if found.is_marked and not found.is_empty]
        bare = [n for n, found in self.dates.items() if not found.is_update]
        read_more = sum(bool(_READ_MORE.match(t)) and labels.is_label(t) for t in texts)
        is_listing = (
            (len(texts) >= 6 and not prose)
            or (read_more >= 3 and longest < 100)
            or len({self.dates[n].raw for n in marked}) >= 3
            or (len(bare) >= 3 and longest < 60)
        )
        if is_listing:
            raise SourceError(
                self.source,
                _("This is a list of articles or links, and no article: it has no text."),
            )
        second = self._second_article(marked)
        if second is not None:
            raise SourceError(
                self.source,
                _(
                    "The file holds two articles: a second one is dated in line %(line)d "
                    "(“%(date)s”). Put each article in a file of its own."
                )
                % {"line": self.blocks[second].line, "date": self.dates[second].raw},
            )

    def _second_article(self, marked: list[int]) -> int | None:
        """Return the block of a second article's date line, or None.

        Two dates near each other are one article that contradicts itself.
        """
        for first, second in pairwise(marked):
            if self.dates[first].date == self.dates[second].date:
                continue
            between = [b for b in self.blocks[first:second] if _is_prose(b.text)]
            after = [b for b in self.blocks[second:] if _is_prose(b.text)]
            if between and after and second - first >= 4:
                return second
        if marked:
            return None
        bare = [n for n, found in self.dates.items() if found.date and not found.is_update]
        for first, second in pairwise(bare):
            if first < HEADER_BLOCKS and all(self._heads_an_article(n) for n in (first, second)):
                return second
        return None

    def _heads_an_article(self, date_at: int) -> bool:
        """Tell a date between title and category from a date in a text."""
        texts = [block.text for block in self.blocks]
        before = texts[max(0, date_at - 2) : date_at]
        after = texts[date_at + 1 : date_at + 3]
        return (
            len(after) == 2
            and any(labels.is_label(text) for text in before)
            and labels.is_section(after[0])
            and _is_prose(after[1])
        )

    def _find_date(self) -> int | None:
        """Return the block with the date of publication; every other date line is text."""
        candidates = [n for n, found in self.dates.items() if not found.is_update]
        marked = [n for n in candidates if self.dates[n].is_marked]
        if marked:
            dated = [n for n in marked if self.dates[n].date]
            if dated and len({self.dates[n].date for n in dated}) > 1:
                self._doubt(
                    "two-dates",
                    _("Two dates of publication: %s.")
                    % " / ".join(dict.fromkeys(self.dates[n].raw for n in dated)),
                    dated[1],
                )
            return dated[0] if dated and dated[0] < HEADER_BLOCKS else marked[0]
        near = [n for n in candidates if n < HEADER_BLOCKS + self._furniture_at_top()]
        return near[0] if near else None

    def _furniture_at_top(self) -> int:
        count = 0
        for block in self.blocks:
            if not (labels.is_boilerplate(block.text) or block.is_rule):
                break
            count += 1
        return count

    # Title, lede, date, section

    def _read_header(self) -> list[int]:
        """Fill the fields of the header; return the blocks of the body in their order."""
        between: list[int] = []
        beside: list[int] = []  # captions and the author, which are no lede
        at = 0
        header_ends = self._header_end()
        last = None  # what the block before was: "date", "section" or nothing of note
        while at < len(self.blocks):
            text = self.blocks[at].text
            if at == self.date_at:
                self._take_date(at)
                last = "section" if self.section else "date"
            elif labels.is_boilerplate(text):
                self._leave(at)
            elif self.blocks[at].is_rule and not quotes.has_words(text):
                pass
            elif not self.title and last == "date" and self._is_section_above_title(at):
                self.section = text
                last = "section"
            elif (
                not (self.title or self.content_type)
                and labels.is_content_type(text)
                and self._title_follows(at)
            ):
                self.content_type = text
            elif not self.title and not between and at not in self.dates and _is_title(text):
                self.title = text
            elif self.title and _same(text, self.title):
                self._leave(at, "title-repeated", _("The title is repeated."))
            elif last == "date" and labels.is_section(text):
                self.section = text
                last = "section"
            elif last == "section" and not self.content_type and labels.is_content_type(text):
                self.content_type = text
                last = None
            elif ((at < header_ends or not self.title) and labels.is_caption(text)) or (
                self.title and (at < header_ends or not between) and labels.is_byline(text)
            ):
                beside.append(at)
            elif at < header_ends:
                between.append(at)
                last = None
            else:
                break
            at += 1
        body = self._take_lede(between, beside, list(range(at, len(self.blocks))))
        if not self.title:
            self._doubt("no-title", _("No title was recognised."))
        if self.date_at is None:
            self._doubt("no-date", _("There is no date of publication."))
        if not self.lede:
            self._doubt("no-summary", _("No summary was recognised."))
        return body

    def _header_end(self) -> int:
        """Return the first block that cannot stand between title and date."""
        top = self._furniture_at_top()
        if self.date_at is None or self.date_at > HEADER_BLOCKS + top:
            return top
        return self.date_at

    def _is_section_above_title(self, at: int) -> bool:
        """Tell "date, category, title" from "date, title": behind the title comes prose."""
        following = [block.text for block in self.blocks[at + 1 : at + 3]]
        return (
            len(following) == 2
            and labels.is_section(self.blocks[at].text)
            and _is_title(following[0])
            and not _is_prose(following[0])
            and _is_prose(following[1])
        )

    def _title_follows(self, at: int) -> bool:
        """Tell a category above the title from a title of one word; the date may stand between."""
        following = [n for n in range(at + 1, len(self.blocks))[:2] if n not in self.dates]
        return bool(following) and _is_title(self.blocks[following[0]].text)

    def _take_date(self, at: int) -> None:
        found = self.dates[at]
        self.published, self.published_raw = found.date, found.raw
        if found.label:
            self.section = found.label
        if found.doubt:
            self._doubt("date", found.doubt, at)

    def _take_lede(self, possible: list[int], beside: list[int], body: list[int]) -> list[int]:
        """Choose the lede among the blocks above the date, else the paragraph right below."""
        prose = [n for n in possible if _is_prose(self.blocks[n].text)]
        lede = prose[0] if prose else possible[0] if len(possible) == 1 else None
        if lede is not None:
            self.lede = self.blocks[lede].text
        elif self.title and not possible and body:
            first = self.blocks[body[0]].text
            following = [self.blocks[n].text for n in body[1:]]
            if (
                _is_prose(first)
                and quotes.word_count(first) <= LONGEST_LEDE_AFTER_DATE
                and any(map(_is_prose, following))
                and not quotes.starts_with_mark(first)
                and not read_person_line(following[0])
                and not _ITEM.match(first)
            ):
                lede = body[0]
                self.lede = first
        if self.lede:
            self._report_speech(self.lede)
        kept = [n for n in sorted(possible + beside) + body if n != lede]
        return [n for n in kept if not self._is_repeated(n)]

    def _is_repeated(self, at: int) -> bool:
        text = self.blocks[at].text
        if self.title and _same(text, self.title):
            self._leave(at, "title-repeated", _("The title is repeated."))
            return True
        if self.lede and _same(text, self.lede):
            self._leave(at, "summary-repeated", _("The summary is repeated."))
            return True
        return False

    # What readers of the parts report

    def _leave(self, at: int, code: str = "", message: str = "") -> None:
        self.remainder.append((at, self.blocks[at].text))
        if code:
            self._doubt(code, message, at)

    def _doubt(self, code: str, message: str, at: int | None = None) -> None:
        line = self.blocks[at].line if at is not None else 0
        self.doubts.append(Doubt(code, message, line))

    def _report_speech(self, text: str, at: int | None = None) -> None:
        for span in quotes.read_marks(text).spans:
            voice = quotes.voice_of(text, span)
            if voice.is_speech:
                self.speeches.append(Speech(span.inner(text), voice.name))
                if not voice.name:
                    self._speaker_missing(span.inner(text), at)

    def _speaker_missing(self, quote: str, at: int | None) -> None:
        self._doubt("no-speaker", _("A quotation names no speaker: “%s”.") % _short(quote), at)

    def _look_for_contradictions(self, order: list[int]) -> None:
        texts = [self.lede, *(self.blocks[n].text for n in order)]
        for message in (
            *contradictions.number_contradictions(texts),
            *contradictions.list_contradictions(texts),
        ):
            self._doubt("contradiction", message)

    @cached_property
    def lower_words(self) -> frozenset[str]:
        """Every word the text writes in small letters: such a word is not a name."""
        return frozenset(word for word in _WORD.findall(self.text) if word.islower())


@dataclass
class _Place:
    """One block of the body and what it looks like on its own."""

    number: int
    block: Block
    kind: str
    person: PersonLine | None = None

    @property
    def text(self) -> str:
        return self.block.text


class _Body:
    """The blocks below the header, read in order into parts."""

    def __init__(self, reading: _Reading, order: list[int]) -> None:
        self.reading = reading
        self.parts: list[Part] = []
        self.places = [self._place(number) for number in order]
        self.book = self._join_notes()
        self.at = 0

    def read(self) -> tuple[list[Part], list[Note]]:
        self._set_aside_furniture()
        while self.at < len(self.places):
            self._read_next()
        return self.parts, self._finish_notes()

    # What each block looks like

    def _place(self, number: int) -> _Place:
        block = self.reading.blocks[number]
        text = block.text
        if block.is_rule and not quotes.has_words(text):
            kind = "rule"
        elif number in self.reading.dates and self._is_second_date(number):
            kind = "date"
        elif labels.is_boilerplate(text):
            kind = "furniture"
        elif _ITEM.match(text):
            kind = "item"
        elif labels.is_caption(text):
            kind = "caption"
        else:
            kind = "label" if labels.is_label(text) else "prose"
        person = None
        if kind in ("item", "label", "prose"):
            person = read_person_line(text)
            if person and not person.is_certain and self._is_common(person.name):
                person = None
        return _Place(number, block, kind, person)

    def _is_second_date(self, number: int) -> bool:
        found = self.reading.dates[number]
        return found.is_marked or found.is_update or found.date == self.reading.published

    def _is_common(self, name: str) -> bool:
        words = _WORD.findall(name.lower())
        return any(len(word) > 3 and word in self.reading.lower_words for word in words)

    def _join_notes(self) -> notes.NoteBook:
        texts = [place.text for place in self.places]
        tail = len(texts)
        while tail and self._may_stand_below_text(self.places[tail - 1]):
            tail -= 1
        possible = [
            n
            for n, place in enumerate(self.places)
            if place.kind in ("prose", "label", "item", "caption")
            and (found := notes.read_definition(place.text))
            and (n >= tail or not found.key.isdecimal())
        ]
        callers = [
            n for n, place in enumerate(self.places) if place.kind in ("prose", "label", "item")
        ]
        book = notes.pair(texts, callers=callers, possible=possible)
        for n in book.definitions:
            self.places[n].kind = "note"
        self.possible_notes = possible
        for n, sign in book.dangling:
            place = self.places[n]
            if n not in possible or notes.read_definition(place.text).key != sign:
                self.reading._doubt(
                    "call-without-note",
                    _("A sign “%s” calls a note that is missing.") % sign,
                    place.number,
                )
        return book

    @staticmethod
    def _may_stand_below_text(place: _Place) -> bool:
        return place.kind in ("furniture", "rule", "date") or bool(
            notes.read_definition(place.text)
        )

    def _set_aside_furniture(self) -> None:
        """Move to the remainder what belongs to the web page: buttons, links to other articles."""
        kept = []
        among_links = False
        for n, place in enumerate(self.places):
            if place.kind == "furniture":
                among_links = among_links or labels.starts_read_also(place.text)
                self.reading._leave(place.number)
            elif place.kind == "date":
                self.reading._leave(place.number)
                if self.reading.dates[place.number].is_update:
                    self.reading._doubt(
                        "updated", _("The article was updated: “%s”.") % place.text, place.number
                    )
            elif among_links and place.kind in ("label", "item") and not _is_prose(place.text):
                self.reading._leave(place.number)
            elif _NOTES_LABEL.fullmatch(place.text) and self._only_notes_follow(n):
                self.reading._leave(place.number)  # the page writes this heading itself
            else:
                if place.kind == "prose":
                    among_links = False
                kept.append((n, place))
        self.index_of = {place.number: n for n, place in kept}
        self.places = [place for _n, place in kept]

    def _only_notes_follow(self, n: int) -> bool:
        return bool(self.book.definitions) and all(
            place.kind in ("note", "furniture", "rule") for place in self.places[n + 1 :]
        )

    # One part after the other

    def _read_next(self) -> None:
        place = self.places[self.at]
        if place.kind == "note":
            self.at += 1
        elif place.kind == "rule":
            if self.parts:
                self.parts.append(Rule())
            self.at += 1
        elif place.kind == "caption":
            self.parts.append(CaptionLine(place.text))
            self.at += 1
        elif place.kind == "item":
            self._read_list()
        elif self._read_loose_note(place):
            self.at += 1
        elif place.kind == "label" and not self._starts_a_quote(place):
            if not self._with_name_behind(place):
                self._read_label(place)
                self.at += 1
        else:
            self._read_prose(place)

    def _starts_a_quote(self, place: _Place) -> bool:
        """A label that opens with a mark it closes further down is the first line of a speech."""
        return bool(quotes.starts_with_mark(place.text)) and self._closing_place() is not None

    def _read_loose_note(self, place: _Place) -> bool:
        """Take a note that nothing in the body calls, because its call stands in the summary."""
        found = notes.read_definition(place.text)
        n = self.index_of[place.number]
        if not found or found.key.isdecimal() or n not in self.possible_notes:
            return False
        self.book.order.append(n)
        self.book.definitions[n] = found
        self.parts.append(NoteLine(len(self.book.order) - 1))
        called_above = any(
            call.key == found.key
            for text in (self.reading.title, self.reading.lede)
            for call in notes.find_calls(text)
        )
        self.reading._doubt(
            "note-in-summary" if called_above else "note-without-call",
            _("The note “%s” is called by the summary, which holds no notes.") % found.marker
            if called_above
            else _("The note “%s” is called by nothing in the text.") % found.marker,
            place.number,
        )
        return True

    def _read_label(self, place: _Place) -> None:
        runs = self._runs(place, place.text)
        if labels.is_link_label(place.text) and not place.text.rstrip().endswith("?"):
            self.parts.append(Paragraph(runs))
            self.reading._doubt(
                "link",
                _("“%s” looks like a link whose address is lost.") % _short(place.text),
                place.number,
            )
        elif self._text_follows() and not self._is_somebody(place):
            level = 3 if _QUESTION.match(place.text) else 2
            self.parts.append(Heading(runs, level))
        else:
            self.parts.append(Paragraph(runs))
            if place.person or self._is_somebody(place) or "@" in place.text:
                return
            self.reading._doubt(
                "lone-line",
                _("“%s” stands alone: heading or caption?") % _short(place.text),
                place.number,
            )

    @staticmethod
    def _is_somebody(place: _Place) -> bool:
        """Tell the author, or a name with an honorific, from a heading."""
        return labels.is_byline(place.text) or bool(
            place.person and has_honorific(place.person.name)
        )

    def _text_follows(self) -> bool:
        for place in self.places[self.at + 1 :]:
            if place.kind in ("prose", "item"):
                return True
            if place.kind == "label":
                return False
        return False

    def _read_list(self) -> None:
        """Read the items that follow each other with the same kind of sign."""
        run = []
        for place in self.places[self.at :]:
            if place.kind != "item":
                break
            run.append(_ITEM.fullmatch(place.text))
            if _sign(run[-1]["marker"]) != _sign(run[0]["marker"]):
                run.pop()
                break
        marker = run[0]["marker"]
        is_ordered = marker[:-1].isdecimal()
        if is_ordered:
            counted = [
                found for n, found in enumerate(run, start=1) if found["marker"][:-1] == str(n)
            ]
            run = counted if len(counted) >= 2 and counted[0] is run[0] else []
        elif len(run) == 1 and marker in "–—*":
            run = []
        if not run:
            place = self.places[self.at]
            if not self._read_loose_note(place):
                if labels.is_label(place.text):
                    self._read_label(place)
                else:
                    self._read_prose(place)
                    return
            self.at += 1
            return
        items = []
        for place, found in zip(self.places[self.at :], run, strict=False):
            items.append(
                Item(self._runs(place, found["text"], found.start("text")), found["marker"])
            )
            self.reading._report_speech(found["text"], place.number)
        self.parts.append(ItemList(tuple(items), is_ordered))
        self.at += len(run)

    def _read_prose(self, place: _Place) -> None:
        if (
            quotes.starts_with_mark(place.text)
            and quotes.read_marks(place.text).unclosed
            and self._read_long_quote()
        ):
            return
        below = self._below()
        name = below.person if below else None
        if name and name.is_press_contact:
            name = None
        taken = quotes.read_pull_quote(place.text, name)
        if taken and not name and not self._is_speech(taken.quote):
            taken = None
        if taken is None:
            taken_with_name = self._with_name_behind(place)
            if not taken_with_name:
                self._add_paragraph(place, place.text)
                self.at += 1
            return
        cursor = 0
        if quotes.has_words(taken.before):
            self._add_paragraph(place, taken.before)
            cursor = len(taken.before)
        start = place.text.index(taken.quote, cursor)
        paragraphs = (self._runs(place, taken.quote, start),)
        if not taken.is_marked:
            self.reading._doubt(
                "unmarked-quote",
                _("A paragraph without marks was read as said by %s.") % name.name,
                place.number,
            )
        self.at += 1
        said = self._finish_quote(place, paragraphs, name)
        if quotes.has_words(taken.after):
            at = place.text.rindex(taken.after)
            self._add_paragraph(place, taken.after, at)
        self._add_said_line(said)

    def _is_speech(self, quote: str) -> bool:
        """Tell a quotation from the name of a thing between marks, where no name stands below."""
        return (
            quotes.is_prose(quote)
            or quotes.is_first_person(quote)
            or quotes.word_count(quote) >= 10
            or bool(self._said_line_below())
            or bool(self._introduced_speaker())
        )

    def _with_name_behind(self, place: _Place) -> bool:
        """Read « … » Pr X, director: the name stands in the block of the quotation."""
        spans = quotes.read_marks(place.text).spans
        if len(spans) != 1 or quotes.has_words(place.text[: spans[0].start]):
            return False
        span = spans[0]
        behind = place.text[span.end :].lstrip(" \t\u00a0\u202f,.")
        if behind.startswith("(") and behind.rstrip(" .").endswith(")"):
            behind = behind.rstrip(" .")[1:-1]
        name = read_person_line(behind)
        if name is None or not name.is_certain or quotes.word_count(span.inner(place.text)) < 4:
            return False
        inner = span.inner(place.text)
        runs = self._runs(place, inner, place.text.index(inner, span.inner_start))
        self.parts.append(Quote((runs,), name.name, name.role))
        self.at += 1
        return True

    def _closing_place(self) -> int | None:
        """Return the place with the mark that closes the quotation opened here."""
        for n in range(self.at + 1, min(self.at + LONGEST_QUOTE, len(self.places))):
            place = self.places[n]
            if place.kind not in ("prose", "label") or place.person:
                return None
            if quotes.closing_mark(place.text):
                return n
        return None

    def _read_long_quote(self) -> bool:
        """Read a quotation over several paragraphs, when it begins and ends with its blocks."""
        last = self._closing_place()
        first = self.places[self.at]
        if last is None:
            if not (self._below() and self._below().person):
                self.reading._doubt(
                    "unclosed-quote",
                    _("A quotation opens and never closes: “%s”.") % _short(first.text),
                    first.number,
                )
            return False
        places = self.places[self.at : last + 1]
        closing = quotes.closing_mark(places[-1].text)
        after = places[-1].text[closing.end() :]
        below = self.places[last + 1] if last + 1 < len(self.places) else None
        name = below.person if below else None
        pieces: list[tuple[_Place, str, int]] = []
        for n, place in enumerate(places):
            mark = quotes.starts_with_mark(place.text)
            start = (mark.end() if mark else 0) if n == 0 else quotes.opens_again(place.text)
            end = closing.start() if n == len(places) - 1 else len(place.text)
            text = place.text[start:end]
            start += len(text) - len(text.lstrip(" \t\u00a0\u202f"))
            text = text.strip(" \t\u00a0\u202f")
            if quotes.has_words(text):
                pieces.append((place, text, start))
        whole = "\n\n".join(text for _place, text, _start in pieces)
        if quotes.has_words(after) and not name:
            self._keep_long_quote_in_text(places, whole, closing)
            return True
        self.at = last + 1
        paragraphs = tuple(self._runs(*piece) for piece in pieces)
        said = self._finish_quote(first, paragraphs, name)
        if quotes.has_words(after):
            narrative = re.sub(r"\A\s*[.,;]?\s*", "", after).strip(" \t\u00a0\u202f")
            self._add_paragraph(places[-1], narrative, places[-1].text.rindex(narrative))
        self._add_said_line(said)
        return True

    def _keep_long_quote_in_text(self, places: list[_Place], whole: str, closing: re.Match) -> None:
        """Leave a quotation that goes on in its sentence («…», says X) in its paragraphs."""
        text = places[-1].text
        span = quotes.Span(0, closing.end(), 0, closing.start())
        voice = quotes.voice_of(text, span)
        self.reading.speeches.append(Speech(whole, voice.name))
        if not voice.name:
            self.reading._speaker_missing(whole, places[0].number)
        for place in places:
            self.parts.append(Paragraph(self._runs(place, place.text)))
        self.at += len(places)

    # Who speaks

    def _below(self) -> _Place | None:
        return self.places[self.at + 1] if self.at + 1 < len(self.places) else None

    def _finish_quote(
        self, place: _Place, paragraphs: tuple, name: PersonLine | None
    ) -> quotes.SaidLine | None:
        """Add the quotation with its speaker; `self.at` stands behind its last block.

        Returns the line below that names the speaker in a sentence; the caller adds it.
        """
        if name:
            role = name.role or self._role_below()
            self.at += 1 if role == name.role else 2
            self.parts.append(Quote(paragraphs, name.name, role))
            return None
        self.at -= 1
        said = self._said_line_below()
        speaker = said.name if said else self._introduced_speaker()
        self.at += 1
        is_named = bool(said) or bool(speaker)
        self.parts.append(Quote(paragraphs, speaker, is_attributed_in_text=is_named))
        if not speaker:
            shown = self.parts[-1].as_read()
            self.reading._speaker_missing(shown, place.number)
        return said

    def _role_below(self) -> str:
        """Return the line under a bare name that says what the person is, if it stands close."""
        below = self._below()
        if below and below.kind == "label" and below.block.follows_closely and not below.person:
            return below.text
        return ""

    def _said_line_below(self) -> quotes.SaidLine | None:
        below = self._below()
        if below is None or below.kind not in ("prose", "label", "item"):
            return None
        return quotes.read_said_line(below.text)

    def _introduced_speaker(self) -> str:
        """Return who the paragraph above announces: "Pr X explains:"."""
        above = self.parts[-1] if self.parts else None
        if isinstance(above, Paragraph):
            return quotes.name_in_introduction(above.as_read())
        return ""

    def _add_said_line(self, said: quotes.SaidLine | None) -> None:
        if said is None:
            return
        place = self.places[self.at]
        runs: tuple = (place.text,)
        if said.name:
            pieces = (
                place.text[: said.start],
                SpeakerName(said.name),
                place.text[said.end :],
            )
            runs = tuple(piece for piece in pieces if piece)
        self.parts.append(Paragraph(runs))
        self.at += 1

    # Small things

    def _add_paragraph(self, place: _Place, text: str, start: int = 0) -> None:
        self.parts.append(Paragraph(self._runs(place, text, start)))
        self.reading._report_speech(text, place.number)

    def _runs(self, place: _Place, text: str, start: int = 0):
        return self.book.runs(self.index_of[place.number], text, start)

    def _finish_notes(self) -> list[Note]:
        """Return the notes; one whose call fell between two parts is printed at the end."""
        called = {
            run.note
            for part in self.parts
            for runs in _all_runs(part)
            for run in runs
            if isinstance(run, NoteCall)
        }
        printed = {part.note for part in self.parts if isinstance(part, NoteLine)}
        for index in range(len(self.book.order)):
            if index not in called and index not in printed:
                self.parts.append(NoteLine(index))
        definitions = [self.book.definitions[n] for n in self.book.order]
        return [Note(definition.marker, definition.text) for definition in definitions]


def _all_runs(part: Part) -> Iterator[tuple]:
    match part:
        case Paragraph(runs) | Heading(runs):
            yield runs
        case Quote(paragraphs):
            yield from paragraphs
        case ItemList(items):
            yield from (item.runs for item in items)


def _is_prose(text: str) -> bool:
    return quotes.is_prose(text) or quotes.word_count(text) > labels.MOST_WORDS_IN_A_LABEL


def _is_title(text: str) -> bool:
    """Tell a possible title: one line that is no paragraph, item or caption."""
    count = quotes.word_count(text)
    if len(text) > LONGEST_TITLE or count > 40 or not quotes.has_words(text):
        return False
    if text.endswith((";", ",", ":")) or (text.endswith(".") and count > 15):
        return False
    return not (_ITEM.match(text) or labels.is_caption(text))


def _same(first: str, second: str) -> bool:
    if abs(len(first) - len(second)) > 20:
        return False
    return re.findall(r"\w+", first.lower()) == re.findall(r"\w+", second.lower())


def _sign(marker: str) -> str:
    return "1" if marker[:-1].isdecimal() else marker


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57].rstrip() + "…"
