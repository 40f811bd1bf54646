"""From source files to working copies: once, again, and never over a person's work.

A file is known by its address without language and ending (`.../visit` for `visit.en.txt` and
`visit.fr.txt`, two languages of one story) and by the digest of what it said when it was last read.

Files are taken a batch at a time, each in one transaction: of a batch all is there, or nothing.
What comes in together of one story, its languages, is saved together and is one version of it.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, models, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from imagine_site.documents import references
from imagine_site.editing.versions import create_all, in_silence, make_versions
from imagine_site.images.models import DuplicateImage, Image
from imagine_site.mentions.names import Names
from imagine_site.publishing.actions import give_addresses, publish_many
from imagine_site.publishing.findings import NotPublishable
from imagine_site.publishing.models import LANGUAGES
from imagine_site.register import kinds
from imagine_site.register.references import split
from news.importers.article import Article
from news.importers.beside import Beside, Here, reader
from news.importers.labels import caption_key
from news.importers.languages import language_of_name
from news.importers.preparing import Prepared, digest_of, prepare, read_and_prepare
from news.importers.sources import SourceError, plain_text_of, suffixes
from news.models import Kind, Post, PostEdition

NEW, UPDATED, UNCHANGED, KEPT, ERROR = "new", "updated", "unchanged", "kept", "error"

#: Files in one transaction: whoever else wants to write waits half a second at most.
BATCH = 200

#: Batches that are read while one is saved.
AHEAD = 2

#: Beside the pictures given by `--images`: what the library must know of each (see `ImageFolder`).
DESCRIPTIONS = "images.yaml"


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    source: str
    status: str
    error: str = ""
    #: None for a file that could not be read, and for one that need not be: it says what it said.
    article: Article | None = None
    url: str = ""
    notes: tuple[str, ...] = ()
    language: str | None = None
    title: str = ""

    def as_json(self) -> dict[str, Any]:
        """The object that `import_articles --json` prints for it."""
        empty = {
            "language": self.language,
            "title": self.title,
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
        self.reports: dict[str, str] = {}
        self.forget()

    def forget(self) -> None:
        """Which pictures were added: what added them was rolled back."""
        self._ids: dict[str, int | None] = {}

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


@dataclass(frozen=True)
class _Item:
    """A text on its way into a story; `ref` is what the story is known by."""

    path: Path
    ref: str
    source: str
    language: str
    digest: str
    #: None as long as the file need not be read: it says what it said.
    prepared: Prepared | None = None

    @classmethod
    def of(cls, path: Path, ref: str, prepared: Prepared) -> _Item:
        article = prepared.article
        return cls(path, ref, article.source, article.language, prepared.digest, prepared)

    @property
    def article(self) -> Article | None:
        return self.prepared.article if self.prepared else None

    def outcome(self, status: str, error: str = "", **more) -> Outcome:
        return Outcome(self.source, status, error, self.article, **more)


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
        batch = _Reading(self, Here(self.language, self.names), [(path, ref or reference(path))])
        (outcomes,) = self._store(batch)
        return outcomes

    def files(self, paths: Sequence[Path]) -> Iterator[list[Outcome]]:
        """Import many files; yields what became of each, in their order."""
        with reader(len(paths), self.language, self.names) as reads:
            ahead: deque[_Reading] = deque()
            for batch in _batches(paths):
                ahead.append(_Reading(self, reads, batch))
                if len(ahead) > AHEAD:
                    yield from self._store(ahead.popleft())
            while ahead:
                yield from self._store(ahead.popleft())

    def _store(self, batch: _Reading) -> list[list[Outcome]]:
        said: list[list[Outcome]] = []
        waiting: list[tuple[list[Outcome], _Item]] = []
        for path, found in batch.finish():
            said.append([])
            if isinstance(found, SourceError):
                said[-1].append(Outcome(str(path), ERROR, str(found)))
            else:
                waiting += [(said[-1], item) for item in found]
        for together in _without_repetition(waiting):
            outcomes = self._save([item for _outcomes, item in together])
            for (theirs, _item), outcome in zip(together, outcomes, strict=True):
                theirs.append(outcome)
        return said

    def unchanged(self, files: Sequence[tuple[Path, str]]) -> dict[Path, _Item]:
        """Files that say what they said when they were imported: they need not be read again."""
        columns = [f"import_digest_{language}" for language in LANGUAGES]
        known = Post.objects.filter(import_ref__in=[ref for _path, ref in files]).order_by()
        digests = {ref: row for ref, *row in known.values_list("import_ref", *columns)}
        found = {}
        for path, ref in files:
            if ref not in digests or (text := plain_text_of(path)) is None:
                continue
            digest = digest_of(text)
            language = language_of_name(path) or self.language
            for code, own in zip(LANGUAGES, digests[ref], strict=True):
                if own == digest and language in (None, code):
                    found[path] = _Item(path, ref, str(path), code, digest)
        return found

    def _save(self, items: list[_Item]) -> list[Outcome]:
        """In one transaction; where the database refuses that, each story in one of its own."""
        try:
            with transaction.atomic():
                return _Batch(self, items).save()
        except (IntegrityError, DataError) as error:
            if self.images:
                self.images.forget()
            stories = list(dict.fromkeys(item.ref for item in items))
            if len(stories) == 1:
                return [item.outcome(ERROR, str(error)) for item in items]
        said: dict[int, Outcome] = {}
        for ref in stories:
            places = [place for place, item in enumerate(items) if item.ref == ref]
            said |= zip(places, self._save([items[place] for place in places]), strict=True)
        return [said[place] for place in range(len(items))]


class _Reading:
    """A batch of files that is being read; those that say what they said need not be."""

    def __init__(self, run: Import, reads: Here | Beside, files: Sequence[tuple[Path, str]]):
        self._files, self._reads = files, reads
        self._unchanged = {} if run.dry_run else run.unchanged(files)
        self._begun = reads.begin([path for path, _ref in files if path not in self._unchanged])

    def finish(self) -> Iterator[tuple[Path, list[_Item] | SourceError]]:
        read = self._reads.finish(self._begun)
        for path, ref in self._files:
            if path in self._unchanged:
                yield path, [self._unchanged[path]]
                continue
            found = next(read)
            if isinstance(found, SourceError):
                yield path, found
                continue
            refs = [f"{ref}/{number}" for number in range(1, len(found) + 1)]
            yield (
                path,
                [
                    _Item.of(path, own if len(found) > 1 else ref, each)
                    for own, each in zip(refs, found, strict=True)
                ],
            )


class _Refused(Exception):
    """What an article holds cannot be stored."""


class _Batch:
    """Texts that are saved together, none of them twice, and the stories that take them."""

    def __init__(self, run: Import, items: list[_Item]):
        self.run = run
        self.items = items
        self.by_ref: dict[str, Post] = {}
        self.by_digest: dict[tuple[str, str], Post] = {}
        #: What stands in the database: texts that were ever published, and where they are live.
        self.published: set[tuple[int, str]] = set()
        self.urls: dict[tuple[int, str], str] = {}
        #: Stories that take a text, with the files, and whom and what their texts name.
        self.changed: dict[int, Post] = {}
        self.files: dict[int, list[str]] = defaultdict(list)
        self.mentioned: dict[int, set[str]] = defaultdict(set)

    def save(self) -> list[Outcome]:
        self._look_up()
        taken = [self._take(item) for item in self.items]
        if self.run.dry_run:
            return [outcome for _post, outcome in taken]
        wanted = {
            place: (post, self.items[place].language)
            for place, (post, outcome) in enumerate(taken)
            if self._is_to_be_published(post, self.items[place].language, outcome)
        }
        self._store(list(wanted.values()))
        results = dict(zip(wanted, publish_many(wanted.values(), by=self.run.by), strict=True))
        said = []
        for place, (post, outcome) in enumerate(taken):
            result = results.get(place)
            if isinstance(result, NotPublishable):
                error = _("saved, but not published: %(why)s") % {"why": result}
                said.append(replace(outcome, status=ERROR, error=error))
                continue
            if result:
                url = result.get_absolute_url() if result.is_live() else ""
                status = UPDATED if outcome.status == UNCHANGED else outcome.status
                outcome = replace(outcome, status=status, url=url)
            elif post and outcome.status != ERROR:
                url = self.urls.get((post.pk, self.items[place].language), "")
                outcome = replace(outcome, url=url)
            said.append(outcome)
        return said

    # What is there

    def _look_up(self) -> None:
        """The stories that these texts belong to: by their place, else by what they say."""
        posts = Post.objects.order_by("pk")
        if not self.run.dry_run:
            posts = posts.select_for_update()
        same = Q(import_ref__in={item.ref for item in self.items})
        for language in LANGUAGES:
            if digests := {item.digest for item in self.items if item.language == language}:
                same |= Q(**{f"import_digest_{language}__in": digests}, import_ref__isnull=False)
        for post in posts.filter(same):
            self.by_ref[post.import_ref] = post
            for language in LANGUAGES:
                if digest := post.text("import_digest", language):
                    self.by_digest.setdefault((language, digest), post)
        if not self.by_ref:
            return
        editions = PostEdition.objects.filter(story__in=self.by_ref.values()).order_by()
        self.published = set(editions.values_list("story", "language").distinct())
        for edition in editions.live().only("story", "language", "slug"):
            self.urls[edition.story_id, edition.language] = edition.get_absolute_url()

    def _status(self, post: Post | None, item: _Item) -> str:
        if post is None:
            return NEW
        known = post.text("import_digest", item.language)
        if known == item.digest:
            return UNCHANGED
        if not known:
            return KEPT if post.is_written(item.language) and not self.run.force else NEW
        return KEPT if post.edited_since_import and not self.run.force else UPDATED

    # One text after the other

    def _take(self, item: _Item) -> tuple[Post | None, Outcome]:
        if item.prepared and (refusal := item.prepared.refusal):
            return None, item.outcome(ERROR, refusal)
        post = self.by_ref.get(item.ref) or self.by_digest.get((item.language, item.digest))
        status = self._status(post, item)
        if status == UNCHANGED:
            known = {"language": item.language, "title": post.text("title", item.language)}
            return post, item.outcome(status, url=self._url(post, item), **known)
        if status == KEPT or self.run.dry_run:
            return post, item.outcome(status, url=self._url(post, item))
        post = post or Post(import_ref=item.ref, kind=self.run.kind)
        before = dict(post.__dict__)
        try:
            notes = self._fill(post, item)
        except _Refused as refusal:
            post.__dict__.clear()
            post.__dict__.update(before)
            return None, item.outcome(ERROR, str(refusal))
        self.by_ref.setdefault(item.ref, post)
        return post, item.outcome(status, notes=notes)

    def _url(self, post: Post | None, item: _Item) -> str:
        return self.urls.get((post.pk, item.language), "") if post else ""

    def _fill(self, post: Post, item: _Item) -> tuple[str, ...]:
        """Put the article's words into its language of the working copy; not saved."""
        run, language = self.run, item.language
        prepared = item.prepared
        if prepared is None:  # somebody changed the story since the file was found unchanged
            (prepared,) = read_and_prepare(item.path, language, run.names)
        article = prepared.article
        if run.images:
            prepared = self._with_pictures(article)
        if prepared.refusal:
            raise _Refused(prepared.refusal)
        setattr(post, f"title_{language}", article.title)
        setattr(post, f"summary_{language}", article.lede)
        setattr(post, f"body_{language}", prepared.body)
        if prepared.document is not None:
            post.has_read(language, prepared.document)
        setattr(post, f"import_digest_{language}", prepared.digest)
        post.section = article.section if not post.section else post.section
        post.date = article.published or post.date
        post.edited_since_import = False
        if run.by:
            post.edited_by = run.by
        filled = {f"{name}_{language}" for name in ("title", "summary", "body")} | {"section"}
        others = {field.name for field in Post._meta.fields} - filled
        try:
            post.clean_fields(exclude=others)
        except ValidationError as error:
            raise _Refused("; ".join(error.messages)) from error
        pictures = references(post.document(language)).images
        if post.lead_image_id is None and pictures:
            post.lead_image_id = pictures[0]
        self.changed[id(post)] = post
        self.files[id(post)].append(Path(article.source).name)
        self.mentioned[id(post)].update(prepared.mentioned)
        return tuple(run.images.reports.values()) if run.images else ()

    def _with_pictures(self, article: Article) -> Prepared:
        """The article with its pictures, which stay in the library only if it can be stored."""
        images = self.run.images
        try:
            with transaction.atomic():
                found = images.ids(article.captions, add=True)
                prepared = prepare(article, self.run.names, found)
                if prepared.refusal:
                    raise _Refused(prepared.refusal)  # noqa: TRY301 - takes back what was added
                return prepared
        except _Refused:
            images.forget()
            raise

    def _is_to_be_published(self, post: Post | None, language: str, outcome: Outcome) -> bool:
        if not self.run.publish or post is None or outcome.status in (KEPT, ERROR):
            return False
        return outcome.status != UNCHANGED or (post.pk, language) not in self.published

    # All of them together

    def _store(self, to_publish: list[tuple[Post, str]]) -> None:
        """Save the stories that took a text, what they are about, and a version of each."""
        posts = list(self.changed.values())
        if not posts:
            return
        # Publishing would give them, and save each once more.
        give_addresses([(post, code) for post, code in to_publish if id(post) in self.changed])
        about = self._about()
        new = [post for post in posts if post.pk is None]
        there = [post for post in posts if post.pk is not None]
        for post in new:
            nothing = {name: [] for name in Post.COMPANIONS}
            post.companions = nothing | {name: sorted(pks) for name, pks in about[id(post)].items()}
        create_all(new)
        for post in there:
            with in_silence(post):
                post.save()
        for name in Post.RELATIONS:
            relation = Post._meta.get_field(name)
            here, other = relation.m2m_field_name(), relation.m2m_reverse_field_name()
            rows: type[models.Model] = relation.remote_field.through
            pairs = [
                rows(**{f"{here}_id": post.pk, f"{other}_id": pk})
                for post in posts
                for pk in sorted(about[id(post)].get(name, ()))
            ]
            rows.objects.bulk_create(pairs, ignore_conflicts=True)
        for post in posts:
            sources = _("Imported from %(source)s") % {"source": ", ".join(self.files[id(post)])}
            post._change_reason = sources[:100]
        make_versions(posts, by=self.run.by)

    def _about(self) -> dict[int, dict[str, set[int]]]:
        """Whoever the register knows by a name that stands in a text is what it is about."""
        pks: dict[str, set[int]] = defaultdict(set)
        for reference_ in set().union(*self.mentioned.values()):
            kind, pk = split(reference_)
            pks[kind].add(pk)
        there: dict[str, tuple[str, int]] = {}
        for name in Post.RELATIONS:
            model = Post._meta.get_field(name).related_model
            if (wanted := pks.get(model.kind)) and kinds.get(model.kind) is model:
                for pk in model.objects.filter(pk__in=wanted).values_list("pk", flat=True):
                    there[f"{model.kind}:{pk}"] = (name, pk)
        about: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
        for key, mentioned in self.mentioned.items():
            for found in filter(None, map(there.get, mentioned)):
                about[key][found[0]].add(found[1])
        return about


