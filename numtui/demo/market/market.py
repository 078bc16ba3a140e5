"""The simulation itself: three tournaments seen at one moment of a clock, as plain Python and numpy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np

from numtui.clock import Clock, FixedClock, SystemClock
from numtui.demo import DEMO_IRREGULAR, DEMO_NOT_SUBMITTED
from numtui.demo.market import calendar
from numtui.demo.market.arena import DEFAULT_FIRST, Arena, Bools
from numtui.demo.market.factors import Floats
from numtui.demo.market.ledger import Ledger
from numtui.demo.market.population import ModelInfo
from numtui.demo.market.state import StakeState
from numtui.demo.market.terms import ScoreSpec, Terms
from numtui.demo.options import AtomicTerms, Submissions
from numtui.model import Tournament

LATE_BY = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class ScorePath:
    """One score of one model over rounds: arrays of shape (rounds, days), NaN where nothing is to be seen."""

    spec: ScoreSpec
    rounds: range
    values: Floats
    percentiles: Floats


class Market:
    """A simulated tournament. Deterministic in `seed`, `models`, `skill` and `account_models`; the clock only reveals.

    `rounds` limits the history to that many past rounds (default: Classic from round 600, the others from their
    first). `state_dir` keeps the demo account's stake changes; without it they live as long as the object.
    `atomic_terms` and `submissions` (kept as `habits`) as in DemoOptions; both may be changed at any time.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        now: datetime | None = None,
        clock: Clock | None = None,
        models: int = 15_000,
        skill: float = 1.0,
        account_models: int = 12,
        state_dir: Path | None = None,
        rounds: int | None = None,
        atomic_terms: AtomicTerms = "null",
        submissions: Submissions = "normal",
    ) -> None:
        self.clock: Clock = clock or (SystemClock() if now is None else FixedClock(now))
        self.seed, self.models, self.skill, self.account_models = seed, models, skill, account_models
        newest = calendar.newest_round(self.clock.now())
        self.first = DEFAULT_FIRST if rounds is None else max(calendar.FIRST_ROUND, newest - rounds + 1)
        self._pinned: datetime | None = None
        self._arenas: dict[Tournament, Arena] = {}
        self.state = StakeState(state_dir, seed, newest)
        self.atomic_terms: AtomicTerms = atomic_terms
        self.habits: Submissions = submissions

    def now(self) -> datetime:
        """The market's present moment."""
        return self._pinned or self.clock.now()

    @contextmanager
    def pinned(self) -> Iterator[datetime]:
        """Hold the clock for the time of a request, so that all of its answer shows one moment."""
        self._pinned = self.clock.now()
        try:
            yield self._pinned
        finally:
            self._pinned = None

    def arena(self, tournament: Tournament | int) -> Arena:
        """A tournament's arrays, made on first use."""
        key = Tournament(tournament)
        if key not in self._arenas:
            self._arenas[key] = Arena(
                self.seed,
                key,
                models=self.models,
                account_models=self.account_models,
                skill=self.skill,
                first=self.first,
            )
        return self._arenas[key]

    @cached_property
    def ledger(self) -> Ledger:
        """Stakes at risk and payouts, in Decimal."""
        return Ledger(self)

    def newest(self, moment: datetime | None = None) -> int:
        """Number of the newest round that has opened."""
        return calendar.newest_round(moment or self.now())

    def rounds(self, tournament: Tournament | int) -> range:
        """Numbers of all rounds that have opened so far."""
        return range(self.arena(tournament).first, self.newest() + 1)

    def terms(self, tournament: Tournament | int, number: int) -> Terms:
        """A round's scores and payout terms."""
        return self.arena(tournament).terms(number)

    def times(self, tournament: Tournament | int, number: int) -> calendar.RoundTimes:
        """A round's times."""
        return self.arena(tournament).times(number)

    def model(self, tournament: Tournament | int, name: str) -> ModelInfo:
        """A model by name. KeyError when there is none."""
        population = self.arena(tournament).population
        return population.info(population.row_by_name[name])

    def account_models_of(self, tournament: Tournament | int) -> list[ModelInfo]:
        """The demo account's models in a tournament."""
        population = self.arena(tournament).population
        return [population.info(row) for row in range(population.own)]

    def find(self, model_id: str) -> ModelInfo | None:
        """A model by id, in any tournament."""
        for tournament in Tournament:
            population = self.arena(tournament).population
            row = population.row_by_id.get(model_id)
            if row is not None:
                return population.info(row)
        return None

    def submitted_at(self, model: ModelInfo, number: int) -> datetime:
        """When a model hands in its predictions: some minutes after the opening, or after the close when it is late."""
        if self.irregular(model, number) == "late":
            return self.times(model.tournament, number).close + LATE_BY
        return self.times(model.tournament, number).open + timedelta(minutes=4 + 3 * (model.row % 8))

    def behave(self, submissions: Submissions) -> None:
        """Change what becomes of the account's newest submissions."""
        self.habits = submissions
        self.state.version += 1  # positions and leaderboards are computed anew

    def irregular(self, model: ModelInfo, number: int) -> str | None:
        """Why a model's submission does not count for a round: "late", "failed", "queued" (the newest), or None."""
        if self.habits == "normal" or not model.mine or number < self.state.origin - 1:
            return None
        kind = DEMO_IRREGULAR.get(model.name)
        return None if kind == "queued" and number < self.newest() else kind

    def submissions(self, model: ModelInfo, numbers: range) -> Bools:
        """The consecutive rounds with a valid submission of a model by now, as flags of shape (rounds,)."""
        present = self.handed_in(model, numbers)
        if self.habits != "normal":
            for number in numbers[-(self.newest() - self.state.origin + 2) :]:
                if self.irregular(model, number) is not None:
                    present[number - numbers.start] = False
        return present

    def handed_in(self, model: ModelInfo, numbers: range) -> Bools:
        """The consecutive rounds for which a model has sent anything by now, as flags of shape (rounds,)."""
        present = self.arena(model.tournament).submissions(model.row, numbers)
        if model.mine:
            newest = self.newest()
            if newest in numbers and self.submitted_at(model, newest) > self.now():
                present[newest - numbers.start :] = False
            if model.name == DEMO_NOT_SUBMITTED:
                present[max(0, self.state.origin - numbers.start) :] = False
        return present

    def submitted(self, model: ModelInfo, number: int) -> bool:
        """Whether a model has a valid submission in a round by now."""
        return bool(self.submissions(model, range(number, number + 1))[0])

    def score_paths(self, model: ModelInfo, display: str, numbers: range | None = None) -> list[ScorePath]:
        """One score of one model as the API shows it now, a part for each version or length it has had."""
        arena = self.arena(model.tournament)
        numbers = self.rounds(model.tournament) if numbers is None else numbers
        out = []
        for spec, part in arena.spec_groups(display, numbers):
            values = arena.values(spec.source, spec.days, part, [model.row])[0]
            percentiles = arena.percentiles(spec.source, spec.days, part, values)
            hidden = ~self._seen(model, part, spec.days)
            values[hidden] = np.nan
            percentiles[hidden] = np.nan
            out.append(ScorePath(spec, part, values, percentiles))
        return out

    def days_scored(self, tournament: Tournament | int, numbers: range, days: int) -> list[int]:
        """The number of days of a score with `days` days that are out, by round."""
        run = calendar.newest_run(self.now())
        first = (calendar.open_index(number) + calendar.SCORE_LAG for number in numbers)
        return [max(0, min(run - index + 1, days)) for index in first]

    def _seen(self, model: ModelInfo, numbers: range, days: int) -> Bools:
        """Which (round, day) scores exist by now, shape (rounds, days)."""
        scored = np.array(self.days_scored(model.tournament, numbers, days))
        present = self.submissions(model, numbers)
        seen: Bools = (np.arange(days) < scored[:, None]) & present[:, None]
        return seen

    def paths(
        self,
        tournament: Tournament | int,
        display: str,
        models: Sequence[str] | None = None,
        rounds: range | None = None,
        *,
        hindsight: bool = False,
    ) -> Floats:
        """Scores of every day, shape (models, rounds, days); NaN where a round lacks the score or it is not out yet.

        `models` are names (default: all), `rounds` consecutive numbers (default: all so far). The last axis is as
        long as the score's longest window in the range. With `hindsight` the future is shown and nobody misses a
        round: what tests of forecasts compare with.
        """
        arena = self.arena(tournament)
        numbers = self.rounds(tournament) if rounds is None else rounds
        by_name = arena.population.row_by_name
        rows = list(range(arena.population.size)) if models is None else [by_name[name] for name in models]
        groups = arena.spec_groups(display, numbers)
        longest = max((spec.days for spec, _ in groups), default=0)
        out = np.full((len(rows), len(numbers), longest), np.nan)
        for spec, part in groups:
            window = slice(part.start - numbers.start, part.stop - numbers.start)
            out[:, window, : spec.days] = arena.values(spec.source, spec.days, part, rows)
            if not hindsight:
                for position, row in enumerate(rows):
                    out[position, window, : spec.days][~self._seen(arena.population.info(row), part, spec.days)] = (
                        np.nan
                    )
        return out

    def finals(
        self,
        tournament: Tournament | int,
        display: str,
        models: Sequence[str] | None = None,
        rounds: range | None = None,
    ) -> Floats:
        """The newest scores, shape (models, rounds): the final ones of rounds that are through; NaN where none."""
        paths = self.paths(tournament, display, models, rounds)
        filled = np.concatenate([np.full((*paths.shape[:2], 1), np.nan), paths], axis=2)
        last = (~np.isnan(paths)).sum(axis=2)
        return np.take_along_axis(filled, last[:, :, None], axis=2)[:, :, 0]
