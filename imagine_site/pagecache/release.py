"""Which code, texts and files a page was made with: two releases never share one."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage

_SUFFIXES = (".py", ".html", ".mo", ".txt", ".xml")
_NOT = {".venv", "tests", "node_modules", "var", "build"}


def release() -> str:
    """A digest of all code, templates, translations and static files' addresses, and of the
    settings that are written into pages; the same on two machines that run the same release."""
    digest = hashlib.sha256()
    for name in ("SITE_URL", "STATIC_URL", "MEDIA_URL", "TIME_ZONE"):
        digest.update(f"{name}={getattr(settings, name)}\n".encode())
    digest.update(str(getattr(staticfiles_storage, "manifest_hash", "")).encode())
    for path in sorted(_files(settings.BASE_DIR)):
        digest.update(str(path.relative_to(settings.BASE_DIR)).encode() + b"\0")
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _files(folder: Path) -> list[Path]:
    found = []
    for path in folder.iterdir():
        if path.name.startswith(".") or path.name in _NOT:
            continue
        if path.is_dir():
            found += _files(path)
        elif path.suffix in _SUFFIXES:
            found.append(path)
    return found
