"""What a file says of itself in words: whom it is by, what it shows, when it was taken.

Photographers and agencies write it into the file (IPTC-IIM, XMP, EXIF). It is read once, before the
normaliser drops it all, and only proposed: an editor decides. Where a picture was taken is never
read. Whatever a file says is the claim of a stranger: lengths are bounded, nothing is resolved or
fetched, and what cannot be read is as good as missing.
"""

import datetime
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from django.utils import timezone
from lxml import etree
from PIL import ExifTags
from PIL import Image as Pillow

from imagine_site.images.verify import DAMAGED, open_picture, png_text

#: Photoshop keeps a whole history in its packet; words are in the first few kilobytes.
MOST_XMP = 1_000_000
#: An IPTC field holds at most 2,000 bytes by its standard; some writers disregard it.
MOST_WORDS = 2_000
SHORT = 200
ALTERNATIVE = 500

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
_XMP = "{http://ns.adobe.com/xap/1.0/}"
_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
_EXIF = "{http://ns.adobe.com/exif/1.0/}"
_IPTC = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True)
class Metadata:
    """Proposals for an entry; each "" or None where the file says nothing."""

    title: str = ""
    description: str = ""
    credit: str = ""
    licence: str = ""
    alt_en: str = ""
    alt_fr: str = ""
    taken_on: datetime.date | None = None

    def __bool__(self) -> bool:
        return any(asdict(self).values())

    def as_json(self) -> dict:
        day = self.taken_on
        return {**asdict(self), "taken_on": day.isoformat() if day else None}

    @classmethod
    def from_json(cls, row: dict) -> "Metadata":
        day = row.get("taken_on")
        return cls(**{**row, "taken_on": datetime.date.fromisoformat(day) if day else None})


def read(data: bytes) -> Metadata:
    """All that a picture says in words, XMP before IPTC-IIM before EXIF (MWG guidelines §5).

    For a file that passed the checks of its header; one that did not says nothing.
    """
    try:
        with open_picture(data) as picture:
            found = [_xmp(_packet(picture, data)), _iptc(picture), _exif(picture)]
    except Exception:  # noqa: BLE001 - words are worth no upload; the normaliser judges the picture
        return Metadata()
    merged = found[0]
    for other in found[1:]:
        missing = {name: value for name, value in vars(other).items() if not getattr(merged, name)}
        merged = replace(merged, **missing)
    return merged


# -- XMP --------------------------------------------------------------------------------------


def _packet(picture: Pillow.Image, data: bytes) -> bytes:
    packet = picture.info.get("xmp") or b""
    if not packet and picture.format == "PNG":
        # The text of a PNG never reaches Pillow (verify.py), so its one useful piece is cut out.
        packet = png_text(data, b"XML:com.adobe.xmp", at_most=MOST_XMP)
    if isinstance(packet, str):
        packet = packet.encode()
    return packet if len(packet) <= MOST_XMP else b""


