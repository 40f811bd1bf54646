"""A visitor who follows every link, for tests that look at the whole public site."""

import re
from collections import deque
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import lxml.html
from django.conf import settings
from django.http import HttpResponse
from django.test import Client

#: Where a visitor, a search engine or a curious person begins.
DOORS = (
    "/",
    "/en/",
    "/fr/",
    "/robots.txt",
    "/healthz",
    "/sitemap.xml",
    "/sitemap-news.xml",
    "/.well-known/security.txt",
    "/admin/",
    "/en/search/",
    "/fr/recherche/",
    "/en/news/feed.atom",
    "/en/news/feed.rss",
    "/en/news/feed.json",
    "/en/news/feed.atom?kind=visit",
    "/fr/actualites/feed.atom",
    "/fr/actualites/feed.rss",
    "/fr/actualites/feed.json",
    "/site.webmanifest",
    "/favicon.ico",
    "/en/news/?page=2",
    "/en/news/?page=999",
    "/en/news/?kind=visit",
    "/en/news/?kind=nonsense&year=abc&page=0",
)


@dataclass(frozen=True)
class Seen:
    url: str
    response: HttpResponse
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def everything(self) -> str:
        """Status line, headers and body: all that leaves the house."""
        head = "\n".join(f"{name}: {value}" for name, value in self.response.items())
        return f"{self.response.reason_phrase}\n{head}\n{self.text}"

    @property
    def is_html(self) -> bool:
        return self.response.get("Content-Type", "").startswith("text/html")


def fetch(client: Client, url: str, **headers) -> Seen:
    response = client.get(url, **headers)
    return Seen(url, response, body_of(response))


def body_of(response: HttpResponse) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def crawl(client: Client, more: tuple[str, ...] = (), *, limit: int = 2000) -> dict[str, Seen]:
    """Everything reached from the doors, and from `more`, by links on this host."""
    waiting, seen = deque([*DOORS, *more]), {}
    while waiting:
        url = waiting.popleft()
        if url in seen:
            continue
        seen[url] = found = fetch(client, url)
        if len(seen) > limit:
            raise AssertionError(f"more than {limit} addresses: a link makes new ones without end")
        waiting.extend(link for link in links(found) if link not in seen)
    return seen


def links(seen: Seen) -> list[str]:
    """Local addresses a page names in any attribute (srcset too) and where a redirect leads."""
    found = []
    if location := seen.response.get("Location"):
        found.append(location)
    if seen.is_html and seen.body.strip():
        for element in lxml.html.fromstring(seen.body).iter():
            for name, value in element.attrib.items():
                if name in {"href", "src", "action"}:
                    found.append(value)
                elif name == "content" and value.startswith(settings.SITE_URL):
                    found.append(value)  # Open Graph: the card
                elif name == "srcset":
                    found.extend(part.split()[0] for part in value.split(",") if part.strip())
    elif b"<loc>" in seen.body[:10_000]:  # a sitemap: parts, pages and pictures
        found += re.findall(r"<(?:image:)?loc>([^<]+)<", seen.text)
    local = []
    for link in found:
        parts = urlsplit(urljoin(f"http://testserver{seen.url}", link))
        inside = parts.scheme in {"http", "https"} and parts.hostname in {"testserver", "127.0.0.1"}
        if inside and not parts.path.startswith("/static/"):
            local.append(parts.path + (f"?{parts.query}" if parts.query else ""))
    return local
