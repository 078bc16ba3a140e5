"""Models: own and watched ones with stake, at risk, submission and latest scores."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.submissions import SUBMISSION_COLUMNS, is_submitted
from numtui.model import Column, Kind, Table, Tournament, table_of
from numtui.reports.stake.table import AT_RISK, PENDING_DOC, STAKE
from numtui.store.queries.models import model_facts
from numtui.store.queries.payout_scores import newest_payout_scores
from numtui.store.queries.scores.values import newest_value
from numtui.store.queries.selection import Models, known_models
from numtui.store.queries.stakes.figures import stake_figures
from numtui.store.queries.submissions import submission_round, submissions
from numtui.store.queries.terms import staking_system

NOTED_COLUMNS = (
    Column("tags", Kind.TEXT, doc="tags of its notes: `numtui notes`"),
    Column("tier", Kind.TEXT, doc="the tier that you put it in: `numtui notes tier`"),
)


class ModelRow(NamedTuple):
    """A model; NMR, None where unknown. `submission_round` and `submission_time` are of its newest submission, `rounds`
    counts those with scores here, `scores` are the newest values by displayName."""

    model: str
    account: str | None
    stake: Decimal | None
    at_risk: Decimal | None
    pending: Decimal | None
    submitted: bool | None
    submission: str | None
    submission_round: int | None
    submission_time: datetime | None
    rank: int | None
    mine: bool
    watched: bool
    team: bool | None
    rounds: int
    tournament: str
    tags: str | None
    tier: str | None
    scores: Mapping[str, float | None]


def models(
    connection: sqlite3.Connection,
    tournament: Tournament,
    now: datetime,
    selection: Models,
    *,
    tags: Mapping[str, Collection[str]] | None = None,
    tiers: Mapping[str, str] | None = None,
) -> Table:
    """The chosen models. `stake` is the account's own figure, for others the leaderboard's; `at_risk` sums the
    unresolved rounds; `submitted` is about the open round, else the newest one, and unknown (None) for models of others
    before they have a position there. `tags` and `tiers` are those noted, by name in lower case; None leaves both
    columns out."""
    keys = known_models(connection, tournament, selection)
    paid = newest_payout_scores(connection, tournament)
    columns = (
        Column("model", Kind.TEXT, doc="the model's name"),
        Column("account", Kind.TEXT, doc="its account"),
        STAKE,
        AT_RISK,
        Column("pending", Kind.NMR, doc=PENDING_DOC),
        *SUBMISSION_COLUMNS,
        Column("submission_round", Kind.INT, "for", "round of its newest submission"),
        Column("submission_time", Kind.TIME, "sent at", "time of its newest submission"),
        *(Column(name, Kind.SCORE, doc=f"newest {name}") for name in paid.values()),
        Column("rank", Kind.INT, doc="rank on the leaderboard"),
        Column("mine", Kind.BOOL, doc="the account's own"),
        Column("watched", Kind.BOOL, doc="marked to be watched"),
        Column("team", Kind.BOOL, doc="Numerai's own"),
        Column("rounds", Kind.INT, doc="rounds with scores here"),
        Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
        *([] if tags is None else NOTED_COLUMNS),
    )
    system = staking_system(connection, tournament)
    figures = stake_figures(connection, tournament, system, keys.values(), now)
    target = submission_round(connection, tournament, now)
    sent = submissions(connection, tournament, target, keys.values())
    facts = model_facts(connection, tournament)
    rows = [
        ModelRow(
            model=name,
            account=facts[key].account,
            stake=figures[key].stake,
            at_risk=figures[key].at_risk,
            pending=figures[key].pending_payout,
            submitted=is_submitted(sent[key]),
            submission=sent[key] and str(sent[key]),
            submission_round=facts[key].submission_round,
            submission_time=facts[key].submission_time,
            rank=facts[key].rank,
            mine=facts[key].mine,
            watched=facts[key].watched,
            team=facts[key].team,
            rounds=facts[key].rounds,
            tournament=tournament.label,
            tags=" ".join(sorted((tags or {}).get(name.casefold(), ()))) or None,
            tier=(tiers or {}).get(name.casefold()),
            scores={label: newest_value(connection, key, score) for score, label in paid.items()},
        )
        for name, key in keys.items()
    ]
    return table_of("models", columns, rows)
