"""What a document refers to, so that publishing can check that it exists and may be shown."""

from dataclasses import dataclass

from .canonical import parse
from .tree import Document


@dataclass(frozen=True, slots=True)
class References:
    """Each in the order of the text, and once."""

    images: tuple[int, ...] = ()
    records: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    files: tuple[int, ...] = ()


def references(document: Document | str) -> References:
    if isinstance(document, str):
        document = parse(document)
    images: dict[int, None] = {}
    records: dict[str, None] = {}
    links: dict[str, None] = {}
    files: dict[int, None] = {}
    for element in document.walk():
        for name, value in element.attributes:
            match name:
                case "data-image" | "data-poster":
                    images[int(value)] = None
                case "data-gallery":
                    images.update(dict.fromkeys(map(int, value.split())))
                case "data-record":
                    records[value] = None
                case "data-file":
                    files[int(value)] = None
                case "href":
                    links[value] = None
    return References(tuple(images), tuple(records), tuple(links), tuple(files))
