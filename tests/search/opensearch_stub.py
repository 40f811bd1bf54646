"""A stand-in for OpenSearch that can do what the site asks of it, and refuses everything else.

It follows the reference of OpenSearch 2 for the requests used: unknown parameters, clauses and
fields of a mapping that is `strict` are answered 400, as there. It evaluates queries entry by
entry, from the words that the whitespace analyser makes, and has no scores.
"""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

USER, PASSWORD = "site", "p@ss/word"


class Refused(Exception):
    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status, self.reason = status, reason

    def as_json(self) -> dict:
        return {"error": {"type": self.reason, "reason": self.reason}, "status": self.status}


def only(found: dict, *names: str) -> None:
    if unknown := set(found) - set(names):
        raise Refused(400, f"parsing_exception: unknown {sorted(unknown)}")


class Entry:
    def __init__(self, source: dict, version: int, mapping: dict):
        properties = mapping["properties"]
        if unknown := set(source) - set(properties):
            raise Refused(400, f"strict_dynamic_mapping_exception: {sorted(unknown)}")
        for name, value in source.items():
            if properties[name]["type"] == "long" and not -(2**63) <= value < 2**63:
                raise Refused(400, f"mapper_parsing_exception: {name}")
        hidden = mapping.get("_source", {}).get("excludes", [])
        self.version, self.source = version, {k: v for k, v in source.items() if k not in hidden}
        self.values = source
        self.words = source["terms"].split()


def holds(query: dict, entry: Entry) -> bool:
    ((kind, about),) = query.items()
    if kind == "bool":
        only(about, "filter", "must_not", "should", "minimum_should_match")
        should = [holds(each, entry) for each in about.get("should", [])]
        least = about.get("minimum_should_match", 0 if "filter" in about else 1)
        return (
            all(holds(each, entry) for each in about.get("filter", []))
            and not any(holds(each, entry) for each in about.get("must_not", []))
            and (not should or sum(should) >= least)
        )
    ((field, value),) = about.items()
    if kind == "range":
        only(value, "lte", "gt")
        found = entry.values[field]
        return found <= value.get("lte", found) and found > value.get("gt", found - 1)
    if field != "terms":
        raise Refused(400, f"not a text field: {field}")
    if kind == "term":
        return value in entry.words
    if kind == "prefix":
        return any(word.startswith(value) for word in entry.words)
    if kind == "match_phrase":
        wanted = value.split()
        places = range(len(entry.words) - len(wanted) + 1)
        return any(entry.words[at : at + len(wanted)] == wanted for at in places)
    raise Refused(400, f"parsing_exception: unknown query [{kind}]")


