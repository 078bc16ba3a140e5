"""The summary of one model: money, returns, scores, rounds, terms, what it missed, and what can be claimed."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.arrays import number
from numtui.analysis.drift.draws import Interval
from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.reports.drift.compute import Drift, drift_of
from numtui.reports.drift.movers import last_moves
from numtui.reports.drift.rows import drift_row, in_round
from numtui.reports.drift.totals import money_sums
from numtui.reports.leaderboard import MODEL
from numtui.reports.models.model_rounds import model_rounds
from numtui.reports.models.submissions import BoardRow, board_rows
from numtui.reports.overview.money import last_run_change
from numtui.reports.page.returns import ModelCurve, model_curve, pending_returns, positions
from numtui.reports.page.scores import SCORE_COLUMNS, ScoreRow, score_rows
from numtui.reports.stake.claims import Claim, claims
from numtui.reports.terms import round_terms
from numtui.store.queries.leaderboards import entry_number, entry_values
from numtui.store.queries.models import ModelFacts, model_facts
from numtui.store.queries.payout_scores import payout_scores
from numtui.store.queries.selection import Models, Starts, known_models
from numtui.store.queries.stakes.figures import stake_figures
from numtui.store.queries.terms import staking_system

BOARD = ("rank", "rank_change_1d", "nmr_staked", "return_3m", "return_1y", "account")


class ModelMoney(NamedTuple):
    """Money of a model in NMR; None where unknown.

    `stake` and `at_risk` as the table of models has them; `pending`, the forecast with its 90 % interval and the chance
    of a loss (0..1) as the Overview has them, over the unresolved rounds; `last_run` what the last scoring run changed.
    """

    stake: Decimal | None
    at_risk: Decimal | None
    pending: Decimal | None
    expected_payout: Decimal | None
    payout_p05: Decimal | None
    payout_p95: Decimal | None
    burn_probability: float | None
    last_run: Decimal | None


class Standing(NamedTuple):
    """Where a model stands on the leaderboard; None where it does not say."""

    rank: int | None = None
    rank_change_1d: int | None = None
    nmr_staked: Decimal | None = None
    return_3m: float | None = None
    return_1y: float | None = None
    account: str | None = None


class TermsInForce(NamedTuple):
    """How the newest configured round pays the model: multipliers by score, clip, factor (None unknown)."""

    round: int
    multipliers: Mapping[str, Decimal]
    clip: float | None
    factor: float | None
    atomic: bool


class OpenRound(NamedTuple):
    """An unresolved round: the projected return (None before the first score), when it resolves."""

    round: int
    value: float | None
    resolve_time: datetime | None


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Everything that the page of a model says at one look; `settled` are its settled rounds, the newest first.

    `known`: the cache has more of it than the leaderboard's row. `sent` is its row of the board of submissions.
    """

    model: str
    known: bool
    facts: ModelFacts | None
    standing: Standing
    money: ModelMoney
    curve: ModelCurve
    scores: tuple[ScoreRow, ...]
    open_rounds: tuple[OpenRound, ...]
    settled: Table
    terms: TermsInForce | None
    sent: BoardRow | None
    claims: tuple[Claim, ...]

    def score_table(self) -> Table:
        """The scores as a table."""
        return Table("scores", SCORE_COLUMNS, list(self.scores))


def model_page(
    connection: sqlite3.Connection, tournament: Tournament, model: str, now: datetime, starts: Starts = ()
) -> ModelPage:
    """The summary of a model of anybody's, as far as the cache has it; figures of returns count from `starts` on."""
    key = known_models(connection, tournament, Models(names=(model,))).get(model)
    drift = drift_of(connection, tournament)
    terms = terms_in_force(connection, tournament, key)
    multipliers = {} if terms is None else terms.multipliers
    board = [] if key is None else board_rows(connection, tournament, now, (model,))
    return ModelPage(
        model=model,
        known=key is not None,
        facts=None if key is None else model_facts(connection, tournament)[key],
        standing=_standing(connection, tournament, model),
        money=_money(connection, tournament, (model, key), drift, now),
        curve=model_curve(connection, tournament, drift, model, starts),
        scores=tuple(score_rows(connection, tournament, model, key, multipliers)),
        open_rounds=_open_rounds(drift, model),
        settled=settled_rounds(connection, tournament, model, now),
        terms=terms,
        sent=board[0] if board else None,
        claims=tuple(row for row in claims(connection, tournament).rows if row.model == model),
    )


