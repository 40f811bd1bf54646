"""The site behind nginx with the very file of deploy/nginx: names, kept pages, files and forms.

Of the file, only ports and paths are replaced, and the certificate is made here.
"""

from __future__ import annotations

import datetime
import http.client
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.deploy.conftest import Served, served
from tests.house.sources import ROOT
from tests.machines.servers import free_port

pytestmark = pytest.mark.slow

SHIPPED = ROOT / "deploy" / "nginx" / "imagine-site.conf"
HOST = "www.example.org"
LIST = "/en/news/"
#: Seconds after which whoever asks sees what was published.
AT_ONCE = 0.25
#: How often a page is asked for in a row, some hundred times a second.
TIMES = 200
os.environ["PATH"] += ":/usr/sbin:/sbin"  # where Debian keeps nginx


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, HOST)])
    now = datetime.datetime.now(datetime.UTC)
    certified = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(HOST)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "fullchain.pem").write_bytes(certified.public_bytes(serialization.Encoding.PEM))
    (folder / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder


def replaced(text: str, places: dict[str, str]) -> str:
    for place, ours in places.items():
        assert place in text, f"{SHIPPED.name} does not name {place}"
        text = text.replace(place, ours)
    return text


@dataclass
class Front:
    """nginx, and the site behind it."""

    site: Served
    plain: int
    tls: int
    folder: Path
    trusted: Path

    def asked(self) -> int:
        """How many requests nginx has passed on, by its own log."""
        time.sleep(0.05)
        return (self.folder / "passed.log").read_text().count("\n")

    def whole(self, ours: str) -> str:
        user = f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else ""
        return f"""
{user}
pid {self.folder}/nginx.pid;
error_log {self.folder}/error.log;
events {{ worker_connections 256; }}
http {{
    map $upstream_addr $passed {{ default 1; "" 0; }}
    access_log {self.folder}/passed.log combined if=$passed;
    default_type application/octet-stream;
    include /etc/nginx/mime.types;
    client_body_temp_path {self.folder}/body;
    proxy_temp_path {self.folder}/proxy;
    fastcgi_temp_path {self.folder}/fastcgi;
    uwsgi_temp_path {self.folder}/uwsgi;
    scgi_temp_path {self.folder}/scgi;
{ours}
}}
"""

    def open(self, host: str = HOST) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cafile=self.trusted / "fullchain.pem")
        connection = http.client.HTTPSConnection(HOST, self.tls, context=context, timeout=30)

        def connect() -> None:
            plain = socket.create_connection(("127.0.0.1", self.tls), timeout=30)
            connection.sock = context.wrap_socket(plain, server_hostname=host)

        connection.connect = connect
        return connection

    def ask(self, path: str, *, method: str = "GET", body=None, **headers: str) -> Answer:
        connection = self.open()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Host": HOST, **named})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


@pytest.fixture(scope="module")
def front(tmp_path_factory, certificate):
    assert shutil.which("nginx"), "nginx is not installed (Debian: apt-get install nginx-light)."
    folder = tmp_path_factory.mktemp("nginx")
    variables = {
        "SITE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "DEBUG": "0",
        "HTTPS": "1",
        "BEHIND_PROXY": "1",
        "REQUIRE_SECOND_FACTOR": "0",
    }
    with served(tmp_path_factory.mktemp("behind"), **variables) as site:
        site.manage("collectstatic", "-v0", "--no-input")
        site.manage("make_institute", "-v0", "--articles=3", "--images=1", "--people=3")
        front = Front(site, free_port(), free_port(), folder, certificate)
        text = replaced(
            SHIPPED.read_text("utf-8"),
            {
                f"/etc/ssl/{HOST}": str(certificate),
                "/run/imagine-site-pages": f"{folder}/pages",
                "/run/imagine-site.sock": f"{folder}/site.sock",
                "/srv/imagine-site/var": str(site.folder),
            },
        )
        text = re.sub(r"listen (\S*:)?80\b", rf"listen \g<1>{front.plain}", text)
        text = re.sub(r"listen (\S*:)?443\b", rf"listen \g<1>{front.tls}", text)
        if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
            text = re.sub(r"^\s*listen \[::\].*\n", "", text, flags=re.MULTILINE)
        (folder / "nginx.conf").write_text(front.whole(text))
        command = ["nginx", "-p", str(folder), "-c", f"{folder}/nginx.conf"]
        tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
        assert tested.returncode == 0, tested.stderr
        assert "[warn]" not in tested.stderr
        site.start("--socket", f"{folder}/site.sock")
        nginx = subprocess.Popen([*command, "-g", "daemon off;"])
        try:
            site.until(lambda: _answers(front), why="nginx does not answer.")
            yield front
        finally:
            nginx.terminate()
            nginx.wait(15)


