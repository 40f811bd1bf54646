"""The one door by which files of every format become articles.

A format is a reader behind a file suffix: it takes the file's bytes and returns values. What is
wrong with a file is said by `SourceError`, with a reason a person can act on; the caller goes on
with the next file.
"""

from collections.abc import Callable
from pathlib import Path

from django.utils.translation import gettext as _

from .article import Article, Doubt
from .files import SourceError, decode, read_bytes
from .languages import LANGUAGES, language_of_name, language_of_text, translation_key
from .text import read_text

__all__ = ["READERS", "Reader", "SourceError", "plain_text_of", "read", "suffixes"]

Reader = Callable[[Path, bytes, str | None], list[Article]]
"""Takes the path (for its name), the bytes, and the language a person named, if any."""


def read(path: Path | str, *, language: str | None = None) -> list[Article]:
    """Return the articles a file holds, in its order; `SourceError` says why there are none.

    The language is the one in the file's name (`visit.fr.txt`), else the one given, else the one
    the text is clearly written in. Whether a text is too long for a document is said by its body.
    """
    path = Path(path)
    if language is not None and language not in LANGUAGES:
        raise SourceError(path, _("“%s” is not a language of this site.") % language)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        data_known = ", ".join(suffixes())
        if path.is_dir():
            raise SourceError(path, _("This is a folder, not a file."))
        if not path.exists():
            raise SourceError(path, _("There is no such file."))
        raise SourceError(
            path,
            _("No reader for “%(suffix)s” files; known are: %(known)s.")
            % {"suffix": path.suffix or path.name, "known": data_known},
        )
    return reader(path, read_bytes(path), language)


def plain_text_of(path: Path) -> str | None:
    """The whole text of a file of plain text, as `Article.raw` has it; None where there is none."""
    if READERS.get(path.suffix.lower()) is not _read_plain_text:
        return None
    try:
        return decode(path, read_bytes(path))
    except SourceError:
        return None


def suffixes() -> tuple[str, ...]:
    """Return the file suffixes that can be read, for a folder to be searched."""
    return tuple(sorted(READERS))


def _read_plain_text(path: Path, data: bytes, language: str | None) -> list[Article]:
    text = decode(path, data)
    if not any(character.isalnum() for character in text):
        raise SourceError(path, _("The file is empty: it holds no word."))
    found = language_of_text(text)
    chosen = language_of_name(path) or language or found
    if chosen is None:
        raise SourceError(
            path,
            _("The language of the text is not clear; name it, or call the file “%s”.")
            % f"{path.stem}.fr{path.suffix}",
        )
    article = read_text(
        text, source=str(path), language=chosen, translation_key=translation_key(path)
    )
    if found and found != chosen:
        article = article.doubting(
            Doubt(
                "language",
                _("The text reads as “%(found)s” and is taken as “%(chosen)s”.")
                % {"found": found, "chosen": chosen},
            )
        )
    return [article]


READERS: dict[str, Reader] = {".txt": _read_plain_text}
