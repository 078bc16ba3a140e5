"""Recorded scores of real models in a cache of their own, final and without terms."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from numtui.model import Tournament
from numtui.store.database import open_writer, transaction
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import RoundRow, put_rounds, score_ids
from numtui.store.writes.scores import LatestRow, put_scores

CLASSIC = Tournament.CLASSIC
SCORES = {"canon_corr": "v2", "canon_mmc": "v4"}
DAYS = 20


def load_recorded(path: Path, db: Path, versions: Mapping[str, str] = SCORES) -> list[str]:
    """Write the scores of `path` (model, round, a column a score) into a new cache; the models' names in order."""
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = list(dict.fromkeys(row["model"] for row in rows))
    with closing(open_writer(db)) as connection, transaction(connection):
        put_rounds(
            connection, CLASSIC, [RoundRow(n, resolved=True) for n in sorted({int(row["round"]) for row in rows})]
        )
        models = put_models(connection, CLASSIC, [ModelRow(name) for name in names])
        ids = score_ids(connection, versions.items())
        latest = [
            LatestRow(models[row["model"]], int(row["round"]), ids[score, version], DAYS, float(row[score]), None, True)
            for row in rows
            for score, version in versions.items()
            if row[score]
        ]
        put_scores(connection, [], latest)
    return names