def _standing(connection: sqlite3.Connection, tournament: Tournament, model: str) -> Standing:
    entry = entry_number(connection, tournament, MODEL, model)
    values = [] if entry is None else [row for _, row in entry_values(connection, BOARD, [entry])]
    if not values:
        return Standing()
    rank, change, staked, quarter, year, account = values[0]
    stake = None if staked is None else Decimal(str(staked))
    return Standing(rank, change, stake, quarter, year, account)  # type: ignore[arg-type]  # columns of these types


def _money(
    connection: sqlite3.Connection,
    tournament: Tournament,
    who: tuple[str, int | None],
    drift: Drift,
    now: datetime,
) -> ModelMoney:
    model, key = who
    if key is None:
        staked = _standing(connection, tournament, model).nmr_staked
        return ModelMoney(staked, *(None,) * 7)
    system = staking_system(connection, tournament)
    figures = stake_figures(connection, tournament, system, [key], now)[key]
    found = positions(drift, model)
    rounds = [r for r in drift.open_rounds if any(in_round(drift, m, r) for m in found)]
    forecast = drift.payout_of(found[0]) if found else Interval.unknown(())
    sums = money_sums(drift, found, rounds, forecast)
    return ModelMoney(
        stake=figures.stake,
        at_risk=figures.at_risk,
        pending=sums.payout if rounds else None,
        expected_payout=sums.expected_payout,
        payout_p05=sums.payout_p05,
        payout_p95=sums.payout_p95,
        burn_probability=sums.burn_probability,
        last_run=last_run_change(drift, last_moves(drift).change, found) if rounds else None,
    )


def terms_in_force(connection: sqlite3.Connection, tournament: Tournament, key: int | None) -> TermsInForce | None:
    """How the newest configured round pays the model (the cache's number; None: anybody); None where none is here."""
    newest = max((row.round for row in payout_scores(connection, tournament)), default=None)
    if newest is None:
        return None
    own = [] if key is None else [key]
    terms = round_terms(connection, tournament, own, [newest])
    defaults = {row.score: row.multiplier for row in payout_scores(connection, tournament) if row.round == newest}
    multipliers = {}
    for place, (score, label) in enumerate(zip(terms.scores, terms.labels, strict=True)):
        value = Decimal(str(float(terms.multipliers[0, 0, place]))) if own else defaults.get(score)
        if value:
            multipliers[label] = value.normalize()
    factor = number(terms.factor[0, 0]) if own else None
    return TermsInForce(newest, multipliers, number(terms.clip[0]), factor, bool(terms.atomic[0]))


def _open_rounds(drift: Drift, model: str) -> tuple[OpenRound, ...]:
    """The unresolved rounds of the model, the next to resolve first."""
    times, values = drift.inputs.rounds.resolve_times, dict(pending_returns(drift, model))
    return tuple(
        OpenRound(row.round, values.get(row.round), time_of(times[r]))
        for m in positions(drift, model)
        for r in drift.open_rounds
        if in_round(drift, m, r) and (row := drift_row(drift, m, r))
    )


def settled_rounds(connection: sqlite3.Connection, tournament: Tournament, model: str, now: datetime) -> Table:
    """The rounds of `model_rounds` that have settled or resolved, with the return that was paid on what was at risk."""
    table = model_rounds(connection, tournament, model, now)
    place = {column.name: index for index, column in enumerate(table.columns)}
    kept = [column for column in table.columns if column.name not in {"status", "progress", "pending"}]
    rows: list[Row] = []
    for row in table.rows:
        if row[place["status"]] == "resolved":
            paid = _paid(row[place["settled"]], row[place["at_risk"]])
            rows.append((*(row[place[column.name]] for column in kept), paid))
    column = Column("paid", Kind.FRACTION, "return", "settled payout of what was at risk")
    return Table("settled", (*kept, column), rows)


def _paid(settled: object, at_risk: object) -> float | None:
    if isinstance(settled, Decimal) and isinstance(at_risk, Decimal) and at_risk:
        return float(settled / at_risk)
    return None
