"""Rounds: where each stands between opening and resolution, and the chosen models in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.reports.drift.record import RECORD_COLUMNS, outcome, record_cells, round_forecasts
from numtui.reports.round_status import ScoringDays, round_status, scoring_days
from numtui.reports.scores import score_labels
from numtui.store.queries.forecasts import RecordedForecast
from numtui.store.queries.round_money import RoundMoney, round_money
from numtui.store.queries.selection import Models, Rounds, counted_models, known_models
from numtui.store.queries.terms import newest_payout_scores

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


def rounds(
    connection: sqlite3.Connection, tournament: Tournament, now: datetime, chosen: Models, span: Rounds
) -> Table:
    """The rounds of `span`, the newest first, with sums over the chosen models (none chosen: the own ones)."""
    condition, values = span.condition("round", "resolved")
    sql = f"""SELECT round, target, open_time, close_time, close_staking_time, resolve_time, resolved, payout_factor
      FROM rounds WHERE tournament = ? AND {condition} ORDER BY round DESC"""
    found = connection.execute(sql, (tournament, *values)).fetchall()
    models = counted_models(connection, tournament, chosen)
    sums = _by_round(round_money(connection, models.values()))
    scoring = scoring_days(connection, tournament, now)
    recorded = round_forecasts(connection, tournament, models.values())
    return Table(
        "rounds", ROUND_COLUMNS, [_round(row, tournament, now, scoring, sums, recorded=recorded) for row in found]
    )


def _by_round(sums: dict[tuple[int, int], RoundMoney]) -> dict[int, RoundMoney]:
    by_round: dict[int, RoundMoney] = {}
    for (_, number), amount in sums.items():
        by_round[number] = by_round.get(number, RoundMoney()).plus(amount)
    return by_round


def _round(
    row: Row,
    tournament: Tournament,
    now: datetime,
    scoring: dict[int, ScoringDays],
    sums: dict[int, RoundMoney],
    *,
    recorded: dict[int, RecordedForecast],
) -> Row:
    number, target, opens, closes, stakes_by, resolves, resolved, factor = row
    assert isinstance(number, int)
    times = [time_of(text) for text in (opens, closes, stakes_by, resolves)]  # type: ignore[arg-type]  # TEXT columns
    days = scoring.get(number, ScoringDays())
    amounts = sums.get(number, RoundMoney())
    return (
        number,
        round_status(now, times[0], times[1], bool(resolved)),
        days.bar,
        target,
        *times,
        days.done,
        days.days,
        None if factor is None else Decimal(str(factor)),
        amounts.at_risk,
        amounts.pending,
        amounts.settled,
        *record_cells(recorded.get(number) if resolved else None, outcome(amounts)),
        tournament.label,
    )


def payout_scores(connection: sqlite3.Connection, tournament: Tournament, numbers: Iterable[int]) -> dict[int, str]:
    """The scores that these rounds pay, by name: the cache's number -> displayName."""
    chosen = list(numbers)
    sql = f"""SELECT DISTINCT n.score, n.name FROM score_configs c JOIN score_names n USING (score)
      WHERE c.tournament = ? AND c.is_payout AND c.round IN ({", ".join("?" * len(chosen))}) ORDER BY n.name"""
    return dict(connection.execute(sql, (tournament, *chosen)).fetchall())


def round_models(connection: sqlite3.Connection, tournament: Tournament, number: int, chosen: Models) -> Table:
    """The chosen models in round `number`: at risk, payouts, and the newest value and percentile of each score."""
    models = known_models(connection, tournament, chosen)
    sums = round_money(connection, models.values())
    scores = _scores_of_round(connection, tournament, number, list(models.values()))
    sql = "SELECT score, day, value, percentile FROM latest WHERE model = ? AND round = ?"
    rows: list[Row] = []
    for label, model in models.items():
        found = {score: rest for score, *rest in connection.execute(sql, (model, number))}
        amounts = sums.get((model, number), RoundMoney())
        if not found and amounts == RoundMoney():
            continue
        day = max((found_day for found_day, *_ in found.values() if found_day is not None), default=None)
        values = (part for score in scores for part in found.get(score, (None, None, None))[1:])
        rows.append((label, day, amounts.at_risk, amounts.pending, amounts.settled, *values))
    columns = (
        Column("model", Kind.TEXT, doc="the model's name"),
        Column("day", Kind.INT, doc="newest scoring day"),
        Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
        Column("pending", Kind.NMR, "pending", "pending payout"),
        Column("settled", Kind.NMR, "settled", "settled payout"),
        *_score_columns(scores),
    )
    return Table(f"round {number}", columns, rows)


def model_days(connection: sqlite3.Connection, tournament: Tournament, model: str, number: int) -> Table:
    """One model in one round: a row a scoring day, value and percentile of each score."""
    keys = list(known_models(connection, tournament, Models(names=(model,))).values())
    scores = _scores_of_round(connection, tournament, number, keys)
    sql = """SELECT s.day, coalesce(s.date, d.date), score, value, percentile FROM scores s
      LEFT JOIN score_dates d ON d.tournament = ? AND d.round = s.round AND d.day = s.day
      WHERE model = ? AND s.round = ? ORDER BY s.day"""
    days: dict[int, dict[int, tuple[float | None, float | None]]] = {}
    dates: dict[int, str | None] = {}
    for key in keys:
        for day, date, score, value, percentile in connection.execute(sql, (tournament, key, number)):
            days.setdefault(day, {})[score] = (value, percentile)
            dates[day] = None if date is None else str(date)[:10]
    columns = (
        Column("day", Kind.INT, doc="scoring day"),
        Column("date", Kind.TEXT, doc="when it was scored"),
        *_score_columns(scores),
    )
    rows = [
        (day, dates[day], *(part for score in scores for part in found.get(score, (None, None))))
        for day, found in days.items()
    ]
    return Table(f"{model} in round {number}", columns, rows)


def _scores_of_round(
    connection: sqlite3.Connection, tournament: Tournament, number: int, models: list[int]
) -> dict[int, tuple[str, bool]]:
    """The scores that these models have in the round: number -> (label, whether it pays).

    Those that pay come first, then those that the newest round of the tournament pays.
    """
    labels = score_labels(connection, tournament, models, Rounds(number, number))
    paid = payout_scores(connection, tournament, [number])
    newest = newest_payout_scores(connection, tournament)
    order = sorted(labels, key=lambda score: (score not in paid, score not in newest, labels[score]))
    return {score: (labels[score], score in paid) for score in order}


def _score_columns(scores: dict[int, tuple[str, bool]]) -> Iterator[Column]:
    for label, paid in scores.values():
        yield Column(label, Kind.SCORE, doc=f"newest {label} ({'paid' if paid else 'not paid'} in this round)")
        yield Column(f"{label}_percentile", Kind.PERCENTILE, "pct", f"percentile of {label} in the field")
