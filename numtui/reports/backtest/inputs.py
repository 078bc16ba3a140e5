"""What a backtest is computed from: the rounds, the models' final scores, and the terms as asked for."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.backtest.backtest import ScoreHistory
from numtui.analysis.backtest.grid import Grid, allowed_cells, parse_axis, parse_grid, regime_grid
from numtui.analysis.backtest.ranking import actual_history
from numtui.analysis.intervals import OPEN_20, OPEN_60
from numtui.analysis.regimes import PayoutRegime, regime_named
from numtui.model import Tournament
from numtui.reports.backtest.query import ACTUAL, BacktestError, BacktestQuery
from numtui.reports.backtest.terms import ActualTerms, actual_terms
from numtui.reports.epochs import changed_definitions
from numtui.store.queries.backtest import BacktestRound, backtest_rounds, scored_days, scored_rounds, stated_days
from numtui.store.queries.scores.arrays import final_scores
from numtui.store.queries.scores.labels import score_labels, version_aliases
from numtui.store.queries.scores.values import score_names
from numtui.store.queries.selection import Rounds, Starts, known_models

SHORT_DAYS, LONG_DAYS = 20, 60  # scoring days of the terms there are
LONG = 45  # days from a stake to its return that only the 60-day terms have
FEW = 0.1  # share of the rounds of a range


@dataclass(frozen=True, slots=True)
class RoundAxis:
    """The rounds of a range, ascending: their numbers, and the seconds at which stakes are fixed and they resolve (0
    unknown)."""

    numbers: tuple[int, ...]
    opened: Ints
    resolved: Ints


@dataclass(frozen=True, slots=True, eq=False)
class BacktestInputs:
    """A backtest ready to be computed.

    `labels`: the names of the scores in the order of `history.scores`, which under the terms of each round is the one
    score `actual` instead; `cells` [C, K] its multipliers. `actual` is the same under the terms of each round (its
    stake, factor and clip as asked for); `multipliers` [M, R, k] under `paid`, the scores that it pays. `values` are
    the scores of `labels`, [M, R, K]. `open_rounds`: how many rounds are unresolved at once.
    """

    tournament: Tournament
    query: BacktestQuery
    rounds: RoundAxis
    labels: tuple[str, ...]
    grid: Grid | None
    history: ScoreHistory
    cells: Floats
    actual: ScoreHistory
    paid: tuple[str, ...]
    multipliers: Floats
    values: Floats
    open_rounds: int
    notes: tuple[str, ...]


def load_inputs(
    connection: sqlite3.Connection, tournament: Tournament, query: BacktestQuery, rounds: Rounds
) -> BacktestInputs | None:
    """What the backtest of `query` needs; None when the models have no score in the range.

    BacktestError: a score or preset of no such name, a name that stands for two versions, a grid that is none.
    """
    models = known_models(connection, tournament, query.models)
    keys = list(models.values())
    axis = _round_axis(connection, tournament, keys, rounds, unresolved=query.unresolved)
    if not axis.numbers or not keys:
        return None
    labels = score_labels(connection, tournament, keys, Rounds(axis.numbers[0], axis.numbers[-1]))
    if not labels:
        return None
    known = actual_terms(connection, tournament, keys, axis.numbers, labels)
    paid = known.terms.scores
    paid_values = _values(connection, keys, axis.numbers, _paid_versions(connection, paid))
    regime = _regime(query, tournament)
    grid = _grid(query, regime)
    factor, clip = _factor(query, regime, known), _clip(query, regime, known)
    who = (tuple(models), np.array(axis.numbers))
    stake = float(query.stake)
    early, counting = _own_epochs(tuple(models), axis.numbers, rounds)
    paid_values[early] = np.nan
    masked = np.where(known.unknown[:, :, None], np.nan, paid_values)
    actual = actual_history(
        ScoreHistory(*who, known.terms.labels, masked, factor, clip, stake), known.terms.multipliers, ACTUAL
    )
    history, scores, names, values = actual, paid, known.terms.labels, paid_values
    if grid is not None:
        versions = _named_scores(connection, grid.scores, labels, any_version=not query.grid)
        scores = tuple(chain.from_iterable(versions))
        names = tuple(" or ".join(labels[score] for score in alike) for alike in versions)
        values = _values(connection, keys, axis.numbers, versions)
        values[early] = np.nan
        history = ScoreHistory(*who, names, values, factor, clip, stake)
    if query.matched:
        common = history.counted(matched=True)
        history, actual = history.only(common), actual.only(common)
    days = _days(connection, tournament, (keys, scores), axis, known.terms.days)
    return BacktestInputs(
        tournament=tournament,
        query=query,
        rounds=axis,
        labels=names,
        grid=grid,
        history=history,
        cells=np.ones((1, 1)) if grid is None else grid.array,
        actual=actual,
        paid=known.terms.labels,
        multipliers=known.terms.multipliers,
        values=values,
        open_rounds=_open_rounds(days),
        notes=(
            *counting,
            *_unknown_terms(axis.numbers, known, factor, clip, grid),
            *changed_definitions(connection, tournament, names, axis.numbers),
            *_unlike(axis.numbers, days, known.terms.atomic, factor),
        ),
    )


def _round_axis(
    connection: sqlite3.Connection, tournament: Tournament, models: Sequence[int], rounds: Rounds, *, unresolved: bool
) -> RoundAxis:
    """The rounds of the range that the cache knows, resolved ones unless more is asked for; an open start of the range
    is the first round in which any of the models has a score."""
    scored = scored_rounds(connection, models)
    rows = backtest_rounds(connection, tournament)
    for number, final in scored.items():
        row = rows.get(number, BacktestRound(None, None, None))
        if row.resolved is None:
            rows[number] = row._replace(resolved=final)
    first = rounds.first if rounds.first is not None else min(scored, default=0)
    last = rounds.last if rounds.last is not None else max(rows, default=0)
    wanted = rounds.resolved if rounds.resolved is not None else None if unresolved else True
    numbers = sorted(
        number for number, row in rows.items() if first <= number <= last and wanted in {None, bool(row.resolved)}
    )
    return RoundAxis(
        tuple(numbers),
        np.array([_seconds(rows[number].opens) for number in numbers], dtype=np.int64),
        np.array([_seconds(rows[number].resolves) for number in numbers], dtype=np.int64),
    )


def before_starts(models: Sequence[str], numbers: Sequence[int], starts: Starts) -> Bools:
    """The rounds [M, R] before the one that `starts` gives a model, by its name in whatever case."""
    return np.array(numbers)[None, :] < np.array(_first_rounds(models, starts))[:, None]


def _first_rounds(models: Sequence[str], starts: Starts) -> list[int]:
    by_name = {name.casefold(): first for name, first in starts}
    return [by_name.get(name.casefold(), 0) for name in models]


def _own_epochs(models: Sequence[str], numbers: Sequence[int], rounds: Rounds) -> tuple[Bools, tuple[str, ...]]:
    """The rounds [M, R] before a model's own epoch begins, which do not count, and a line on each such model."""
    starts = () if rounds.first is not None else rounds.starts
    early = before_starts(models, numbers, starts)
    lines = tuple(
        f"{name} counts from round {first} on, by your note; a range with a first round, such as 1.., counts all"
        for name, first, before in zip(models, _first_rounds(models, starts), early, strict=True)
        if before.any()
    )
    return early, lines


