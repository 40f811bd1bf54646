"""What enters the file library, and what is refused by name."""

import io
import struct

import pytest

from imagine_site.files import verify
from imagine_site.files.formats import size_in_words
from imagine_site.files.verify import FileRefused, check
from tests.factories.files import archive_bytes, office_bytes, pdf_bytes


def checked(content: bytes, name: str = "x.pdf"):
    return check(io.BytesIO(content), name)


def refusal(content: bytes, name: str = "x.pdf") -> FileRefused:
    with pytest.raises(FileRefused) as refused:
        checked(content, name)
    return refused.value


@pytest.mark.parametrize("version", ["1.0", "1.4", "1.7", "2.0"])
def test_a_pdf_is_known_by_its_content(version):
    content = pdf_bytes(version=version)
    found = checked(content, "whatever.exe")
    assert (found.format.name, found.size) == ("PDF", len(content))
    assert len(found.digest) == 64


@pytest.mark.parametrize("ending", ["docx", "xlsx", "pptx", "odt", "ods", "odp"])
def test_office_files_are_told_apart_by_their_main_part(ending):
    found = checked(office_bytes(ending), "x.zip").format
    assert (found.ending, found.name) == (ending, ending.upper())


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (b"Name;Year\r\nIm\xc3\xa9;2007\r\n", "Liste.CSV", "text/csv"),
        (b"\xef\xbb\xbfa,b\n1,-2\n", "x.csv", "text/csv"),
        ("Un cœur.\f".encode(), "x.txt", "text/plain"),
        (b"a = b and 2 < 3", "x.txt", "text/plain"),
    ],
)
def test_texts_are_taken_where_they_are_utf_8(content, name, media_type):
    assert checked(content, name).format.media_type == media_type


