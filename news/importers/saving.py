"""From a source file to a working copy: once, again, and never over a person's work.

A file is known by its address without language and ending (`.../visit` for `visit.en.txt` and
`visit.fr.txt`, two languages of one story) and by the digest of what it said when it was last read.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from imagine_site.documents import DocumentError, plain_text, references, words
from imagine_site.images.models import DuplicateImage, Image
from imagine_site.mentions.names import Names
from imagine_site.publishing.actions import publish
from imagine_site.publishing.findings import NotPublishable
from imagine_site.register.references import records
from news.importers.article import Article
from news.importers.labels import caption_key
from news.importers.sources import SourceError, read, suffixes
from news.models import Kind, Post

NEW, UPDATED, UNCHANGED, KEPT, ERROR = "new", "updated", "unchanged", "kept", "error"

#: Beside the pictures given by `--images`: what the library must know of each (see `ImageFolder`).
DESCRIPTIONS = "images.yaml"


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    source: str
    status: str
    error: str = ""
    article: Article | None = None
    url: str = ""
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The object that `import_articles --json` prints for it."""
        empty = {
            "language": None,
            "title": "",
            "published": None,
            "section": "",
            "summary": "",
            "headings": [],
            "quotes": [],
            "captions": [],
            "footnotes": [],
            "words_in": 0,
            "words_out": 0,
            "remainder": [],
            "warnings": [],
        }
        read_from_it = self.article.as_json() if self.article else empty
        warnings = [*read_from_it["warnings"], *self.notes]
        return {
            "source": self.source,
            "status": self.status,
            "error": self.error,
            **read_from_it,
            "warnings": warnings,
            "url": self.url,
        }


class ImageFolder:
    """Pictures on disk, found by caption; `images.yaml` beside them says what each of them is.

    The library takes no picture without a credit and a description, and neither can be guessed:

        arrivee-emacron.jpg:
          credit: Laurent Attias / Institut Imagine
          alt_en: The President greets two researchers in the hall.
          alt_fr: Le président salue deux chercheuses dans le hall.

    or `decorative: true` in place of the descriptions; `caption:` where the file is not named like
    the caption; also `licence`, `rights_until`, `title`. A picture without an entry is reported
    and its caption stays as text.
    """

    ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".avif"}

    def __init__(self, folder: Path):
        if not folder.is_dir():
            raise SourceError(folder, _("is no folder of pictures"))
        self.folder = folder
        self._ids: dict[str, int | None] = {}
        self.reports: dict[str, str] = {}

    @cached_property
    def described(self) -> Mapping[str, dict[str, Any]]:
        path = self.folder / DESCRIPTIONS
        if not path.exists():
            return {}
        try:
            described = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise SourceError(path, _("cannot be read: %(error)s") % {"error": error}) from error
        if not isinstance(described, dict) or not all(
            isinstance(entry, dict) for entry in described.values()
        ):
            raise SourceError(path, _("must say for each file name what the picture is"))
        return described

    @cached_property
    def _files(self) -> dict[str, Path]:
        files = {}
        for path in sorted(self.folder.iterdir()):
            if path.suffix.lower() in self.ENDINGS and path.is_file():
                entry = self.described.get(path.name, {})
                files[caption_key(str(entry.get("caption") or path.stem))] = path
        return files

    def ids(self, captions: tuple[str, ...], *, add: bool) -> dict[str, int]:
        """Caption to library entry, for those captions that name a picture of the folder.

        With `add`, pictures that are not in the library yet are added to it.
        """
        found = {}
        for caption in captions:
            key = caption_key(caption)
            if (path := self._files.get(key)) is None:
                continue
            if add and key not in self._ids:
                self._ids[key] = self._add(path)
            if (pk := self._ids.get(key)) is not None:
                found[caption] = pk
        return found

    def _add(self, path: Path) -> int | None:
        entry = dict(self.described.get(path.name, {}))
        entry.pop("caption", None)
        if not entry:
            self.reports[path.name] = _(
                "Picture %(name)s: not imported, %(file)s says neither whom it is by "
                "nor what it shows."
            ) % {"name": path.name, "file": DESCRIPTIONS}
            return None
        try:
            with path.open("rb") as file:
                return Image.add(file, **{"title": path.stem, "credit": "", **entry}).pk
        except DuplicateImage as known:
            return known.existing.pk
        except (ValidationError, TypeError) as error:
            reason = "; ".join(error.messages) if isinstance(error, ValidationError) else error
            self.reports[path.name] = _("Picture %(name)s: not imported. %(reason)s") % {
                "name": path.name,
                "reason": reason,
            }
            return None


