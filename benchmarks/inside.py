"""What is measured within a process of the site: `python -m benchmarks.inside WHAT`, a JSON object
a line. Begun by `make bench`, with the variables of its private site.

    static       name and collect the static files, without compressing them
    addresses    which pages to drive, and thousands of others
    cold         pages as made for each visitor (PAGE_CACHE_MB=0)
    rebuild      pages as made once after each publication
    admin        the forms of the admin
    growth       what should cost the same however much there is (PAGE_CACHE_MB=0)
    editor       publish every second, by the real verb, and say when
"""

from __future__ import annotations

import argparse
import datetime
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import lxml.etree
import lxml.html

# Sets Django up; what follows needs it.
from imagine_site.wsgi import application  # isort: skip

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F
from django.db.models.functions import Abs, Length
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from imagine_site.components.head import address
from imagine_site.pagecache.models import Generation
from imagine_site.pagecache.watching import LOOK_EVERY
from imagine_site.publishing.actions import publish
from imagine_site.search.models import SearchEntry, SearchWord
from labs.models import Laboratory, StartUp
from news.filters import NewsFilter
from news.models import Kind, Post, PostEdition
from people.models import Researcher

LANGUAGE = "en"
#: The page of the list that stands for all deep ones, or the last, where there are fewer.
DEEP = 50
HOST = "127.0.0.1"


def tell(**said: object) -> None:
    print(json.dumps(said), flush=True)


@dataclass(slots=True)
class Cost:
    """Of one piece of work: milliseconds by the clock and of this process's CPU, and queries."""

    ms: float
    cpu_ms: float
    queries: int


def cost_of(work: Callable[[], object]) -> Cost:
    queries = 0

    def count(execute, sql, params, many, context):
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return Cost(wall * 1000, cpu * 1000, queries)


def answer_to(where: str) -> tuple[str, bytes]:
    """Status line and body, by the whole application as a server calls it."""
    path, _mark, query = where.partition("?")
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": HOST,
        "SERVER_PORT": "8000",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": HOST,
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "REMOTE_ADDR": HOST,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    said: list[str] = []
    answer = application(environ, lambda status, headers, exc_info=None: said.append(status))
    body = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return said[0], body


def answered(where: str) -> bytes:
    status, body = answer_to(where)
    if not status.startswith("200"):
        raise RuntimeError(f"{where}: {status}")
    return body


# -- Which pages -----------------------------------------------------------------------------------


def longest_article() -> PostEdition:
    """The one with most to send: whatever it reaches, others reach."""
    editions = PostEdition.objects.live().in_language(LANGUAGE)
    return editions.annotate(long=Length("html")).order_by("-long", "-pk")[0]


def deep_page() -> str:
    """Address of the list's fiftieth page, or of its last that is full."""
    where = address("news:list", language=LANGUAGE)
    per_page = len(lxml.html.fromstring(answered(where)).xpath("//main//article"))
    articles = PostEdition.objects.live().in_language(LANGUAGE).count()
    last = articles // per_page if per_page else 1  # with as many articles as the first
    return f"{where}?page={max(2, min(DEEP, last))}"


def words(article: PostEdition) -> tuple[str, str]:
    """A word in many texts, and two that stand together in one."""
    text = article.text.split()
    long = [word.strip(".,;:“”«»") for word in text if len(word) > 6 and word.isalpha()]
    return max(set(long), key=long.count), f"{long[0]} {long[1]}"


def pages() -> Iterator[tuple[str, str]]:
    """Kind and address of what is measured page by page."""
    found = PostEdition.objects.live().in_language(LANGUAGE)
    laboratory = Laboratory.objects.public().annotate(n=Count("posteditions"))
    person = Researcher.objects.public().annotate(n=Count("posteditions"))
    one, two = words(longest_article())
    search = address("search:search", language=LANGUAGE)
    yield "article", longest_article().get_absolute_url()
    if visit := found.filter(kind=Kind.VISIT).order_by("-date").first():
        yield "visit", visit.get_absolute_url()
    yield "home", address("home:home", language=LANGUAGE)
    yield "list, page 1", address("news:list", language=LANGUAGE)
    yield "list, deep page", deep_page()
    yield "laboratory", laboratory.order_by("-n", "pk")[0].get_absolute_url()
    yield "person", person.order_by("-n", "pk")[0].get_absolute_url()
    yield "search, one word", f"{search}?q={one}"
    yield "search, two words", f"{search}?q={two.replace(' ', '+')}"


def many_addresses() -> Iterator[str]:
    """Of different pages that may all be kept."""
    for edition in PostEdition.objects.live().only("slug", "language").iterator():
        yield edition.get_absolute_url()
    for language, _name in settings.LANGUAGES:
        for model, name in (
            (Laboratory, "labs:laboratory"),
            (Researcher, "people:person"),
            (StartUp, "labs:startup"),
        ):
            column = f"slug_{language}" if hasattr(model, f"slug_{language}") else "slug"
            for slug in model.objects.public().values_list(column, flat=True):
                yield address(name, slug, language=language)
        for slug in Researcher.objects.public().values_list("slug", flat=True):
            yield address("news:list", language=language) + NewsFilter(person=slug).query
        for kind in Kind.values:
            for year in range(1995, 2030):
                asked = NewsFilter(kind=kind, year=year)
                yield address("news:list", language=language) + asked.query


