"""From an article to what its story will hold: everything that can be said without the database.

It is most of the work of an import, and pure: the same article and the same names give the same
result, in whichever process.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from imagine_site.documents import Document, DocumentError, parse, plain_text, words
from imagine_site.mentions.names import Names
from news.importers.article import Article
from news.importers.sources import read


@dataclass(frozen=True)
class Prepared:
    """An article, its body as it will be stored, and the records of the register it names.

    Or `refusal`: why it cannot be stored. `digest` is what an unchanged file is known by.
    """

    article: Article
    digest: str
    body: str = ""
    #: The body, read: publishing needs it. None where another process has read it.
    document: Document | None = field(default=None, repr=False)
    mentioned: tuple[str, ...] = ()
    refusal: str = ""

    def __getstate__(self) -> dict[str, Any]:
        # To send a document takes as long as to read it again.
        return vars(self) | {"document": None}


def read_and_prepare(path: Path, language: str | None, names: Names) -> list[Prepared]:
    """Every article of a file; `SourceError` says why there are none."""
    return [prepare(article, names) for article in read(path, language=language)]


def prepare(article: Article, names: Names, images: Mapping[str, int] | None = None) -> Prepared:
    """`images` leads from a caption to a picture of the library."""
    digest = digest_of(article.raw)
    lost = [*article.words_lost, *article.words_added]
    if lost:
        return Prepared(article, digest, refusal=_words_are_lost(lost))
    if not article.title:
        refusal = _("no title was found, nothing was saved")
        return Prepared(article, digest, refusal=refusal)
    attributions = {quote.attribution for quote in article.quotes if quote.attribution}
    speakers = {name: found for name in attributions if (found := names.find(name))}
    try:
        body = article.to_html(images, speakers)
        document = parse(body)
        text = plain_text(document)
        check_words(article, text)
    except DocumentError as error:
        refusal = _("The text is too long or too deep for an article: %s") % error
        return Prepared(article, digest, refusal=refusal)
    except ValidationError as error:
        return Prepared(article, digest, refusal="; ".join(error.messages))
    mentions = names.recognise("\n".join([article.title, article.lede, text]))
    mentioned = tuple(sorted({mention.reference for mention in mentions}))
    return Prepared(article, digest, body, document, mentioned)


def check_words(article: Article, text: str) -> None:
    """Count once more, in the document that will be stored: every word of the article is there.

    Raises `ValidationError` that names the words that are not.
    """
    stored = Counter(words(text))
    if stored.items() == article.document_words.items():  # nearly always, and soon seen
        return
    if lost := article.document_words - stored:
        raise ValidationError(_words_are_lost(sorted(lost.elements())))


def _words_are_lost(lost: list[str]) -> str:
    return _("words do not add up, nothing was saved: %(words)s") % {"words": ", ".join(lost[:20])}


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