def _xmp(packet: bytes) -> Metadata:
    # No writer of XMP declares a document type; entities are how a small file becomes a large one.
    if not packet or b"\0" in packet[:8] or b"<!" in packet.replace(b"<!--", b""):
        return Metadata()
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=False
    )
    try:
        root = etree.fromstring(packet.strip(b"\0 \r\n\t"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return Metadata()
    described = list(root.iter(f"{_RDF}Description"))[:50]

    def texts(name: str) -> list[tuple[str, str]]:
        """Pairs of language and text: an attribute, a plain element, or a list of either kind."""
        for element in described:
            if value := element.get(name):
                return [("", value)]
            if (child := element.find(name)) is not None:
                items = list(child.iter(f"{_RDF}li"))[:20]
                if items:
                    return [(item.get(_LANG, ""), "".join(item.itertext())) for item in items]
                return [("", "".join(child.itertext()))]
        return []

    def first(*names: str) -> str:
        return next((text for name in names for text in _said(texts(name))), "")

    alternatives = {lang[:2].lower(): text for lang, text in texts(f"{_IPTC}AltTextAccessibility")}
    return Metadata(
        title=_clean(first(f"{_DC}title", f"{_PHOTOSHOP}Headline"), SHORT),
        description=_clean(first(f"{_DC}description"), MOST_WORDS),
        credit=_credit(
            by=", ".join(_said(texts(f"{_DC}creator"))),
            credit=first(f"{_PHOTOSHOP}Credit"),
            rights=first(f"{_DC}rights"),
        ),
        licence=_clean(first(f"{_RIGHTS}UsageTerms", f"{_RIGHTS}WebStatement"), SHORT),
        alt_en=_clean(alternatives.get("en", ""), ALTERNATIVE),
        alt_fr=_clean(alternatives.get("fr", ""), ALTERNATIVE),
        taken_on=_first_day(
            first(f"{_PHOTOSHOP}DateCreated"),
            first(f"{_EXIF}DateTimeOriginal"),
            first(f"{_XMP}CreateDate"),
        ),
    )


def _said(pairs: Iterable[tuple[str, str]]) -> list[str]:
    return [cleaned for _lang, text in pairs if (cleaned := _clean(text, MOST_WORDS))]


# -- IPTC-IIM ---------------------------------------------------------------------------------

#: Dataset numbers of record 2 (IPTC-IIM 4.2 §6).
_TITLE, _DATE, _BY, _HEADLINE, _CREDIT, _COPYRIGHT, _CAPTION = 5, 55, 80, 105, 110, 116, 120


def _iptc(picture: Pillow.Image) -> Metadata:
    resources = picture.info.get("photoshop")
    found = _datasets(resources.get(0x0404, b"") if isinstance(resources, dict) else b"")
    unicode = found.get((1, 90)) == [b"\x1b%G"]

    def text(number: int) -> str:
        values = found.get((2, number), [])
        return ", ".join(filter(None, (_decoded(value, unicode) for value in values[:20])))

    return Metadata(
        title=_clean(text(_TITLE) or text(_HEADLINE), SHORT),
        description=_clean(text(_CAPTION), MOST_WORDS),
        credit=_credit(by=text(_BY), credit=text(_CREDIT), rights=text(_COPYRIGHT)),
        taken_on=_first_day(text(_DATE)),
    )


def _datasets(data: bytes) -> dict[tuple[int, int], list[bytes]]:
    """Values by record and dataset, as far as the block is well formed (§1.6: 1C, two numbers, a
    length of two bytes; an extended length is of no field that is read here)."""
    found: dict[tuple[int, int], list[bytes]] = {}
    at = 0
    while data[at : at + 1] == b"\x1c" and at + 5 <= len(data):
        length = int.from_bytes(data[at + 3 : at + 5], "big")
        if length & 0x8000 or at + 5 + length > len(data):
            break
        found.setdefault((data[at + 1], data[at + 2]), []).append(data[at + 5 : at + 5 + length])
        at += 5 + length
    return found


def _decoded(value: bytes, unicode: bool = False) -> str:
    """Few writers say how they wrote; what reads as UTF-8 is UTF-8, the rest came from Windows."""
    value = bytes(value)[: 4 * MOST_WORDS]
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("utf-8" if unicode else "cp1252", "replace").replace("\ufffd", "")


# -- EXIF -------------------------------------------------------------------------------------


def _exif(picture: Pillow.Image) -> Metadata:
    try:
        tags = picture.getexif()
        own = tags.get_ifd(ExifTags.IFD.Exif)
    except DAMAGED:
        return Metadata()

    def text(source, tag: int) -> str:
        value = source.get(tag, "")
        if isinstance(value, str):
            # Pillow reads text of any writer as Latin-1; most write UTF-8 by now.
            value = value.encode("latin-1", "ignore")
        return _decoded(value) if isinstance(value, bytes) else ""

    return Metadata(
        description=_clean(text(tags, ExifTags.Base.ImageDescription), MOST_WORDS),
        credit=_credit(
            by=text(tags, ExifTags.Base.Artist), rights=text(tags, ExifTags.Base.Copyright)
        ),
        # Not DateTime, which says when the file was last changed.
        taken_on=_first_day(text(own, ExifTags.Base.DateTimeOriginal)),
    )


# -- Words and days ---------------------------------------------------------------------------

_SIGN = re.compile(r"^(?:©|\(c\)|copyright\b|crédits?\b(?:\s+photos?\b)?|photos?\b)[\s:.©]*", re.I)
_DAY = re.compile(r"(\d{4})[-:/]?(\d{2})[-:/]?(\d{2})(?!\d)")
#: The first photograph that is kept; what is older is a camera whose clock was never set.
_FIRST_YEAR = 1826


def _clean(text: str, at_most: int) -> str:
    """One line of words: no control characters, none that turn the direction of what follows."""
    text = unicodedata.normalize("NFC", text[: 8 * at_most])
    text = "".join(
        " " if letter in "\n\r\t" else letter
        for letter in text
        if letter in "\n\r\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs", "Co", "Cn"}
    )
    return " ".join(text.split())[:at_most].strip()


def _credit(*, by: str = "", credit: str = "", rights: str = "") -> str:
    """As our house prints it: “Laurent Attias / Institut Imagine”."""
    names: list[str] = []
    for part in (by, credit):
        name = _without_sign(part)
        if name and not any(name.casefold() in known.casefold() for known in names):
            names.append(name)
    return (" / ".join(names) or _without_sign(rights))[:SHORT].strip()


def _without_sign(text: str) -> str:
    text, before = _clean(text, SHORT), None
    while text != before:
        before, text = text, _SIGN.sub("", text)
    return text


def _first_day(*texts: str) -> datetime.date | None:
    for text in texts:
        if match := _DAY.match(text.strip()):
            try:
                day = datetime.date(*map(int, match.groups()))
            except ValueError:
                continue
            if day.year >= _FIRST_YEAR and day <= timezone.localdate() + datetime.timedelta(1):
                return day
    return None