def _seconds(time: datetime | None) -> int:
    return 0 if time is None else int(time.timestamp())


def _regime(query: BacktestQuery, tournament: Tournament) -> PayoutRegime | None:
    if query.terms == ACTUAL:
        return None
    try:
        regime = regime_named(query.terms, tournament)
    except ValueError as error:
        raise BacktestError(str(error)) from None
    if regime.tournament is not tournament:
        raise BacktestError(f"{regime.name} are terms of {regime.tournament.label}: add --tournament")
    return regime


def require_one_cell(inputs: BacktestInputs, what: str) -> None:
    """BacktestError where the query's grid names more than one multiplier of a score; `what`: the words before."""
    several = any(len(parse_axis(axis).values) > 1 for axis in inputs.query.grid)
    if several or len(inputs.cells) > 1:
        raise BacktestError(f"{what} about one cell: give each score one multiplier, not several")


def _grid(query: BacktestQuery, regime: PayoutRegime | None) -> Grid | None:
    """The cells asked for, without those that the regime forbids; None: the terms of each round."""
    try:
        if query.grid:
            grid = parse_grid(query.grid)
            return grid if regime is None else allowed_cells(regime, grid)
        return None if regime is None else regime_grid(regime)
    except ValueError as error:
        raise BacktestError(str(error)) from None


