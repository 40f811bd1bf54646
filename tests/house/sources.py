"""The project's own Python files, as syntax trees."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("imagine_site", "news", "labs", "people")


@cache
def modules(*folders: str) -> list[tuple[Path, ast.Module]]:
    """Every module below these folders (all rooms unless said), migrations left out."""
    paths = [path for folder in folders or ROOMS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [
        (path.relative_to(ROOT), ast.parse(path.read_text("utf-8")))
        for path in paths
        if "migrations" not in path.parts
    ]
