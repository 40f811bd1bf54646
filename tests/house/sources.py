"""The project's own Python files, as syntax trees."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("imagine_site", "news", "labs", "people")


def paths(*folders: str) -> list[Path]:
    """Of every module below these folders (all rooms unless said), migrations left out."""
    found = [path for folder in folders or ROOMS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path.relative_to(ROOT) for path in found if "migrations" not in path.parts]


@cache
def modules(*folders: str) -> list[tuple[Path, ast.Module]]:
    """The same, read."""
    return [(path, ast.parse((ROOT / path).read_text("utf-8"))) for path in paths(*folders)]
