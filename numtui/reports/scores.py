"""Every day's scores of chosen models and rounds, streamed: a hundred models have millions of rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from functools import partial
from itertools import repeat
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament
from numtui.store.queries.scores.labels import score_labels
from numtui.store.queries.scores.paths import score_paths_of
from numtui.store.queries.scores.values import latest_scores
from numtui.store.queries.selection import Models, Rounds, known_models

COLUMNS = (
    Column("model", Kind.TEXT, doc="the model's name"),
    Column("round", Kind.INT, doc="the round's number"),
    Column("score", Kind.TEXT, doc="displayName; name@version where the range has the name in two versions"),
    Column("version", Kind.TEXT, doc="the score's version"),
    Column("day", Kind.INT, doc="scoring day, from 1"),
    Column("value", Kind.SCORE, doc="the score"),
    Column("percentile", Kind.PERCENTILE, doc="0..1 within the round's field"),
    Column("resolved", Kind.BOOL, doc="whether the score is final"),
    Column("date", Kind.TEXT, doc="when the day was scored"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


FINAL = {None: None, 0: False, 1: True}


class ScoreRow(NamedTuple):
    """A score of a model on one scoring day of a round; None where unknown."""

    model: str
    round: int
    score: str
    version: str
    day: int | None
    value: float | None
    percentile: float | None
    resolved: bool | None
    date: str | None
    tournament: str


_ROW = partial(tuple.__new__, ScoreRow)  # a row of a tuple: as ScoreRow._make, in C


def scores(
    connection: sqlite3.Connection, tournament: Tournament, selection: Models, rounds: Rounds, *, latest: bool = False
) -> Table:
    """The scores of the chosen models and rounds by model, round, score and day; `latest`: only the newest days."""
    models = known_models(connection, tournament, selection)
    return Table("scores", COLUMNS, _stream(connection, tournament, models, rounds, latest=latest))


def _stream(
    connection: sqlite3.Connection, tournament: Tournament, models: dict[str, int], rounds: Rounds, *, latest: bool
) -> Iterator[ScoreRow]:
    labels = score_labels(connection, tournament, list(models.values()), rounds)
    read = _latest_rows if latest else _day_rows
    return read(connection, tournament, models, rounds, labels)


def _latest_rows(
    connection: sqlite3.Connection,
    tournament: Tournament,
    models: dict[str, int],
    rounds: Rounds,
    labels: dict[int, str],
) -> Iterator[ScoreRow]:
    for name, model in models.items():
        for row in latest_scores(connection, tournament, model, rounds):
            final = FINAL[row.resolved]
            yield ScoreRow(
                name, row.round, labels[row.score], row.version, row.day, row.value, row.percentile, final, row.date,
                tournament.label,
            )  # fmt: skip


def _day_rows(
    connection: sqlite3.Connection,
    tournament: Tournament,
    models: dict[str, int],
    rounds: Rounds,
    labels: dict[int, str],
) -> Iterator[ScoreRow]:
    """A path at a time, its rows made at once: there are millions."""
    names, label = {model: name for name, model in models.items()}, tournament.label
    for path in score_paths_of(connection, tournament, names, rounds):
        fixed = (names[path.model], path.round, labels[path.score], path.version)
        finals = [FINAL[flag] for flag in path.resolved]
        yield from map(
            _ROW,
            zip(*map(repeat, fixed), path.days, path.values, path.percentiles, finals, path.dates, repeat(label)),
        )
