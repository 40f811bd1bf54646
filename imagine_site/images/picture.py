"""The value behind a `<picture>` element: three formats, every width, and always a size.

Width and height are always written, so that the page does not jump when the picture arrives
(Cumulative Layout Shift); the order is that of preference, because a browser takes the first
source it can read (HTML Standard §4.8.4.3).
"""

from dataclasses import dataclass
from html import escape

MEDIA_TYPES = {"avif": "image/avif", "webp": "image/webp", "jpg": "image/jpeg"}


@dataclass(frozen=True)
class Source:
    """One format; `candidates` are pairs of address and width in pixels."""

    format: str
    candidates: tuple[tuple[str, int], ...]

    def srcset(self) -> str:
        return ", ".join(f"{url} {width}w" for url, width in self.candidates)


@dataclass(frozen=True)
class Picture:
    sources: tuple[Source, ...]
    src: str
    width: int
    height: int
    alt: str
    sizes: str = "100vw"
    loading: str = "lazy"
    css_class: str = ""

    def html(self) -> str:
        """Mark-up with every attribute escaped. JPEG is the `<img>` itself, the others sources."""
        sources = "".join(
            _tag(
                "source",
                type=MEDIA_TYPES[source.format],
                srcset=source.srcset(),
                sizes=self.sizes,
            )
            for source in self.sources
            if source.format != "jpg" and source.candidates
        )
        fallback = next((s.srcset() for s in self.sources if s.format == "jpg"), "")
        eager = self.loading == "eager"
        img = _tag(
            "img",
            src=self.src,
            srcset=fallback,
            sizes=self.sizes if fallback else "",
            width=self.width,
            height=self.height,
            alt=self.alt,
            loading="eager" if eager else "lazy",
            decoding="async",
            fetchpriority="high" if eager else "",
        )
        opening = f'<picture class="{escape(self.css_class)}">' if self.css_class else "<picture>"
        return f"{opening}{sources}{img}</picture>"


def _tag(name: str, **attributes: object) -> str:
    """An empty element; an empty attribute is left out, except `alt`, where empty says a lot."""
    written = "".join(
        f' {key}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value != "" or key == "alt"
    )
    return f"<{name}{written}>"
