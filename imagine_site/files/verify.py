"""What may enter the file library, decided by content and never by what the sender calls it.

Nothing is unpacked and nothing is parsed beyond what tells the formats apart: of an Office file the
directory of its archive and one small member, bounded; of a PDF its first and last bytes and a
search through the rest. A file that is two things at once (a PDF that is a page as well, an archive
behind a text) is refused, because each program would open it as what it likes.

What this cannot see: script in the compressed parts of a PDF. Files are therefore served as
downloads that no browser interprets in the site's name (see `sending`).
"""

import codecs
import hashlib
import itertools
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from imagine_site.files.formats import CSV, FORMATS, OFFICE, OPEN_DOCUMENT, PDF, TXT, Format

CHUNK = 1024 * 1024
#: A PDF that was saved once ends within this many bytes of its mark, as Acrobat reads it.
PDF_TAIL = 2048
#: Members of an Office file, and the bytes of their directory: a thousand slides have some 5,000.
MAX_MEMBERS = 10_000
MAX_DIRECTORY = 1_500_000
#: What an Office file may become when a reader opens it, as its directory declares.
MAX_UNPACKED = 500_000_000
#: Of the member that says what is in the file ("[Content_Types].xml").
MAX_TYPES = 300_000


class FileRefused(ValidationError):
    """A file that does not enter the library. The message is for the editor, `code` for us."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may come in: what it is, how large, and the SHA-256 of its content."""

    format: Format
    size: int
    digest: str


def max_bytes() -> int:
    return settings.FILES_MAX_MB * 1_000_000


def check(file: BinaryIO, name: str) -> Checked:
    """Format, size and digest of a file we take; raises `FileRefused` for everything else.

    The ending of `name` only tells CSV from plain text, which no content does.
    """
    file.seek(0)
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(file):
        digest.update(chunk)
        size += len(chunk)
        if size > max_bytes():
            raise FileRefused(
                _("The file is larger than %(limit)s MB.") % {"limit": settings.FILES_MAX_MB},
                code="too_heavy",
            )
    if not size:
        raise FileRefused(_("The file is empty."), code="empty")
    found = _format(file, size, name)
    file.seek(0)
    return Checked(found, size, digest.hexdigest())


def _chunks(file: BinaryIO) -> Iterator[bytes]:
    while chunk := file.read(CHUNK):
        yield chunk


def _at(file: BinaryIO, position: int, length: int) -> bytes:
    file.seek(position)
    return file.read(length)


# -- By content -------------------------------------------------------------------------------

#: What we know and do not take, to be able to say so.
_REFUSED = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "DOC, XLS, PPT"),
    (b"{\\rtf", "RTF"),
    (b"%!PS", "PostScript"),
    (b"MZ", "EXE"),
    (b"\x7fELF", "ELF"),
    (b"GIF8", "GIF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!", "RAR"),
)
#: By which a browser that guesses would take a file for a page (WHATWG MIME Sniffing §7.1).
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|script|svg|iframe)", re.IGNORECASE)


def _format(file: BinaryIO, size: int, name: str) -> Format:
    head = _at(file, 0, 1024)
    if head.startswith(b"%PDF-"):
        return _pdf(file, size, head)
    if head.startswith(b"PK\3\4"):
        return _archive(file, size)
    for magic, known in _REFUSED:
        if head.startswith(magic):
            raise _not_taken(known)
    if b"%PDF-" in head:
        raise _damaged()  # Something stands before it: it may be two things at once.
    return _text(file, head, name)


def _not_taken(known: str = "") -> FileRefused:
    taken = ", ".join(each.name for each in FORMATS)
    if known:
        message = _("%(format)s files are not taken. These are: %(formats)s.")
    else:
        message = _("This file is none that we take. These are: %(formats)s.")
    return FileRefused(message % {"format": known, "formats": taken}, code="format")


def _damaged() -> FileRefused:
    return FileRefused(
        _("The file is damaged, or more than one thing at once. Please save it anew."),
        code="damaged",
    )


def _active() -> FileRefused:
    return FileRefused(
        _("The file contains macros or scripts. Please save it without them."), code="active"
    )


# -- PDF --------------------------------------------------------------------------------------

_PDF_HEADER = re.compile(rb"%PDF-(?:1\.[0-7]|2\.0)\b")
#: Actions that run something (ISO 32000-1 §12.6.4.5, §12.6.4.16), where they stand in the open.
_PDF_ACTIVE = re.compile(rb"/(?:JavaScript|Launch)\b")


def _pdf(file: BinaryIO, size: int, head: bytes) -> Format:
    tail = _at(file, max(0, size - PDF_TAIL), PDF_TAIL)
    before, mark, behind = tail.rpartition(b"%%EOF")
    if not _PDF_HEADER.match(head) or not mark or behind.strip(b" \t\r\n\f\0"):
        raise _damaged()
    if b"startxref" not in before or _PAGE.search(head):
        raise _damaged()
    file.seek(0)
    overlap = b""
    for chunk in _chunks(file):
        seen = overlap + chunk
        if _PDF_ACTIVE.search(seen):
            raise _active()
        overlap = seen[-16:]
    return PDF


