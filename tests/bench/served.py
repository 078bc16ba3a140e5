"""A server of the simulated tournament in a process of its own, whose answers cost nothing once they were asked for.

Histories of the account's models are those of its first few, again and again: to answer for a hundred models takes no
longer than for twelve, and is as much to read.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

MODELS, ROUNDS, FIELD = 100, 400, 15_000
DISTINCT = 12  # models of a tournament that have a history of their own
GZIP_LEVEL = 6


@dataclass
class Calendar:
    """A clock that is set day by day."""

    at: datetime

    def now(self) -> datetime:
        return self.at


class Served(NamedTuple):
    """A server that runs: its `url`, and the process that takes the time of its tournament."""

    url: str
    process: subprocess.Popen[str]

    def become(self, now: datetime) -> None:
        """Sets the tournament's clock; the answers are prepared anew."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print(now.isoformat(), file=self.process.stdin, flush=True)
        assert self.process.stdout.readline().strip() == now.isoformat()


@contextmanager
def serving(now: datetime, delay: float = 0.0) -> Iterator[Served]:
    """A server of this moment; what was asked for before is answered after `delay` seconds."""
    command = [sys.executable, "-m", "tests.bench.served", now.isoformat(), str(delay)]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            yield Served(process.stdout.readline().strip(), process)
        finally:
            process.terminate()


def serve(now: datetime, delay: float) -> None:
    """Prints the URL and runs until it is ended; takes a new time from each line of standard input."""
    import uvicorn  # what follows only in the server's process
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from numtui.demo.market.market import Market
    from numtui.demo.server.server import GraphQLApp, encode, listen
    from numtui.model import Tournament

    calendar = Calendar(now)
    market = Market(clock=calendar, models=FIELD, account_models=MODELS, rounds=ROUNDS)
    simulated = GraphQLApp(market)
    alike: dict[str, list[str]] = {}
    for tournament in Tournament:
        ids = [model.id for model in market.account_models_of(tournament)]
        alike |= {identity: [ids[place % DISTINCT], ids[place % 2]] for place, identity in enumerate(ids)}
    known: dict[tuple[str, str | None], bytes] = {}

    def listen_for_times() -> None:
        for line in sys.stdin:
            calendar.at = datetime.fromisoformat(line.strip())
            known.clear()
            print(line.strip(), flush=True)

    def prepared(text: str, key: str | None) -> bytes:
        answer = simulated.answer(json.loads(text), key)
        return gzip.compress(encode(answer.body()), GZIP_LEVEL)

    async def answer(request: Request) -> Response:
        asked, key = json.loads(await request.body()), request.headers.get("authorization")
        text = json.dumps({"query": asked["query"], "variables": _alike(asked, alike)})
        if (text, key) in known:
            await asyncio.sleep(delay)
        else:
            known[text, key] = prepared(text, key)
        return Response(known[text, key], media_type="application/json", headers={"Content-Encoding": "gzip"})

    threading.Thread(target=listen_for_times, daemon=True).start()
    app = Starlette(routes=[Route("/", answer, methods=["POST"])])
    listener = listen("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error", date_header=False)).run(sockets=[listener])


def _alike(asked: dict[str, Any], alike: dict[str, list[str]]) -> dict[str, Any]:
    """The variables of a request, with models of the account replaced by those whose histories stand for theirs: by
    fewer where a request is for one model alone, as it is where answers are large."""
    variables = asked.get("variables") or {}
    if "v2RoundModelPerformances" not in asked["query"]:
        return variables
    several = "m1" in variables
    return {
        name: alike[value][0 if several else 1] if name.startswith("m") and value in alike else value
        for name, value in variables.items()
    }


if __name__ == "__main__":
    serve(datetime.fromisoformat(sys.argv[1]), float(sys.argv[2]))
