"""Every day's scores of chosen models and rounds, streamed: a hundred models have millions of rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament
from numtui.store.queries.scores.labels import score_labels
from numtui.store.queries.scores.values import day_scores
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
    label = tournament.label  # outside the loop: there are millions of rows
    for name, model in models.items():
        for number, score, version, day, value, percentile, resolved, date in day_scores(
            connection, tournament, model, rounds, latest=latest
        ):
            final = None if resolved is None else bool(resolved)
            yield ScoreRow(name, number, labels[score], version, day, value, percentile, final, date, label)
