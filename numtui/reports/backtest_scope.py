"""What a backtest is computed from: the rounds, the models' final scores, and the terms as asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.backtest import History
from numtui.analysis.bootstrap import BLOCK_20, BLOCK_60, Scheme
from numtui.analysis.grid import Grid, parse_grid
from numtui.analysis.ranking import actual_history
from numtui.analysis.terms import Terms as Preset
from numtui.analysis.terms import terms_named
from numtui.model import Tournament
from numtui.reports.arrays import final_scores
from numtui.reports.backtest_options import ACTUAL, BacktestError, Options
from numtui.reports.backtest_terms import ActualTerms, actual_terms
from numtui.reports.epochs import changed_definitions
from numtui.reports.scores import score_labels
from numtui.reports.selection import Models, Rounds, known_models

SHORT_DAYS = 20  # scoring days of the shorter terms


@dataclass(frozen=True, slots=True)
class RoundAxis:
    """The rounds of a range, ascending: their numbers, and day ordinals of opening and resolution (0 unknown)."""

    numbers: tuple[int, ...]
    opened: Ints
    resolved: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Scope:
    """A backtest ready to be computed.

    `labels`: the names of the scores in the order of `history.scores`, which under the terms of each round is the one
    score `actual` instead; `cells` [C, K] its multipliers. `actual` is the same under the terms of each round (its
    stake, factor and clip as asked for); `multipliers` [M, R, k] under `paid`, the scores that it pays. `values` are
    the scores of `labels`, [M, R, K].
    """

    tournament: Tournament
    options: Options
    rounds: RoundAxis
    labels: tuple[str, ...]
    grid: Grid | None
    history: History
    cells: Floats
    actual: History
    paid: tuple[str, ...]
    multipliers: Floats
    values: Floats
    scheme: Scheme
    notes: tuple[str, ...]


def read_scope(
    connection: sqlite3.Connection, tournament: Tournament, chosen: Models, span: Rounds, options: Options
) -> Scope | None:
    """What the backtest of `options` needs; None when the models have no score in the range.

    BacktestError: a score or preset of no such name, a name that stands for two versions, a grid that is none.
    """
    models = known_models(connection, tournament, chosen)
    keys = list(models.values())
    rounds = _rounds(connection, tournament, keys, span, options)
    if not rounds.numbers or not keys:
        return None
    ends = Rounds(rounds.numbers[0], rounds.numbers[-1])
    labels = score_labels(connection, tournament, keys, ends)
    if not labels:
        return None
    known = actual_terms(connection, tournament, keys, rounds.numbers, labels)
    paid = known.terms.scores
    paid_values = final_scores(connection, keys, rounds.numbers, paid)
    preset = _preset(options, tournament)
    grid = _grid(options, preset)
    factor, clip = _factor(options, preset, known), _clip(options, preset, known)
    scores = paid if grid is None else _named_scores(connection, grid.scores, labels)
    values = paid_values if grid is None else final_scores(connection, keys, rounds.numbers, scores)
    names = tuple(labels.get(score) or known.terms.labels[paid.index(score)] for score in scores)
    axis = (tuple(models), np.array(rounds.numbers))
    stake = float(options.stake)
    masked = np.where(known.unknown[:, :, None], np.nan, paid_values)
    actual = actual_history(
        History(*axis, known.terms.labels, masked, factor, clip, stake), known.terms.multipliers, ACTUAL
    )
    block = _block(connection, tournament, scores, rounds.numbers)
    return Scope(
        tournament=tournament,
        options=options,
        rounds=rounds,
        labels=names,
        grid=grid,
        history=actual if grid is None else History(*axis, names, values, factor, clip, stake),
        cells=np.ones((1, 1)) if grid is None else grid.array,
        actual=actual,
        paid=known.terms.labels,
        multipliers=known.terms.multipliers,
        values=values,
        scheme=Scheme(block),
        notes=(
            *_unknown_terms(rounds.numbers, known, factor, clip, grid),
            *changed_definitions(connection, tournament, names, rounds.numbers),
        ),
    )


def _rounds(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[int], span: Rounds, options: Options
) -> RoundAxis:
    """The rounds of the range that the cache knows, resolved ones unless more is asked for; an open start of the range
    is the first round in which any of the models has a score."""
    marks = ", ".join("?" * len(models))
    scored = connection.execute(
        f"SELECT round, max(resolved) FROM latest WHERE model IN ({marks}) GROUP BY round", tuple(models)
    ).fetchall()
    sql = "SELECT round, resolved, open_time, resolve_time FROM rounds WHERE tournament = ?"
    rows = {number: (done, opened, ends) for number, done, opened, ends in connection.execute(sql, (tournament,))}
    for number, done in scored:
        known = rows.get(number)
        if known is None or known[0] is None:
            rows[number] = (done, *(known[1:] if known is not None else (None, None)))
    first = span.first if span.first is not None else min((number for number, _ in scored), default=0)
    last = span.last if span.last is not None else max(rows, default=0)
    wanted = span.resolved if span.resolved is not None else None if options.unresolved else True
    numbers = sorted(
        number for number, (done, *_) in rows.items() if first <= number <= last and wanted in {None, bool(done)}
    )
    return RoundAxis(
        tuple(numbers),
        np.array([_ordinal(rows[number][1]) for number in numbers], dtype=np.int64),
        np.array([_ordinal(rows[number][2]) for number in numbers], dtype=np.int64),
    )


def _ordinal(text: str | None) -> int:
    return 0 if text is None else date.fromisoformat(text[:10]).toordinal()


def _preset(options: Options, tournament: Tournament) -> Preset | None:
    if options.terms == ACTUAL:
        return None
    try:
        preset = terms_named(options.terms)
    except ValueError as error:
        raise BacktestError(str(error)) from None
    if preset.tournament is not tournament:
        raise BacktestError(f"{preset.name} are terms of {preset.tournament.label}: add --tournament")
    return preset


def _grid(options: Options, preset: Preset | None) -> Grid | None:
    """The cells asked for, without those that the preset forbids; None: the terms of each round."""
    try:
        if options.grid:
            grid = parse_grid(options.grid)
            return grid if preset is None else preset.filtered(grid)
        return None if preset is None else preset.grid()
    except ValueError as error:
        raise BacktestError(str(error)) from None


def _named_scores(connection: sqlite3.Connection, names: Sequence[str], labels: Mapping[int, str]) -> tuple[int, ...]:
    """The cache's numbers of scores written as `name` or `name@version`, among those of the range."""
    identities = {
        score: (name, version)
        for score, name, version in connection.execute("SELECT score, name, version FROM score_names")
        if score in labels
    }
    return tuple(_named_score(text, identities, labels) for text in names)


