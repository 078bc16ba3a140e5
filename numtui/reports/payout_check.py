"""Settled payouts of the cache held against the formula, exactly, to a billionth of an NMR."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from numtui.analysis.payout_check import Discrepancy, PaidScore, Position, reconcile
from numtui.model import Tournament
from numtui.money import decimal_of
from numtui.reports.scores import version_aliases
from numtui.store.queries.terms import round_payouts

SHOWN = 5  # differences that are told one by one

Key = tuple[int, int]  # the cache's number of a model, and a round


@dataclass(frozen=True, slots=True)
class Check:
    """`positions` settled ones compared, `unknown` others of which factor or clip is not known, and what differs."""

    positions: int
    unknown: int
    differences: tuple[Discrepancy, ...]


def check_payouts(
    connection: sqlite3.Connection,
    tournament: Tournament,
    models: Sequence[str] | None = None,
    rounds: Sequence[int] | None = None,
) -> Check:
    """Every position of the cache that has a settled payout (of these models and rounds only, where given)."""
    keys = {
        key: name
        for key, name in connection.execute("SELECT model, name FROM models WHERE tournament = ?", (tournament,))
        if models is None or name in set(models)
    }
    wanted = None if rounds is None else set(rounds)
    terms = _Terms(connection, tournament)
    positions: list[Position] = []
    unknown = 0
    for key, name in keys.items():
        scores = _scores(connection, key, terms.same)
        totals = _totals(connection, tournament, key)
        sql = "SELECT round, at_risk, payout_factor FROM positions WHERE model = ? AND at_risk IS NOT NULL"
        for number, at_risk, own_factor in connection.execute(sql, (key,)):
            settled = [row for row in scores.get(number, {}).values() if row[1] is not None]
            if not settled or (wanted is not None and number not in wanted):
                continue
            factor, clip = terms.factor(number, own_factor), terms.clip(number)
            if factor is None or clip is None:
                unknown += 1
                continue
            paid = terms.paid(number, key, scores[number])
            positions.append(Position(name, number, Decimal(at_risk), factor, clip, paid, totals.get(number)))
    return Check(len(positions), unknown, tuple(reconcile(positions)))


def payout_differences(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[str], rounds: Sequence[int]
) -> tuple[str, ...]:
    """Lines on settled payouts that the formula does not give; none when all of them come out."""
    found = check_payouts(connection, tournament, models, rounds)
    lines = [f"{one.model}, round {one.round}: settled payout {one.reason}" for one in found.differences[:SHOWN]]
    if lines:
        lines.insert(0, f"{len(found.differences)} of {found.positions} settled payouts differ from the formula")
    if found.unknown:
        lines.append(f"{found.unknown} settled payouts could not be checked: no factor or clip is known")
    return tuple(lines)


def settled_payouts(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[str]
) -> dict[str, dict[int, Decimal]]:
    """What was really paid or burned, model -> round -> NMR, on the stakes really at risk; only what is settled."""
    sql = """SELECT m.name, l.round, l.payout_settled FROM latest l JOIN models m USING (model)
      WHERE m.tournament = ? AND l.payout_settled IS NOT NULL"""
    found: dict[str, dict[int, Decimal]] = {name: {} for name in models}
    for name, number, payout in connection.execute(sql, (tournament,)):
        if name in found:
            found[name][number] = found[name].get(number, Decimal(0)) + Decimal(payout)
    return found


ScoreRow = tuple[float | None, Decimal | None, str]  # value, settled payout, displayName


def _scores(connection: sqlite3.Connection, model: int, same: Mapping[int, int]) -> dict[int, dict[int, ScoreRow]]:
    """The newest scores of a model: round -> score -> row; `same` are scores that stand for others."""
    sql = "SELECT round, score, value, payout_settled, name FROM latest JOIN score_names USING (score) WHERE model = ?"
    found: dict[int, dict[int, ScoreRow]] = {}
    for number, score, value, settled, name in connection.execute(sql, (model,)):
        found.setdefault(number, {})[same.get(score, score)] = (value, decimal_of(settled), name)
    return found


def _totals(connection: sqlite3.Connection, tournament: Tournament, model: int) -> dict[int, Decimal]:
    """Settled payouts of whole rounds as another place of the API states them (own models only)."""
    sql = """SELECT p.round, p.payout FROM payouts p JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? AND m.model = ? AND p.settled = 1 AND p.payout IS NOT NULL"""
    return {number: Decimal(payout) for number, payout in connection.execute(sql, (tournament, model))}


class _Terms:
    """Exact terms of a tournament's rounds; the factor on the model's own row goes before that of the round."""

    def __init__(self, connection: sqlite3.Connection, tournament: Tournament) -> None:
        self.connection = connection
        scored = connection.execute(
            "SELECT DISTINCT round FROM positions JOIN models USING (model) WHERE tournament = ?", (tournament,)
        )
        self._payouts = round_payouts(connection, tournament, [number for (number,) in scored])
        self._configs: dict[int, dict[int, tuple[str, Decimal | None]]] = {}
        sql = """SELECT round, score, name, default_multiplier FROM score_configs
          JOIN score_names USING (score) WHERE tournament = ? AND is_payout"""
        for number, score, name, multiplier in connection.execute(sql, (tournament,)):
            self._configs.setdefault(number, {})[score] = (name, decimal_of(multiplier))
        self.same = version_aliases(connection, {score for scores in self._configs.values() for score in scores})
        self._own: dict[int, dict[Key, Decimal]] = {}

    def factor(self, number: int, own: str | None) -> Decimal | None:
        """The payout factor of a model's round."""
        return self._payouts[number].factor if own is None else Decimal(own)

    def clip(self, number: int) -> Decimal | None:
        """The clip of a round."""
        return self._payouts[number].clip

    def paid(self, number: int, model: int, rows: dict[int, ScoreRow]) -> tuple[PaidScore, ...]:
        """The payout scores of a model's round with the multipliers in force: its own, defaults if it lists none."""
        if model not in self._own:
            sql = "SELECT round, score, multiplier FROM multipliers WHERE model = ?"
            found = self.connection.execute(sql, (model,))
            self._own = {model: {(n, self.same.get(s, s)): Decimal(m) for n, s, m in found}}
        own = self._own[model]
        chose = any((number, score) in own for score in self._configs.get(number, ()))
        configured = self._configs.get(number) or self._preset_scores(number, rows)
        scores = dict(configured) | {
            s: (rows[s][2], None) for n, s in own if n == number and s in rows and s not in configured
        }
        scores |= {s: (row[2], None) for s, row in rows.items() if row[1] is not None and s not in scores}
        return tuple(
            PaidScore(
                name,
                rows[score][0] if score in rows else None,
                own.get((number, score), default if default is not None and not chose else Decimal(0)),
                rows[score][1] if score in rows else None,
            )
            for score, (name, default) in scores.items()
        )

    def _preset_scores(self, number: int, rows: dict[int, ScoreRow]) -> dict[int, tuple[str, Decimal | None]]:
        """What was announced of a round that the API no longer describes."""
        preset = self._payouts[number].regime
        choices = {choice.score: choice.multipliers for choice in preset.choices} if preset is not None else {}
        return {
            score: (name, choices[name][0] if len(choices[name]) == 1 else None)
            for score, (_, _, name) in rows.items()
            if name in choices
        }
