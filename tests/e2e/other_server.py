"""The other server: `other_schema` behind plain HTTP. It counts requests, records mutations, and can fail on demand."""

from __future__ import annotations

import json
import sys
import threading
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from graphql import FieldNode, OperationDefinitionNode, parse

from .other_answers import Answers
from .other_habits import Habits
from .other_market import Json, Market
from .other_schema import Executor

JSON = "application/json"
PLAIN_FAULTS = {
    "404": (404, b"not found", "text/plain"),
    "500": (500, b"<html>Internal Server Error</html>", "text/html"),
    "502": (502, b"<html>Bad Gateway</html>", "text/html"),
    "503": (503, b"", "text/plain"),
    "429": (429, b"Too Many Requests", "text/plain"),
    "200 rate limit": (200, b'{"data": null, "errors": [{"message": "Rate limit exceeded. Try again later."}]}', JSON),
    "html": (200, b"<!DOCTYPE html><html>maintenance</html>", "text/html"),
    "empty": (200, b"", JSON),
    "error": (200, b'{"data": null, "errors": [{"message": "Internal server error"}]}', JSON),
    "null data": (200, b'{"data": null}', JSON),
}


@dataclass
class Fault:
    """How the next `times` requests (all: -1) that ask for a field with `about` in its name fail."""

    kind: str
    times: int = 1
    about: str = ""


@dataclass
class Asked:
    """A request as it came: its operation, the fields it asked for at the top (an alias each), who asked."""

    operation: str
    fields: list[str]
    variables: Json
    authorization: str
    mutation: bool


@dataclass
class OtherServer:
    """A running server."""

    market: Market
    habits: Habits
    answers: Answers
    executor: Executor
    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    delay: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)
    broken: list[str] = field(default_factory=list)  # exceptions of the server itself: there must be none

    @property
    def requests(self) -> int:
        return len(self.asked)

    @property
    def mutations(self) -> list[Asked]:
        return [each for each in self.asked if each.mutation]

    def fields(self) -> Counter[str]:
        """How often each field was asked for."""
        return Counter(name for each in self.asked for name in each.fields)

    def forget(self) -> None:
        self.asked.clear()

    def fault_for(self, asked: Asked) -> str | None:
        with self.lock:
            for fault in self.faults:
                if fault.times != 0 and any(fault.about in name for name in asked.fields):
                    fault.times -= 1
                    return fault.kind
        return None


def read_request(body: bytes, authorization: str) -> tuple[Asked, str]:
    """What a POST asks."""
    content = json.loads(body)
    query = content["query"]
    operations = [d for d in parse(query).definitions if isinstance(d, OperationDefinitionNode)]
    first = operations[0]
    names = [node.name.value for node in first.selection_set.selections if isinstance(node, FieldNode)]
    name = first.name.value if first.name else ""
    asked = Asked(name, names, content.get("variables") or {}, authorization, first.operation.value == "mutation")
    return asked, query


class Handler(BaseHTTPRequestHandler):
    """One connection; `server.other` is the OtherServer."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.other.market.now, usegmt=True)

    @property
    def other(self) -> OtherServer:
        assert isinstance(self.server, QuietServer)
        return self.server.other

    def do_GET(self) -> None:
        self.send(200, b"<html>GraphQL is asked by POST</html>", "text/html")

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        if len(body) < length:  # the client died while it asked
            self.close_connection = True
            return
        asked, query = read_request(body, self.headers.get("Authorization", ""))
        with self.other.lock:
            self.other.asked.append(asked)
        if self.other.delay:
            time.sleep(self.other.delay)
        kind = self.other.fault_for(asked)
        if kind is not None:
            self.fail(kind, asked, query)
            return
        self.send(200, self.answer(asked, query))

    def answer(self, asked: Asked, query: str) -> bytes:
        answer = self.other.executor.run(query, asked.variables, asked.authorization)
        if self.other.habits.extras:
            answer = {**answer, "extensions": {"cost": 7}, "warnings": ["new"]}
            for part in (answer.get("data") or {}).values():
                for row in part if isinstance(part, list) else [part]:
                    if isinstance(row, dict):
                        row |= {"unheardOf": {"a": [1, None]}, "newFlag": True}
        return json.dumps(answer).encode()

    def fail(self, kind: str, asked: Asked, query: str) -> None:
        """Answers as a server in trouble does."""
        if kind in PLAIN_FAULTS:
            self.send(*PLAIN_FAULTS[kind])
            return
        whole = self.answer(asked, query)
        match kind:
            case "429 retry-after":
                self.send(429, b"", "text/plain", {"Retry-After": "1"})
            case "truncated":
                self.send(200, whole[: len(whole) // 2])
            case "short body":  # fewer bytes than announced, then gone
                self.head(200, len(whole), JSON, {})
                self.wfile.write(whole[: len(whole) // 2])
            case "time-out":
                self.other.stopping.wait(8)
            case "drop":
                pass
            case _:
                raise ValueError(kind)
        self.close_connection = True

    def head(self, status: int, length: int, kind: str, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def send(self, status: int, body: bytes, kind: str = JSON, headers: dict[str, str] | None = None) -> None:
        self.head(status, len(body), kind, headers or {})
        self.wfile.write(body)


class QuietServer(ThreadingHTTPServer):
    """Clients that are killed are part of the tests."""

    daemon_threads = True
    request_queue_size = 64
    other: OtherServer

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keeps what broke here; connections that the client breaks are no news."""
        error = sys.exception()
        if not isinstance(error, ConnectionError):
            self.other.broken.append("".join(traceback.format_exception(error)))


@contextmanager
def serve(market: Market, habits: Habits | None = None) -> Iterator[OtherServer]:
    """The server on a free port while the block runs."""
    kept = habits or Habits()
    answers = Answers(market, kept)
    other = OtherServer(market, kept, answers, Executor(answers))
    server = QuietServer(("127.0.0.1", 0), Handler)
    server.other = other
    other.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield other
    finally:
        other.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()
