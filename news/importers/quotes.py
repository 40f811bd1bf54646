"""Where a text quotes somebody, and who is named as the speaker.

Marks come as « », “ ”, „ “, << >> and ", nested, over several paragraphs, opened and never closed,
closed and never opened. The same marks stand around the names of laboratories, journals and prizes,
which nobody says. A speaker is taken from the words next to the marks, by a verb of saying or a
name alone, and from nowhere else: "she adds" names nobody.
"""

import re
from dataclasses import dataclass

from .names import (
    PERSON,
    PersonLine,
    is_person,
    read_person_line,
    without_sentence_start,
)

_NEAR = 260
"""How far from the marks, in characters, the speaker is looked for."""

_MARK = re.compile(r"«|»|<<|>>|“|”|„|\"")
_OPENS = {"«": "»", "<<": ">>", "“": "”", "„": "“"}
_SPACE = " \t\u00a0\u202f"

_VERBS_EN = """
    says? said saying explains? explained adds? added recalls? recalled stresse[sd] stress
    notes? noted comments? commented concludes? concluded declares? declared states? stated
    emphasi[sz]e[sd]? underlines? underlined insists? insisted enthuses? enthused confirms?
    confirmed announces? announced believes? believed rejoices? rejoiced continues? continued
    summari[sz]e[sd]? remarks? remarked tells? told writes? wrote affirms? affirmed observes?
    observed reports? reported highlights? highlighted argues? argued warns? warned asks? asked
    points?\\s+out pointed\\s+out sums\\s+up summed\\s+up exclaims? exclaimed admits? admitted
    assures? assured specifies specified
"""
_VERBS_FR = """
    explique souligne déclare rappelle précise ajoute conclut indique affirme confie insiste estime
    poursuit raconte note commente témoigne résume annonce assure constate détaille observe remarque
    écrit dit lance avance reconnaît complète martèle analyse confirme se\\s+réjouit
    s['’]enthousiasme s['’]exclame se\\s+félicite expliquait soulignait déclarait rappelait
    précisait ajoutait concluait disait
"""
_PARTICIPLES_FR = """
    expliqué souligné déclaré rappelé précisé ajouté conclu indiqué affirmé confié insisté estimé
    poursuivi raconté noté commenté témoigné résumé annoncé assuré constaté détaillé observé
    remarqué écrit dit lancé reconnu complété confirmé salué
"""
_SAID = (
    rf"(?i:(?:{'|'.join(_VERBS_EN.split())}|{'|'.join(_VERBS_FR.split())}"
    rf"|(?:a|ont|avait)\s+(?:\w+ment\s+)?(?:{'|'.join(_PARTICIPLES_FR.split())})"
    rf"|s['’]est\s+(?:réjouie?|exclamée?|félicitée?|enthousiasmée?)))(?!\w)"
)
_INVERTED = (
    r"(?i:(?:a-t-(?:il|elle|on)|ont-(?:ils|elles))\s+\w+"
    r"|\w{3,}(?:-t)?-(?:il|elle|on|ils|elles))(?!\w)"
)
_ADVERB = r"(?:\s+(?i:encore|aussi|également|ainsi|notamment|enfin|also|further|then|finally))?"
_EDGE = r"(?<![\w’'-])"
_ACCORDING = r"(?i:selon|d['’]après|according\s+to|pour)"

