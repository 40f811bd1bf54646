"""A stand-in for an S3 store: what the site asks of one, with every signature checked.

It follows the reference of Amazon's S3 (API of 2006-03-01) for the requests used: objects whole, by
ranges and in parts, and lists. What is not signed with the key is refused 403 (Signature Version 4,
worked out here and not by the client's library), content that is not what was signed 400, and what
is not known here 501: uploads in signed chunks, too, with checksums after them, which many stores
do not know.
"""

from __future__ import annotations

import hashlib
import hmac
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, quote, unquote, urlsplit
from uuid import uuid4
from xml.etree import ElementTree
from xml.sax.saxutils import escape

#: Kept with an object and given back with it.
KEPT = ("content-type", "cache-control", "content-disposition", "content-encoding")
#: Keys in one page of a list: few, so that every longer list has pages.
PAGE = 3
NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


class Refused(Exception):
    def __init__(self, status: int, code: str):
        super().__init__(code)
        self.status, self.code = status, code


@dataclass
class Object:
    content: bytes
    headers: dict[str, str]

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.content, usedforsecurity=False).hexdigest()}"'


@dataclass
class Upload:
    """An object that arrives in parts."""

    key: str
    headers: dict[str, str]
    parts: dict[int, Object] = field(default_factory=dict)


def signature(secret: str, scope: str, at: str, request: str) -> str:
    """AWS Signature Version 4 of a canonical request; scope: day, region, service, a constant."""
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    digest = hashlib.sha256(request.encode()).hexdigest()
    said = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{digest}"
    return hmac.new(key, said.encode(), "sha256").hexdigest()