def _answers(front: Front) -> bool:
    try:
        return front.ask("/healthz").status == 200
    except OSError:
        return False


def is_kept(front: Front, path: str, **headers: str) -> bool:
    """Whether nginx answers by itself: asked many times in a moment, the site hears of few."""
    connection, heard = front.open(), 0
    try:
        before = front.asked()
        for _time in range(TIMES):
            connection.request("GET", path, headers={"Host": HOST, **headers})
            response = connection.getresponse()
            response.read()
            assert response.status == 200
        heard = front.asked() - before
    finally:
        connection.close()
    assert heard <= TIMES
    return heard < TIMES / 2


def article(front: Front) -> str:
    page = front.ask(LIST).body.decode()
    return re.search(r'href="(/en/news/[a-z0-9-]+/)"', page)[1]


def test_a_public_page_comes_from_nginx_itself(front):
    assert is_kept(front, LIST)
    assert is_kept(front, article(front))


def test_a_kept_page_is_the_one_that_the_site_sends(front):
    path = article(front)
    first, again = front.ask(path), front.ask(path)
    assert first.status == again.status == 200
    assert first.body == again.body
    for name in ("Content-Type", "ETag", "Content-Security-Policy", "Vary", "Cache-Control"):
        assert first.headers[name] == again.headers[name] is not None
    for name in ("X-Accel-Expires", "Set-Cookie"):
        assert again.headers[name] is None
    unchanged = front.ask(path, If_None_Match=again.headers["ETag"])
    assert (unchanged.status, unchanged.body) == (304, b"")


@pytest.mark.parametrize("encoding", ["br", "gzip", None])
def test_each_way_of_compression_is_kept_by_itself(front, encoding):
    named = {"Accept-Encoding": encoding} if encoding else {}
    for _time in range(2):
        answer = front.ask(LIST, **{name.replace("-", "_"): v for name, v in named.items()})
        assert answer.headers["Content-Encoding"] == encoding


def test_who_is_signed_in_is_answered_by_the_site(front):
    assert not is_kept(front, LIST, Cookie="__Host-sessionid=0123456789")


def test_the_admin_and_the_health_of_the_site_are_never_kept(front):
    for path in ("/admin/login/", "/healthz"):
        assert not is_kept(front, path)


def test_a_page_that_is_written_otherwise_is_not_kept(front):
    assert not is_kept(front, "/en/%6eews/")


def test_what_is_published_is_seen_at_once(front):
    path = article(front)
    for number in range(3):
        title = f"Published as number {number}"
        for _time in range(2):
            assert title not in front.ask(path).body.decode()
        said = publish(front, path, title)
        time.sleep(max(0.0, said + AT_ONCE - time.time()))
        assert title in front.ask(path).body.decode()
        assert title in front.ask(LIST).body.decode()


def test_what_is_planned_is_seen_from_its_moment_on(front):
    path = article(front)
    at = time.time() + 5
    publish(front, path, "Planned for a moment", at=at)
    while (left := at - time.time()) > -0.5:
        asked = time.time()
        text = front.ask(path).body.decode()
        answered = time.time()
        if "Planned for a moment" in text:
            assert answered >= at
        else:
            assert asked < at + AT_ONCE
        time.sleep(0.02 if left < 1.5 else 0.2)
    assert "Planned for a moment" in front.ask(path).body.decode()