def tell_addresses(_rounds: int) -> None:
    article = longest_article()
    tell(
        article=article.get_absolute_url(),
        list=address("news:list", language=LANGUAGE),
        post=article.story_id,
        articles=PostEdition.objects.live().in_language(LANGUAGE).count(),
        many=list(dict.fromkeys(many_addresses())),
    )


# -- What they cost --------------------------------------------------------------------------------


def measure_cold(rounds: int) -> None:
    """Each page once a round, so that what disturbs the machine disturbs all of them."""
    if settings.PAGE_CACHE_BYTES:
        raise RuntimeError("the page cache is on: PAGE_CACHE_MB=0 is asked for")
    asked = dict(pages())
    for where in asked.values():
        for _warm_up in range(3):
            answered(where)
    for _round in range(rounds):
        for kind, where in asked.items():
            cost = cost_of(lambda where=where: answered(where))
            tell(page=kind, ms=cost.ms, cpu_ms=cost.cpu_ms, queries=cost.queries)


def measure_rebuild(rounds: int) -> None:
    """The whole way of a page that was dropped: made, compressed, kept."""
    if not settings.PAGE_CACHE_BYTES:
        raise RuntimeError("the page cache is off")
    asked = {kind: where for kind, where in pages() if not kind.startswith("search")}
    for where in asked.values():
        answered(where)
    for _round in range(rounds):
        for kind, where in asked.items():
            Generation.objects.update(number=F("number") + 1)
            time.sleep(LOOK_EVERY * 1.2)  # until this process looks again
            cost = cost_of(lambda where=where: answered(where))
            again = cost_of(lambda where=where: answered(where))
            # One at most: whether anything changed is looked up now and then.
            if cost.queries < 2 or again.queries > 1:
                raise RuntimeError(f"{where} was not made once, and then kept")
            tell(page=kind, ms=cost.ms, cpu_ms=cost.cpu_ms, queries=cost.queries)


# -- The admin -------------------------------------------------------------------------------------


def typed(client: Client, form: str, number: int) -> dict[str, list[str]]:
    """What a browser would send of an opened form, with another title."""
    page = lxml.html.fromstring(client.get(form).content.decode())
    values: dict[str, list[str]] = {}
    for name, value in page.get_element_by_id("post_form").form_values():
        values.setdefault(name, []).append(value)
    return values | {f"title_{LANGUAGE}": [f"Title number {number} of the benchmark"]}


def editor_s_client() -> Client:
    editor, _new = get_user_model().objects.get_or_create(
        username="benchmark", defaults={"is_staff": True, "is_superuser": True}
    )
    client = Client(SERVER_NAME=HOST)
    client.force_login(editor)
    return client


def complaints(answer) -> str:
    """What a form that was not saved says of it."""
    page = lxml.html.fromstring(answer.content.decode())
    found = page.xpath("//*[contains(@class, 'error')]") or page.xpath("//main")
    return " | ".join(" ".join(each.text_content().split()) for each in found)


def measure_admin(rounds: int) -> None:
    """The longest article's form, filled in as by a browser."""
    client = editor_s_client()
    post = longest_article().story
    form = reverse("admin:news_post_change", args=[post.pk])
    shown = reverse("admin:news_post_preview", args=[post.pk, LANGUAGE])
    listed = reverse("admin:news_post_changelist")

    def tell_cost(name: str, status: int, work: Callable, *arguments, **more) -> None:
        answers: list = []
        cost = cost_of(lambda: answers.append(work(*arguments, **more)))
        (answer,) = answers
        if answer.status_code != status:
            raise RuntimeError(f"{name}: {answer.status_code} {complaints(answer)}")
        if number:  # the first round warms up
            tell(form=name, ms=cost.ms, cpu_ms=cost.cpu_ms, queries=cost.queries)

    for number in range(rounds + 1):
        tell_cost("change list", 200, client.get, listed)
        tell_cost("change form", 200, client.get, form)
        sent = typed(client, form, number)
        json_please = {"accept": "application/json"}
        tell_cost("preview", 200, client.post, shown, sent, headers=json_please)
        tell_cost("save", 302, client.post, form, sent)


# -- The same with a hundred times as much ---------------------------------------------------------


