"""The formats of files that visitors may be given, and how size and format are said to them.

The list is closed: what a reader opens without buying anything, and whose content can be told from
its bytes. Left out on purpose: HTML, SVG and XML (they run in the browser, as a page of ours), old
Office files and those with macros (they run on the reader's machine), archives (nobody sees what is
in them before they are unpacked), pictures and films (the picture library and video hosts are for
those).
"""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"


@dataclass(frozen=True, slots=True)
class Format:
    """`name` is what a visitor reads, `ending` what the file's name ends with."""

    name: str
    ending: str
    media_type: str

    @property
    def content_type(self) -> str:
        """The media type as a header says it: texts are UTF-8, verified when they came in."""
        return f"{self.media_type}; charset=utf-8" if self.is_text else self.media_type

    @property
    def is_text(self) -> bool:
        return self.media_type.startswith("text/")


PDF = Format("PDF", "pdf", "application/pdf")
TXT = Format("TXT", "txt", "text/plain")
CSV = Format("CSV", "csv", "text/csv")
#: Found by the type of their main part (ECMA-376 part 1 §11.3.10, §12.3.23, §13.3.6).
OFFICE = {
    f"{_OOXML}.wordprocessingml.document": Format(
        "DOCX", "docx", f"{_OOXML}.wordprocessingml.document"
    ),
    f"{_OOXML}.spreadsheetml.sheet": Format("XLSX", "xlsx", f"{_OOXML}.spreadsheetml.sheet"),
    f"{_OOXML}.presentationml.presentation": Format(
        "PPTX", "pptx", f"{_OOXML}.presentationml.presentation"
    ),
}
#: Found by their member "mimetype" (OpenDocument 1.3 part 2 §3.3).
OPEN_DOCUMENT = {
    f"{_ODF}.text": Format("ODT", "odt", f"{_ODF}.text"),
    f"{_ODF}.spreadsheet": Format("ODS", "ods", f"{_ODF}.spreadsheet"),
    f"{_ODF}.presentation": Format("ODP", "odp", f"{_ODF}.presentation"),
}
FORMATS = (PDF, *OFFICE.values(), *OPEN_DOCUMENT.values(), CSV, TXT)
BY_MEDIA_TYPE = {each.media_type: each for each in FORMATS}


def size_in_words(size: int) -> str:
    """A number of bytes as people read it, in the current language: "2.3 MB", "2,3 Mo".

    Powers of ten, as file managers and download pages say it; never "0 kB".
    """
    if size < 999_500:
        return _("%(number)s kB") % {"number": max(1, round(size / 1000))}
    return _("%(number)s MB") % {
        "number": number_format(round(size / 1_000_000, 1), decimal_pos=1, force_grouping=True)
    }