@dataclass
class Import:
    """One run over one or many files, with what they share: names, pictures, choices."""

    language: str | None = None
    kind: str = Kind.NEWS
    publish: bool = False
    force: bool = False
    dry_run: bool = False
    images: ImageFolder | None = None
    by: AbstractBaseUser | None = None
    names: Names = field(default_factory=Names.load)

    def file(self, path: Path, *, ref: str | None = None) -> list[Outcome]:
        """Import one file; its articles are saved whole or not at all, and errors are outcomes."""
        try:
            articles = read(path, language=self.language)
        except SourceError as error:
            return [Outcome(str(path), ERROR, str(error))]
        base = ref or reference(path)
        several = len(articles) > 1
        return [
            self._article(article, f"{base}/{number}" if several else base)
            for number, article in enumerate(articles, 1)
        ]

    def _article(self, article: Article, ref: str) -> Outcome:
        source = article.source
        lost = [*article.words_lost, *article.words_added]
        if lost:
            return Outcome(
                source,
                ERROR,
                _("words do not add up, nothing was saved: %(words)s")
                % {"words": ", ".join(lost[:20])},
                article,
            )
        if not article.title:
            return Outcome(source, ERROR, _("no title was found, nothing was saved"), article)
        try:
            with transaction.atomic():
                return self._save(article, ref)
        except DocumentError as error:
            return Outcome(source, ERROR, str(error), article)
        except ValidationError as error:
            return Outcome(source, ERROR, "; ".join(error.messages), article)

    def _save(self, article: Article, ref: str) -> Outcome:
        language, digest = article.language, digest_of(article)
        post = (
            Post.objects.select_for_update().filter(import_ref=ref).first()
            or Post.objects.filter(**{f"import_digests__{language}": digest})
            .exclude(import_ref=None)
            .first()
        )
        status = self._status(post, language, digest)
        if self.dry_run:
            return Outcome(article.source, status, "", article, url_of(post, language))
        if post is None:
            post = Post(import_ref=ref, kind=self.kind)
        notes: tuple[str, ...] = ()
        if status in (NEW, UPDATED):
            notes = self._fill(post, article, digest)
        outcome = Outcome(article.source, status, "", article, "", notes)
        never_published = not post.editions.in_language(language).exists()
        if self.publish and status != KEPT and (status != UNCHANGED or never_published):
            try:
                publish(post, language=language, by=self.by)
            except NotPublishable as refusal:
                error = _("saved, but not published: %(why)s") % {"why": refusal}
                return replace(outcome, status=ERROR, error=error)
            if status == UNCHANGED:
                outcome = replace(outcome, status=UPDATED)
        return replace(outcome, url=url_of(post, language))

    def _status(self, post: Post | None, language: str, digest: str) -> str:
        if post is None:
            return NEW
        known = post.import_digests.get(language)
        if known == digest:
            return UNCHANGED
        if known is None:
            return KEPT if post.is_written(language) and not self.force else NEW
        return KEPT if post.edited_since_import and not self.force else UPDATED

    def _fill(self, post: Post, article: Article, digest: str) -> tuple[str, ...]:
        """Put the article's words into its language of the working copy and save that."""
        language = article.language
        images = self.images.ids(article.captions, add=True) if self.images else {}
        attributions = {quote.attribution for quote in article.quotes if quote.attribution}
        speakers = {name: found for name in attributions if (found := self.names.find(name))}
        body = article.to_html(images, speakers)
        check_words(article, body)

        setattr(post, f"title_{language}", article.title)
        setattr(post, f"summary_{language}", article.lede)
        setattr(post, f"body_{language}", body)
        post.section = article.section if not post.section else post.section
        post.date = article.published or post.date
        post.import_digests = {**post.import_digests, language: digest}
        post.edited_since_import = False
        if self.by:
            post.edited_by = self.by
        if post.lead_image_id is None and (pictures := references(body).images):
            post.lead_image_id = pictures[0]
        post._change_reason = _("Imported from %(source)s") % {"source": Path(article.source).name}
        post.full_clean(exclude=["lead_image", "edited_by"], validate_constraints=False)
        post.save()
        self._relate(post, article)
        if not self.images:
            return ()
        return tuple(self.images.reports.values())

    def _relate(self, post: Post, article: Article) -> None:
        """Whoever the register knows by a name that stands in the text is what it is about."""
        text = "\n".join(
            [article.title, article.lede, plain_text(post.text("body", article.language))]
        )
        mentioned = {mention.reference for mention in self.names.recognise(text)}
        for record in records(sorted(mentioned)).values():
            for name in Post.RELATIONS:
                if isinstance(record, Post._meta.get_field(name).related_model):
                    getattr(post, name).add(record)


def check_words(article: Article, body: str) -> None:
    """Count once more, in the document that will be stored: every word of the article is there.

    Raises `ValidationError` that names the words that are not.
    """
    lost = article.document_words - Counter(words(plain_text(body)))
    if lost:
        raise ValidationError(
            _("words do not add up, nothing was saved: %(words)s")
            % {"words": ", ".join(sorted(lost.elements())[:20])}
        )


def reference(path: Path) -> str:
    """What a story is known by: the file's place without language and ending, and no longer than
    the column; two folders may each hold a `visit.txt`."""
    resolved = path.resolve()
    key = resolved.name.split(".")[0]
    place = hashlib.sha256(str(resolved.parent / key).encode()).hexdigest()[:16]
    return f"{key[:200]}#{place}"


def digest_of(article: Article) -> str:
    return hashlib.sha256(article.raw.encode()).hexdigest()


def url_of(post: Post | None, language: str) -> str:
    """Where visitors find it in a language, or "" while it is not public."""
    if post is None or post.pk is None:
        return ""
    live = post.editions.in_language(language).live().first()
    return live.get_absolute_url() if live else ""


def files_in(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those with a known ending inside the folders named, in order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                inside
                for inside in path.rglob("*")
                if inside.is_file() and inside.suffix.lower() in suffixes()
            )
        else:
            yield path
