"""A picture on its way in, which an editor has to choose only once.

A browser empties the file field when a form comes back with an error elsewhere. So a picture that
passed is kept, already normalised, in the private storage, and the form carries a signed note of
where it lies. The note is good for one day and for the person who sent the picture.
"""

import secrets
from datetime import timedelta
from functools import cached_property
from pathlib import PurePath

from django.conf import settings
from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.utils import timezone
from django.utils.translation import gettext as _

from imagine_site.images import metadata
from imagine_site.images.metadata import Metadata
from imagine_site.images.normalise import Normalised, normalise, restore
from imagine_site.images.renditions import Made, at_once, every, make_renditions
from imagine_site.images.verify import ImageRefused, read_bytes

KEPT_FOR = timedelta(days=1)
FOLDER = "pending"
_SALT = "imagine_site.images.uploads"


class Upload:
    """The picture of one request: a file just sent, or the note of one sent before.

    Each costly step is done once, however often the form is validated.
    """

    def __init__(self, *, file=None, note: str = "", by=None):
        self.file = file
        self.by = by
        self._note = self._read(note) if note and not file else None
        self._made: dict[tuple[float, float], Made] = {}

    def __bool__(self) -> bool:
        return bool(self.file or self._note)

    @property
    def name(self) -> str:
        """The name of the file without its ending, as a first name for the picture."""
        name = self.file.name if self.file else (self._note or {}).get("name", "")
        return PurePath(name or "").stem[:200]

    @cached_property
    def normalised(self) -> Normalised:
        """The picture itself. Raises `ImageRefused`."""
        if self.file:
            return normalise(self.file)
        try:
            with storages["originals"].open(self._note["path"]) as file:
                return restore(file.read())
        except FileNotFoundError as error:
            raise ImageRefused(
                _("The picture was not kept long enough. Please choose it again."), code="gone"
            ) from error

    @cached_property
    def said(self) -> Metadata:
        """What the file says of itself, for a picture that passed: proposals, no more."""
        if self.file:
            return metadata.read(read_bytes(self.file))
        return Metadata.from_json((self._note or {}).get("said", {}))

    def renditions(self, focal: tuple[float, float]) -> Made:
        """Those the editor waits for; all of them where nothing is made later."""
        if focal not in self._made:
            self._made[focal] = make_renditions(
                self.normalised.data,
                focal=focal,
                only=at_once if settings.RENDITION_THREADS else every,
            )
        return self._made[focal]

    @cached_property
    def note(self) -> str:
        """Keep the picture until the form is complete, and say where, in a form to hand out."""
        if self._note is None:
            _sweep()
            path = f"{FOLDER}/{secrets.token_hex(16)}.{self.normalised.extension}"
            storages["originals"].save(path, ContentFile(self.normalised.data))
            self._note = {
                "path": path,
                "name": self.file.name,
                "by": self.by and self.by.pk,
                "said": self.said.as_json(),
            }
        return signing.dumps(self._note, salt=_SALT)

    def settled(self) -> None:
        """The picture is in the library: what was kept for the form can go."""
        if self._note is not None:
            storages["originals"].delete(self._note["path"])

    def _read(self, note: str) -> dict | None:
        try:
            kept = signing.loads(note, salt=_SALT, max_age=KEPT_FOR)
        except signing.BadSignature:
            return None
        return kept if kept["by"] == (self.by and self.by.pk) else None


def _sweep() -> None:
    """Remove what was kept for forms nobody came back to; done whenever something is kept."""
    storage = storages["originals"]
    try:
        _folders, names = storage.listdir(FOLDER)
    except FileNotFoundError:
        return
    for name in names:
        path = f"{FOLDER}/{name}"
        try:
            if storage.get_modified_time(path) < timezone.now() - KEPT_FOR:
                storage.delete(path)
        except FileNotFoundError:
            continue  # Another process swept it.