_AFTER = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_EDGE}{_SAID}{_ADVERB}\s*,?\s+{PERSON}",
        rf"{PERSON}\s*(?:,[^.;:«»“”\"]{{1,90}},)?\s+{_SAID}",
        rf"{_ACCORDING}\s+{PERSON}",
        rf"{_SAID}{_ADVERB}\s+(?:(?i:the|le|la)\s|(?i:l['’]))[^.,;:«»“”\"]{{1,80}},\s*{PERSON}",
    )
)
_SAID_AFTER = re.compile(
    rf"(?:{_INVERTED}|{_SAID}|(?i:he|she|they|il|elle|ils|elles|on|the\s+\w+|le\s+\w+|la\s+\w+)"
    rf"\s+{_SAID})"
)
_BEFORE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"{_EDGE}{PERSON}\s*(?:,[^.;:«»“”\"]{{1,90}},|,)?\s+{_SAID}[^.;:«»“”\"]{{0,70}}[:,]\Z",
        rf"{_EDGE}{_ACCORDING}\s+{PERSON}(?:\s*,[^.;:«»“”\"]{{1,90}})?\s*[:,]\Z",
        rf"(?:\A|[.!?…]\s+){PERSON}(?:\s*,[^.;:«»“”\"]{{1,90}})?\s*:\Z",
        rf"{_EDGE}{_SAID}{_ADVERB}\s+{PERSON}(?:\s*,[^.;:«»“”\"]{{1,90}})?\s*:\Z",
    )
)
_SAID_BEFORE = re.compile(rf"{_EDGE}{_SAID}[^.;:«»“”\"]{{0,70}}:\Z")
_NAMED_THING = re.compile(
    r"(?i)(?<![\w])(?:laborato(?:ires?|ry|ries)|équipes?|teams?|groupes?|groups?|revues?|journal"
    r"|journaux|reviews?|magazine|labels?|programmes?|programs?|cours|courses?|projets?|projects?"
    r"|prix|awards?|prizes?|articles?|unité|unit|chaire|chair|cohorte|cohort|appels?|calls?|étude"
    r"|study|livre|book|film|exposition|exhibition|conférence|conference|colloque|symposium|atelier"
    r"|workshop|intitulée?s?|entitled|titled|called|named|dite?s?|appelée?s?|nommée?s?|baptisée?s?"
    r"|known\s+as|so-called|mot|terme|word|term|titre|title|thème|theme|slogan|motto)\s*,?\s*\Z"
)
_FIRST_PERSON = re.compile(
    r"(?i)(?<![\w-])(?:i|i['’]\w+|we|we['’]\w+|our|ours|us|my|me|je|j['’]|nous|notre|nos|mon|mes|moi"
    r"|m['’])(?![\w-])|(?i:(?<!\w)[jm]['’])"
)
_SENTENCE_START = re.compile(
    r"(?<!\bPr)(?<!\bDr)(?<!\bMr)(?<!\bM)(?<!\bMme)(?<!\bMrs)(?<!\bMs)(?<!\bProf)(?<!\bSt)[.!?…]\s+(?=[A-ZÀ-ÖØ-Þ«“\"])"
)


@dataclass(frozen=True)
class Span:
    """A quoted stretch: `[start, end)` with its marks, `[inner_start, inner_end)` without."""

    start: int
    end: int
    inner_start: int
    inner_end: int

    def inner(self, text: str) -> str:
        return text[self.inner_start : self.inner_end].strip(_SPACE)


@dataclass(frozen=True)
class Marks:
    """The outermost quotation marks of one block."""

    spans: tuple[Span, ...] = ()
    unopened: re.Match | None = None
    """The first closing mark that nothing opened."""
    unclosed: re.Match | None = None
    """The opening mark that nothing closes."""


@dataclass(frozen=True)
class Voice:
    """Who speaks, as far as the words beside the marks tell; `name` may be empty."""

    name: str = ""
    is_speech: bool = False


@dataclass(frozen=True)
class PullQuote:
    """A block taken apart: what stands before, the quotation without marks, what stands after."""

    before: str
    quote: str
    after: str
    is_marked: bool = True


