"""Which locked or installed versions lie below the floors that are kept by hand.

Run as a program it says how old the last look at the floors is. That is no test: a date would
make the suite fail one day although nothing in the project had changed.
"""

import datetime
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.version import Version

PATH = Path(__file__).with_name("floors.toml")
REVIEW_EVERY = datetime.timedelta(days=30)


@dataclass(frozen=True)
class Floors:
    reviewed: datetime.date
    versions: dict[str, Version]

    @classmethod
    def read(cls, path: Path = PATH) -> "Floors":
        table = tomllib.loads(path.read_text("utf-8"))
        return cls(
            table["reviewed"],
            {name: Version(floor["version"]) for name, floor in table["floors"].items()},
        )

    def below(self, versions: Mapping[str, str]) -> list[str]:
        """What is too old, or missing, among these; one sentence each."""
        found = []
        for name, floor in self.versions.items():
            if name not in versions:
                found.append(f"{name} is missing (at least {floor} is wanted)")
            elif Version(versions[name]) < floor:
                found.append(f"{name} {versions[name]} is below {floor}")
        return found

    def age(self, *, on: datetime.date) -> datetime.timedelta:
        return on - self.reviewed


def locked(path: Path) -> dict[str, str]:
    """The versions a lock file pins."""
    pins = re.findall(r"^([a-z0-9-]+)==([^\s;\\]+)", path.read_text("utf-8"), re.MULTILINE)
    return dict(pins)


if __name__ == "__main__":
    age = Floors.read().age(on=datetime.datetime.now(datetime.UTC).date())
    print(f"Dependency floors were last reviewed {age.days} days ago.")
    if age > REVIEW_EVERY:
        print("Review them: tests/house/floors.toml says how.")
