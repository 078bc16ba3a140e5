"""Export of a million score rows to CSV, beside pandas.to_csv of the same frame."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from numtui.export.serialise import write
from numtui.model import Table
from numtui.reports.scores import scores
from numtui.store.database import open_reader
from numtui.store.queries.selection import Models, Rounds
from tests.bench.bench_drift_report import CLASSIC, fill
from tests.bench.figure import Figure

MODELS = 24  # with every day of 364 rounds and two scores: a million rows
TIMES = 3


def seconds(job: Callable[[], object]) -> float:
    began = time.perf_counter()
    job()
    return time.perf_counter() - began


def figures() -> dict[str, Figure]:
    """The best of some exports, from the open cache to the closed file, and of pandas from the frame to the file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        fill(folder / "cache.sqlite", MODELS)
        with closing(open_reader(folder / "cache.sqlite")) as connection:

            def table() -> Table:
                return scores(connection, CLASSIC, Models(mine=True), Rounds())

            frame = table().to_pandas()
            ours, theirs = [], []
            for _ in range(TIMES):
                ours.append(seconds(lambda: write(table(), "csv", folder / "ours.csv")))
                theirs.append(seconds(lambda: frame.to_csv(folder / "theirs.csv", index=False)))
        count = len(frame)
        with (folder / "ours.csv").open() as lines:
            assert sum(1 for _ in lines) == count + 1
    ours_rate, their_rate = count / min(ours), count / min(theirs)
    return {
        "export_ratio": Figure(ours_rate / their_rate, ours_rate, their_rate, "rows/s", "pandas.to_csv"),
        "export_rows_per_s": Figure(ours_rate),
    }
