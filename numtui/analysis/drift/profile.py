"""The drift profile: what resolved rounds say about a round's final return, given its value on day d.

**Regression.** final = intercept_d + slope_d x value_d, pooled over models and rounds around each model's own mean.
Rounds that overlap share their market days, so n rounds of D days hold about n / D independent ones; the errors use
that effective number (triangular overlap; Hansen & Hodrick 1980) and the correlation between models. The plain
slopes are therefore noisy, and are shrunk (DerSimonian & Laird 1986) to a one-parameter family, slope_d = (d / D)^p,
which is exact when market days are independent: p = 0 for a score that adds up, 1/2 for a correlation with the
return so far, 1 for a running mean. p is read off the sizes of the moves by age, which are known far better.
**Skill.** The field's mean is shrunk to zero and each model's to the field's, by how well each is known.

Age 0 stands for a round with no score yet: its value is 0 and its slope 0, so the forecast is the mean alone.
"""

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.projection import carry_forward, last_day

MIN_ROUNDS = 10
RELATIVE_ZERO = 1e-9  # moves below this share of the largest value are rounding, not movement
POWERS = np.linspace(-0.2, 1.3, 31)
STRIDE = 0.2  # moves are measured over this share of a life: long enough that noise within a day does not show
SLOPE_DOUBT = 0.05  # how far a slope may be from the family even where no difference shows


@dataclass(frozen=True)
class DriftHistory:
    """Paths to learn from: resolved rounds and what is known of unresolved ones, on one model axis.

    `raw` [M, R, D]: Σ multiplier x score by day under the multipliers of the rounds to be forecast, before factor
    and clip, NaN where unknown. `scored_on` [R, D]: the calendar day of each score as an ordinal, 0 where not
    scored. A round with a value on day D is resolved.
    """

    raw: Floats
    scored_on: Ints

    def __post_init__(self) -> None:
        """Raise ValueError where the shapes do not fit."""
        if self.raw.ndim != 3 or self.scored_on.shape != self.raw.shape[1:]:
            raise ValueError(f"raw {self.raw.shape} must be [M, R, D] and scored_on {self.scored_on.shape} [R, D]")

    def until(self, ordinal: int) -> "DriftHistory":
        """The history known at the end of the calendar day `ordinal`, without the rounds not begun then."""
        known = (self.scored_on > 0) & (self.scored_on <= ordinal)
        begun = known.any(axis=1)
        return DriftHistory(np.where(known, self.raw, np.nan)[:, begun], np.where(known, self.scored_on, 0)[begun])


@dataclass(frozen=True)
class DriftProfile:
    """What resolved rounds say on finals, by age 0..D: arrays by age have D + 1 entries, returns are before the factor.

    `slope`, `slope_error`: shrunk, with the standard error left; `plain_slope`: as regressed. `intercept` [M, D+1] a
    model's own. `form`: the p of the family. `mean` [M, D+1]: mean value by age. `model_weight` [M]: how much of a
    model's difference from the field's mean is believed (0..1). `rounds`: resolved ones; `blocks`: independent ones
    among them; `spacing`: scoring days between rounds.
    """

    rounds: int
    blocks: float
    spacing: int
    form: float
    slope: Floats
    slope_error: Floats
    plain_slope: Floats
    intercept: Floats
    mean: Floats
    model_weight: Floats
    rounds_of_model: Ints

    @property
    def days(self) -> int:
        """D, the length of the rounds."""
        return self.slope.size - 1


@dataclass(frozen=True)
class _Moments:
    """Sums over resolved rounds: `value` [M, R, D+1], its weights [M, R] and deviations from each model's mean."""

    value: Floats
    weight: Floats
    mean: Floats
    deviation: Floats
    zero: float

    @property
    def count(self) -> float:
        return float(self.weight.sum())


def held_values(raw: Floats) -> Floats:
    """[M, R, D+1] the value held at each age: 0 at age 0 and before the first score, gaps carried forward.

    NaN after the last known day, and throughout where a model has no score in the round.
    """
    day = last_day(raw)
    gaps = np.isnan(raw).sum(axis=2) > raw.shape[2] - day
    value = np.concatenate([np.zeros((*raw.shape[:2], 1)), raw], axis=2)
    value[day == 0] = np.nan
    if gaps.any():
        ages = np.arange(value.shape[2])
        held = carry_forward(np.where((ages == 0) | ~np.isnan(value[gaps]), np.nan_to_num(value[gaps]), np.nan))
        value[gaps] = np.where(ages > day[gaps][:, None], np.nan, held)
    return value