def read_marks(text: str) -> Marks:
    """Find the outermost quotations of a block in one pass over its marks."""
    spans: list[Span] = []
    unopened = None
    opener: re.Match | None = None
    nested = 0
    for mark in _MARK.finditer(text):
        sign = mark.group()
        if opener is None:
            if sign in _OPENS or (sign == '"' and not _closes(text, mark)):
                opener, nested = mark, 0
            elif unopened is None and (sign != '"' or _closes(text, mark)):
                unopened = mark
            continue
        opened = opener.group()
        if opened == '"':
            closes = sign in ('"', "”")
        else:
            if sign == opened:
                nested += 1
            closes = sign == _OPENS[opened] or (opened == "“" and sign == '"' and not nested)
        if not closes:
            continue
        if nested and opened != '"':
            nested -= 1
            continue
        spans.append(Span(opener.start(), mark.end(), opener.end(), mark.start()))
        opener = None
    return Marks(tuple(spans), unopened, opener)


def _closes(text: str, mark: re.Match) -> bool:
    """Tell a straight closing mark from an opening one: it touches what stands before it."""
    before = text[mark.start() - 1] if mark.start() else " "
    after = text[mark.end()] if mark.end() < len(text) else " "
    if before.isspace() or before in "([—–-'’/":
        return after.isspace() and bool(text[: mark.start()].strip()) and not before.isspace()
    return True


def starts_with_mark(text: str) -> re.Match | None:
    """Return the mark a block opens with, if it opens with one."""
    mark = _MARK.match(text)
    return mark if mark and (mark.group() in _OPENS or mark.group() == '"') else None


def closing_mark(text: str) -> re.Match | None:
    """Return the mark that closes a quotation begun in an earlier block.

    Each further paragraph of a long quotation may open with a mark again, « or “ or ».
    """
    again = re.match(r"[«“\"»]\s*(?=\S)", text)
    offset = again.end() if again else 0
    depth = 0
    straight_open = False
    for mark in _MARK.finditer(text, offset):
        sign = mark.group()
        if sign == '"':
            if straight_open:
                straight_open = False
            elif _closes(text, mark):
                return mark
            else:
                straight_open = True
        elif sign in _OPENS:
            depth += 1
        elif depth:
            depth -= 1
        else:
            return mark
    return None


def opens_again(text: str) -> int:
    """Return where the words of a further paragraph of a quotation begin."""
    again = re.match(r"[«“\"»]\s*(?=\S)", text)
    return again.end() if again else 0


def is_first_person(text: str) -> bool:
    return bool(_FIRST_PERSON.search(text))


def has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)


def word_count(text: str) -> int:
    return len(text.split())


def voice_of(text: str, span: Span) -> Voice:
    """Return who says the words of the span, and whether they are said at all."""
    inner = span.inner(text)
    count = word_count(inner)
    before = text[max(0, span.start - _NEAR) : span.start].rstrip(_SPACE)
    after = text[span.end : span.end + _NEAR].lstrip(_SPACE)
    follows = re.sub(r"\A[,.]?\s*[–—-]?\s*", "", after)
    names_a_thing = bool(_NAMED_THING.search(before[-40:]))
    stands_first = not before or before.endswith((".", ":", "!", "?", "…"))
    if count >= 2 and not names_a_thing and (count >= 4 or stands_first):
        for pattern in _AFTER:
            if (found := pattern.match(follows)) and is_person(found["person"]):
                return Voice(" ".join(found["person"].split()), is_speech=True)
        if name := _name_before(before):
            return Voice(name, is_speech=True)
        if _SAID_AFTER.match(follows) or _SAID_BEFORE.search(before):
            return Voice(is_speech=True)
    ends_as_sentence = inner.endswith((".", "!", "?", "…"))
    is_speech = (
        count >= 8
        and not names_a_thing
        and inner[:1].isupper()
        and (ends_as_sentence or is_first_person(inner))
    )
    return Voice(is_speech=is_speech)


def name_in_introduction(text: str) -> str:
    """Return who a paragraph that ends with a colon announces as the speaker."""
    return _name_before(text[-_NEAR:].rstrip(_SPACE)) if text.rstrip(_SPACE).endswith(":") else ""


