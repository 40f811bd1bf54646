"""The audit installs what it says and nothing else, from wherever the machine gets its packages."""

import json
import re

from django.conf import settings

AUDIT = settings.BASE_DIR / "audit"


def test_the_lock_holds_versions_and_digests_and_no_addresses():
    text = (AUDIT / "package-lock.json").read_text("utf-8")
    assert "://" not in text
    packages = {name: each for name, each in json.loads(text)["packages"].items() if name}
    assert len(packages) > 100
    for name, each in packages.items():
        assert each["integrity"].startswith("sha512-"), name
        assert "resolved" not in each, name


def test_each_tool_is_pinned():
    wanted = json.loads((AUDIT / "package.json").read_text("utf-8"))["dependencies"]
    loose = {name: version for name, version in wanted.items() if not version[0].isdigit()}
    assert loose == {}


def test_no_package_runs_a_script_when_it_is_installed():
    assert "ignore-scripts=true" in (AUDIT / ".npmrc").read_text("utf-8")
    makefile = (settings.BASE_DIR / "Makefile").read_text("utf-8")
    installs = re.findall(r"npm (?:ci|install).*", makefile)
    assert installs
    assert all("--ignore-scripts" in line for line in installs)


def test_it_finds_the_checks_that_the_documents_name():
    source = (AUDIT / "run.py").read_text("utf-8")
    for name in ("axe", "ibm", "nu", "html-validate", "keyboard", "lighthouse", "links"):
        assert f'    "{name}": "' in source, name
