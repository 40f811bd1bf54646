"""The verbs of the file library: add, replace, save, remove.

A content is written before the row that names it: one without a row costs a few bytes, a row
without one a link that leads nowhere. Contents go after the commit.
"""

from functools import partial
from typing import BinaryIO

from django.core.files.storage import storages
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from imagine_site.files import signals, uses
from imagine_site.files.incoming import Incoming
from imagine_site.files.models import File
from imagine_site.files.verify import FileRefused


class DuplicateFile(FileRefused):
    """The same content is in the library already; `existing` is its entry."""

    def __init__(self, existing: File):
        self.existing = existing
        super().__init__(
            _("This file is already in the library, as “%(title)s”.") % {"title": existing},
            code="duplicate",
        )


def refuse_duplicate(incoming: Incoming, *, of: File | None = None) -> None:
    """Raise `DuplicateFile` where another entry than `of` has this very content."""
    others = File.objects.exclude(pk=of.pk) if of and of.pk else File.objects
    if existing := others.filter(digest=incoming.checked.digest).first():
        raise DuplicateFile(existing)


def receive(file: File, incoming: Incoming) -> None:
    """Give an entry a content, and what it lacks of title and name; not saved.

    Raises `FileRefused` for a file we do not take, `DuplicateFile` for one that is here.
    """
    checked = incoming.checked
    refuse_duplicate(incoming, of=file)
    file.original = incoming.store()
    file.media_type, file.size = checked.format.media_type, checked.size
    file.digest = checked.digest
    file.name = file.name or incoming.name
    if not file.title_en and not file.title_fr:
        file.title_en = file.title_fr = incoming.title


def save(file: File) -> None:
    """Save an entry and announce it; the same content may have come in meanwhile."""
    try:
        with transaction.atomic():
            file.save()
    except IntegrityError:
        if existing := File.objects.filter(digest=file.digest).exclude(pk=file.pk).first():
            raise DuplicateFile(existing) from None
        raise
    announce(file)


def announce(file: File) -> None:
    """Say after the commit that what links say of a file may have changed."""
    transaction.on_commit(partial(signals.changed.send, sender=File, file=file))


def add(upload: BinaryIO | Incoming, *, by=None, **fields) -> File:
    """A new entry; `fields` are the model's (titles, language, accessible, credit).

    Raises `FileRefused`, its subclass `DuplicateFile`, and `ValidationError`.
    """
    incoming = upload if isinstance(upload, Incoming) else Incoming(upload)
    file = File(created_by=by, **fields)
    receive(file, incoming)
    file.full_clean(exclude=["digest"])  # `save` looks at it, and names the other entry
    save(file)
    return file


def replace(file: File, upload: BinaryIO | Incoming) -> None:
    """Put another content in the place of a file's; its address and its links stay."""
    receive(file, upload if isinstance(upload, Incoming) else Incoming(upload))
    save(file)


def remove(file: File) -> None:
    """Delete an entry and, once that is committed, the contents nobody else names.

    Raises `FileInUse` while a text links to it.
    """
    if found := uses.of(file):
        raise uses.FileInUse(found)
    paths = {file.original, *file.history.values_list("original", flat=True)}
    with transaction.atomic():
        file.delete()
        transaction.on_commit(partial(_remove_contents, paths))


def _remove_contents(paths: set[str]) -> None:
    """What another entry holds, or held once, stays."""
    still = set(File.objects.filter(original__in=paths).values_list("original", flat=True))
    here = File.objects.values("pk")
    history = File.history.filter(original__in=paths, id__in=here)
    still |= set(history.values_list("original", flat=True))
    for path in paths - still:
        storages["originals"].delete(path)