def _named_score(text: str, identities: Mapping[int, tuple[str, str]], labels: Mapping[int, str]) -> int:
    name, at, version = text.partition("@")
    found = [score for score, identity in identities.items() if identity == (name, version if at else identity[1])]
    if len(found) == 1:
        return found[0]
    if found:
        versions = " or ".join(sorted(labels[score] for score in found))
        raise BacktestError(f"{name} has {len(found)} versions in this range: write {versions}")
    there = ", ".join(sorted(labels.values()))
    raise BacktestError(f"the models have no score {text!r} in this range; they have {there}")


def _factor(options: Options, preset: Preset | None, known: ActualTerms) -> Floats | float:
    if options.factor is not None:
        return float(options.factor)
    return 1.0 if preset is not None and preset.atomic else known.terms.factor


def _clip(options: Options, preset: Preset | None, known: ActualTerms) -> Floats | float:
    if options.clip is not None:
        return float(options.clip)
    return float(preset.clip) if preset is not None else known.terms.clip


def _block(connection: sqlite3.Connection, tournament: Tournament, scores: Sequence[int], rounds: Sequence[int]) -> int:
    """How many rounds are unresolved at once while these scores go on: by their longest term in the range."""
    marks = ", ".join("?" * len(scores))
    sql = f"""SELECT max(total_score_days) FROM score_configs
      WHERE tournament = ? AND round BETWEEN ? AND ? AND score IN ({marks})"""
    days = connection.execute(sql, (tournament, rounds[0], rounds[-1], *scores)).fetchone()[0]
    return BLOCK_60 if (days or 0) > SHORT_DAYS else BLOCK_20


def _unknown_terms(
    rounds: Sequence[int], known: ActualTerms, factor: Floats | float, clip: Floats | float, grid: Grid | None
) -> tuple[str, ...]:
    """Lines on rounds that have to be left out because nothing tells how they paid."""
    lines: list[str] = []
    numbers = np.array(rounds)
    if known.filled.any() and (grid is None or isinstance(clip, np.ndarray)):
        lines.append(f"{_range(numbers[known.filled])}: terms by the round's number, since the cache has none of them")
    if isinstance(factor, np.ndarray) and np.isnan(factor).all(axis=0).any():
        missing = numbers[np.isnan(factor).all(axis=0)]
        lines.append(f"{_range(missing)}: no payout factor is known; give one with --payout-factor")
    if isinstance(clip, np.ndarray) and np.isnan(clip).any():
        lines.append(f"{_range(numbers[np.isnan(clip)])}: no clip is known; give one with --clip")
    if grid is None and known.unknown.any():
        lines.append(f"{_range(numbers[known.unknown.any(axis=0)])}: no multipliers are known for all of the models")
    return tuple(lines)


def _range(numbers: Ints) -> str:
    """`843 to 1100 (200 rounds)`."""
    if len(numbers) == 1:
        return f"round {numbers[0]}"
    return f"rounds {numbers[0]} to {numbers[-1]} ({len(numbers)} of them)"


def exact_multiplier(value: Decimal) -> Decimal:
    """A multiplier without trailing zeros: 1 and 1.0 are one."""
    return value.normalize() + 0