# -- Office files: archives (PKWARE APPNOTE 6.3, §4.3) ------------------------------------------

_END = struct.Struct("<4s4H2LH")
#: What `zipfile` raises for what is no sound archive.
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    RuntimeError,
    ValueError,
    EOFError,
    OSError,
)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_TYPES = "[Content_Types].xml"
#: Parts that run, or that another program would: no text, table or talk needs them.
_ACTIVE_MEMBER = re.compile(
    r"vbaproject|activex/|macrosheets/|^basic/|^scripts/|"
    r"\.(?:exe|dll|scr|com|bat|cmd|ps1|vbs|vbe|js|jse|wsf|hta|jar|lnk|html?|xhtml|svg|docm|xlsm|pptm)$",
    re.IGNORECASE,
)


def _archive(file: BinaryIO, size: int) -> Format:
    """An Office file; the directory is looked at before anything reads it whole."""
    _check_end(file, size)
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(members)
            names = {member.filename for member in members}
            if _TYPES in names:
                return _office(archive)
            if members and members[0].filename == "mimetype":
                return _open_document(archive, members[0])
    except DAMAGED as error:
        raise _damaged() from error
    raise _not_taken("ZIP")


def _check_end(file: BinaryIO, size: int) -> None:
    """One directory, of a bearable size, exactly where it belongs: nothing before or behind."""
    if size < _END.size:
        raise _damaged()
    signature, disk, first, here, members, length, offset, comment = _END.unpack(
        _at(file, size - _END.size, _END.size)
    )
    if signature != b"PK\5\6" or disk or first or here != members or comment:
        raise _damaged()
    if members > MAX_MEMBERS or length > MAX_DIRECTORY or offset + length + _END.size != size:
        raise _damaged()


def _check_members(members: list[zipfile.ZipInfo]) -> None:
    seen = set()
    for member in members:
        name = member.orig_filename
        parts = name.replace("\\", "/").split("/")
        if "\0" in name or ".." in parts or not parts[0] or ":" in parts[0] or name in seen:
            raise _damaged()
        seen.add(name)
        if member.flag_bits & 0x1:
            raise FileRefused(_("The file is locked by a password."), code="encrypted")
        if member.compress_type not in _METHODS:
            raise _damaged()
        if _ACTIVE_MEMBER.search(name):
            raise _active()
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise FileRefused(_("The file would become too large when it is opened."), code="too_large")


def _beginning(archive: zipfile.ZipFile, name: str, length: int) -> bytes:
    """The first bytes of a member, however much it claims to be."""
    with archive.open(name) as member:
        return member.read(length)


def _office(archive: zipfile.ZipFile) -> Format:
    types = _beginning(archive, _TYPES, MAX_TYPES + 1)
    # A character reference would hide a type from the search below; no writer makes one.
    if len(types) > MAX_TYPES or b"&#" in types or b"<!" in types:
        raise _damaged()
    if re.search(rb"macro|vba|activex", types, re.IGNORECASE):
        raise _active()
    for main, found in OFFICE.items():
        if f'"{main}.main+xml"'.encode() in types:
            return found
    raise _not_taken("ZIP")


def _open_document(archive: zipfile.ZipFile, first: zipfile.ZipInfo) -> Format:
    if first.compress_type != zipfile.ZIP_STORED:
        raise _damaged()
    media_type = _beginning(archive, first.filename, 100).decode("ascii", "replace")
    if media_type not in OPEN_DOCUMENT:
        raise _not_taken("ZIP")
    return OPEN_DOCUMENT[media_type]


# -- Text -------------------------------------------------------------------------------------

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
#: A cell that a spreadsheet would compute instead of showing it.
_FORMULA = re.compile(r'[\r\n,;\t][ "]*=')
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,8})\Z")


def _text(file: BinaryIO, head: bytes, name: str) -> Format:
    found = _ENDING.search(name)
    ending = found[1].lower() if found else ""
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if start.startswith(b"<"):
        raise _not_taken("HTML, SVG, XML")
    known = {"csv": CSV, "txt": TXT}.get(ending)
    if known is None or start.startswith(b"#!"):
        raise _not_taken(ending.upper())
    file.seek(0)
    decoder, before = codecs.getincrementaldecoder("utf-8")(), "\n"
    for chunk in itertools.chain(_chunks(file), [b""]):
        try:
            text = before + decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            raise _unreadable() from error
        if _CONTROL.search(text):
            raise _unreadable()
        if known is CSV and _FORMULA.search(text):
            raise _active()
        before = text[-8:]
    return known


def _unreadable() -> FileRefused:
    return FileRefused(
        _("This text is not written in UTF-8. Please save it anew as “UTF-8”."), code="encoding"
    )
