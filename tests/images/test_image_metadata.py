"""What a file says of itself: read in three dialects, proposed, and never trusted."""

import datetime
import struct
import zlib

import pytest
from PIL import ExifTags

from imagine_site.images import metadata
from imagine_site.images.metadata import Metadata
from imagine_site.images.normalise import normalise
from tests.factories.images import GPS_CANARY, exif, image_bytes

XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/">
<rdf:Description rdf:about="" photoshop:Credit="Institut Imagine" {attributes}>
{elements}
</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>"""
WORDS = """<dc:title><rdf:Alt><rdf:li xml:lang="x-default">La visite</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="fr">Le président
 arrive.</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>© Laurent Attias</rdf:li></rdf:Seq></dc:creator>
<xmpRights:UsageTerms><rdf:Alt><rdf:li>CC BY 4.0</rdf:li></rdf:Alt></xmpRights:UsageTerms>
<photoshop:DateCreated>2020-02-27T10:11:12+01:00</photoshop:DateCreated>
<Iptc4xmpCore:AltTextAccessibility><rdf:Alt><rdf:li xml:lang="en-GB">A man at a door</rdf:li>
<rdf:li xml:lang="fr-FR">Un homme à une porte</rdf:li></rdf:Alt></Iptc4xmpCore:AltTextAccessibility>
"""


def packet(elements: str = "", attributes: str = "") -> bytes:
    return XMP.format(elements=elements, attributes=attributes).encode()


def with_segment(marker: int, content: bytes) -> bytes:
    """A small JPEG with one more segment, as it was before any decoder saw it."""
    plain = image_bytes(24, 16, seed=1)
    return plain[:2] + struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content + plain[2:]


def iptc_jpeg(*datasets: tuple[int, int, bytes]) -> bytes:
    block = b"".join(
        struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
        for record, number, value in datasets
    )
    resource = (
        b"8BIM\x04\x04\0\0" + struct.pack(">I", len(block)) + block + b"\0" * (len(block) % 2)
    )
    return with_segment(0xED, b"Photoshop 3.0\0" + resource)


def xmp_jpeg(content: bytes) -> bytes:
    return with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + content)


def exif_jpeg(**tags) -> bytes:
    data = exif()
    for name, value in tags.items():
        if name == "DateTimeOriginal":
            data.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = value
        else:
            data[getattr(ExifTags.Base, name)] = value
    return image_bytes(24, 16, seed=1, exif=data)


def test_xmp_is_read():
    said = metadata.read(xmp_jpeg(packet(WORDS)))
    assert said == Metadata(
        title="La visite",
        description="Le président arrive.",
        credit="Laurent Attias / Institut Imagine",
        licence="CC BY 4.0",
        alt_en="A man at a door",
        alt_fr="Un homme à une porte",
        taken_on=datetime.date(2020, 2, 27),
    )
    assert Metadata.from_json(said.as_json()) == said


@pytest.mark.parametrize("format", ["PNG", "WEBP", "AVIF"])
def test_xmp_is_read_in_every_format_we_take(format):
    if format == "PNG":
        data = image_bytes(24, 16, "PNG", seed=1)
        body = b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + packet(WORDS)
        chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
        data = data[:33] + chunk + data[33:]
    else:
        data = image_bytes(24, 16, format, seed=1, xmp=packet(WORDS))
    assert metadata.read(data).title == "La visite"


def test_iptc_is_read_whatever_its_letters_are_written_in():
    said = metadata.read(
        iptc_jpeg(
            (2, 5, b"Arriv\xe9e"),
            (2, 80, "Séverine Ternois".encode()),
            (2, 110, b"Institut Imagine"),
            (2, 120, "Devant l’hôpital".encode("cp1252")),
            (2, 55, b"20200227"),
        )
    )
    assert (said.title, said.description) == ("Arrivée", "Devant l’hôpital")
    assert said.credit == "Séverine Ternois / Institut Imagine"
    assert said.taken_on == datetime.date(2020, 2, 27)


def test_exif_is_read_and_never_the_place():
    said = metadata.read(
        exif_jpeg(
            ImageDescription="A hall",
            Artist="Jane Doe",
            Copyright="Copyright © Somebody",
            DateTimeOriginal="2019:12:31 23:59:59",
            DateTime="2024:01:01 00:00:00",
        )
    )
    assert said == Metadata(
        description="A hall", credit="Jane Doe", taken_on=datetime.date(2019, 12, 31)
    )
    assert GPS_CANARY not in str(said.as_json())


def test_exif_in_utf_8_is_no_mojibake():
    data = exif_jpeg(Artist="S??verine").replace(b"S??verine", "Séverine".encode())
    assert metadata.read(data).credit == "Séverine"


def test_what_one_dialect_does_not_say_another_does():
    data = xmp_jpeg(packet("<dc:title>Named</dc:title>"))
    tags = exif_jpeg(ImageDescription="A hall")
    start = tags.index(b"Exif\0\0") - 4
    segment = tags[start : start + 2 + int.from_bytes(tags[start + 2 : start + 4])]
    said = metadata.read(data[:2] + segment + data[2:])
    assert (said.title, said.description, said.credit) == ("Named", "A hall", "Institut Imagine")


@pytest.mark.parametrize(
    ("written", "credit"),
    [
        ("© Jane Doe", "Jane Doe"),
        ("Copyright: © Jane Doe", "Jane Doe"),
        ("Crédit photo : Jane Doe", "Jane Doe"),
        ("(c) Jane\nDoe", "Jane Doe"),
        ("Photography Studio", "Photography Studio"),
        ("\u202eeoD enaJ\u0007", "eoD enaJ"),
        ("x" * 5000, "x" * 200),
        ("©", ""),
    ],
)
def test_a_credit_is_the_name_alone(written, credit):
    assert metadata.read(iptc_jpeg((2, 80, written.encode()))).credit == credit


@pytest.mark.parametrize(
    "written", ["0000:00:00 00:00:00", "2020:13:45", "1601:01:01", "2999:01:01", "yesterday", ""]
)
def test_a_day_that_cannot_be_is_none(written):
    assert metadata.read(exif_jpeg(DateTimeOriginal=written)).taken_on is None


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c SYSTEM "file:///etc/passwd">]><x>&b;&c;</x>'
)


@pytest.mark.parametrize(
    "hostile",
    [
        xmp_jpeg(BOMB),
        xmp_jpeg(packet("<dc:title>&c;</dc:title>").replace(b"<x:xmpmeta", BOMB[21:] + b"<x:x", 1)),
        xmp_jpeg("<!DOCTYPE x [<!ENTITY a 'b'>]><x/>".encode("utf-16")),
        xmp_jpeg(b"\xff\xfe\x00" * 300),
        xmp_jpeg(b"<a>" * 9000),
        xmp_jpeg(b"<!--" + packet(WORDS)),
        iptc_jpeg((1, 90, b"\x1b%G"), (2, 80, b"\xff\xfe\xfd")),
        iptc_jpeg()[:-3] + b"\x1c\x02\x50\xff\xff",
        with_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff\x1c\x02"),
        with_segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"),
        with_segment(
            0xE1, b"Exif\0\0MM\0*\0\0\0\x08\xff\xff" + b"\x01\x0e\0\x02\x7f\xff\xff\xff" * 99
        ),
        b"GIF89a",
        b"",
        b"\xff\xd8\xff",
    ],
)
def test_hostile_words_say_nothing_and_stop_nothing(hostile):
    assert metadata.read(hostile) in (Metadata(), Metadata(credit="Institut Imagine"))


def test_words_without_end_are_cut():
    long = "é" * 300_000
    data = image_bytes(
        24, 16, "WEBP", seed=1, xmp=packet(f"<dc:description>{long}</dc:description>")
    )
    assert len(metadata.read(data).description) == metadata.MOST_WORDS
    tail = packet(f"<dc:description>{long * 2}</dc:description>")
    assert metadata.read(image_bytes(24, 16, "WEBP", seed=1, xmp=tail)) == Metadata()


def test_what_was_read_is_not_kept_in_the_picture():
    kept = normalise(xmp_jpeg(packet(WORDS))).data
    assert b"xmpmeta" not in kept
