"""What rounds still did after day d: the part of the drift profile that is read, not used by the forecast."""

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.drift.profile import DriftProfile, History, overlap_blocks, standing

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


@dataclass(frozen=True)
class Gaps:
    """final - value by age 0..D, pooled over models and resolved rounds; returns before factor and clip.

    `mean`, `spread` (standard deviation) and `error` [D+1], the mean's standard error with overlapping rounds counted
    by blocks; `sign_flips` [D+1] the share of rounds whose final has the other sign (NaN at age 0);
    `residual_quantiles` [D+1, 5] at QUANTILES, of final - (intercept + slope x value) as the forecast has them.
    """

    mean: Floats
    error: Floats
    spread: Floats
    sign_flips: Floats
    residual_quantiles: Floats


def learn_gaps(history: History, profile: DriftProfile) -> Gaps:
    """Return the gaps of the resolved rounds of `history`, the one that `profile` was learnt from."""
    value = standing(history.raw)
    m, r = np.nonzero(~np.isnan(value[:, :, -1]))
    held, final = value[m, r], value[m, r][:, -1:]
    gap = final - held
    ahead = np.maximum(np.arange(profile.days, -1, -1), 1) / profile.spacing
    blocks = np.array([overlap_blocks(profile.rounds, max(length, 1.0)) for length in ahead])
    flips = ((held * final) < 0).mean(axis=0)
    flips[0] = np.nan
    residual = final - profile.intercept[m] - profile.slope * held
    return Gaps(
        mean=gap.mean(axis=0),
        error=gap.std(axis=0) / np.sqrt(np.maximum(blocks - 1, 0.5)),
        spread=gap.std(axis=0),
        sign_flips=flips,
        residual_quantiles=np.quantile(residual, QUANTILES, axis=0).T,
    )
