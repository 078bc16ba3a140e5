"""The drift monitor at 100 models x 64 unresolved rounds x 60 days with 300 resolved rounds behind them: the time to
read the cache, to compute profile, forecasts and portfolio interval.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from sqlite3 import Connection
from statistics import median

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.model import Tournament
from numtui.reports.drift.compute import Drift, compute
from numtui.reports.drift.inputs import DriftInputs, load_inputs
from numtui.store.database import open_reader, open_writer, transaction
from numtui.store.writes.models import ModelRow, put_models, set_mine
from numtui.store.writes.rounds import ConfigRow, RoundRow, put_rounds, score_ids
from numtui.store.writes.score_paths import ScoreDays
from numtui.store.writes.scores import LatestRow, PositionRow, put_positions, put_scores
from tests.bench.figure import Figure

MODELS, OPEN, RESOLVED, DAYS = 100, 64, 300, 60
FIRST = 1000
NOW = datetime(2026, 11, 21, 18, tzinfo=UTC)
CLASSIC = Tournament.CLASSIC


def fill(path: Path, models: int = MODELS) -> None:
    """A cache of that size, of scores that wander."""
    rng = np.random.default_rng(0)
    with closing(open_writer(path)) as connection:
        rounds, configs = [], []
        for n in range(RESOLVED + OPEN):
            opens = NOW - timedelta(days=(RESOLVED + OPEN - n) * 7 / 5 + 4)
            resolved = n < RESOLVED
            rounds.append(
                RoundRow(
                    FIRST + n, open_time=opens, close_time=opens, score_time=opens + timedelta(days=4),
                    resolve_time=opens + timedelta(days=88), resolved=resolved, payout_factor=Decimal(1),
                )
            )  # fmt: skip
            for name, multiplier in (("corr60", 3), ("mmc60", 15)):
                configs.append(
                    ConfigRow(
                        FIRST + n, (name, "v1"), total_score_days=DAYS, is_payout=True, payout_factor=Decimal(1),
                        default_multiplier=Decimal(multiplier), clip_threshold=Decimal(1),
                    )
                )  # fmt: skip
        put_rounds(connection, CLASSIC, rounds, configs)
        ids = score_ids(connection, [("corr60", "v1"), ("mmc60", "v1")])
        keys = put_models(connection, CLASSIC, [ModelRow(f"model_{m:03}") for m in range(models)])
        set_mine(connection, CLASSIC, [(key, False) for key in keys.values()], complete=True)
        market = rng.standard_normal((2, RESOLVED + OPEN + DAYS))
        for key in keys.values():
            with transaction(connection):
                _model(connection, rng, market, key, list(ids.values()))


def _model(connection: Connection, rng: np.random.Generator, market: Floats, key: int, scores: list[int]) -> None:
    noise = 0.7 * market + 0.7 * rng.standard_normal(market.shape)
    days: list[ScoreDays] = []
    latest: list[LatestRow] = []
    for n in range(RESOLVED + OPEN):
        last = min(DAYS, RESOLVED + OPEN - n)
        for place, score in enumerate(scores):
            path = 0.01 * noise[place, n : n + last].cumsum() / DAYS**0.5
            numbers = list(range(1, last + 1))
            days.append(ScoreDays(key, FIRST + n, score, int(n < RESOLVED), numbers, path.tolist(), [0.5] * last))
            latest.append(LatestRow(key, FIRST + n, score, last, float(path[-1]), 0.5, n < RESOLVED))
    put_scores(connection, days, latest)
    unresolved = range(FIRST + RESOLVED, FIRST + RESOLVED + OPEN)
    put_positions(connection, key, [PositionRow(number, Decimal("1.5"), "s") for number in unresolved])


async def longest_wait(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds that `work` takes in a thread, and the longest that a task of the event loop waited for its turn."""
    loop, waits = asyncio.get_running_loop(), [0.0]
    began = time.perf_counter()
    with ThreadPoolExecutor(1) as pool:
        job = loop.run_in_executor(pool, work)
        while not job.done():
            at = time.perf_counter()
            await asyncio.sleep(0.001)
            waits.append(time.perf_counter() - at - 0.001)
        await job
    return time.perf_counter() - began, max(waits)


def figures() -> dict[str, Figure]:
    """Best seconds of some runs; what the event loop waits meanwhile is printed."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.sqlite"
        fill(path)

        def read() -> DriftInputs:
            with closing(open_reader(path)) as connection:
                return load_inputs(connection, CLASSIC)

        inputs = read()
        values = sum(int((~np.isnan(kind.scores)).sum()) for kind in inputs.kinds)
        print(f"  {values:,} scores of {len(inputs.models.keys)} models")

        def forecasts() -> Drift:
            return compute(inputs)

        rows = {}
        for name, work in (("drift_read_s", read), ("drift_compute_s", forecasts)):
            times = [asyncio.run(longest_wait(work)) for _ in range(5)]
            seconds, waits = zip(*times, strict=True)
            print(f"  {name}: median {median(seconds):.2f}, event loop waits at most {max(waits) * 1000:.0f} ms")
            rows[name] = Figure(min(seconds))
        return rows