def overlap_blocks(rounds: float, length: float) -> float:
    """How many independent rounds `rounds` consecutive ones of `length` (in rounds) are worth for a mean.

    n / Σ_k (1 - |k|/n)(1 - |k|/length): overlapping windows have triangular autocorrelation.
    """
    reach = int(np.ceil(min(rounds, length)))
    lag = np.abs(np.arange(-reach, reach + 1))
    tents = np.clip(1 - lag / rounds, 0, None) * np.clip(1 - lag / length, 0, None)
    return float(rounds / tents.sum())


def learn_profile(history: DriftHistory) -> DriftProfile | None:
    """Learn the profile from the resolved rounds of `history`; None where there are fewer than half a life of them.

    Costs one pass over the M x R x D values. Models without a resolved round get the field's figures.
    """
    value = held_values(history.raw)
    resolved: Bools = ~np.isnan(value[:, :, -1])
    rounds = int(resolved.any(axis=0).sum())
    days = history.raw.shape[2]
    spacing = round_spacing(history.scored_on)
    if rounds < max(MIN_ROUNDS, days / spacing / 2):
        return None
    moments = _moments(value, resolved)
    length = days / spacing
    form, family = _family_slopes(value, moments.zero)
    plain, error = _plain_slopes(moments, rounds, spacing)
    slope, slope_error = _shrunk_slopes(plain, error, family)
    field = np.einsum("mr,mrk->k", moments.weight, moments.value) / moments.count
    field_weight = _field_weight(moments, field, length)
    model_rounds = moments.weight.sum(axis=1)
    model_weight = _model_weight(moments, field, length)
    field_intercept = field_weight * (field[-1] - slope * field)
    difference = moments.mean - field
    intercept = field_intercept + model_weight[:, None] * (difference[:, -1:] - slope * difference)
    intercept[np.abs(intercept) < moments.zero] = 0.0
    return DriftProfile(
        rounds=rounds,
        blocks=overlap_blocks(rounds, length),
        spacing=spacing,
        form=form,
        slope=slope,
        slope_error=slope_error,
        plain_slope=plain,
        intercept=intercept,
        mean=moments.mean,
        model_weight=model_weight,
        rounds_of_model=model_rounds.astype(np.int64),
    )


def round_spacing(scored_on: Ints) -> int:
    """The scoring days from one round to the next (1 when daily, 5 when weekly)."""
    days = np.unique(scored_on[scored_on > 0])
    last = scored_on.max(axis=1)
    first = np.where(scored_on > 0, scored_on, last[:, None]).min(axis=1)
    starts = np.unique(np.searchsorted(days, first[last > 0]))
    return max(1, int(np.median(np.diff(starts)))) if starts.size > 1 else 1


def _moments(value: Floats, resolved: Bools) -> _Moments:
    used = resolved.any(axis=0)
    weight = resolved[:, used].astype(np.float64)
    kept = np.where(resolved[:, used, None], value[:, used], 0.0)
    count = weight.sum(axis=1)
    pooled = kept.sum(axis=(0, 1)) / count.sum()
    mean = np.where(count[:, None] > 0, kept.sum(axis=1) / np.maximum(count, 1)[:, None], pooled)
    deviation = (kept - mean[:, None, :]) * weight[:, :, None]
    return _Moments(kept, weight, mean, deviation, RELATIVE_ZERO * float(np.abs(kept).max(initial=0.0)))


def _family_slopes(value: Floats, zero: float) -> tuple[float, Floats]:
    """Fit p of slope_d = (d / D)^p to the variance of moves by age; paths that do not move have slope 1.

    Under the family a value at age k is W_k / k^p with independent increments of W, so the move over h days has the
    variance h (k+h)^-2p + k ((k+h)^-p - k^-p)^2 up to a constant.
    """
    days = value.shape[2] - 1
    ages = np.arange(days + 1)
    stride = max(1, int(days * STRIDE))
    moves = value[:, :, 1 + stride :] - value[:, :, 1:-stride]
    known = ~np.isnan(moves)
    count = np.maximum(known.sum(axis=1), 1)
    filled = np.where(known, moves, 0.0)
    variance = (np.einsum("mrk,mrk->mk", filled, filled) / count - (filled.sum(axis=1) / count) ** 2).mean(axis=0)
    moving = variance > zero**2
    if not moving.any():
        return 0.0, (ages > 0).astype(np.float64)
    k = np.arange(1, variance.size + 1)[moving].astype(np.float64)
    shape = [stride * (k + stride) ** (-2 * p) + k * ((k + stride) ** -p - k**-p) ** 2 for p in POWERS]
    misfit = [float((np.log(variance[moving]) - np.log(s)).var()) for s in shape]
    form = float(max(POWERS[int(np.argmin(misfit))], 0.0))
    return form, np.where(ages > 0, (ages / days) ** form, 0.0)