def growing() -> Iterator[tuple[str, str]]:
    """Kind and address of what has as much on it in a small institute as in a large one."""
    found = PostEdition.objects.live().in_language(LANGUAGE)
    # Of the same length in both, and not the longest of ever more.
    length = Abs(Length("html") - TYPICAL_LENGTH)
    article = found.exclude(lead_image=None).annotate(off=length).order_by("off", "pk")[0]
    laboratory = Laboratory.objects.public().annotate(n=Count("posteditions")).order_by("-n", "pk")
    person = Researcher.objects.public().annotate(n=Count("posteditions")).order_by("-n", "pk")
    one, two = common_words()
    listed, search = (
        address("news:list", language=LANGUAGE),
        address("search:search", language=LANGUAGE),
    )
    yield "home", address("home:home", language=LANGUAGE)
    yield "article", article.get_absolute_url()
    yield "list, page 1", listed
    yield "list, deep page", deep_page()
    yield "list, of a laboratory", listed + NewsFilter(lab=laboratory[0].slug).query
    yield "visits", address("news:visits", language=LANGUAGE)
    yield "laboratory", laboratory[0].get_absolute_url()
    yield "person", person[0].get_absolute_url()
    yield "search, one word", f"{search}?q={one}"
    yield "search, two words", f"{search}?q={two.replace(' ', '+')}"
    yield "search, misspelt", f"{search}?q={one[:-2]}{one[-1]}{one[-2]}"
    for kind in ("atom", "rss", "json"):
        yield f"feed, {kind}", address(f"news:feed_{kind}", language=LANGUAGE)
    yield "sitemap", "/sitemap.xml"
    yield "admin, change list", reverse("admin:news_post_changelist")
    yield "admin, change list, found", reverse("admin:news_post_changelist") + f"?q={one}"
    yield "admin, change form", reverse("admin:news_post_change", args=[article.story_id])
    yield "admin, the desk", reverse("admin:index")


def common_words() -> tuple[str, str]:
    """A word that stands in one of fifty texts, and two of such."""
    texts = SearchEntry.objects.filter(language=LANGUAGE).count()
    off = Abs(F("entries") - texts // 50)
    found = SearchWord.objects.filter(language=LANGUAGE, word__regex="^[a-z]{7,}$")
    first, second = (
        found.annotate(off=off).order_by("off", "word").values_list("word", flat=True)[:2]
    )
    return first, f"{first} {second}"


#: Bytes of HTML.
TYPICAL_LENGTH = 8_000


def measure_growth(rounds: int) -> None:
    client = editor_s_client()

    def opened(where: str) -> bytes:
        answer = client.get(where)
        if answer.status_code != 200:
            raise RuntimeError(f"{where}: {answer.status_code}")
        return answer.content

    asked = dict(growing())
    parts = lxml.etree.fromstring(answered("/sitemap.xml")).xpath("//*[local-name()='loc']/text()")
    part = [each for each in parts if "/sitemap-news-" in each][-1]
    asked["sitemap, last part, for an entry"] = part.removeprefix(settings.SITE_URL)
    for number in range(-2, rounds):  # the first two warm up
        for kind, where in asked.items():
            get = opened if kind.startswith("admin") else answered
            bodies: list[bytes] = []
            cost = cost_of(lambda get=get, where=where, bodies=bodies: bodies.append(get(where)))
            entries = bodies[0].count(b"<url>") if "an entry" in kind else 1
            if number >= 0:
                tell(
                    page=kind,
                    ms=cost.ms / entries,
                    cpu_ms=cost.cpu_ms / entries,
                    queries=cost.queries,
                )


# -- An editor who publishes -----------------------------------------------------------------------


def title(number: int) -> str:
    """By which `mixed` tells what it sees."""
    return f"Publication number {number} of the benchmark"


def publish_every_second(first: int, number: int, post: int) -> None:
    """Tells when each publication was committed, by the clock that all processes share.

    The last one goes live by itself, a second and a half later.
    """
    story = Post.objects.get(pk=post)
    # The first time takes longer, for what Python still has to load.
    setattr(story, f"title_{LANGUAGE}", title(first - 1))
    story.save()
    publish(story, language=LANGUAGE, by=None)
    tell(ready=True)
    due = time.monotonic() + 0.5
    for count in range(first, first + number):
        time.sleep(max(0.0, due - time.monotonic()))
        due += 1.0
        last = count == first + number - 1
        story = Post.objects.get(pk=post)
        setattr(story, f"title_{LANGUAGE}", title(count))
        story.save()
        at = timezone.now() + datetime.timedelta(seconds=1.5) if last else None
        began = time.monotonic()
        publish(story, language=LANGUAGE, by=None, at=at)
        committed = time.monotonic()
        if at:
            committed += (at - timezone.now()).total_seconds()
        tell(number=count, seconds=time.monotonic() - began, live_from=committed, planned=last)
    time.sleep(max(0.0, committed + 1.0 - time.monotonic()))


def collect_static(_rounds: int) -> None:
    settings.WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [
        "css", "js", "mjs", "json", "map", "svg", "html", "txt", "xml", "md", "po", "ico", "woff2"
    ]  # fmt: skip
    call_command("collectstatic", verbosity=0, interactive=False)


WHAT = {
    "static": collect_static,
    "addresses": tell_addresses,
    "cold": measure_cold,
    "rebuild": measure_rebuild,
    "admin": measure_admin,
    "growth": measure_growth,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inside")
    parser.add_argument("what", choices=[*WHAT, "editor"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="number of the first publication")
    parser.add_argument("--post", type=int, default=0)
    asked = parser.parse_args()
    if asked.what == "editor":
        publish_every_second(asked.first, asked.rounds, asked.post)
    else:
        WHAT[asked.what](asked.rounds)


if __name__ == "__main__":
    main()
