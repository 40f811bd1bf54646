"""A file on its way in: checked once in a request, and stored before the database is locked."""

from functools import cached_property
from typing import BinaryIO

from django.core.files.base import File as OpenFile
from django.core.files.storage import storages

from imagine_site.files import naming
from imagine_site.files.verify import Checked, FileRefused, check

FOLDER = "files"


class Incoming:
    """An upload (or any binary file) with the name its sender gives it."""

    def __init__(self, file: BinaryIO, name: str = ""):
        self.file = file
        self.sent_name = name or getattr(file, "name", "") or ""
        self._stored = False

    @cached_property
    def _checked(self) -> Checked | FileRefused:
        try:
            return check(self.file, self.sent_name)
        except FileRefused as refused:
            return refused

    @property
    def checked(self) -> Checked:
        """What it is. Raises `FileRefused`, each time it is asked."""
        if isinstance(self._checked, FileRefused):
            raise self._checked
        return self._checked

    @property
    def title(self) -> str:
        return naming.title_from(self.sent_name) or self.checked.format.name

    @property
    def name(self) -> str:
        return naming.address_from(self.sent_name)

    @property
    def path(self) -> str:
        """Where its content lies: known by what it is, never by what it is called."""
        digest = self.checked.digest
        return f"{FOLDER}/{digest[:2]}/{digest}.{self.checked.format.ending}"

    def store(self) -> str:
        """Write the content, unless it is there; returns its path."""
        originals = storages["originals"]
        if not self._stored and not originals.exists(self.path):
            self.file.seek(0)
            originals.save(self.path, OpenFile(self.file))
        self._stored = True
        return self.path
