"""A scripted HTTP server for faults that must be exact to the byte, and a time that never really passes."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from numtui.api.settings import Timing

SECRET = "s3cr3t-never-shown"


@dataclass(frozen=True)
class Reply:
    """One answer. `fault`: drop (no answer), cut (the body ends early), hang (nothing until the server stops)."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True)
class Received:
    """One request as the server saw it."""

    query: str
    variables: dict[str, Any]
    headers: dict[str, str]


def answer(data: object = None, errors: list[dict[str, Any]] | None = None, **options: Any) -> Reply:
    body: dict[str, Any] = {"data": data}
    if errors is not None:
        body["errors"] = errors
    return Reply(body=json.dumps(body).encode(), **options)


class ScriptedServer(ThreadingHTTPServer):
    """Answers by `script`: its replies in turn, the last one for good; or by `respond`, where that is set."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script: list[Reply] = [answer({})]
        self.respond: Callable[[Received], Reply] | None = None
        self.received: list[Received] = []
        self.stopping = threading.Event()
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def reply_to(self, request: Received) -> Reply:
        with self._lock:
            self.received.append(request)
            if self.respond is not None:
                return self.respond(request)
            return self.script.pop(0) if len(self.script) > 1 else self.script[0]

    def stop(self) -> None:
        self.stopping.set()
        self.shutdown()
        self.server_close()


class Dripping:
    """A server that answers with a byte every tenth of a second: of its headers, or of the body behind them."""

    def __init__(self, *, headers: bool) -> None:
        self._head = b"HTTP/1.1 200 OK\r\nX-Long: " if headers else b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._stopping = threading.Event()
        self.connections = 0
        self.cut = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Dripping:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._socket.close()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._drip, args=(connection,), daemon=True).start()

    def _drip(self, connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65_536)
                connection.sendall(self._head)
                while not self._stopping.wait(0.1):
                    connection.sendall(b" ")
            except OSError:
                self.cut.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: ScriptedServer

    def do_POST(self) -> None:
        content = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Received(content["query"], content.get("variables") or {}, dict(self.headers.items()))
        reply = self.server.reply_to(request)
        if reply.fault == "hang":
            self.server.stopping.wait(10)
        if reply.fault in ("hang", "drop"):
            self.close_connection = True
            return
        self.send_response_only(reply.status)
        headers = {"Content-Length": str(len(reply.body)), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(reply.body[: len(reply.body) // 2] if reply.fault == "cut" else reply.body)
        self.close_connection = reply.fault == "cut"

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: pytest's output stays clean."""


class FakeTime:
    """Time that passes only in `sleep`, which keeps a list of what was slept."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def sleep_now(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def timing(self, wall: float = 0.0) -> Timing:
        return Timing(sleep=self.sleep, monotonic=lambda: self.now, wall=lambda: wall, chance=lambda: 1.0)
