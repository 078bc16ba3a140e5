"""The simulated API over HTTP.

`POST /` takes GraphQL requests as the real service does. The `Date` header shows the simulation's clock. For tests:

- `POST /_demo/faults` with {"kind": ..., ...} orders a fault (kinds and options: `numtui.demo.server.faults.Fault`),
  `GET` lists the waiting ones, `DELETE` forgets them;
- `GET /_demo/log` counts requests, mutations, root fields and bytes; `DELETE` starts again from zero;
- `POST /_demo/state` with {"submissions": "mixed", "atomic_terms": "stated"}, or one of them, changes the market;
- `POST /_demo/reset` forgets faults, log and changes of stake;
- `GET /_demo/info` names the account, its models, the stakers of its Atomic positions, the demo's keys and the clock.

In the same process `DemoServer` offers the first two as `.faults` and `.log`.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections.abc import MutableMapping
from email.utils import format_datetime
from math import ceil
from types import TracebackType
from typing import Any, get_args

import msgspec
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from numtui.demo import DEMO_ACCOUNT, DEMO_MODELS, DEMO_PUBLIC, DEMO_SECRET, DEMO_STAKERS, DEMO_WATCHED
from numtui.demo.market.boards import Boards
from numtui.demo.market.market import Market
from numtui.demo.options import AtomicTerms, Dialect, Submissions
from numtui.demo.server.engine import Answer, roots_of, run
from numtui.demo.server.exchange import Exchange
from numtui.demo.server.faults import Fault, Faults, RequestLog, with_nulls, with_unknowns
from numtui.demo.server.limits import Limits, Refusal
from numtui.demo.server.resolvers import resolvers
from numtui.demo.server.resolvers.session import Session, key_of
from numtui.demo.server.wire import time_string

REFUSALS = {
    "500": (500, b"<html><body><h1>Internal Server Error</h1></body></html>"),
    "502": (502, b"<html><body><h1>Bad Gateway</h1></body></html>"),
    "429": (429, b"<html><body><h1>Too Many Requests</h1></body></html>"),
    "html": (200, b"<html><body><h1>Just a moment...</h1></body></html>"),
    "rate_limit": (200, b"You have exceeded the rate limit."),
}
FORMS = {"retry_after": "429", "bare": "429", "text": "rate_limit"}  # of refusals by a limit, as faults
PASSING = "Internal server error"
encode = msgspec.json.Encoder().encode


class GraphQLApp:
    """The endpoint at `/`, an ASGI application; without `limits` it takes any number of requests."""

    def __init__(
        self, market: Market, latency_ms: float = 0, dialect: Dialect = "live", limits: Limits | None = None
    ) -> None:
        self.market, self.latency = market, latency_ms / 1000
        self.dialect: Dialect = dialect
        self.limits = limits
        self.boards = Boards(market)
        self.faults, self.log = Faults(), RequestLog()

    def answer(self, body: dict[str, Any], authorization: str | None) -> Answer:
        """Execute one request."""
        with self.market.pinned() as now:
            session = Session(self.market, self.boards, key_of(authorization), now)
            query = body.get("query")
            if not isinstance(query, str):
                return Answer(errors=[{"message": "No query document supplied", "locations": []}])
            return run(query, body.get("variables"), body.get("operationName"), resolvers(session), self.dialect)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request, or fail as ordered."""
        self.log.working += 1
        try:
            await self._take(scope, receive, send)
        finally:
            self.log.working -= 1

    async def _take(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        body = _decoded(await exchange.request.body())
        if body is None:
            await exchange.respond(encode({"errors": [{"message": "Invalid JSON"}]}), 400, self._headers())
            return
        query = str(body.get("query"))
        roots = roots_of(query, self.dialect)
        entry = self.log.request(roots)
        fault = self.faults.take(query, roots)
        refusal = self.limits.take(roots.names, roots.mutation) if self.limits is not None and fault is None else None
        if self.latency:
            await asyncio.sleep(self.latency)
        if refusal is not None:
            size = await self._refuse(exchange, _as_fault(refusal))
            self.log.sent(entry, size, "limit")
            return
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
            text = encode({"data": None, "errors": [{"message": text.decode(), "locations": []}]})
        if fault.retry_after is not None:
            headers["Retry-After"] = f"{fault.retry_after:g}"
        return await exchange.respond(text, status, headers)


def _as_fault(refusal: Refusal) -> Fault:
    seconds = float(ceil(refusal.wait)) if refusal.form == "retry_after" else None
    return Fault(FORMS[refusal.form], retry_after=seconds)


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
        case "null_alias":
            struck = fault.alias or next(iter(data))
            answer.data = data | {struck: None}
            answer.errors.append({"message": PASSING, "path": [struck], "locations": []})
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

    async def state(request: Request) -> Response:
        ordered = await request.json()
        for name, words in {"submissions": get_args(Submissions), "atomic_terms": get_args(AtomicTerms)}.items():
            if ordered.get(name, words[0]) not in words:
                return JSONResponse({"error": f"{name}: one of {', '.join(words)}"}, 400)
        app.market.atomic_terms = ordered.get("atomic_terms", app.market.atomic_terms)
        app.market.behave(ordered.get("submissions", app.market.habits))
        return JSONResponse({"submissions": app.market.habits, "atomic_terms": app.market.atomic_terms})

    async def info(_: Request) -> Response:
        return JSONResponse(
            {
                "account": DEMO_ACCOUNT,
                "models": list(DEMO_MODELS),
                "watched": list(DEMO_WATCHED),
                "stakers": dict(DEMO_STAKERS),
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
            Route("/_demo/state", state, methods=["POST"]),
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

    def __init__(  # noqa: PLR0917 -- what a server can be started with
        self,
        market: Market,
        host: str = "127.0.0.1",
        port: int = 0,
        latency_ms: float = 0,
        dialect: Dialect = "live",
        limits: Limits | None = None,
    ) -> None:
        self.market = market
        self._app = GraphQLApp(market, latency_ms, dialect, limits)
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
