"""A library, a register and a shelf of files in a dictionary each."""

from dataclasses import dataclass, field
from html import escape


@dataclass(frozen=True)
class FakeImage:
    alt: str = "A hall"
    credit: str = "Jane Doe"
    width: int = 1600
    height: int = 900

    def url(self, *, at_least: int) -> str:
        return f"/media/r/{at_least}.jpg"

    def picture(self, *, alt: str, sizes: str) -> str:
        return f'<picture><img src="/media/r/x.jpg" alt="{escape(alt)}" sizes="{sizes}"></picture>'


@dataclass(frozen=True)
class FakeRecord:
    label: str
    url: str


@dataclass(frozen=True)
class FakeFile:
    label: str
    url: str
    size: str = ""
    language: str = ""


@dataclass
class FakeResolver:
    images: dict = field(default_factory=dict)
    records: dict = field(default_factory=dict)
    files: dict = field(default_factory=dict)

    def image(self, pk):
        return self.images.get(pk)

    def record(self, reference):
        return self.records.get(reference)

    def file(self, pk):
        return self.files.get(pk)


class GenerousResolver:
    """Finds whatever is asked for, so that nothing of a random document is left out."""

    def image(self, pk):
        return FakeImage(credit="<b>Jane</b> & Co")

    def record(self, reference):
        return FakeRecord(reference, "/en/people/x/")

    def file(self, pk):
        return FakeFile("report", f"/files/{pk}/", "PDF, 1 MB")
