"""The simulated API over HTTP.

`POST /` takes GraphQL requests as the real service does. The `Date` header shows the simulation's clock. For tests:

- `POST /_demo/faults` with {"kind": ..., ...} orders a fault (kinds and options: `numtui.demo.faults.Fault`),
  `GET` lists the waiting ones, `DELETE` forgets them;
- `GET /_demo/log` counts requests, mutations, root fields and bytes; `DELETE` starts again from zero;
- `POST /_demo/reset` forgets faults, log and changes of stake;
- `GET /_demo/info` names the account, its models, the demo's keys and the clock.

In the same process `DemoServer` offers the first two as `.faults` and `.log`.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
import zlib
from collections.abc import MutableMapping
from email.utils import format_datetime
from types import TracebackType
from typing import Any

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from numtui.demo import DEMO_ACCOUNT, DEMO_MODELS, DEMO_PUBLIC, DEMO_SECRET, DEMO_WATCHED
from numtui.demo.boards import Boards
from numtui.demo.engine import Answer, prepare, root_fields_of, run
from numtui.demo.faults import Fault, Faults, RequestLog, with_nulls, with_unknowns
from numtui.demo.market import Market
from numtui.demo.resolvers import resolvers
from numtui.demo.resolvers.session import Session, key_of
from numtui.demo.wire import time_string

GZIP_FROM = 1_000  # bytes
GZIP_LEVEL = 1
HTML = b"<html><body><h1>%s</h1></body></html>"
encode = msgspec.json.Encoder().encode


class GraphQLApp:
    """The endpoint at `/`, an ASGI application."""

    def __init__(self, market: Market, latency_ms: float = 0) -> None:
        self.market, self.latency = market, latency_ms / 1000
        self.boards = Boards(market)
        self.faults, self.log = Faults(), RequestLog()

    def answer(self, body: dict[str, Any], authorization: str | None) -> Answer:
        """Execute one request."""
        with self.market.pinned() as now:
            session = Session(self.market, self.boards, key_of(authorization), now)
            query = body.get("query")
            if not isinstance(query, str):
                return Answer(errors=[{"message": "No query document supplied", "path": [], "locations": []}])
            return run(query, body.get("variables"), body.get("operationName"), resolvers(session))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            body = msgspec.json.decode(await request.body())
        except msgspec.DecodeError:
            body = None
        if not isinstance(body, dict):
            await self._respond(scope, receive, send, encode({"errors": [{"message": "Invalid JSON"}]}), 400)
            return
        query = str(body.get("query"))
        names, mutation = root_fields_of(query)
        entry = self.log.request(names, mutation)
        fault = self.faults.take(query, names, mutation)
        kind = None if fault is None else fault.kind
        if self.latency:
            await asyncio.sleep(self.latency)
        size = await self._serve(scope, receive, send, body, request.headers.get("authorization"), fault)
        self.log.sent(entry, size, kind)

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, body: dict[str, Any], authorization: str | None, fault: Fault | None
    ) -> int:
        if fault is not None and fault.kind in ("500", "502", "429", "rate_limit", "html"):
            return await self._refuse(scope, receive, send, fault)
        if fault is not None and fault.kind == "drop":
            return _drop(send)
        if fault is not None and fault.kind == "delay":
            await asyncio.sleep(fault.delay)
        answer = self.answer(body, authorization)
        if fault is not None and fault.kind == "lost_answer":
            return _drop(send)
        payload = encode(_altered(answer, fault).body())
        truncated = fault is not None and fault.kind == "truncated"
        return await self._respond(scope, receive, send, payload, 200, truncated=truncated)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, fault: Fault) -> int:
        match fault.kind:
            case "rate_limit":
                error = {"message": "You have exceeded the rate limit.", "path": [], "locations": []}
                return await self._respond(scope, receive, send, encode({"data": None, "errors": [error]}), 200)
            case "html":
                return await self._respond(scope, receive, send, HTML % b"Just a moment...", 200, media="text/html")
        extra = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
        words = {"500": b"Internal Server Error", "502": b"Bad Gateway", "429": b"Too Many Requests"}[fault.kind]
        return await self._respond(scope, receive, send, HTML % words, int(fault.kind), media="text/html", extra=extra)

    async def _respond(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        payload: bytes,
        status: int,
        *,
        media: str = "application/json",
        extra: dict[str, str] | None = None,
        truncated: bool = False,
    ) -> int:
        headers = {"Date": format_datetime(self.market.now(), usegmt=True), **(extra or {})}
        if len(payload) >= GZIP_FROM and "gzip" in Request(scope).headers.get("accept-encoding", ""):
            payload = await asyncio.to_thread(_gzip, payload)
            headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        if not truncated:
            await Response(payload, status, headers, media)(scope, receive, send)
            return len(payload)
        headers |= {"Content-Type": media, "Content-Length": str(len(payload))}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        half = payload[: len(payload) // 2]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": half, "more_body": True})
        return len(half) + _drop(send, flush=True)


def _gzip(payload: bytes) -> bytes:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, 31)  # 31: with gzip's header
    return compressor.compress(payload) + compressor.flush()


def _drop(send: Send, flush: bool = False) -> int:
    """Close the connection under the response; `flush` sends first what has been written."""
    transport = send.__self__.transport  # type: ignore[attr-defined]  # uvicorn's request cycle, for which ASGI has no word
    (transport.close if flush else transport.abort)()
    return 0


def _altered(answer: Answer, fault: Fault | None) -> Answer:
    """The answer with what the fault does to its data."""
    if fault is None or answer.data is None:
        return answer
    data = answer.data
    match fault.kind:
        case "nulls":
            rng = random.Random(0)
            answer.data = {name: with_nulls(value, fault.share, fault.objects, rng) for name, value in data.items()}
        case "unknown":
            answer.data = {name: with_unknowns(value) for name, value in data.items()}
        case "graphql_error":
            first = next(iter(data))
            answer.data = data | {first: None}
            answer.errors.append({"message": "Something went wrong", "path": [first], "locations": []})
    return answer


def _control(app: GraphQLApp) -> Starlette:
    """The routes below /_demo."""

    async def faults(request: Request) -> Response:
        if request.method == "POST":
            try:
                app.faults.add(**await request.json())
            except (TypeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, 400)
        elif request.method == "DELETE":
            app.faults.clear()
        return JSONResponse(app.faults.waiting)

    async def log(request: Request) -> Response:
        if request.method == "DELETE":
            app.log.clear()
        return JSONResponse(app.log.summary())

    async def reset(_: Request) -> Response:
        app.faults.clear()
        app.log.clear()
        app.market.state.reset()
        return JSONResponse({})

    async def info(_: Request) -> Response:
        return JSONResponse(
            {
                "account": DEMO_ACCOUNT,
                "models": list(DEMO_MODELS),
                "watched": list(DEMO_WATCHED),
                "public_id": DEMO_PUBLIC,
                "secret_key": DEMO_SECRET,
                "now": time_string(app.market.now()),
                "seed": app.market.seed,
            }
        )

    return Starlette(
        routes=[
            Route("/_demo/faults", faults, methods=["GET", "POST", "DELETE"]),
            Route("/_demo/log", log, methods=["GET", "DELETE"]),
            Route("/_demo/reset", reset, methods=["POST"]),
            Route("/_demo/info", info, methods=["GET"]),
        ]
    )


def application(app: GraphQLApp) -> ASGIApp:
    """GraphQL at `POST /`, the controls elsewhere. GraphQL gets uvicorn's own `send`, so that faults reach the socket."""
    control = _control(app)

    async def dispatch(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "POST":
            await app(scope, receive, send)
        else:
            await control(scope, receive, send)

    return dispatch


def make_server(app: GraphQLApp) -> uvicorn.Server:
    """A uvicorn server for the app, quiet and without its own Date header."""
    config = uvicorn.Config(application(app), log_level="error", access_log=False, date_header=False, lifespan="off", http="h11", loop="asyncio")
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    return socket.create_server((host, port), backlog=128)


class DemoServer:
    """The server in a thread of this process, as a context manager with `.url`, `.faults` and `.log`."""

    def __init__(self, market: Market, host: str = "127.0.0.1", port: int = 0, latency_ms: float = 0) -> None:
        self.market = market
        self._app = GraphQLApp(market, latency_ms)
        self.faults, self.log = self._app.faults, self._app.log
        self._socket = listen(host, port)
        self.url = f"http://{host}:{self._socket.getsockname()[1]}"
        self._server = make_server(self._app)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def __enter__(self) -> DemoServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()
