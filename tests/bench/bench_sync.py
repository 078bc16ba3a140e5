"""First sync of 100 models with every day, beside numerapi asked model by model.

Both talk to one server in a process of its own. Its answers are prepared beforehand (a first, untimed round of the
same questions) and each is delayed by 100 ms: neither waits for the simulation. Ours is decoded and stored in SQLite;
numerapi's is only decoded, for some of the models, and scaled up.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import warnings
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from numtui import demo
from numtui.clock import FixedClock
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.poller.service import Service
from numtui.store.database import open_reader
from tests.bench.figure import Figure

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
MODELS, ROUNDS, FIELD = 100, 400, 2_000
SAMPLE = 5  # models that numerapi is timed on
DELAY = 0.1
HOP = {"content-length", "transfer-encoding", "connection", "date", "server"}


def serve() -> None:
    """The market behind a memory of its answers; prints its URL and runs until standard input closes."""
    import uvicorn  # only in the server's process
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from numtui.demo.market.market import Market
    from numtui.demo.server.server import DemoServer, listen

    market = Market(now=NOW, models=FIELD, account_models=MODELS, rounds=ROUNDS)
    known: dict[bytes, tuple[bytes, dict[str, str]]] = {}
    behind = DemoServer(market).__enter__()
    client = httpx.AsyncClient(timeout=300)

    async def answer(request: Request) -> Response:
        body = await request.body()
        if body in known:
            await asyncio.sleep(DELAY)
        else:
            headers = {k: v for k, v in request.headers.items() if k not in {*HOP, "host"}}
            async with client.stream("POST", behind.url, content=body, headers=headers) as got:
                raw = b"".join([part async for part in got.aiter_raw()])
                known[body] = raw, {k: v for k, v in got.headers.items() if k not in HOP}
        content, headers = known[body]
        return Response(content, headers=headers)

    app = Starlette(routes=[Route("/", answer, methods=["POST"])])
    listener = listen("127.0.0.1", 0)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])


def ours(url: str, folder: Path, name: str) -> tuple[float, int]:
    """Seconds of a first sync of Classic into an empty cache, and the score rows that it holds then."""
    settings = Settings(folder / f"{name}.db", folder / name, folder / "none.toml", (url,))
    started = time.perf_counter()
    code = asyncio.run(Service(settings, FixedClock(NOW), once=True, say=lambda line: None).run())
    seconds = time.perf_counter() - started
    assert code == 0
    with closing(open_reader(settings.db)) as connection:
        return seconds, int(connection.execute("SELECT sum(length(day_values)) / 8 FROM score_paths").fetchone()[0])


def theirs(url: str) -> tuple[float, int]:
    """Seconds of numerapi for SAMPLE models: every day's scores, then stakes and payouts, as its users ask for them."""
    import numerapi  # slow to import: not counted

    numerapi.base_api.API_TOURNAMENT_URL = url
    api = numerapi.NumerAPI(verbosity="error", show_progress_bars=False)
    models = list(api.get_models().values())[:SAMPLE]
    started, rows = time.perf_counter(), 0
    for model in models:
        performances: list[dict[str, Any]] = api.intra_round_scores(model)
        rows += sum(len(one["intraRoundSubmissionScores"] or []) for one in performances)
        api.round_model_performances_v2(model)
    return time.perf_counter() - started, rows


def figures() -> dict[str, Figure]:
    """numerapi's seconds for all it gives of as many scores, over ours until every day is stored."""
    warnings.simplefilter("ignore")
    os.environ[PUBLIC_ID], os.environ[SECRET_KEY] = demo.DEMO_PUBLIC, demo.DEMO_SECRET
    command = [sys.executable, "-m", "tests.bench.bench_sync"]
    with tempfile.TemporaryDirectory() as name, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url, folder = server.stdout.readline().strip(), Path(name)
            ours(url, folder, "prepare")
            theirs(url)
            seconds, rows = ours(url, folder, "timed")
            api_seconds, api_rows = theirs(url)
        finally:
            server.terminate()
    scaled = api_seconds / api_rows * rows
    print(f"  {rows:,} daily scores; numerapi: {api_rows:,} of {SAMPLE} models in {api_seconds:.1f} s")
    return {"sync_full_ratio": Figure(scaled / seconds, seconds, scaled, "s", "numerapi")}


if __name__ == "__main__":
    serve()
