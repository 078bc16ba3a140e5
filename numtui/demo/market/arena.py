"""One tournament of the simulated market: scores, percentiles, submissions and payout factors, as arrays.

Everything is a function of seed, model and round; the moment only decides how much of it can be seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from numtui.demo.market import calendar
from numtui.demo.market.factors import DECIMALS, Factors, Floats, Loadings, normal_cdf
from numtui.demo.market.plants import LUCKY_ROUNDS, Plants
from numtui.demo.market.population import BASES, Population
from numtui.demo.market.terms import FIRST_ROUNDS, ScoreSpec, Terms, terms
from numtui.model import Tournament

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

DEFAULT_FIRST = 600
ATOMIC_SHARES = {Tournament.CLASSIC: 64, Tournament.SIGNALS: 64, Tournament.CRYPTO: 24}
FACTOR_PLACES = 6
CHURN_LIMIT = 0.15


def percentile(values: Floats, mean: Floats | float, deviation: Floats | float) -> Floats:
    """The share of a normal field below each value, 0..1, six decimals."""
    return np.round(normal_cdf((values - mean) / deviation), 6)


class Arena:
    """A tournament's market. Rows are models (see Population), rounds are numbers from `first` on."""

    def __init__(
        self, seed: int, tournament: Tournament, *, models: int, account_models: int, skill: float, first: int
    ) -> None:
        self.tournament = tournament
        self.seed = seed
        self.first = max(first, FIRST_ROUNDS[tournament])
        self.population = Population(seed, tournament, models, account_models)
        self.factors = Factors(seed, int(tournament))
        self.loadings = Loadings(
            (seed, int(tournament)), self.population.size, skill, BASES[tournament], self.population.means()
        )
        self._features: dict[int, tuple[int, Floats]] = {}
        self._moments: dict[str, tuple[Floats, Floats]] = {}
        self._at_stake: Floats | None = None
        self._factors: dict[int, Decimal] = {}
        if tournament is Tournament.CLASSIC and skill:
            plants = Plants.of(self.population.row_by_name)
            self.loadings.plant(plants, self._realised(LUCKY_ROUNDS))

    def _realised(self, numbers: range) -> Floats:
        """The mean feature vector [WIDTH] of rounds at their last day."""
        mean: Floats = self.features(numbers, self.terms(numbers.start).days)[:, -1].mean(axis=0)
        return mean

    def terms(self, number: int) -> Terms:
        """The round's scores and payout terms."""
        return terms(self.tournament, number)

    def times(self, number: int) -> calendar.RoundTimes:
        """The round's times."""
        return calendar.round_times(number, terms(self.tournament, number).days)

    def features(self, numbers: range, days: int) -> Floats:
        """Feature vectors of consecutive rounds, shape (rounds, days, WIDTH); kept for later calls."""
        first, kept = self._features.get(days, (numbers.start, np.empty((0, 0, 0))))
        if numbers.start < first or numbers.stop > first + len(kept):
            stop = max(numbers.stop, first + len(kept))
            first = min(first, numbers.start)
            starts = np.array([calendar.open_index(n) + calendar.SCORE_LAG for n in range(first, stop)])
            kept = self.factors.features(first, starts, days)
            self._features[days] = (first, kept)
        return kept[numbers.start - first : numbers.stop - first]

    def values(self, source: str, days: int, numbers: range, rows: Sequence[int] | slice) -> Floats:
        """Scores of every day, shape (models, rounds, days), seen or not, rounded to 8 decimals as the API's are."""
        loadings = self.loadings.of(source)[rows]
        return np.round(np.moveaxis(self.features(numbers, days) @ loadings.T, 2, 0), DECIMALS)

    def field_moments(self, source: str, days: int, numbers: range) -> tuple[Floats, Floats]:
        """Mean and standard deviation over the field, shape (rounds, days) each."""
        if source not in self._moments:
            loadings = self.loadings.of(source)
            self._moments[source] = loadings.mean(axis=0), np.cov(loadings, rowvar=False)
        mean, covariance = self._moments[source]
        features = self.features(numbers, days)
        variance = np.einsum("rdk,rdk->rd", features @ covariance, features)
        return features @ mean, np.sqrt(np.maximum(variance, 1e-18))

    def percentiles(self, source: str, days: int, numbers: range, values: Floats) -> Floats:
        """Share of the field below each value (0..1), rising with the value within a round's day.

        The field is taken as normal with its true mean and spread, which its loadings are very nearly.
        """
        mean, deviation = self.field_moments(source, days, numbers)
        return percentile(values, mean, deviation)

    def submissions(self, row: int, numbers: range) -> Bools:
        """The rounds with a valid submission of a model, as flags. The demo account's models miss one round in 64."""
        population = self.population
        rounds = np.arange(numbers.start, numbers.stop, dtype=np.int64)
        present: Bools = (population.start[row] <= rounds) & (rounds < population.stop[row])
        if row < population.own:
            present &= (rounds * 2_654_435_761 + row * 40_503 + self.seed) % 64 != 0
        return present

    def churn(self, row: int, number: int) -> float:
        """The week's largest churn of a Signals submission; one round in 256 reaches the limit."""
        noise = (number * 2_246_822_519 + row * 3_266_489_917 + self.seed) >> 5
        return 0.17 if noise % 256 == 0 else round(0.02 + noise % 101 / 1000, 4)

    def valid_churn(self, row: int, number: int) -> bool:
        """Whether a submission's churn and turnover leave its stake at risk (Signals only)."""
        return self.tournament is not Tournament.SIGNALS or self.churn(row, number) < CHURN_LIMIT

    def swell(self, number: int) -> float:
        """The factor by which the field's stakes are above (or below) their usual size in a round."""
        wave = 0.12 * np.sin(number / 37 + self.seed % 7) + 0.05 * np.sin(number / 11 + self.seed % 5)
        return round(float(1 + wave), 4)

    def shares(self, number: int) -> int:
        """The number of rounds that share a stake: 1 for legacy rounds."""
        return ATOMIC_SHARES[self.tournament] if self.terms(number).atomic else 1

    def field_at_risk(self, row: int, number: int) -> Decimal:
        """At-risk stake of a model that is not the demo account's."""
        if not self.submissions(row, range(number, number + 1))[0] or not self.valid_churn(row, number):
            return Decimal("0E-18")
        stake = self.population.stake(row) * Decimal(str(self.swell(number))) / self.shares(number)
        return stake.quantize(Decimal("1E-18"))

    def total_at_risk(self, number: int) -> float:
        """NMR at risk in a round, over the field."""
        if self._at_stake is None:
            population = self.population
            change = np.zeros(int(max(population.start.max(), 2000)) + 2)
            np.add.at(change, population.start, population.stakes)
            # Staked models never leave, so stakes only add up.
            self._at_stake = np.cumsum(change)
        index = min(number, len(self._at_stake) - 1)
        return float(self._at_stake[index]) * self.swell(number) / self.shares(number)

    def factor(self, number: int) -> Decimal:
        """The payout factor, as payouts use it and performances state it, six decimals.

        Up to 1 % below min(1, threshold / total at risk), as the real API's own figure may be; 1 in Atomic rounds,
        0 in unpaid ones.
        """
        if number not in self._factors:
            self._factors[number] = self._factor(number)
        return self._factors[number]

    def _factor(self, number: int) -> Decimal:
        round_terms = self.terms(number)
        if round_terms.threshold is None:
            return Decimal(1)
        if not round_terms.paid:
            return Decimal(0)
        at_risk = self.total_at_risk(number)
        plain = min(1.0, float(round_terms.threshold) / at_risk) if at_risk > 0 else 1.0
        wobble = 1 - (number * 31 % 10) / 1000 if plain < 1 else 1.0
        return Decimal(f"{plain * wobble:.{FACTOR_PLACES}f}")

    def config_factor(self, number: int) -> float:
        """The factor as score configurations state it: the same to three significant figures, so up to 0.5 % away."""
        return float(f"{self.factor(number):.3g}")

    def spec_groups(self, display: str, numbers: range) -> list[tuple[ScoreSpec, range]]:
        """The stretches of rounds in which `display` is one and the same score, in order."""
        groups: list[tuple[ScoreSpec, range]] = []
        for number in numbers:
            spec = self.terms(number).spec(display)
            if spec is None:
                continue
            if groups and groups[-1][0] == spec and groups[-1][1].stop == number:
                groups[-1] = (spec, range(groups[-1][1].start, number + 1))
            else:
                groups.append((spec, range(number, number + 1)))
        return groups
