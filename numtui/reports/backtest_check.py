"""Settled payouts of the cache held against the formula, exactly, to a billionth of an NMR."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from numtui.analysis.reconcile import Discrepancy, PaidScore, Position, reconcile
from numtui.analysis.terms import terms_of_round
from numtui.model import Tournament
from numtui.reports.scores import stand_ins

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
        found.setdefault(number, {})[same.get(score, score)] = (value, _decimal(settled), name)
    return found


def _totals(connection: sqlite3.Connection, tournament: Tournament, model: int) -> dict[int, Decimal]:
    """Settled payouts of whole rounds as another place of the API states them (own models only)."""
    sql = """SELECT p.round, p.payout FROM payouts p JOIN models m ON m.id = p.model_id AND m.tournament = p.tournament
      WHERE p.tournament = ? AND m.model = ? AND p.settled = 1 AND p.payout IS NOT NULL"""
    return {number: Decimal(payout) for number, payout in connection.execute(sql, (tournament, model))}


class _Terms:
    """Exact terms of a tournament's rounds: the model's row before the round, the round before its configuration."""

    def __init__(self, connection: sqlite3.Connection, tournament: Tournament) -> None:
        self.connection = connection
        self.tournament = tournament
        sql = "SELECT round, payout_factor FROM rounds WHERE tournament = ?"
        self._round_factor = dict(connection.execute(sql, (tournament,)).fetchall())
        self._configs: dict[int, dict[int, tuple[str, Decimal | None]]] = {}
        self._clip: dict[int, Decimal] = {}
        self._config_factor: dict[int, Decimal] = {}
        sql = """SELECT round, score, name, default_multiplier, clip_threshold, payout_factor FROM score_configs
          JOIN score_names USING (score) WHERE tournament = ? AND is_payout"""
        for number, score, name, multiplier, clip, factor in connection.execute(sql, (tournament,)):
            self._configs.setdefault(number, {})[score] = (name, _decimal(multiplier))
            for known, text in ((self._clip, clip), (self._config_factor, factor)):
                if text is not None:
                    known[number] = min(Decimal(text), known.get(number, Decimal(text)))
        self.same = stand_ins(connection, {score for scores in self._configs.values() for score in scores})
        self._own: dict[int, dict[Key, Decimal]] = {}

    def factor(self, number: int, own: str | None) -> Decimal | None:
        """The payout factor of a model's round."""
        stated = own if own is not None else self._round_factor.get(number)
        if stated is not None:
            return Decimal(stated)
        if number in self._config_factor:
            return self._config_factor[number]
        preset = terms_of_round(self.tournament, number)
        return Decimal(1) if preset is not None and preset.atomic and number not in self._configs else None

    def clip(self, number: int) -> Decimal | None:
        """The clip of a round."""
        if number in self._clip:
            return self._clip[number]
        preset = terms_of_round(self.tournament, number)
        return preset.clip if preset is not None and number not in self._configs else None

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
        """What domain.md's table says of a round that the API no longer describes."""
        preset = terms_of_round(self.tournament, number)
        choices = {choice.score: choice.multipliers for choice in preset.choices} if preset is not None else {}
        return {
            score: (name, choices[name][0] if len(choices[name]) == 1 else None)
            for score, (_, _, name) in rows.items()
            if name in choices
        }


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