def publish(front: Front, path: str, title: str, at: float | None = None) -> float:
    """By another process; returns when that was committed (seconds since the epoch)."""
    code = f"""
import datetime, time
from django.utils import timezone
from imagine_site.publishing.actions import publish
from news.models import PostEdition
story = PostEdition.objects.live().get(language="en", slug={path.split("/")[-2]!r}).story
story.title_en = {title!r}
story.save()
at = {at!r} and datetime.datetime.fromtimestamp({at!r}, datetime.UTC)
publish(story, language="en", by=None, at=at)
print(time.time())
"""
    return float(front.site.manage("shell", "--no-imports", "-c", code))


def test_a_name_that_is_not_ours_is_answered_by_nobody(front):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        front.open("other.example.org").connect()
    connection = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=30)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.request("GET", LIST, headers={"Host": "other.example.org"})
        connection.getresponse()
    connection.close()


def test_plain_http_leads_to_tls(front):
    connection = http.client.HTTPConnection("127.0.0.1", front.plain, timeout=30)
    connection.request("GET", f"{LIST}?page=2", headers={"Host": HOST})
    response = connection.getresponse()
    assert response.status == 301
    assert response.headers["Location"] == f"https://{HOST}{LIST}?page=2"
    connection.close()


def test_style_sheets_come_from_the_disk_compressed_and_for_ever(front):
    page = front.ask(LIST).body.decode()
    sheet = re.search(r'href="(/static/[^"]+\.css)"', page)[1]
    answer = front.ask(sheet, Accept_Encoding="gzip")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/css")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_pictures_come_from_the_disk_for_ever_and_originals_from_nowhere(front):
    page = front.ask(article(front)).body.decode()
    picture = re.search(r"(/media/r/[0-9a-f]{32}\.(?:avif|webp|jpg))", page)[1]
    answer = front.ask(picture)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    original = next(path for path in (front.site.folder / "originals").rglob("*") if path.is_file())
    inside = original.relative_to(front.site.folder)
    for path in (f"/{inside}", f"/media/{inside}", f"/static/../{inside}", "/static/../secret_key"):
        assert front.ask(path).status in (400, 404)


def test_a_form_with_a_photograph_is_let_through_to_the_admin_and_nowhere_else(front):
    page = front.ask("/admin/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.body.decode())[1]
    cookie = page.headers["Set-Cookie"].partition(";")[0]
    too_long = front.ask("/en/search/", method="POST", body=b"x" * 100_000)
    assert too_long.status == 413
    # Without a session it is sent to the login.
    form = f"csrfmiddlewaretoken={token}&file=".encode() + b"x" * 3_000_000
    sent = front.ask(
        "/admin/images/image/add/",
        method="POST",
        body=form,
        Cookie=cookie,
        Referer=f"https://{HOST}/admin/",
        Content_Type="application/x-www-form-urlencoded",
    )
    assert sent.status == 302
    assert sent.headers["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("how_many", [20, 90])
def test_visitors_are_answered_beside_half_open_ones(front, how_many):
    slow = []
    try:
        for number in range(how_many):
            connection = front.open()
            connection.connect()
            half = b"GET /en/news/ HTTP/1.1\r\nHost: www.example.org\r\nX-Slow: "
            if number % 2:
                half = (
                    b"POST /admin/login/ HTTP/1.1\r\nHost: www.example.org\r\n"
                    b"Content-Length: 60000\r\n\r\nusername="
                )
            connection.sock.sendall(half)
            slow.append(connection)
        for path in (LIST, "/admin/login/"):
            for _visitor in range(10):
                began = time.monotonic()
                assert front.ask(path).status == 200
                assert time.monotonic() - began < 0.5
    finally:
        for connection in slow:
            connection.close()
