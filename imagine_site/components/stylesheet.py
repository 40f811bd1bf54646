"""One stylesheet a page, out of one file a component, with no build step.

`static/css/site.css` imports its parts in order. A browser that follows `@import` learns of the
parts only after the whole has arrived, a round trip later on a slow line. `collectstatic` therefore
writes the parts into the one file; in development nothing is done and the browser follows them.
"""

import re
from pathlib import PurePosixPath

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: The stylesheets that pages link to; only these are written out.
WHOLE = ("css/site.css",)

_IMPORT = re.compile(
    r"""@import\s+url\(["']?(?P<path>[^"')]+)["']?\)(?:\s+layer\((?P<layer>[\w.-]+)\))?"""
    r"""(?P<media>[^;]*);"""
)
_URL = re.compile(r"""url\(["']?(?!data:|https?:|/|#)(?P<path>[^"')]+)["']?\)""")


def resolved(path: str, base: PurePosixPath) -> str:
    """`../fonts/a.woff2` as seen from `css/components` is `css/fonts/a.woff2`."""
    parts: list[str] = []
    for part in (base / path).parts:
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def flatten(name: str, read) -> str:
    """The stylesheet `name` with everything it imports in its place, each in its layer and medium.

    `read(name)` gives the text of a file below the static root. Addresses stay right because they
    are written anew, relative to the flattened file.
    """
    base = PurePosixPath(name).parent

    def imported(match: re.Match) -> str:
        part = resolved(match["path"], base)
        text = flatten(part, read)
        folder = PurePosixPath(part).parent

        def moved(url: re.Match) -> str:
            up = "../" * len(base.parts)
            return f'url("{up}{resolved(url["path"], folder)}")'

        text = _URL.sub(moved, text)
        if match["layer"]:
            text = f"@layer {match['layer']} {{\n{text}\n}}"
        if medium := match["media"].strip():
            text = f"@media {medium} {{\n{text}\n}}"
        return text

    return _IMPORT.sub(imported, read(name))


class StaticFiles(CompressedManifestStaticFilesStorage):
    """Hashed and compressed as before; the whole stylesheets are flattened first."""

    def post_process(self, paths, dry_run=False, **options):
        if not dry_run:
            for name in WHOLE:
                if name in paths:
                    whole = flatten(name, self._read)
                    self.delete(name)
                    self._save(name, ContentFile(whole.encode()))
                    # Read again from here: the hash must be that of the flattened file.
                    paths[name] = (self, name)
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def _read(self, name: str) -> str:
        with self.open(name) as file:
            return file.read().decode()
