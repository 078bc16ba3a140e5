"""Joint draws of forecast revisions, and the intervals of what is drawn."""

from dataclasses import dataclass, fields

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.drift.profile import DriftProfile

DRAWS = 1000
LEVELS = (0.05, 0.25, 0.75, 0.95)
BLOCK_SHARE = 4  # a block of days is a quarter of the longest round
MIN_BLOCKS = 2  # fewer history days than this many blocks give no forecast
LEAST_FREEDOM = 4.0  # of the t widening
CHUNK = 512


@dataclass(frozen=True)
class Interval:
    """Expected figure, 50 % (p25..p75) and 90 % (p05..p95) interval, probability of a loss; one shape, NaN unknown."""

    expected: Floats
    p05: Floats
    p25: Floats
    p75: Floats
    p95: Floats
    burn_probability: Floats

    @classmethod
    def unknown(cls, shape: tuple[int, ...]) -> "Interval":
        """The Interval of that shape in which nothing is known."""
        return cls(*(np.full(shape, np.nan) for _ in fields(cls)))

    def columns(self) -> tuple[Floats, ...]:
        """The six arrays in the order of the fields."""
        return (self.expected, self.p05, self.p25, self.p75, self.p95, self.burn_probability)

    def pick(self, index: int | slice | tuple[Ints, ...]) -> "Interval":
        """The Interval of the entries at `index`, as numpy indexing gives them."""
        return Interval(*(np.asarray(column[index]) for column in self.columns()))


@dataclass(frozen=True)
class Shocks:
    """Random choices that all rounds share.

    `starts` [K, draws]: first history day of each block of `length` days to come; `weights` [draws, B] of the
    history's blocks for the error of the mean revision, `slope` [draws] for that of the slopes, `scale` [draws] of the
    t widening.
    """

    starts: Ints
    length: int
    weights: Floats
    slope: Floats
    scale: Floats


@dataclass(frozen=True)
class Columns:
    """What is drawn, one entry a forecast [C]: the `model`, the `day` its round is at and the `value` it has there."""

    model: Ints
    day: Ints
    value: Floats


def block_length(days: int) -> int:
    """The length in days of the history blocks from which rounds of `days` days are drawn."""
    return max(2, days // BLOCK_SHARE)


def draw_shocks(days: int, length: int, longest: int, draws: int, rng: np.random.Generator) -> Shocks:
    """Draw what `draws` futures of up to `longest` days need from `days` history days in blocks of `length`."""
    freedom = max(days / length, LEAST_FREEDOM)
    return Shocks(
        starts=rng.integers(0, days - length + 1, (-(-longest // length), draws)),
        length=length,
        weights=rng.standard_normal((draws, -(-days // length))),
        slope=rng.standard_normal(draws),
        scale=np.sqrt(freedom / rng.chisquare(freedom, draws)),
    )


def future(table: Floats, shocks: Shocks, columns: Columns) -> Floats:
    """[draws, C] the drawn sum of revisions from each column's day to the end; columns ascend by day.

    Sums along the diagonals (the next day, one day older) make a block's sum a difference of two entries.
    """
    days, models, ages = table.shape
    length, m, day = shocks.length, columns.model, columns.day
    diagonal = np.zeros((days + 1, models, ages + length))
    for n in range(days):
        diagonal[n + 1, :, 1 : ages + 1] = diagonal[n, :, :ages] + table[n]
        diagonal[n + 1, :, ages + 1 :] = diagonal[n, :, ages:-1]
    correction = np.sqrt(days / max(days - length, length))  # centring took the mean's part out of a block's variance
    noise = np.zeros((shocks.starts.shape[1], day.size))
    for j, starts in enumerate(shocks.starts):
        active = int(np.searchsorted(day, ages - j * length, side="left"))
        if not active:
            break
        age = day[:active] + j * length
        block = diagonal[length:, m[:active], age + length] - diagonal[:-length, m[:active], age]
        noise[:, :active] += (correction * block)[starts]
    return noise


def doubt(profile: DriftProfile, table: Floats, shocks: Shocks, columns: Columns) -> Floats:
    """[draws, C] the part of the error that comes from the profile: its drift and its slopes.

    A shrunk mean keeps its full error, since the shrinkage may be wrong too.
    """
    days, m, day = table.shape[0], columns.model, columns.day
    blocks = np.add.reduceat(table, np.arange(0, days, shocks.length), axis=0)
    ahead = np.concatenate([blocks[:, :, ::-1].cumsum(axis=2)[:, :, ::-1], np.zeros((*blocks.shape[:2], 1))], axis=2)
    drift = ahead[:, m, day] * (np.sqrt(days / max(days - shocks.length, shocks.length)) / days)
    tilt = profile.slope_error[day] * (columns.value - profile.mean[m, day])
    weights = np.concatenate([shocks.weights, shocks.slope[:, None]], axis=1)
    error: Floats = weights @ np.concatenate([drift, tilt[None, :]])
    return error


def interval(sample: Floats) -> Interval:
    """The Interval [C] of draws [draws, C]."""
    quantiles = np.empty((len(LEVELS), sample.shape[1]))
    for start in range(0, sample.shape[1], CHUNK):
        part = np.ascontiguousarray(sample[:, start : start + CHUNK].T)
        quantiles[:, start : start + CHUNK] = np.quantile(part, LEVELS, axis=1)
    low, lower, upper, high = quantiles
    return Interval(sample.mean(axis=0), low, lower, upper, high, (sample < 0).mean(axis=0))