class Stub:
    def __init__(self, key: str, secret: str, *buckets: str):
        self.key, self.secret = key, secret
        self.buckets: dict[str, dict[str, Object]] = {name: {} for name in buckets}
        self.uploads: dict[str, Upload] = {}
        #: "PUT /bucket/name", of all that was signed.
        self.requests: list[str] = []
        self.stopped = False
        self.connections: list[socket.socket] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                try:
                    status, headers, body = stub.answer(self, content)
                except Refused as refusal:
                    status, headers = refusal.status, {"content-type": "application/xml"}
                    body = f"<Error><Code>{refusal.code}</Code></Error>".encode()
                self.send_response(status)
                for name, value in {"content-length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = answer

            def log_message(self, *_args) -> None: ...

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def process_request(self, connection, address) -> None:
                stub.connections.append(connection)
                super().process_request(connection, address)

        self._server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=[0.05], daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        for connection in self.connections:  # the client keeps some of them open
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._server.server_close()
        self._thread.join()
        self.stopped = True

    def answer(self, request, content: bytes) -> tuple[int, dict[str, str], bytes]:
        path, query = urlsplit(request.path).path, urlsplit(request.path).query
        asked = dict(parse_qsl(query, keep_blank_values=True))
        self.check(request, path, asked, content)
        self.requests.append(f"{request.command} {unquote(path)}")
        name, _slash, key = unquote(path).lstrip("/").partition("/")
        if name not in self.buckets:
            raise Refused(404, "NoSuchBucket")
        bucket = self.buckets[name]
        kept = {each: request.headers[each] for each in KEPT if each in request.headers}
        asked.pop("x-id", None)
        match request.command, bool(key), sorted(asked):
            case "PUT", True, []:
                bucket[key] = Object(content, kept)
                return 200, {"etag": bucket[key].etag}, b""
            case "GET" | "HEAD", True, []:
                return self.give(bucket, key, request.headers.get("Range"))
            case "DELETE", True, []:
                bucket.pop(key, None)
                return 204, {}, b""
            case "GET", False, _:
                return 200, {"content-type": "application/xml"}, listed(bucket, asked)
            case "POST", True, ["uploads"]:
                upload = uuid4().hex
                self.uploads[upload] = Upload(key, kept)
                return 200, {}, result("InitiateMultipartUploadResult", UploadId=upload)
            case "PUT", True, ["partNumber", "uploadId"]:
                part = Object(content, {})
                self.uploads[asked["uploadId"]].parts[int(asked["partNumber"])] = part
                return 200, {"etag": part.etag}, b""
            case "POST", True, ["uploadId"]:
                upload = self.uploads.pop(asked["uploadId"])
                bucket[key] = Object(put_together(upload, content), upload.headers)
                return 200, {}, result("CompleteMultipartUploadResult", ETag=bucket[key].etag)
            case "DELETE", True, ["uploadId"]:
                self.uploads.pop(asked["uploadId"], None)
                return 204, {}, b""
        raise Refused(501, "NotImplemented")

    def check(self, request, path: str, asked: dict[str, str], content: bytes) -> None:
        headers = request.headers
        scheme, _space, said = headers.get("Authorization", "").partition(" ")
        if scheme != "AWS4-HMAC-SHA256":
            raise Refused(403, "AccessDenied")
        parts = dict(part.strip().split("=", 1) for part in said.split(","))
        key, _slash, scope = parts["Credential"].partition("/")
        if key != self.key:
            raise Refused(403, "InvalidAccessKeyId")
        signed = parts["SignedHeaders"].split(";")
        digest = headers.get("x-amz-content-sha256", "")
        query = "&".join(f"{quote(n, '')}={quote(v, '')}" for n, v in sorted(asked.items()))
        lines = [f"{name}:{' '.join(headers.get(name, '').split())}" for name in signed]
        canonical = [request.command, path, query, *lines, "", ";".join(signed), digest]
        expected = signature(self.secret, scope, headers["x-amz-date"], "\n".join(canonical))
        if not hmac.compare_digest(expected, parts["Signature"]):
            raise Refused(403, "SignatureDoesNotMatch")
        if digest.startswith("STREAMING-"):
            raise Refused(501, "NotImplemented")
        if digest != hashlib.sha256(content).hexdigest():
            raise Refused(400, "XAmzContentSHA256Mismatch")

    def give(self, bucket: dict[str, Object], key: str, asked: str | None):
        if key not in bucket:
            raise Refused(404, "NoSuchKey")
        found = bucket[key]
        headers = {
            **found.headers,
            "etag": found.etag,
            "accept-ranges": "bytes",
            "last-modified": "Wed, 01 Jan 2025 00:00:00 GMT",
        }
        if not asked:
            # To HEAD, too, the length of the content, which is not sent.
            return 200, {**headers, "content-length": str(len(found.content))}, found.content
        first, _dash, last = asked.removeprefix("bytes=").partition("-")
        start, size = int(first), len(found.content)
        if start >= size:
            raise Refused(416, "InvalidRange")
        content = found.content[start : int(last) + 1 if last else size]
        headers["content-range"] = f"bytes {start}-{start + len(content) - 1}/{size}"
        return 206, headers, content


def result(name: str, **values: str) -> bytes:
    inside = "".join(f"<{each}>{escape(value)}</{each}>" for each, value in values.items())
    return f'<{name} xmlns="{NAMESPACE}">{inside}</{name}>'.encode()


def put_together(upload: Upload, asked: bytes) -> bytes:
    """The parts that the client names, in its order, if they are what it sent."""
    content = b""
    for part in ElementTree.fromstring(asked):  # noqa: S314 - written by the tests' own client
        said = {each.tag.rpartition("}")[2]: each.text for each in part}
        found = upload.parts.get(int(said["PartNumber"]))
        if found is None or found.etag.strip('"') != said["ETag"].strip('"'):
            raise Refused(400, "InvalidPart")
        content += found.content
    return content


def listed(bucket: dict[str, Object], asked: dict[str, str]) -> bytes:
    """ListObjects and, with `list-type=2`, ListObjectsV2: a page of keys and of common prefixes."""
    known = {"list-type", "prefix", "delimiter", "marker", "continuation-token", "encoding-type"}
    if set(asked) - known:
        raise Refused(501, "NotImplemented")
    prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
    after = asked.get("continuation-token") or asked.get("marker") or ""
    found: dict[str, bool] = {}
    for key in sorted(bucket):
        if not key.startswith(prefix):
            continue
        rest = key[len(prefix) :]
        is_folder = bool(delimiter) and delimiter in rest
        found[prefix + rest.split(delimiter)[0] + delimiter if is_folder else key] = is_folder
    names = [name for name in found if name > after]
    page, more = names[:PAGE], len(names) > PAGE

    def written(name: str) -> str:
        return quote(name) if asked.get("encoding-type") == "url" else escape(name)

    parts = [f"<IsTruncated>{str(more).lower()}</IsTruncated>"]
    if "encoding-type" in asked:
        parts.append("<EncodingType>url</EncodingType>")
    if more:
        following = "NextContinuationToken" if "list-type" in asked else "NextMarker"
        parts.append(f"<{following}>{written(page[-1])}</{following}>")
    for name in page:
        if found[name]:
            parts.append(f"<CommonPrefixes><Prefix>{written(name)}</Prefix></CommonPrefixes>")
        else:
            size = len(bucket[name].content)
            parts.append(f"<Contents><Key>{written(name)}</Key><Size>{size}</Size></Contents>")
    return f'<ListBucketResult xmlns="{NAMESPACE}">{"".join(parts)}</ListBucketResult>'.encode()