@pytest.mark.parametrize(
    ("content", "name", "code", "said"),
    [
        (b"", "x.pdf", "empty", "empty"),
        (b"GIF89a" + b"\0" * 50, "x.pdf", "format", "GIF"),
        (b"MZ\x90\0", "x.pdf", "format", "EXE"),
        (b"\x7fELF\2", "x.txt", "format", "ELF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "x.docx", "format", "DOC, XLS, PPT"),
        (b"{\\rtf1 x}", "x.docx", "format", "RTF"),
        (b"<!DOCTYPE html><p>x", "x.pdf", "format", "HTML"),
        (b" \n<svg onload='x'/>", "x.txt", "format", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><x/>", "x.csv", "format", "XML"),
        (b"#!/bin/sh\nrm x", "x.txt", "format", "TXT"),
        (b"alert(1)", "x.js", "format", "JS"),
        (b"alert(1)", "x", "format", "none that we take"),
        (b"alert(1)", "x.<img src=x>", "format", "none that we take"),
        ("é;è".encode("cp1252"), "x.csv", "encoding", "UTF-8"),
        ("é".encode("utf-16"), "x.txt", "encoding", "UTF-8"),
        (b"a\0b", "x.txt", "encoding", "UTF-8"),
        (b"a\x1b[31mb", "x.txt", "encoding", "UTF-8"),
        (b"a;b\n1; =cmd|' /C calc'!A0", "x.csv", "active", "macros"),
        (b'="x"', "x.csv", "active", "macros"),
    ],
)
def test_what_we_do_not_take_is_refused_in_words(content, name, code, said):
    refused = refusal(content, name)
    assert refused.code == code
    assert said in refused.messages[0]


def test_a_formula_is_found_across_two_chunks(monkeypatch):
    monkeypatch.setattr(verify, "CHUNK", 16)
    assert refusal(b"a" * 14 + b";\n  =cmd()", "x.csv").code == "active"
    assert checked(b"a" * 15 + "é".encode() + b"b=c", "x.csv").format.name == "CSV"


def test_a_file_larger_than_the_setting_is_refused(settings):
    settings.FILES_MAX_MB = 1
    content = pdf_bytes(more=b"x" * 999_000)
    assert checked(content).size < 1_000_000
    assert refusal(pdf_bytes(more=b"x" * 1_000_000)).code == "too_heavy"


# -- Two things at once -----------------------------------------------------------------------

PDF = pdf_bytes("fixed")


@pytest.mark.parametrize(
    "content",
    [
        b"\n" + PDF,
        b"GIF89" + PDF,
        b"<html><script>alert(1)</script>" + PDF,
        PDF.replace(b"%PDF-1.7", b"%PDF-9.9"),
        PDF.replace(b"%PDF-1.7", b"%PDF-"),
        PDF.replace(b"\n", b"\n%<script>alert(1)</script>\n", 1),
        PDF.replace(b"%%EOF", b""),
        PDF[:200],
        PDF + b"<script>alert(1)</script>",
        PDF + archive_bytes({"x.exe": b"MZ"}),
        b"%PDF-1.7\n%%EOF",
    ],
)
def test_a_pdf_that_is_something_else_as_well_is_refused(content):
    assert refusal(content).code in {"damaged", "format"}


def test_space_behind_the_end_of_a_pdf_is_no_harm():
    assert checked(PDF + b"\r\n\0\0\0 ").format.name == "PDF"


@pytest.mark.parametrize(
    "action", [b"<</S/JavaScript/JS(app.alert(1))>>", b"<</S /Launch /F(calc.exe)>>"]
)
def test_a_pdf_that_runs_something_is_refused(action, monkeypatch):
    assert refusal(pdf_bytes(more=action)).code == "active"
    monkeypatch.setattr(verify, "CHUNK", 7)
    assert refusal(pdf_bytes(more=action)).code == "active"


# -- Archives ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ending", "more", "types", "code"),
    [
        ("docx", {"word/vbaProject.bin": b"x"}, "", "active"),
        (
            "docx",
            {},
            '<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/>',
            "active",
        ),
        ("docx", {}, '<x ContentType="a.macroEnabled.main+xml"/>', "active"),
        ("docx", {}, '<x ContentType="a.macro&#69;nabled.main+xml"/>', "damaged"),
        ("docx", {}, '<!ENTITY x "y">', "damaged"),
        ("xlsx", {"xl/macrosheets/sheet1.xml": b"x"}, "", "active"),
        ("pptx", {"ppt/activeX/activeX1.bin": b"x"}, "", "active"),
        ("pptx", {"ppt/media/setup.EXE": b"MZ"}, "", "active"),
        ("docx", {"word/afchunk.html": b"<script>"}, "", "active"),
        ("odt", {"Basic/Standard/Module1.xml": b"x"}, "", "active"),
        ("ods", {"Scripts/python/x.py": b"x"}, "", "active"),
        ("docx", {"../../etc/passwd": b"x"}, "", "damaged"),
        ("docx", {"/etc/passwd": b"x"}, "", "damaged"),
        ("docx", {"a\\..\\b": b"x"}, "", "damaged"),
        ("docx", {"C:/x": b"x"}, "", "damaged"),
    ],
)
def test_an_office_file_with_what_runs_or_escapes_is_refused(ending, more, types, code):
    assert refusal(office_bytes(ending, more=more, types=types)).code == code


def test_an_archive_that_is_no_office_file_is_refused():
    for content in (
        archive_bytes({"a.txt": b"x"}),
        archive_bytes({"[Content_Types].xml": b"<Types/>"}),
        archive_bytes({"mimetype": b"application/epub+zip"}, stored=("mimetype",)),
    ):
        assert "ZIP" in refusal(content).messages[0]
    # OpenDocument wants its type to be readable without unpacking.
    hidden = archive_bytes({"mimetype": b"application/vnd.oasis.opendocument.text"})
    assert refusal(hidden).code == "damaged"


def test_a_bomb_is_refused_without_being_unpacked(monkeypatch):
    """The directory says how large a member becomes; nobody needs to see it."""
    bomb = bytearray(office_bytes("docx", more={"word/media/a.bin": b"\0" * 1000}))
    place = bomb.rindex(b"PK\1\2")
    bomb[place + 24 : place + 28] = struct.pack("<L", 4_000_000_000)
    assert refusal(bytes(bomb)).code == "too_large"
    # The one member that is read is read up to a limit, whatever the directory says of it.
    types = archive_bytes({"[Content_Types].xml": b" " * 5_000_000, "word/document.xml": b"x"})
    assert len(types) < 10_000
    assert refusal(types).code == "damaged"
    monkeypatch.setattr(verify, "MAX_MEMBERS", 1)
    assert refusal(office_bytes("docx")).code == "damaged"


def test_a_damaged_or_doubled_archive_is_refused():
    whole = office_bytes("docx")
    for content in (
        whole[:-1],
        whole[:100],
        whole + b"x",
        whole[:4],
        b"PK\3\4" + whole,
        whole[:-6] + b"\xff\xff" + whole[-4:],
        whole.replace(b"PK\1\2", b"PK\7\7"),
    ):
        assert refusal(content).code == "damaged"
    locked = bytearray(whole)
    locked[locked.index(b"PK\1\2") + 8] |= 1
    assert refusal(bytes(locked)).code == "encrypted"


def test_sizes_are_said_as_people_say_them():
    said = {size: size_in_words(size) for size in (1, 999, 340_400, 999_499, 999_500, 2_345_678)}
    assert said == {
        1: "1 kB",
        999: "1 kB",
        340_400: "340 kB",
        999_499: "999 kB",
        999_500: "1.0 MB",
        2_345_678: "2.3 MB",
    }