class Stub:
    """`url` is that of an index; `requests` are the paths that were asked for, in their order."""

    def __init__(self, name: str = "imagine"):
        self.name = name
        self.indices: dict[str, dict] = {}
        self.entries: dict[str, dict[str, Entry]] = {}
        self.gone: dict[str, dict[str, int]] = {}
        self.aliases: dict[str, str] = {}
        self.requests: list[str] = []
        #: Answer everything with this status.
        self.fails_with = 0
        self.stopped = False
        self._lock = threading.Lock()
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                if stub.stopped:  # connections that were kept open end with the server
                    self.close_connection = True
                    return
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    stub.authorised(self.headers.get("Authorization", ""))
                    with stub._lock:
                        said, status = stub.answer(self.command, self.path, body), 200
                except Refused as refused:
                    said, status = refused.as_json(), refused.status
                data = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json; charset=UTF-8")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_args) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        self.url = f"http://{USER}:p%40ss%2Fword@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.stopped = True
        self._server.shutdown()
        self._server.server_close()

    def authorised(self, header: str) -> None:
        right = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        if header.lower() != f"basic {right}".lower():
            raise Refused(401, "Unauthorized")

    @property
    def found(self) -> dict[str, Entry]:
        """The entries that are asked."""
        return self.entries[self.aliases[self.name]]

    # -- The requests

    def answer(self, method: str, target: str, body: bytes) -> dict:
        path, how = urlsplit(target).path, dict(parse_qsl(urlsplit(target).query))
        self.requests.append(f"{method} {path}")
        if self.fails_with:
            raise Refused(self.fails_with, "asked to fail")
        match method, path.strip("/").split("/"):
            case "PUT", [index]:
                return self.make(index, json.loads(body))
            case "POST", [index, "_bulk"]:
                only(how, "refresh", "require_alias")
                return self.bulk(index, lines_of(body), how)
            case "POST", ["_msearch"]:
                lines = lines_of(body)
                pairs = zip(lines[::2], lines[1::2], strict=True)
                return {"responses": [self.search(*pair) for pair in pairs]}
            case "GET", [index, "_count"]:
                return {"count": len(self.entries[self.resolved(index)]), "_shards": {"failed": 0}}
            case "GET", ["_alias", alias]:
                if alias not in self.aliases:
                    raise Refused(404, f"alias [{alias}] missing")
                return {self.aliases[alias]: {"aliases": {alias: {}}}}
            case "POST", [index, "_refresh"]:
                self.resolved(index)
                return {"_shards": {"failed": 0}}
            case "POST", ["_aliases"]:
                for action in json.loads(body)["actions"]:
                    self.act(action)
                return {"acknowledged": True}
        raise Refused(405, f"no handler for {method} {path}")

    def aliased(self, name: str) -> str:
        if name not in self.aliases:
            raise Refused(404, f"index_not_found_exception: [{name}] is no alias")
        return self.aliases[name]

    def resolved(self, name: str) -> str:
        name = self.aliases.get(name, name)
        if name not in self.indices:
            raise Refused(404, f"index_not_found_exception: {name}")
        return name

    def make(self, index: str, about: dict) -> dict:
        only(about, "settings", "mappings")
        only(about["mappings"], "dynamic", "_source", "properties")
        if index in self.indices or index in self.aliases or index != index.lower():
            raise Refused(400, "resource_already_exists_exception")
        for name, field in about["mappings"]["properties"].items():
            known = {
                "long": (),
                "keyword": ("index", "doc_values"),
                "date": ("index", "format"),
                "text": ("analyzer", "norms", "index_prefixes"),
            }[field["type"]]
            only(field, "type", *known)
            if name == "terms":
                assert field["analyzer"] == "whitespace"
        self.indices[index], self.entries[index], self.gone[index] = about["mappings"], {}, {}
        return {"acknowledged": True, "index": index}

    def bulk(self, name: str, lines: list[dict], how: dict) -> dict:
        items, lines = [], iter(lines)
        for line in lines:
            ((action, about),) = line.items()
            only(about, "_id", "version", "version_type")
            source = next(lines) if action == "index" else None
            try:
                index = self.aliased(name) if how["require_alias"] == "true" else name
                status = self.write(self.resolved(index), action, about, source)
                items.append({action: {"_id": about["_id"], "status": status}})
            except Refused as refused:
                items.append({action: {"_id": about["_id"], **refused.as_json()}})
        errors = any("error" in item for each in items for item in each.values())
        return {"errors": errors, "items": items}

    def write(self, index: str, action: str, about: dict, source: dict | None) -> int:
        entries, gone, pk = self.entries[index], self.gone[index], about["_id"]
        known = entries[pk].version if pk in entries else gone.get(pk, -1)
        if about["version_type"] != "external" or about["version"] <= known:
            raise Refused(409, "version_conflict_engine_exception")
        if action == "index":
            entries[pk] = Entry(source, about["version"], self.indices[index])
            return 201
        gone[pk] = about["version"]
        return 200 if entries.pop(pk, None) else 404

    def search(self, header: dict, body: dict) -> dict:
        only(header, "index")
        only(body, "query", "size", "sort", "_source", "track_total_hits")
        try:
            index = self.resolved(header["index"])
            found = [e for e in self.entries[index].values() if holds(body["query"], e)]
        except Refused as refused:
            return refused.as_json()
        for order in body.get("sort", []):
            ((field, way),) = order.items()
            found.sort(key=lambda entry: entry.source[field], reverse=way == "desc")
        if body["size"] > 10_000:
            return Refused(400, "Result window is too large").as_json()
        fields = body.get("_source", [])
        hits: dict = {
            "hits": [
                {"_source": {name: entry.source[name] for name in fields}}
                for entry in found[: body["size"]]
            ]
        }
        if most := body["track_total_hits"]:
            relation = "gte" if len(found) > most else "eq"
            hits["total"] = {"value": min(len(found), most), "relation": relation}
        return {
            "took": 1,
            "timed_out": False,
            "_shards": {"total": 1, "successful": 1, "failed": 0},
            "hits": hits,
            "status": 200,
        }

    def act(self, action: dict) -> None:
        ((verb, about),) = action.items()
        if verb == "add":
            self.aliases[about["alias"]] = self.resolved(about["index"])
        elif verb == "remove_index":
            index = about["index"]
            if index not in self.indices:
                raise Refused(404, "index_not_found_exception")
            for kept in (self.indices, self.entries, self.gone):
                del kept[index]
            self.aliases = {k: v for k, v in self.aliases.items() if v != index}
        else:
            raise Refused(400, f"unknown action {verb}")


def lines_of(body: bytes) -> list[dict]:
    if not body.endswith(b"\n"):
        raise Refused(400, "The bulk request must be terminated by a newline [\\n]")
    return [json.loads(line) for line in body.splitlines()]
