"""Names of files: what the sender called it, made fit for a title, an address and a disk.

A name is a claim of whoever sends it. It never becomes a path of ours (contents are kept under
their digest), and what cannot be seen in it (control characters, marks that turn the direction of
writing so that `exe` reads as `fdp`) goes.
"""

import re
import unicodedata

from imagine_site.documents import anchor_for

LONGEST = 200
#: No file system of a reader takes these in a name.
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]+')


def stem(name: str) -> str:
    """The last part of a name without its ending, as it can be seen."""
    last = re.split(r"[\\/]", name)[-1]
    before, dot, _ending = last.rpartition(".")
    return visible(before if dot and before else last)


def visible(text: str) -> str:
    """Without control characters, marks of direction and runs of spaces."""
    text = unicodedata.normalize("NFC", text)
    kept = (" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return " ".join("".join(kept).split())


def title_from(name: str) -> str:
    """A first title: "rapport_annuel-2024.pdf" reads "Rapport annuel 2024"."""
    words = " ".join(re.sub(r"[_-]+", " ", stem(name)).split())[:LONGEST].strip()
    return words[:1].upper() + words[1:]


def address_from(name: str) -> str:
    """The part of an address: lower-case ASCII, never empty."""
    return anchor_for(stem(name)) or "file"


def on_disk(title: str) -> str:
    """A title as the name of a file on the reader's disk, without its ending; may be empty."""
    return visible(_FORBIDDEN.sub(" ", title)).strip(". ")[:120].strip()
