"""The plan of the house, held against its imports (docs/architecture.md)."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

from tests.house.sources import ROOMS, ROOT, modules, paths

VAGUE = {"utils", "util", "common", "core", "helpers", "helper", "services", "misc", "lib"}


def _lint_imports(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess:
    command = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [command, "--no-cache", "--no-logo", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )


def test_imports_point_down_the_house_only():
    run = _lint_imports()
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_contract_can_be_broken(tmp_path):
    """A layer that looks up is noticed, so that the green above means something."""
    for name, line in (("upstairs", ""), ("downstairs", "import upstairs\n")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(line)
    (tmp_path / "pyproject.toml").write_text(
        '[tool.importlinter]\nroot_packages = ["upstairs", "downstairs"]\n'
        '[[tool.importlinter.contracts]]\nname = "x"\ntype = "layers"\n'
        'layers = ["upstairs", "downstairs"]\n'
    )
    run = _lint_imports(cwd=tmp_path)
    assert run.returncode == 1
    assert "downstairs is not allowed to import upstairs" in run.stdout


def test_every_room_has_its_floor():
    """A new package that the contract does not name would stand outside the plan."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (rooms,) = (c for c in contracts["contracts"] if c["id"] == "rooms")
    named = {name.strip(" ()") for layer in rooms["layers"] for name in layer.split("|")}
    packages = {
        f"imagine_site.{path.name}"
        for path in (ROOT / "imagine_site").iterdir()
        if (path / "__init__.py").exists()
    } | (set(ROOMS) - {"imagine_site"})
    assert packages <= named


def test_the_package_of_the_machinery_stays_empty():
    """Importing `imagine_site.publishing` executes it: one line there would close a circle."""
    assert (ROOT / "imagine_site" / "__init__.py").read_text("utf-8").strip() == ""


def test_no_import_hides_inside_a_function():
    """Only where Django wants it: `ready()` and what it calls in `apps.py`."""
    hidden = {
        f"{path}:{node.lineno}"
        for path, tree in modules()
        if path.name != "apps.py"
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert hidden == set()


def test_every_module_is_named_after_what_it_does():
    everywhere = (*paths(), *paths("tests"))
    vague = [str(path) for path in everywhere if {path.stem, *path.parent.parts} & VAGUE]
    assert vague == []


def test_every_module_says_why_it_exists():
    """Wiring that Django names (apps, urls, commands' packages) explains itself."""
    silent = [
        str(path)
        for path, tree in modules()
        if tree.body
        and path.name not in {"__init__.py", "apps.py", "urls.py", "admin.py"}
        and not ast.get_docstring(tree)
    ]
    assert silent == []
