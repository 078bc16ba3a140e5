"""Models: own and watched ones with stake, at risk, submission and latest scores; one model's rounds."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from numtui.analysis.submissions import SUBMISSION_COLUMNS, is_submitted
from numtui.model import Column, Kind, Row, Table, Tournament, time_of
from numtui.reports.round_status import ScoringDays, round_status, scoring_days
from numtui.reports.stake.table import AT_RISK, PENDING_DOC, STAKE
from numtui.store.queries.round_money import RoundMoney, round_money
from numtui.store.queries.selection import Models, known_models
from numtui.store.queries.stakes import stake_figures
from numtui.store.queries.submissions import submission_round, submissions
from numtui.store.queries.terms import newest_payout_scores, staking_system


def account_name(connection: sqlite3.Connection) -> str | None:
    """The name of the account whose keys were used; None without keys."""
    found = connection.execute("SELECT username FROM wallet").fetchone()
    return None if found is None or not found[0] else str(found[0])


def unresolved(connection: sqlite3.Connection, tournament: Tournament) -> list[int]:
    """The numbers of the rounds that have not resolved, the newest first."""
    sql = "SELECT round FROM rounds WHERE tournament = ? AND coalesce(resolved, 0) = 0 ORDER BY round DESC"
    return [number for (number,) in connection.execute(sql, (tournament,))]


def models(connection: sqlite3.Connection, tournament: Tournament, now: datetime, chosen: Models) -> Table:
    """The chosen models. `stake` is the account's own figure, for others the leaderboard's; `at_risk` sums the
    unresolved rounds; `submitted` is about the open round, else the newest one, and unknown (None) for models of others
    before they have a position there."""
    keys = known_models(connection, tournament, chosen)
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
    )
    system = staking_system(connection, tournament)
    figures = stake_figures(connection, tournament, system, keys.values(), now)
    target = submission_round(connection, tournament, now)
    sent = submissions(connection, tournament, target, keys.values())
    facts = {row[0]: row[1:] for row in connection.execute(_FACTS, (tournament,))}
    rows: list[Row] = []
    for name, key in keys.items():
        account, sent_round, sent_time, rank, mine, watched, team, scored = facts[key]
        rows.append(
            (
                name,
                account,
                figures[key].stake,
                figures[key].at_risk,
                figures[key].pending_payout,
                is_submitted(sent[key]),
                sent[key] and str(sent[key]),
                sent_round,
                time_of(sent_time),
                *(_newest(connection, key, score) for score in paid),
                rank,
                bool(mine),
                bool(watched),
                None if team is None else bool(team),
                scored,
                tournament.label,
            )
        )
    return Table("models", columns, rows)


_FACTS = """SELECT m.model, m.account, u.round, u.time, l.rank, m.mine, m.watched,
    coalesce(m.team, l.team), (SELECT count(DISTINCT round) FROM latest t WHERE t.model = m.model)
  FROM models m LEFT JOIN submissions u USING (model)
  LEFT JOIN leaderboard l ON l.tournament = m.tournament AND l.kind = 'model' AND l.name = m.name
  WHERE m.tournament = ?"""


def _newest(connection: sqlite3.Connection, key: int, score: int) -> float | None:
    sql = "SELECT value FROM latest WHERE model = ? AND score = ? AND value IS NOT NULL ORDER BY round DESC LIMIT 1"
    found = connection.execute(sql, (key, score)).fetchone()
    return None if found is None else float(found[0])


def model_rounds(connection: sqlite3.Connection, tournament: Tournament, model: str, now: datetime) -> Table:
    """One model's rounds, the newest first: standing, money, and the newest value of each score that they pay.

    Those that the newest round of the tournament pays come first.
    """
    keys = known_models(connection, tournament, Models(names=(model,)))
    sums = {number: amounts for (_, number), amounts in round_money(connection, keys.values()).items()}
    found: dict[int, dict[str, float]] = {}
    sql = """SELECT l.round, n.name, l.value FROM latest l JOIN score_names n USING (score)
      JOIN score_configs c ON c.tournament = ? AND c.round = l.round AND c.score = l.score AND c.is_payout
      WHERE l.model = ?"""
    for key in keys.values():
        for number, name, value in connection.execute(sql, (tournament, key)):
            found.setdefault(number, {})[name] = value
    paid = set(newest_payout_scores(connection, tournament).values())
    names = sorted({name for values in found.values() for name in values}, key=lambda name: (name not in paid, name))
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
    times = connection.execute(
        """SELECT round, open_time, close_time, resolve_time, resolved FROM rounds
          WHERE tournament = ? ORDER BY round DESC""",
        (tournament,),
    )
    rows = [
        (
            number,
            round_status(now, time_of(opens), time_of(closes), bool(resolved)),
            scoring.get(number, ScoringDays()).bar,
            time_of(resolves),
            *sums.get(number, RoundMoney()),
            *(found.get(number, {}).get(name) for name in names),
        )
        for number, opens, closes, resolves, resolved in times.fetchall()
        if number in sums or number in found
    ]
    return Table(model, columns, rows)
