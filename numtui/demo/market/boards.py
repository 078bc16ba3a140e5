"""Leaderboards: reputations, ranks and returns of the whole field, computed by column when asked for."""

from __future__ import annotations

from decimal import Decimal
from functools import cached_property

import numpy as np

from numtui.demo.market import calendar
from numtui.demo.market.arena import Arena, Bools, Ints
from numtui.demo.market.factors import Floats
from numtui.demo.market.ledger import ATOM
from numtui.demo.market.market import Market
from numtui.demo.market.terms import Multiplier, ScoreSpec, Terms
from numtui.model import Tournament

YEAR_OF_RUNS, QUARTER_OF_RUNS = 260, 65  # scoring runs, five a week


class Board:
    """One tournament's field after scoring run `run`. Arrays by row; NaN where a model has nothing to show."""

    def __init__(self, market: Market, tournament: Tournament, run: int) -> None:
        self._market, self.run = market, run
        self.arena: Arena = market.arena(tournament)
        self.population = self.arena.population
        self._reps: dict[tuple[str, int], Floats] = {}
        self._returns: dict[int, Floats] = {}

    def _through(self, days: int, run: int, runs: int | None) -> range:
        """Rounds whose window of `days` ended in the `runs` scoring runs up to `run` (None: all)."""
        last = run - days + 1 - calendar.SCORE_LAG - calendar.OFFSET
        first = self.arena.first if runs is None else max(self.arena.first, last - runs + 1)
        return range(first, last + 1)

    def reputation(self, display: str, ago: int = 0) -> Floats:
        """One-year mean of a score, `ago` scoring runs earlier: the mean of its final values in that year."""
        key = (display, ago)
        if key not in self._reps:
            self._reps[key] = self._reputation(display, self.run - ago)
        return self._reps[key]

    def _reputation(self, display: str, run: int) -> Floats:
        total, count = np.zeros(self.population.size), np.zeros(self.population.size)
        widest = self._through(20, run, None)
        for spec, part in self.arena.spec_groups(display, widest[-YEAR_OF_RUNS - 60 :]):
            window = self._through(spec.days, run, YEAR_OF_RUNS)
            numbers = range(max(part.start, window.start), min(part.stop, window.stop))
            if numbers:
                sums, counts = self._sums(spec, numbers)
                total += sums
                count += counts
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.round(total / count, 8)

    def _sums(self, spec: ScoreSpec, numbers: range) -> tuple[Floats, Floats]:
        """Sum and number of each model's final scores: one dot product each, as scores are linear in features."""
        features = self.arena.features(numbers, spec.days)[:, -1]
        running = np.vstack([np.zeros((1, features.shape[1])), np.cumsum(features, axis=0)])
        low = np.clip(self.population.start - numbers.start, 0, len(numbers))
        high = np.maximum(np.clip(self.population.stop - numbers.start, 0, len(numbers)), low)
        held = running[high] - running[low]
        counts = (high - low).astype(float)
        for row in range(self.population.own):
            present = self._market.submissions(self.population.info(row), numbers)
            held[row] = running[-1] - features[~present].sum(axis=0)
            counts[row] = present.sum()
        return np.einsum("ik,ik->i", held, self.arena.loadings.of(spec.source)), counts

    @cached_property
    def active(self) -> Bools:
        """The models that still submit, as flags."""
        newest = self._market.newest()
        return (self.population.start <= newest) & (newest < self.population.stop)

    def ranks(self, ago: int = 0, display: str | None = None) -> Ints:
        """Rank 1.. among active models, by the payout scores' reputation (or one score's); 0 for the unranked."""
        if display is not None:
            key = self.reputation(display, ago)
        else:
            terms = self.arena.terms(self._market.newest())
            parts = [float(m.default) * self.reputation(m.display, ago) for m in terms.payout]
            key = np.sum(parts, axis=0)
        return rank(np.where(self.active, key, np.nan))

    def rank_change(self, ago: int) -> list[int | None]:
        """Places won since `ago` scoring runs earlier; None where a model was or is unranked."""
        return changes(self.ranks(), self.ranks(ago))

    @cached_property
    def staked(self) -> list[Decimal]:
        """NMR at stake by row."""
        ledger, population = self._market.ledger, self.population
        swell = Decimal(str(self.arena.swell(self._market.newest())))
        out = [
            (Decimal(units).scaleb(-4) * swell).quantize(ATOM) if units else Decimal("0E-18")
            for units in population.stake_units.tolist()
        ]
        for row in range(population.own):
            out[row] = ledger.stake(population.info(row))
        return out

    @cached_property
    def staked_floats(self) -> Floats:
        """The same as floats."""
        return np.array([float(amount) for amount in self.staked])

    def returns(self, runs: int | None) -> Floats:
        """Return on stake (a fraction) of the rounds that resolved in the last `runs` scoring runs (None: ever).

        The sum of the rounds' returns, each on the share of the stake that it held; NaN for models without a stake.
        Multipliers that users chose themselves, before Classic 650, are taken at their default.
        """
        key = -1 if runs is None else runs
        if key not in self._returns:
            self._returns[key] = self._sum_of_returns(runs)
        return self._returns[key]

    def _sum_of_returns(self, runs: int | None) -> Floats:
        rows = np.flatnonzero(self.population.stake_units > 0)
        total = np.zeros(len(rows))
        for terms, numbers in self._resolved_groups(runs):
            raw = np.zeros((len(rows), len(numbers)))
            for multiplier in terms.payout:
                raw += float(multiplier.default) * self._finals(terms, multiplier, numbers, rows)
            factors = np.array([float(self.arena.factor(n)) for n in numbers])
            clipped = np.clip(raw * factors, -float(terms.clip), float(terms.clip)) / self.arena.shares(numbers.start)
            rounds = np.array(numbers)
            present = (self.population.start[rows, None] <= rounds) & (rounds < self.population.stop[rows, None])
            for position, row in enumerate(rows.tolist()):
                if row >= self.population.own:
                    break
                info = self.population.info(row)
                present[position] = self._market.submissions(info, numbers)
            total += np.where(present, clipped, 0).sum(axis=1)
        out = np.full(self.population.size, np.nan)
        out[rows] = np.round(total, 8)
        return out

    def _finals(self, terms: Terms, multiplier: Multiplier, numbers: range, rows: Ints) -> Floats:
        spec = terms.spec(multiplier.display)
        assert spec is not None
        features = self.arena.features(numbers, spec.days)[:, -1]
        return self.arena.loadings.of(spec.source)[rows] @ features.T

    def _resolved_groups(self, runs: int | None) -> list[tuple[Terms, range]]:
        """Stretches of rounds with the same terms that resolved in the last `runs` scoring runs."""
        oldest = -1 if runs is None else self.run - runs + 1
        groups: list[tuple[Terms, range]] = []
        for number in range(self.arena.first, self.run - calendar.OFFSET):
            terms = self.arena.terms(number)
            last = self.arena.times(number).first_score_index + terms.days - 1
            if not oldest <= last <= self.run:
                continue
            if groups and groups[-1][0] == terms and groups[-1][1].stop == number:
                groups[-1] = (terms, range(groups[-1][1].start, number + 1))
            else:
                groups.append((terms, range(number, number + 1)))
        return groups


def rank(key: Floats) -> Ints:
    """Ranks 1.. by falling key; 0 where it is NaN."""
    ranked = np.flatnonzero(~np.isnan(key))
    order = ranked[np.argsort(-key[ranked], kind="stable")]
    out = np.zeros(len(key), dtype=np.int64)
    out[order] = np.arange(1, len(order) + 1)
    return out


def changes(now: Ints, before: Ints) -> list[int | None]:
    """Places won between two rankings; None where one of them lacks a row."""
    return [b - n if n and b else None for n, b in zip(now.tolist(), before.tolist(), strict=True)]


class Boards:
    """The newest board of each tournament, kept until a scoring run, a new round or a change of stake."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._kept: dict[Tournament, tuple[tuple[int, int, int], Board]] = {}

    def of(self, tournament: Tournament) -> Board:
        """The board of this moment."""
        now = self._market.now()
        run = calendar.newest_run(now)
        key = (run, self._market.newest(now), self._market.state.version)
        if tournament not in self._kept or self._kept[tournament][0] != key:
            self._kept[tournament] = key, Board(self._market, tournament, run)
        return self._kept[tournament][1]
