"""From a path to the text it holds, or to the reason why it cannot be read.

An import is often a folder of files gathered over years, and one of them is a photograph with the
wrong name, an old Latin-1 page or a database dump. Each is refused by name and reason, before it
costs memory, and nothing is ever decoded by guess: a wrong letter in a published name is worse
than a refused file.
"""

import codecs
import re
import stat
from pathlib import Path

from django.utils.translation import gettext as _

LARGEST_FILE = 5 * 1000 * 1000
"""In bytes. The longest article we met holds 60 kB of text."""

_OTHER_FORMATS = (
    (b"%PDF-", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"PK\x03\x04", "ZIP, Word"),
    (b"\xd0\xcf\x11\xe0", "Word"),
    (b"<!doctype", "HTML"),
    (b"<html", "HTML"),
    (b"<?xml", "XML"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class SourceError(Exception):
    """A file that cannot become an article; `reason` is a sentence for the person who sent it."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = str(path)
        self.reason = reason

    def __reduce__(self):
        return type(self), (self.path, self.reason)


def read_bytes(path: Path) -> bytes:
    """Return what the file holds, having looked at its size first; `SourceError` otherwise."""
    try:
        found = path.stat()
    except FileNotFoundError as error:
        raise SourceError(path, _("There is no such file.")) from error
    except (OSError, ValueError) as error:
        raise SourceError(path, _("The file cannot be read: %s.") % error) from error
    if stat.S_ISDIR(found.st_mode):
        raise SourceError(path, _("This is a folder, not a file."))
    if not stat.S_ISREG(found.st_mode):
        raise SourceError(path, _("This is not an ordinary file."))
    if found.st_size > LARGEST_FILE:
        raise SourceError(path, _too_large(found.st_size))
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise SourceError(path, _("The file cannot be read: %s.") % error) from error
    if len(data) > LARGEST_FILE:  # it grew between the look and the reading
        raise SourceError(path, _too_large(len(data)))
    if not data:
        raise SourceError(path, _("The file is empty."))
    return data


def decode(path: Path, data: bytes) -> str:
    """Return the text of the bytes: UTF-8, or UTF-16 that says so by its byte order mark.

    Anything else is refused with the place of the first byte that does not fit.
    """
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise SourceError(path, _("The text is in UTF-32; save it as UTF-8."))
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        text = _decoded(path, data, "utf-16", "UTF-16")
        if "\0" in text:
            raise SourceError(path, _("The file holds binary data, not text."))
    else:
        _refuse_other_formats(path, data)
        if b"\0" in data:
            raise SourceError(
                path,
                _("The file holds binary data, not text (a zero byte at byte %d).")
                % data.index(b"\0"),
            )
        text = _decoded(path, data, "utf-8-sig", "UTF-8")
    if not text.strip("\ufeff \t\r\n\v\f"):
        raise SourceError(path, _("The file is empty: it holds only blank space."))
    return text


def _too_large(size: int) -> str:
    return _("The file is too large: %(size).1f MB, and an article may have %(limit)d MB.") % {
        "size": size / 1_000_000,
        "limit": LARGEST_FILE // 1_000_000,
    }


def _refuse_other_formats(path: Path, data: bytes) -> None:
    start = data[:64].removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for mark, name in _OTHER_FORMATS:
        if start.startswith(mark.lower()):
            raise SourceError(
                path, _("The file is not plain text: it looks like %(format)s.") % {"format": name}
            )


def _decoded(path: Path, data: bytes, codec: str, name: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        if codec != "utf-16" and _is_mostly_binary(data):
            reason = _("The file holds binary data, not text.")
        else:
            # `utf-8-sig` counts from behind the byte order mark, an editor's "go to byte" does not
            offset = error.start
            if codec == "utf-8-sig" and data.startswith(codecs.BOM_UTF8):
                offset += len(codecs.BOM_UTF8)
            reason = _(
                "The text is not in %(encoding)s: byte %(offset)d (0x%(byte)02X), line %(line)d, "
                "does not fit. Save the file as UTF-8."
            ) % {
                "encoding": name,
                "offset": offset,
                "byte": data[offset] if offset < len(data) else 0,
                "line": data.count(b"\n", 0, offset) + 1,
            }
        raise SourceError(path, reason) from error


def _is_mostly_binary(data: bytes) -> bool:
    """Tell an image or an archive from a text in an old encoding: by its control characters."""
    sample = data[:65536]
    return len(_CONTROL.findall(sample)) > len(sample) // 50
