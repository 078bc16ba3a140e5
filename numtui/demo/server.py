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
from numtui.demo.engine import Answer, root_fields_of, run
from numtui.demo.exchange import Exchange
from numtui.demo.faults import Fault, Faults, RequestLog, with_nulls, with_unknowns
from numtui.demo.market import Market
from numtui.demo.resolvers import resolvers
from numtui.demo.resolvers.session import Session, key_of
from numtui.demo.wire import time_string

REFUSALS = {
    "500": (500, b"<html><body><h1>Internal Server Error</h1></body></html>"),
    "502": (502, b"<html><body><h1>Bad Gateway</h1></body></html>"),
    "429": (429, b"<html><body><h1>Too Many Requests</h1></body></html>"),
    "html": (200, b"<html><body><h1>Just a moment...</h1></body></html>"),
    "rate_limit": (200, b"You have exceeded the rate limit."),
}
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
        """Answer one HTTP request, or fail as ordered."""
        exchange = Exchange(scope, receive, send)
        body = _decoded(await exchange.request.body())
        if body is None:
            await exchange.respond(encode({"errors": [{"message": "Invalid JSON"}]}), 400, self._headers())
            return
        query = str(body.get("query"))
        names, mutation = root_fields_of(query)
        entry = self.log.request(names, mutation)
        fault = self.faults.take(query, names, mutation)
        if self.latency:
            await asyncio.sleep(self.latency)
        if fault is not None and fault.kind in REFUSALS:
            size = await self._refuse(exchange, fault)
        elif fault is not None and fault.kind == "drop":
            size = exchange.drop()
        else:
            size = await self._serve(exchange, body, fault)
        self.log.sent(entry, size, None if fault is None else fault.kind)

    def _headers(self, media: str = "application/json; charset=utf-8") -> dict[str, str]:
        return {"Date": format_datetime(self.market.now(), usegmt=True), "Content-Type": media}

    async def _serve(self, exchange: Exchange, body: dict[str, Any], fault: Fault | None) -> int:
        """Carry the request out and answer, altered or cut off by a fault."""
        kind = None if fault is None else fault.kind
        if fault is not None and kind == "delay":
            await asyncio.sleep(fault.delay)
        answer = self.answer(body, exchange.request.headers.get("authorization"))
        if kind == "lost_answer":
            return exchange.drop()
        payload = encode(_altered(answer, fault).body())
        return await exchange.respond(payload, 200, self._headers(), truncated=kind == "truncated")

    async def _refuse(self, exchange: Exchange, fault: Fault) -> int:
        """Fail without looking at the request."""
        status, text = REFUSALS[fault.kind]
        headers = self._headers("text/html")
        if fault.kind == "rate_limit":
            headers = self._headers()
            text = encode({"data": None, "errors": [{"message": text.decode(), "path": [], "locations": []}]})
        if fault.retry_after is not None:
            headers["Retry-After"] = f"{fault.retry_after:g}"
        return await exchange.respond(text, status, headers)


def _decoded(payload: bytes) -> dict[str, Any] | None:
    try:
        body = msgspec.json.decode(payload)
    except msgspec.DecodeError:
        return None
    return body if isinstance(body, dict) else None


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
    """GraphQL at `POST /`, the controls elsewhere. GraphQL gets uvicorn's own `send`: faults must reach the socket."""
    control = _control(app)

    async def dispatch(scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/" and scope["method"] == "POST":
            await app(scope, receive, send)
        else:
            await control(scope, receive, send)

    return dispatch


def make_server(app: GraphQLApp) -> uvicorn.Server:
    """A uvicorn server for the app, quiet and without its own Date header."""
    config = uvicorn.Config(
        application(app),
        log_level="error",
        access_log=False,
        date_header=False,
        lifespan="off",
        http="h11",
        loop="asyncio",
    )
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

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(timeout=10)
        self._socket.close()
