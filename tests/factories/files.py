"""Files for tests: as people send them, and entries of the file library."""

import io
import itertools
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from imagine_site.files import actions
from imagine_site.files.models import File

_numbers = itertools.count(1)
_TYPE = "application/vnd.openxmlformats-officedocument.{}.main+xml"
_MAINS = {
    "docx": ("word/document.xml", _TYPE.format("wordprocessingml.document")),
    "xlsx": ("xl/workbook.xml", _TYPE.format("spreadsheetml.sheet")),
    "pptx": ("ppt/presentation.xml", _TYPE.format("presentationml.presentation")),
}
_ODF = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def pdf_bytes(text: str = "", *, version: str = "1.7", more: bytes = b"") -> bytes:
    """A page with a line of text (a number of its own unless given), and `more` in its middle."""
    text = text or f"File {next(_numbers)}"
    stream = f"BT /F1 24 Tf 72 700 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        *([more] if more else []),
    ]
    out, places = f"%PDF-{version}\n%\xe2\xe3\xcf\xd3\n".encode("latin-1"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start, rows = len(out), len(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % rows
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (rows, start)


def archive_bytes(members: dict[str, bytes | str], *, stored: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            method = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def office_bytes(
    ending: str = "docx", *, more: dict[str, bytes | str] | None = None, types: str = ""
) -> bytes:
    """An Office Open XML or OpenDocument file, with `more` members and more declared `types`."""
    if ending in _ODF:
        mimetype = f"application/vnd.oasis.opendocument.{_ODF[ending]}"
        members = {"mimetype": mimetype, "content.xml": f"<x>{next(_numbers)}</x>"}
        return archive_bytes({**members, **(more or {})}, stored=("mimetype",))
    part, media_type = _MAINS[ending]
    declared = f'<Types><Override PartName="/{part}" ContentType="{media_type}"/>{types}</Types>'
    members = {"[Content_Types].xml": declared, part: f"<x>{next(_numbers)}</x>"}
    return archive_bytes({**members, **(more or {})})


def upload(content: bytes | None = None, *, name: str = "report.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, pdf_bytes() if content is None else content)


def make_file(*, content: bytes | None = None, name: str = "Annual report.pdf", **fields) -> File:
    """An entry of the library: a small PDF unless said."""
    return actions.add(upload(content, name=name), **{"title_fr": "Rapport annuel"} | fields)


def link(file: File, text: str = "the report") -> str:
    """A paragraph that links to a file, as the editor writes it."""
    return f'<p><a data-file="{file.pk}">{text}</a></p>'


def content_of(file: File) -> bytes:
    with file.open() as content:
        return content.read()
