"""The scores of a model: where each stands, and their history with the user's notes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.reports.drift.monitor import sampled
from numtui.reports.leaderboard import MODEL, MODEL_SCORES
from numtui.store.queries.leaderboards import entry_number, entry_values
from numtui.store.queries.payout_scores import newest_payout_scores
from numtui.store.queries.rounds import listed_rounds
from numtui.store.queries.scores.labels import score_labels
from numtui.store.queries.scores.values import LatestScore, latest_scores
from numtui.store.queries.selection import Rounds

TREND_ROUNDS, POINTS = 60, 20
SCORE_COLUMNS = (
    Column("score", Kind.TEXT, doc="displayName; name@version where it has two versions here"),
    Column("multiplier", Kind.FLOAT, "x", "its multiplier in the newest round; empty where it is not paid"),
    Column("mean_1y", Kind.SCORE, "1y mean", "one-year mean by the leaderboard"),
    Column("value", Kind.SCORE, "newest", "value in the newest round that has one"),
    Column("percentile", Kind.PERCENTILE, "pct", "percentile in the field there, 0..1"),
    Column("mean_percentile", Kind.PERCENTILE, "pct 60", "mean percentile of the last 60 rounds, 0..1"),
    Column("trend", Kind.SPARK, "last 60 rounds", "the values of the last 60 rounds"),
    Column("rounds", Kind.INT, doc="rounds with a value here"),
)


class ScoreRow(NamedTuple):
    """A score of a model, as `SCORE_COLUMNS` say; None where unknown."""

    score: str
    multiplier: Decimal | None
    mean_1y: float | None
    value: float | None
    percentile: float | None
    mean_percentile: float | None
    trend: tuple[float, ...] | None
    rounds: int


class HistoryRow(NamedTuple):
    """A round in the history of scores: `scores` are values and percentiles by the names of their columns."""

    round: int
    resolve_time: datetime | None
    resolved: bool
    note: str | None
    scores: Mapping[str, float | None]


def board_means(connection: sqlite3.Connection, tournament: Tournament, model: str) -> dict[str, float | None]:
    """The one-year means of a model's scores by the leaderboard's names, those it has; empty where it is not listed."""
    entry = entry_number(connection, tournament, MODEL, model)
    if entry is None:
        return {}
    names = MODEL_SCORES[tournament].split()
    values = next((row for _, row in entry_values(connection, names, [entry])), ())
    return {name: value for name, value in zip(names, values, strict=False) if isinstance(value, float)}


def score_rows(
    connection: sqlite3.Connection,
    tournament: Tournament,
    model: str,
    key: int | None,
    multipliers: Mapping[str, Decimal],
) -> list[ScoreRow]:
    """The scores of a model: those paid now (`multipliers` by name) first, then those of its newest rounds.

    `key` is the cache's number of the model; None: only what the leaderboard says.
    """
    means = board_means(connection, tournament, model)
    by_score = _by_label(connection, tournament, key)
    newest = max((rows[-1].round for rows in by_score.values()), default=0)
    current = [name for name, rows in by_score.items() if rows[-1].round > newest - TREND_ROUNDS]
    names = dict.fromkeys([*multipliers, *sorted(current), *([] if current else means)])
    ordered = sorted(names, key=lambda name: (name not in multipliers, _plain(name) not in means))
    return [_score_row(name, by_score.get(name, []), means, multipliers) for name in ordered]


def _score_row(
    name: str, rows: list[LatestScore], means: Mapping[str, float | None], multipliers: Mapping[str, Decimal]
) -> ScoreRow:
    newest = rows[-1] if rows else None
    first = 0 if newest is None else newest.round - TREND_ROUNDS
    recent = [row for row in rows if row.round > first]
    percentiles = [row.percentile for row in recent if row.percentile is not None]
    values = [row.value for row in recent if row.value is not None]
    return ScoreRow(
        score=name,
        multiplier=multipliers.get(name),
        mean_1y=means.get(_plain(name)),
        value=None if newest is None else newest.value,
        percentile=None if newest is None else newest.percentile,
        mean_percentile=sum(percentiles) / len(percentiles) if percentiles else None,
        trend=sampled(values, POINTS) if len(values) > 1 else None,
        rounds=len(rows),
    )


def _by_label(connection: sqlite3.Connection, tournament: Tournament, key: int | None) -> dict[str, list[LatestScore]]:
    """The newest values of each score with one, by round."""
    if key is None:
        return {}
    labels = score_labels(connection, tournament, (key,), Rounds())
    found: dict[str, list[LatestScore]] = {}
    for row in latest_scores(connection, tournament, key, Rounds()):
        if row.value is not None:
            found.setdefault(labels[row.score], []).append(row)
    return found


def _plain(label: str) -> str:
    return label.partition("@")[0]


def score_history(
    connection: sqlite3.Connection, tournament: Tournament, key: int | None, notes: Mapping[int, str]
) -> Table:
    """A row a round with the newest value and percentile of each score, the newest round first; `notes` by round.

    What the newest round pays comes first, then what the newest rounds have. A note on a round without a score has its
    row too.
    """
    by_score = _by_label(connection, tournament, key)
    paid = set(newest_payout_scores(connection, tournament).values())
    names = sorted(by_score, key=lambda name: (_plain(name) not in paid, -by_score[name][-1].round, name))
    columns = [
        Column("round", Kind.INT, doc="the round's number"),
        Column("resolve_time", Kind.TIME, "resolves", "when it resolves"),
        Column("resolved", Kind.BOOL, doc="whether it has: else its scores are those of the newest day"),
        Column("note", Kind.TEXT, doc="the notes that hold from this round on"),
    ]
    for name in names:
        columns.append(Column(name, Kind.SCORE, doc=f"{name} of the newest day"))
        columns.append(Column(f"{name}_percentile", Kind.PERCENTILE, "pct", f"percentile of {name} in the field"))
    cells: dict[int, dict[str, float | None]] = {number: {} for number in notes}
    for name, rows in by_score.items():
        for row in rows:
            cells.setdefault(row.round, {}).update({name: row.value, f"{name}_percentile": row.percentile})
    records = {record.round: record for record in listed_rounds(connection, tournament, Rounds())}
    history = [
        HistoryRow(
            round=number,
            resolve_time=records[number].resolve_time if number in records else None,
            resolved=number in records and bool(records[number].resolved),
            note=notes.get(number),
            scores=values,
        )
        for number, values in sorted(cells.items(), reverse=True)
    ]
    return table_of("scores", tuple(columns), history)