def _name_before(before: str) -> str:
    if not before.endswith((":", ",")):
        return ""
    starts = [match.end() for match in _SENTENCE_START.finditer(before)]
    sentence = before[starts[-1] :] if starts else before
    for pattern in _BEFORE:
        for found in pattern.finditer(sentence):
            name = without_sentence_start(" ".join(found["person"].split()))
            if name and read_person_line(name):
                return name
    return ""


@dataclass(frozen=True)
class SaidLine:
    """A line that only says who spoke: "said X", "a-t-il dit"."""

    name: str
    start: int = 0
    end: int = 0


def read_said_line(line: str) -> SaidLine | None:
    """Return the speaker of a line such as "explique le Pr X, directrice", or None."""
    if len(line) > 200 or word_count(line) > 25 or ":" in line or _MARK.search(line):
        return None
    start = len(line) - len(line.lstrip("—–-, " + _SPACE))
    rest = line[start:]
    if re.search(r"[.!?]\s+\S", re.sub(r"\b(?:Pr|Dr|Mr|Mrs|Ms|M|Prof|[A-Z])\.", "", rest)):
        return None
    verb_first = re.match(rf"{_SAID}{_ADVERB}\s+{PERSON}", rest)
    name_first = re.fullmatch(rf"{PERSON}\s+{_SAID}{_ADVERB}\s*\.?", rest)
    found = verb_first or name_first
    if found and is_person(found["person"]):
        return SaidLine(found["person"], start + found.start("person"), start + found.end("person"))
    if rest[:1].islower() and re.match(rf"(?:{_INVERTED}|(?i:he|she|il|elle)\s+{_SAID})", rest):
        return SaidLine("")
    return None


def read_pull_quote(text: str, name: PersonLine | None) -> PullQuote | None:
    """Take a block apart as a quotation that stands on its own, or return None.

    `name` is the name-only line below, if there is one: it attributes the block above it, with
    marks, with one of its two marks missing, or with none.
    """
    marks = read_marks(text)
    if len(marks.spans) == 1 and not marks.unopened and not marks.unclosed:
        span = marks.spans[0]
        alone = not has_words(text[: span.start]) and not has_words(text[span.end :])
        if alone and (word_count(span.inner(text)) >= 4 or name):
            return PullQuote("", span.inner(text), "")
    if name is None:
        return None
    if (mark := marks.unopened) and not marks.unclosed:
        quoted, after = text[: mark.start()], text[mark.end() :]
        if word_count(quoted) >= 4:
            return PullQuote("", quoted.strip(_SPACE), _narrative(after))
    if (mark := marks.unclosed) and word_count(text[mark.end() :]) >= 4:
        before = text[: mark.start()].rstrip(_SPACE)
        if not has_words(before) or before.endswith((":", ".", "!", "?", "…", ",")):
            return PullQuote(before, text[mark.end() :].strip(_SPACE), "")
    long = [span for span in marks.spans if word_count(span.inner(text)) >= 5]
    if len(long) == 1:
        span = long[0]
        before, after = text[: span.start].rstrip(_SPACE), text[span.end :]
        if voice_of(text, span).name:
            return None  # the sentence itself names another speaker
        if not has_words(before) or before.endswith(":") or not has_words(after):
            return PullQuote(before, span.inner(text), _narrative(after))
    if len(long) > 1:
        return None
    if is_prose(text) and (name.is_certain or is_first_person(text)) and not name.is_press_contact:
        return PullQuote("", text, "", is_marked=False)
    return None


def is_prose(text: str) -> bool:
    """Tell a sentence or more from a label."""
    return word_count(text) >= 5 and text.rstrip(_SPACE + "»”>\"')").endswith((".", "!", "?", "…"))


def _narrative(after: str) -> str:
    """Return what follows a closing mark, without the stop that belonged to the quotation."""
    return re.sub(r"\A\s*[.,;]?\s*", "", after).strip(_SPACE)