def _batches(paths: Iterable[Path]) -> Iterator[list[tuple[Path, str]]]:
    """Files with what their stories are known by; languages in a row stay together."""
    batch: list[tuple[Path, str]] = []
    for path in paths:
        ref = reference(path)
        if len(batch) >= BATCH and batch[-1][1] != ref:
            yield batch
            batch = []
        batch.append((path, ref))
    if batch:
        yield batch


def _without_repetition(waiting: list[tuple[list[Outcome], _Item]]) -> Iterator[list]:
    """In as few parts as hold no text of a story twice, and no text twice: the second of two is
    judged by what the first has left."""
    part: list[tuple[list[Outcome], _Item]] = []
    seen: set[tuple[str, str]] = set()
    for outcomes, item in waiting:
        marks = {(item.language, item.ref), (item.language, item.digest)}
        if marks & seen:
            yield part
            part, seen = [], set()
        part.append((outcomes, item))
        seen |= marks
    if part:
        yield part


def reference(path: Path) -> str:
    """What a story is known by: the file's place without language and ending, and no longer than
    the column; two folders may each hold a `visit.txt`."""
    resolved = path.resolve()
    key = resolved.name.split(".")[0]
    place = hashlib.sha256(str(resolved.parent / key).encode()).hexdigest()[:16]
    return f"{key[:200]}#{place}"


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
