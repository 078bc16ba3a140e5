"""The writes of a first sync, 100 models' histories with every day, and the disk that they take."""

from __future__ import annotations

import random
import tempfile
import time
from contextlib import closing
from pathlib import Path

from numtui.model import Tournament
from numtui.store.database import open_writer
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import score_ids
from numtui.store.writes.score_paths import ScoreDays
from numtui.store.writes.scores import LatestRow, put_scores
from tests.bench.figure import Figure

MODELS, ROUNDS, DAYS = 100, 133, 60


def history(draw: random.Random, model: int, scores: list[int]) -> tuple[list[ScoreDays], list[LatestRow]]:
    days = [
        ScoreDays(
            model,
            number,
            score,
            0,
            list(range(1, DAYS + 1)),
            [draw.gauss(0, 0.02) for _ in range(DAYS)],
            [draw.random() for _ in range(DAYS)],
        )
        for number in range(1000, 1000 + ROUNDS)
        for score in scores
    ]
    return days, [LatestRow(*one[:3], DAYS, one.values[-1], one.percentiles[-1], False, "2026-11-21") for one in days]


def figures() -> dict[str, Figure]:
    """The cache's bytes for one daily score, less those of an empty cache; the writes' seconds are printed."""
    draw = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.db"
        open_writer(path).close()
        empty = path.stat().st_size
        with closing(open_writer(path)) as connection:
            numbers = put_models(connection, Tournament.CLASSIC, (ModelRow(f"model_{n}") for n in range(MODELS)))
            scores = list(score_ids(connection, [("corr60", "1"), ("mmc60", "1")]).values())
            histories = {number: history(draw, number, scores) for number in numbers.values()}
            total = sum(len(one.days) for days, _ in histories.values() for one in days)
            for run in ("fresh", "unchanged"):
                start = time.perf_counter()
                changed = sum(put_scores(connection, *rows) for rows in histories.values())
                print(f"  {run}: {total:,} scores in {time.perf_counter() - start:.2f} s, {changed:,} changed")
        return {"db_bytes_per_score": Figure((path.stat().st_size - empty) / total)}
