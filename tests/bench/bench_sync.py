"""First sync of 100 models, to complete screens and to every day, beside numerapi asked model by model; and the poll
after the next day's scoring run.

Both talk to one server. Its answers are prepared beforehand (a first, untimed round of the same questions) and each is
delayed by 100 ms: neither waits for the simulation. Ours is decoded and stored in SQLite; numerapi's is only decoded,
for some of the models and in a process of its own, and scaled up.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from numtui import demo
from numtui.clock import FixedClock
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.poller.memory import use_little_memory
from numtui.poller.service import Service
from numtui.store.database import open_reader
from tests.bench.figure import Figure
from tests.bench.served import serving

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)  # a Friday evening: the day's run has scored and resolved
NEXT = NOW + timedelta(days=1)
SAMPLE = 3  # models that numerapi is timed on
DELAY = 0.1


class Sync(NamedTuple):
    """A sync of all tournaments: seconds until every model's history is here without days, and until every day is; CPU
    seconds of this process, daily scores stored, requests, megabytes received.
    """

    usable: float
    full: float
    usable_cpu: float
    full_cpu: float
    scores: int
    requests: int
    megabytes: float


def ours(url: str, cache: Path, now: datetime = NOW) -> Sync:
    """A sync into `cache`, with the days of every round."""
    settings = Settings(cache, cache.with_suffix(".state"), cache.with_suffix(".toml"), (url,))
    times = [(0.0, 0.0)]
    started, cpu = time.perf_counter(), time.process_time()

    def said(line: str) -> None:
        if " first poll " in line or " scored poll " in line:
            times.append((time.perf_counter() - started, time.process_time() - cpu))

    code = asyncio.run(Service(settings, FixedClock(now), once=True, full=True, say=said).run())
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu
    assert code == 0
    with closing(open_reader(cache)) as connection:
        scores, *_ = connection.execute("SELECT sum(length(day_values)) / 8 FROM score_paths").fetchone()
        requests, received = connection.execute(
            "SELECT sum(requests), sum(bytes) / 1e6 FROM polls WHERE julianday(started) >= julianday(?)", (now,)
        ).fetchone()
    usable, usable_cpu = times[-1]
    return Sync(usable, seconds, usable_cpu, cpu_seconds, scores, requests, received)


def theirs(url: str) -> tuple[float, float, int]:
    """Seconds, CPU seconds and daily scores of numerapi for SAMPLE models: every day's scores, then stakes and payouts,
    as its users ask for them."""
    import numerapi  # slow to import: not counted

    numerapi.base_api.API_TOURNAMENT_URL = url
    api = numerapi.NumerAPI(verbosity="error", show_progress_bars=False)
    models = list(api.get_models().values())[:SAMPLE]
    started, cpu, rows = time.perf_counter(), time.process_time(), 0
    for model in models:
        performances: list[dict[str, Any]] = api.intra_round_scores(model)
        rows += sum(len(one["intraRoundSubmissionScores"] or []) for one in performances)
        api.round_model_performances_v2(model)
    return time.perf_counter() - started, time.process_time() - cpu, rows


def figures() -> dict[str, Figure]:
    """numerapi's seconds for all it gives of as many scores, over ours to complete screens and to every day; and our
    seconds for the scoring run of the next day."""
    warnings.simplefilter("ignore")
    os.environ[PUBLIC_ID], os.environ[SECRET_KEY] = demo.DEMO_PUBLIC, demo.DEMO_SECRET
    use_little_memory()
    with (
        tempfile.TemporaryDirectory() as name,
        serving(NOW, DELAY) as server,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as peer,
    ):
        url, folder = server.url, Path(name)
        ours(url, folder / "first.db")
        peer.submit(theirs, url).result()
        sync = ours(url, folder / "timed.db")
        seconds, cpu, rows = peer.submit(theirs, url).result()
        server.become(NEXT)
        shutil.copy(folder / "timed.db", folder / "next.db")
        ours(url, folder / "next.db", NEXT)
        poll = ours(url, folder / "timed.db", NEXT)
    whole, whole_cpu = seconds / rows * sync.scores, cpu / rows * sync.scores
    print(f"  {sync.scores:,} daily scores, {sync.requests} requests, {sync.megabytes:.1f} MB received")
    print(f"  complete screens: {sync.usable:.1f} s, {sync.usable_cpu:.1f} s of CPU, ", end="")
    print(f"every day: {sync.full:.1f} s, {sync.full_cpu:.1f} s of CPU")
    print(f"  numerapi: {SAMPLE} models in {seconds:.1f} s; all {whole:.0f} s, {whole_cpu:.0f} s of CPU")
    print(f"  next scoring run: {poll.usable:.1f} s, {poll.usable_cpu:.1f} s of CPU, {poll.requests} requests")
    return {
        "sync_usable_ratio": Figure(whole / sync.usable, sync.usable, whole, "s", "numerapi"),
        "sync_usable_s": Figure(sync.usable),
        "sync_full_ratio": Figure(whole / sync.full, sync.full, whole, "s", "numerapi"),
        "poll_incremental_s": Figure(poll.usable),
    }