def _named_scores(
    connection: sqlite3.Connection, names: Sequence[str], labels: Mapping[int, str], *, any_version: bool
) -> list[tuple[int, ...]]:
    """The cache's numbers of scores written as `name` or `name@version`, among those of the range.

    `any_version`: a name may stand for several versions, the newest first; that is how presets name scores.
    """
    identities = {row.score: (row.name, row.version) for row in score_names(connection) if row.score in labels}
    return [_named_score(text, identities, labels, any_version=any_version) for text in names]


def _named_score(
    text: str, identities: Mapping[int, tuple[str, str]], labels: Mapping[int, str], *, any_version: bool
) -> tuple[int, ...]:
    name, sign, version = text.partition("@")
    matching = [score for score, identity in identities.items() if identity == (name, version if sign else identity[1])]
    if len(matching) == 1 or (matching and any_version):
        return tuple(sorted(matching, key=lambda score: identities[score][1], reverse=True))
    if matching:
        versions = " or ".join(sorted(labels[score] for score in matching))
        raise BacktestError(f"{name} has {len(matching)} versions in this range: write {versions}")
    available = ", ".join(sorted(labels.values()))
    raise BacktestError(f"the models have no score {text!r} in this range; they have {available}")


def _paid_versions(connection: sqlite3.Connection, paid: Sequence[int]) -> list[tuple[int, ...]]:
    """The scores that rounds pay, each with those that can only be the same."""
    aliases = version_aliases(connection, paid)
    return [(score, *(other for other, stands_for in aliases.items() if stands_for == score)) for score in paid]


def _values(
    connection: sqlite3.Connection, models: Sequence[int], rounds: Sequence[int], scores: Sequence[tuple[int, ...]]
) -> Floats:
    """Final values of K scores, each of the first of its versions that a round has, [M, R, K]."""
    values = np.full((len(models), len(rounds), len(scores)), np.nan)
    for place, versions in enumerate(scores):
        finals = final_scores(connection, models, rounds, versions)
        for version in range(len(versions)):
            values[:, :, place] = np.where(np.isnan(values[:, :, place]), finals[:, :, version], values[:, :, place])
    return values


def _factor(query: BacktestQuery, regime: PayoutRegime | None, known: ActualTerms) -> Floats | float:
    if query.factor is not None:
        return float(query.factor)
    return 1.0 if regime is not None and regime.atomic else known.terms.factor


def _clip(query: BacktestQuery, regime: PayoutRegime | None, known: ActualTerms) -> Floats | float:
    if query.clip is not None:
        return float(query.clip)
    return float(regime.clip) if regime is not None else known.terms.clip


def _days(
    connection: sqlite3.Connection,
    tournament: Tournament,
    scored: tuple[Sequence[int], Sequence[int]],
    rounds: RoundAxis,
    paid: Ints,
) -> Ints:
    """Scoring days of each round: the longest of what it pays (`paid`) and of the models' scores (`scored` by them);
    where no configuration tells, by the time until it resolved, or the days that were scored. 0 unknown."""
    models, scores = scored
    ends = (rounds.numbers[0], rounds.numbers[-1])
    stated = stated_days(connection, tournament, scores, *ends)
    days = np.maximum(paid, [stated.get(number, 0) for number in rounds.numbers])
    if days.all():
        return days
    seen = scored_days(connection, models, scores, *ends)
    lasted = (rounds.resolved - rounds.opened) / 86_400
    timed = (rounds.opened > 0) & (rounds.resolved > 0)
    lengths = np.where(lasted > LONG, LONG_DAYS, SHORT_DAYS)
    return np.where(days > 0, days, np.where(timed, lengths, [seen.get(number, 0) for number in rounds.numbers]))


def _open_rounds(days: Ints) -> int:
    """How many rounds are unresolved at once: as with the long terms unless hardly a round of the range has them."""
    return OPEN_60 if np.count_nonzero(days > SHORT_DAYS) > FEW * len(days) else OPEN_20


def _unlike(rounds: Sequence[int], days: Ints, atomic: Bools, factor: Floats | float) -> tuple[str, ...]:
    """Lines on rounds whose results are not of one kind."""
    numbers = np.array(rounds)
    lines = []
    long = days > SHORT_DAYS
    if long.any() and not long[days > 0].all():
        lines.append(f"scored for {days.max()} days: {_range(numbers[long])}; the others for {days[days > 0].min()}")
    if isinstance(factor, np.ndarray) and atomic.any() and not atomic.all():
        lines.append(
            f"Atomic: {_range(numbers[atomic])}; each has a stake of its own, while one stake backs all legacy rounds "
            "at once, so that sums over both add unlike things"
        )
    return tuple(lines)


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
