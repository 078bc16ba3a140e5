"""Backtests through cache, report and export: `python tests/bench/bench_backtest_report.py`.

100 models x 400 rounds: 21 cells against a script in the style of the forum, 50 x 50 cells, and how long keys wait on
the screen while such a grid is computed.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

import numpy as np
from textual import events

from numtui.analysis.backtest.backtest import backtest
from numtui.clock import FixedClock
from numtui.export import to_text
from numtui.model import Tournament
from numtui.reports.backtest.inputs import load_inputs
from numtui.reports.backtest.query import BacktestQuery, split_terms
from numtui.reports.backtest.study import study, with_walk
from numtui.reports.backtest.table import backtest_table, computed
from numtui.store.database import open_reader, open_writer, transaction
from numtui.store.queries.selection import Models, Rounds
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import RoundRow, put_rounds, score_ids
from numtui.store.writes.scores import LatestRow, put_scores
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.backtest.screen import BacktestScreen
from tests.bench.bench_backtest import LARGE, SMALL, forum_script, history
from tests.tui.backtested import NOW
from tests.tui.filled import settings_of

CLASSIC = Tournament.CLASSIC
FACTOR, CLIP = "0.4", "0.05"
GRID_21 = "corr=0,0.5,1 mmc=0..3:0.5"
GRID_2500 = f"corr={','.join(repr(x) for x in np.linspace(0, 3, 50).tolist())}"
GRID_2500 += f" mmc={','.join(repr(x) for x in np.linspace(0, 3, 50).tolist())}"


def fill(path: Path) -> None:
    """The history of the analysis' bench as a cache of watched models."""
    data = history(clip=0.05)
    with closing(open_writer(path)) as connection, transaction(connection):
        put_rounds(connection, CLASSIC, [RoundRow(int(number) + 1, resolved=True) for number in data.rounds])
        models = put_models(connection, CLASSIC, [ModelRow(name) for name in data.models])
        connection.execute("UPDATE models SET watched = 1")
        ids = score_ids(connection, [(name, "v1") for name in data.scores])
        put_scores(
            connection,
            [],
            [
                LatestRow(models[name], int(number) + 1, ids[score, "v1"], 20, float(data.values[m, r, k]), 0.5, True)
                for m, name in enumerate(data.models)
                for r, number in enumerate(data.rounds)
                for k, score in enumerate(data.scores)
                if not np.isnan(data.values[m, r, k])
            ],
        )
        connection.execute(
            "INSERT INTO polls (tournament, kind, started, finished, state) VALUES (8, 'idle', ?1, ?1, 'done')", (NOW,)
        )


def query(grid: str) -> BacktestQuery:
    grid_axes, terms = split_terms(grid)
    return BacktestQuery.parse(models=Models(watched=True), grid=grid_axes, terms=terms, factor=FACTOR, clip=CLIP)


def timed(label: str, job: object) -> float:
    start = time.perf_counter()
    job()  # type: ignore[operator]  # a callable
    seconds = time.perf_counter() - start
    print(f"  {label}: {seconds * 1000:.0f} ms")
    return seconds


def reports(db: Path) -> None:
    with closing(open_reader(db)) as connection:
        where, rounds = (connection, CLASSIC), Rounds()
        small = load_inputs(*where, query(GRID_21), rounds)
        assert small is not None
        print("21 cells, 100 models x 400 rounds")
        best = min(
            timed("every column but the interval", lambda: backtest(small.history, small.cells)) for _ in range(3)
        )
        start = time.perf_counter()
        forum_script(small.history, [(c, m) for c, m in SMALL if c or m], 5)
        script = (time.perf_counter() - start) * 20
        print(f"  forum script: {script * 1000:.0f} ms, {script / best:.0f} times as long")
        timed(
            "from the cache to CSV, with the interval", lambda: to_text(backtest_table(*where, query(GRID_21), rounds))
        )
        print("50 x 50 cells")
        large = load_inputs(*where, query(GRID_2500), rounds)
        assert large is not None
        assert len(large.cells) == len(LARGE) - 1
        timed("reading the cache", lambda: load_inputs(*where, query(GRID_2500), rounds))
        timed("total, average, std, Sharpe, drawdown", lambda: backtest(large.history, large.cells, full=False))
        timed("every column, one thread", lambda: computed(large))
        timed("every column, two threads", lambda: computed(large, workers=2))
        result = study(*where, query(GRID_2500), rounds, progress=lambda _done: None)
        assert result is not None
        timed("the screen's findings", lambda: study(*where, query(GRID_2500), rounds, progress=lambda _done: None))
        timed("the walk forward", lambda: with_walk(result))


async def moved(app: NumtuiApp, screen: BacktestScreen) -> float:
    """Seconds from a key to the cursor on another row and everything painted that follows from it."""
    start, before = time.perf_counter(), screen.table.cursor
    app.post_message(events.Key("j" if before < 50 else "g", None))
    painted = asyncio.Event()
    while screen.table.cursor == before:
        await asyncio.sleep(0)
    screen.call_after_refresh(painted.set)
    await painted.wait()
    return time.perf_counter() - start


async def keys(db: Path) -> None:
    """How long the cursor takes to move while 50 x 50 cells are computed, and while nothing is."""
    app = make_app(settings_of(db.parent), FixedClock(NOW), start_poller=False, screen="backtest")
    async with app.run_test(size=(120, 40)):
        await app.workers.wait_for_complete()
        assert isinstance(app.screen, BacktestScreen)
        screen = app.screen
        screen.choose(screen.form.with_terms(GRID_21).with_money(f"factor={FACTOR} clip={CLIP}"))
        await app.workers.wait_for_complete()
        for label, terms in (("idle", GRID_21), ("computing 50 x 50 cells", GRID_2500)):
            screen.choose(screen.form.with_terms(terms))
            waits: list[float] = []
            while len(waits) < 60 or (screen.working and len(waits) < 400):
                waits.append(await moved(app, screen))
                await asyncio.sleep(0.03)
            waits.sort()
            tail = waits[int(len(waits) * 0.95)]
            print(
                f"  {label}: {len(waits)} keys, median {statistics.median(waits) * 1000:.0f} ms, "
                f"95 % {tail * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms"
            )
            await app.workers.wait_for_complete()


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        db = Path(folder) / "cache.sqlite"
        fill(db)
        reports(db)
        print("keys")
        asyncio.run(keys(db))


if __name__ == "__main__":
    main()
