"""Seconds for the writes of a first sync: 100 models' histories with every day, fresh and unchanged. Run it by hand."""

from __future__ import annotations

import random
import sys
import tempfile
import time
from pathlib import Path

from numtui.model import Tournament
from numtui.store.database import open_writer
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import score_ids
from numtui.store.writes.score_paths import ScoreDays
from numtui.store.writes.scores import LatestRow, put_scores

ROUNDS, DAYS, SCORES = 133, 60, 2


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


def main(models: int = 100) -> None:
    draw = random.Random(0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cache.db"
        connection = open_writer(path)
        numbers = put_models(connection, Tournament.CLASSIC, (ModelRow(f"model_{n}") for n in range(models)))
        scores = list(score_ids(connection, [("corr60", "1"), ("mmc60", "1")]).values())
        histories = {number: history(draw, number, scores) for number in numbers.values()}
        total = sum(len(one.days) for days, _ in histories.values() for one in days)
        for run in ("fresh", "unchanged"):
            start = time.perf_counter()
            changed = sum(put_scores(connection, *rows) for rows in histories.values())
            print(f"{run:<10}{total:>10,} rows {time.perf_counter() - start:6.2f} s, {changed:,} changed")
        connection.close()
        print(f"{path.stat().st_size / 1e6:.0f} MB")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