def _plain_slopes(m: _Moments, rounds: int, spacing: int) -> tuple[Floats, Floats]:
    """The regression slopes by age and their standard errors under overlap and correlation between models."""
    days = m.value.shape[2] - 1
    final = m.deviation[:, :, -1]
    variance = np.einsum("mrk,mrk->k", m.deviation, m.deviation) / m.count
    product = np.einsum("mr,mrk->k", final, m.deviation) / m.count
    moving = variance > m.zero**2
    slope = np.where(moving, product / np.where(moving, variance, 1.0), 1.0)
    slope[0] = 0.0
    residual = final[:, :, None] - slope * m.deviation
    spread = np.einsum("mrk,mrk->k", residual, residual) / m.count
    share = m.weight.sum(axis=0)
    common = np.einsum("r,rk->k", share, (residual.sum(axis=0) / np.maximum(share, 1)[:, None]) ** 2) / m.count
    models = 1 / np.clip(common / np.where(spread > 0, spread, 1.0), 1 / m.value.shape[0], 1.0)
    error = np.zeros(days + 1)
    lag = np.abs(np.arange(-rounds, rounds + 1))
    tent = np.clip(1 - lag / rounds, 0, None)
    for k in np.flatnonzero(moving[1:-1] & (spread[1:-1] > m.zero**2)) + 1:
        past, ahead = k / spacing, (days - k) / spacing
        overlap = np.sum(tent * np.clip(1 - lag / past, 0, None) * np.clip(1 - lag / ahead, 0, None))
        blocks = max(rounds / overlap * models[k], 1.0)
        error[k] = np.sqrt(spread[k] / variance[k] / max(blocks - 2, 0.5))
    return slope, error


def _shrunk_slopes(plain: Floats, error: Floats, family: Floats) -> tuple[Floats, Floats]:
    """Shrink the regressed slopes to the family's by their errors and by how far the two disagree over all ages."""
    sure = error > 0
    slope, left = family.copy(), np.zeros_like(error)
    if sure.any():
        precision = 1 / error[sure] ** 2
        excess = np.sum(((plain - family)[sure] ** 2 - error[sure] ** 2) * precision) / precision.sum()
        doubt = max(float(excess), SLOPE_DOUBT**2)
        weight = doubt / (doubt + error[sure] ** 2)
        slope[sure] += weight * (plain - family)[sure]
        left[sure] = np.sqrt(weight) * error[sure]
    return slope, left


def _mean_errors(series: Floats, weight: Floats, length: float) -> Floats:
    """[S] squared standard errors of the means of `series` [S, R] (deviations, 0 where `weight` is 0).

    The part of a round's outcome that its neighbour shares counts by blocks, the rest (a round's own) by rounds; the
    share comes from the autocorrelation at lag 1, which is 1 - 1/length where rounds differ by market days only.
    """
    count = np.maximum(weight.sum(axis=1), 1)
    square = (series**2).sum(axis=1)
    pairs = np.maximum((weight[:, 1:] * weight[:, :-1]).sum(axis=1), 1)
    lagged = (series[:, 1:] * series[:, :-1]).sum(axis=1) / pairs * count
    overlap = 1 - 1 / length if length > 1 else 1.0
    shared = np.clip(lagged / np.where(square > 0, square, 1.0) / overlap, 0.0, 1.0)
    blocks = np.array([overlap_blocks(n, length) for n in count])
    error: Floats = square / count * (shared / np.maximum(blocks - 1, 0.5) + (1 - shared) / count)
    return error


def _field_weight(m: _Moments, field: Floats, length: float) -> float:
    """z² / (1 + z²) of the field's mean final: how much of it is believed against zero."""
    share = m.weight.sum(axis=0)
    series = m.deviation[:, :, -1].sum(axis=0) / np.maximum(share, 1)
    error = float(_mean_errors(series[None], (share > 0).astype(np.float64)[None], length)[0])
    square = float(field[-1]) ** 2
    return 1.0 if error <= m.zero**2 else square / (square + error)


def _model_weight(m: _Moments, field: Floats, length: float) -> Floats:
    """[M] how much of each model's difference from the field's mean final is believed (0 with no rounds)."""
    seen = m.weight.any(axis=1)
    if seen.sum() < 2:
        return np.zeros(seen.size)
    share = m.weight.sum(axis=0)
    common = m.deviation[:, :, -1].sum(axis=0) / np.maximum(share, 1)
    error = _mean_errors((m.deviation[:, :, -1] - common) * m.weight, m.weight, length)
    difference = (m.mean[:, -1] - field[-1])[seen]
    between = max(0.0, float((difference**2).sum() / (seen.sum() - 1) - error[seen].mean()))
    total = between + error
    believed = np.where(error <= m.zero**2, 1.0, between / np.where(total > 0, total, 1.0))
    return np.where(seen, believed, 0.0)
