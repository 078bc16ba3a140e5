"""One model's rounds: where each stands, its money, and its scores."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.reports.round_status import ScoringDays, round_status, scoring_days
from numtui.store.queries.payout_scores import newest_payout_scores
from numtui.store.queries.rounds import listed_rounds
from numtui.store.queries.scores.values import paid_scores
from numtui.store.queries.selection import Models, Rounds, known_models
from numtui.store.queries.stakes.round_money import RoundMoney, round_money


class ModelRound(NamedTuple):
    """A round of one model; NMR, None where unknown.

    `progress` is (scoring days done, all); `scores` are the newest values by displayName.
    """

    round: int
    status: str
    progress: tuple[int, int] | None
    resolve_time: datetime | None
    at_risk: Decimal | None
    pending: Decimal | None
    settled: Decimal | None
    scores: Mapping[str, float | None]


def model_rounds(connection: sqlite3.Connection, tournament: Tournament, model: str, now: datetime) -> Table:
    """One model's rounds, the newest first: status, money, and the newest value of each score that they pay.

    Those that the newest round of the tournament pays come first.
    """
    keys = known_models(connection, tournament, Models(names=(model,)))
    sums = {number: amounts for (_, number), amounts in round_money(connection, keys.values()).items()}
    scores: dict[int, dict[str, float | None]] = {}
    for key in keys.values():
        for number, values in paid_scores(connection, tournament, key).items():
            scores.setdefault(number, {}).update(values)
    paid = set(newest_payout_scores(connection, tournament).values())
    names = sorted({name for values in scores.values() for name in values}, key=lambda name: (name not in paid, name))
    columns = (
        Column("round", Kind.INT, doc="the round's number"),
        Column("status", Kind.TEXT, doc="upcoming, open, resolving or resolved"),
        Column("progress", Kind.BAR, "day x/N", "scoring days done, of all"),
        Column("resolve_time", Kind.TIME, "resolves", "when it resolves"),
        Column("at_risk", Kind.NMR, "at risk", "NMR at risk"),
        Column("pending", Kind.NMR, doc="pending payout"),
        Column("settled", Kind.NMR, doc="settled payout"),
        *(Column(name, Kind.SCORE, doc=f"newest {name}") for name in names),
    )
    scoring = scoring_days(connection, tournament, now)
    rows = [
        ModelRound(
            record.round,
            round_status(now, record.open_time, record.close_time, record.resolved),
            scoring.get(record.round, ScoringDays()).bar,
            record.resolve_time,
            *sums.get(record.round, RoundMoney()),
            scores=scores.get(record.round, {}),
        )
        for record in listed_rounds(connection, tournament, Rounds())
        if record.round in sums or record.round in scores
    ]
    return table_of(model, columns, rows)
