"""The project's own Python files, as syntax trees."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("imagine_site", "news", "labs", "people")


def modules(*folders: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every module below these folders (all rooms unless said), migrations left out."""
    for folder in folders or ROOMS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))
