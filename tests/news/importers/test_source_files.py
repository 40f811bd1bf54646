"""Files that cannot be articles are refused by name and reason, quickly; the others are read."""

import codecs
import os
import time

import pytest

from imagine_site.mentions.names import Names
from news.importers.languages import language_of_text
from news.importers.preparing import read_and_prepare
from news.importers.sources import SourceError, read

TEXT = (
    "Un jardin sur le toit\n\nL'institut a ouvert un jardin sur le toit de la maison.\n\n"
    "Publié le 4 décembre 2020\n\nVie du campus\n\nLes enfants y plantent des herbes à Noël.\n"
)


def refusal(path, **options) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, **options)
    assert str(path) in str(caught.value)
    return caught.value.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_files_are_read_with_or_without_a_mark(tmp_path, encoding):
    path = tmp_path / "jardin.txt"
    path.write_bytes(TEXT.encode(encoding))
    (found,) = read(path)
    assert found.title == "Un jardin sur le toit"
    assert "Noël" in found.body
    assert found.words_lost == found.words_added == ()


def test_big_endian_and_windows_line_ends_are_read(tmp_path):
    path = tmp_path / "jardin.txt"
    path.write_bytes(codecs.BOM_UTF16_BE + TEXT.replace("\n", "\r\n").encode("utf-16-be"))
    assert read(path)[0].section == "Vie du campus"


def test_an_old_encoding_is_refused_with_the_byte_and_the_line(tmp_path):
    path = tmp_path / "jardin.txt"
    data = TEXT.encode("latin-1")
    path.write_bytes(data)
    reason = refusal(path)
    assert f"byte {data.index(0xE9)}" in reason
    assert "line 5" in reason
    path.write_bytes(codecs.BOM_UTF8 + data)
    assert f"byte {data.index(0xE9) + 3} (0xE9)" in refusal(path)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b" \n\t\r\n ", "empty"),
        ("\ufeff\n".encode(), "empty"),
        ("\ufeff\n".encode("utf-16"), "empty"),
        (b"--- *** ---", "empty"),
        (b"Title\0\n", "binary"),
        (b"\xff\xd8\xff\xe0" + bytes(range(256)) * 9, "binary"),
        (b"\xff\xd8\xe1" + bytes(range(1, 256)) * 9, "binary"),
        (b"%PDF-1.4 text", "PDF"),
        (b"{\\rtf1 text}", "RTF"),
        (b"<!DOCTYPE html><p>text", "HTML"),
        (b"PK\x03\x04", "ZIP"),
        ("Texte".encode("utf-32"), "UTF-32"),
        (b"\xff\xfeT\x00i\x00t", "UTF-16"),
    ],
)
def test_what_is_no_text_is_refused_with_its_reason(tmp_path, data, reason):
    path = tmp_path / "file.txt"
    path.write_bytes(data)
    assert reason in refusal(path, language="en")


def test_what_is_no_file_is_refused_with_its_reason(tmp_path):
    assert "no such file" in refusal(tmp_path / "missing.txt")
    assert "no such file" in refusal(tmp_path / "missing.xyz")
    assert "folder" in refusal(tmp_path)
    folder = tmp_path / "folder.txt"
    folder.mkdir()
    assert "folder" in refusal(folder)
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)
    assert "ordinary" in refusal(pipe)
    assert "cannot be read" in refusal(tmp_path / ("x" * 300 + ".txt"))


def test_a_file_of_100_megabytes_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(100_000_000)
    started = time.perf_counter()
    assert "too large: 100.0 MB" in refusal(path)
    assert (
        time.perf_counter() - started < 1
    )  # reading it takes longer than looking at its size, on any machine


def test_a_text_too_long_for_a_document_is_refused_by_name(tmp_path):
    path = tmp_path / "long.en.txt"
    path.write_text("A garden\n\nThe lede is here.\n\n" + "The garden is on the roof. " * 20_000)
    (prepared,) = read_and_prepare(path, None, Names())
    assert "too long" in prepared.refusal
    assert prepared.article.source == str(path)


def test_an_unknown_format_is_refused_with_the_known_ones(tmp_path):
    path = tmp_path / "article.odt"
    path.write_bytes(b"anything")
    assert ".txt" in refusal(path)


def test_the_language_in_the_name_goes_before_the_one_given_and_the_one_found(tmp_path):
    path = tmp_path / "jardin.fr.txt"
    path.write_text(TEXT, encoding="utf-8")
    (found,) = read(path, language="en")
    assert (found.language, found.translation_key) == ("fr", "jardin")
    path = tmp_path / "jardin.txt"
    path.write_text(TEXT, encoding="utf-8")
    (found,) = read(path)
    assert (found.language, found.translation_key) == ("fr", "jardin")
    (found,) = read(path, language="en")
    assert found.language == "en"
    assert [doubt.code for doubt in found.doubts] == ["language"]


def test_translations_share_a_key_and_dots_in_a_name_are_kept(tmp_path):
    keys = set()
    for name in ("garden-v1.2.fr.txt", "garden-v1.2.en.txt"):
        path = tmp_path / name
        path.write_text(TEXT, encoding="utf-8")
        keys.add(read(path)[0].translation_key)
    assert keys == {"garden-v1.2"}


def test_an_unclear_language_is_asked_for_and_not_guessed(tmp_path):
    path = tmp_path / "short.txt"
    path.write_text("Imagine\n\nImagine 2020", encoding="utf-8")
    assert "language" in refusal(path)
    assert read(path, language="fr")[0].language == "fr"
    assert "not a language" in refusal(path, language="de")
    assert language_of_text("") is None
