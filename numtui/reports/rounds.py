"""Rounds: where each stands between opening and resolution, and the chosen models in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.reports.drift.record import RECORD_COLUMNS, outcome, record_cells, round_forecasts
from numtui.reports.round_status import ScoringDays, round_status, scoring_days
from numtui.store.queries.payout_scores import newest_payout_scores, scores_paid_in
from numtui.store.queries.rounds import listed_rounds
from numtui.store.queries.scores.labels import score_labels
from numtui.store.queries.scores.paths import round_days
from numtui.store.queries.scores.values import NewestScore, newest_scores
from numtui.store.queries.selection import Models, Rounds, counted_models, known_models
from numtui.store.queries.stakes.round_money import RoundMoney, round_money

ROUND_COLUMNS = (
    Column("round", Kind.INT, doc="the round's number"),
    Column("status", Kind.TEXT, doc="upcoming, open, resolving or resolved"),
    Column("progress", Kind.BAR, "day x/N", "scoring days done, of all"),
    Column("target", Kind.TEXT, doc="the target that it is scored on"),
    Column("open_time", Kind.TIME, "opens", "when submissions open"),
    Column("close_time", Kind.TIME, "closes", "when submissions close"),
    Column("close_staking_time", Kind.TIME, "stakes by", "when stakes are fixed"),
    Column("resolve_time", Kind.TIME, "resolves", "when it resolves"),
    Column("day", Kind.INT, doc="newest scoring day"),
    Column("days", Kind.INT, doc="scoring days to the resolution"),
    Column("payout_factor", Kind.FLOAT, "factor", "payout factor; empty until it is known"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk of the chosen models"),
    Column("pending", Kind.NMR, "pending", "pending payout of the chosen models; a burn is negative"),
    Column("settled", Kind.NMR, "settled", "settled payout of the chosen models; a burn is negative"),
    *RECORD_COLUMNS,
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)


class RoundRow(NamedTuple):
    """A round, and the sums of the chosen models in it; NMR, None where unknown, a burn negative.

    `progress` is (scoring days done, all); from `forecast_day` to `held` it is the recorded forecast and what came.
    """

    round: int
    status: str
    progress: tuple[int, int] | None
    target: str | None
    open_time: datetime | None
    close_time: datetime | None
    close_staking_time: datetime | None
    resolve_time: datetime | None
    day: int | None
    days: int | None
    payout_factor: Decimal | None
    at_risk: Decimal | None
    pending: Decimal | None
    settled: Decimal | None
    forecast_day: int | None
    expected: float | None
    p05: float | None
    p95: float | None
    outcome: float | None
    held: bool | None
    tournament: str


class RoundModel(NamedTuple):
    """A model in a round; NMR. `scores` by the names of their columns."""

    model: str
    day: int | None
    at_risk: Decimal | None
    pending: Decimal | None
    settled: Decimal | None
    scores: Mapping[str, float | None]


class ModelDay(NamedTuple):
    """A scoring day of a model in a round. `scores` by the names of their columns."""

    day: int
    date: str | None
    scores: dict[str, float | None]


def rounds(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, selection: Models, within: Rounds
) -> Table:
    """The selected rounds, the newest first, with sums over the chosen models (none chosen: the own ones)."""
    models = counted_models(connection, tournament, selection)
    sums = _by_round(round_money(connection, models.values()))
    scoring = scoring_days(connection, tournament, now)
    recorded = round_forecasts(connection, tournament, models.values())
    rows: list[RoundRow] = []
    for record in listed_rounds(connection, tournament, within):
        days = scoring.get(record.round, ScoringDays())
        amounts = sums.get(record.round, RoundMoney())
        row = RoundRow(
            round=record.round,
            status=round_status(now, record.open_time, record.close_time, record.resolved),
            progress=days.bar,
            target=record.target,
            open_time=record.open_time,
            close_time=record.close_time,
            close_staking_time=record.close_staking_time,
            resolve_time=record.resolve_time,
            day=days.done,
            days=days.days,
            payout_factor=record.payout_factor,
            at_risk=amounts.at_risk,
            pending=amounts.pending,
            settled=amounts.settled,
            **record_cells(recorded.get(record.round) if record.resolved else None, outcome(amounts))._asdict(),
            tournament=tournament.label,
        )
        rows.append(row)
    return Table("rounds", ROUND_COLUMNS, rows)


def _by_round(sums: dict[tuple[int, int], RoundMoney]) -> dict[int, RoundMoney]:
    by_round: dict[int, RoundMoney] = {}
    for (_, number), amount in sums.items():
        by_round[number] = by_round.get(number, RoundMoney()).plus(amount)
    return by_round


def round_models(connection: sqlite3.Connection, tournament: Tournament, number: int, selection: Models) -> Table:
    """The chosen models in round `number`: at risk, payouts, and the newest value and percentile of each score."""
    models = known_models(connection, tournament, selection)
    sums = round_money(connection, models.values())
    scores = _scores_of_round(connection, tournament, number, list(models.values()))
    rows: list[RoundModel] = []
    for name, model in models.items():
        newest = newest_scores(connection, model, number)
        amounts = sums.get((model, number), RoundMoney())
        if not newest and amounts == RoundMoney():
            continue
        day = max((score.day for score in newest.values() if score.day is not None), default=None)
        rows.append(RoundModel(name, day, *amounts, scores=_by_column(scores, newest)))
    columns = (
        Column("model", Kind.TEXT, doc="the model's name"),
        Column("day", Kind.INT, doc="newest scoring day"),
        Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
        Column("pending", Kind.NMR, "pending", "pending payout"),
        Column("settled", Kind.NMR, "settled", "settled payout"),
        *_score_columns(scores),
    )
    return table_of(f"round {number}", columns, rows)


def model_days(connection: sqlite3.Connection, tournament: Tournament, model: str, number: int) -> Table:
    """One model in one round: a row a scoring day, value and percentile of each score."""
    keys = list(known_models(connection, tournament, Models(names=(model,))).values())
    scores = _scores_of_round(connection, tournament, number, keys)
    days: dict[int, dict[int, NewestScore]] = {}
    dates: dict[int, str | None] = {}
    for key in keys:
        for day, date, score, value, percentile in round_days(connection, tournament, key, number):
            days.setdefault(day, {})[score] = NewestScore(day, value, percentile)
            dates[day] = None if date is None else date[:10]
    columns = (
        Column("day", Kind.INT, doc="scoring day"),
        Column("date", Kind.TEXT, doc="when it was scored"),
        *_score_columns(scores),
    )
    rows = [ModelDay(day, dates[day], _by_column(scores, values)) for day, values in days.items()]
    return table_of(f"{model} in round {number}", columns, rows)


class _Score(NamedTuple):
    """A score of a round as it is written, and whether the round pays it."""

    label: str
    paid: bool


def _scores_of_round(
    connection: sqlite3.Connection, tournament: Tournament, number: int, models: list[int]
) -> dict[int, _Score]:
    """The scores that these models have in the round, by the cache's number.

    Those that pay come first, then those that the newest round of the tournament pays.
    """
    labels = score_labels(connection, tournament, models, Rounds(number, number))
    paid = scores_paid_in(connection, tournament, number)
    newest = newest_payout_scores(connection, tournament)
    order = sorted(labels, key=lambda score: (score not in paid, score not in newest, labels[score]))
    return {score: _Score(labels[score], score in paid) for score in order}


def _score_columns(scores: dict[int, _Score]) -> Iterator[Column]:
    for label, paid in scores.values():
        yield Column(label, Kind.SCORE, doc=f"newest {label} ({'paid' if paid else 'not paid'} in this round)")
        yield Column(f"{label}_percentile", Kind.PERCENTILE, "pct", f"percentile of {label} in the field")


def _by_column(scores: Mapping[int, _Score], values: Mapping[int, NewestScore]) -> dict[str, float | None]:
    """The values and percentiles by the names of their columns."""
    cells: dict[str, float | None] = {}
    for number, score in values.items():
        if number in scores:
            cells[scores[number].label] = score.value
            cells[f"{scores[number].label}_percentile"] = score.percentile
    return cells
