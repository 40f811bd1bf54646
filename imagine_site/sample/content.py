"""The sample institute's content as it lies in `content/`, read into plain values.

Nothing here touches the database: what is written and drawn for the sample, by key, and how a key
reads in the database, where everything of the sample is marked as such.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "content"
REGISTER = FOLDER / "register.yaml"
LANGUAGES = ("en", "fr")

#: Begins the keys of the sample's own entries in the register, and of everything else of it.
REGISTER_PREFIX = "sample-"
PREFIX = "sample:"

CREDIT = "Imagine Site"
LICENCE = "CC0 1.0"


def read(name: str) -> dict[str, Any]:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Picture:
    """One picture to draw, and what the library is told about it."""

    motif: str
    title: str
    width: int = 1600
    alt: dict[str, str] | None = None
    focal: tuple[float, float] = (0.5, 0.5)
    laboratory: str = ""

    @property
    def ref(self) -> str:
        return f"{PREFIX}{self.motif}"

    @property
    def said(self) -> dict[str, Any]:
        """The library's fields; a picture without description only decorates."""
        return {
            "title": self.title,
            "decorative": self.alt is None,
            "alt_en": self.alt["en"] if self.alt else "",
            "alt_fr": self.alt["fr"] if self.alt else "",
            "credit": CREDIT,
            "licence": LICENCE,
            "focal_x": self.focal[0],
            "focal_y": self.focal[1],
            "import_ref": self.ref,
        }


def pictures() -> list[Picture]:
    return [
        Picture(motif, **{**entry, "focal": tuple(entry.get("focal", (0.5, 0.5)))})
        for motif, entry in read("images.yaml").items()
    ]


@dataclass(frozen=True)
class SampleArticle:
    """A text file in each language, and what the files do not say of themselves."""

    key: str
    said: dict[str, Any]

    @property
    def ref(self) -> str:
        return f"{PREFIX}{self.key}"

    def path(self, language: str) -> Path:
        return FOLDER / "articles" / f"{self.key}.{language}.txt"


def articles() -> Iterator[SampleArticle]:
    for key, said in read("articles.yaml").items():
        yield SampleArticle(key, said)


def in_languages(name: str, texts: dict[str, str]) -> dict[str, str]:
    """`{"en": …, "fr": …}` as the fields `name_en` and `name_fr`."""
    return {f"{name}_{language}": str(texts[language]).strip() for language in LANGUAGES}
