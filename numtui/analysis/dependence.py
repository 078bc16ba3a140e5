"""How returns hang together: with the field where it falls, and models among each other in their burns.

Returns are a row a model, rounds along the last axis, NaN for a round that a model was not in.
"""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats

LEAST_DOWN = 10  # rounds in which the field was below its mean: fewer say nothing
LEAST_COMMON = 20  # rounds of both models


def downside_beta(returns: Floats, field: Floats) -> Floats:
    """[M] the slope of the returns [M, n] on the field's [n] over the rounds in which the field was below its mean:
    cov(r, f | f < mean f) / var(f | f < mean f) (Ang, Chen and Xing 2006, Review of Financial Studies 19(4)). The mean
    is that of the model's own rounds; NaN below LEAST_DOWN such rounds."""
    slopes = np.full(len(returns), np.nan)
    for m, series in enumerate(returns):
        known = np.logical_not(np.isnan(series) | np.isnan(field))
        if not known.any():
            continue
        own, common = series[known], field[known]
        down = common < common.mean()
        if np.count_nonzero(down) >= LEAST_DOWN:
            own, common = own[down] - own[down].mean(), common[down] - common[down].mean()
            spread = common @ common
            slopes[m] = own @ common / spread if spread > 0 else np.nan
    return slopes


def burns_together(returns: Floats) -> Floats:
    """[M, M] how often two models burn in the same round, over what independence would give: P(both) / (P(a) P(b)) on
    the rounds that both have; 1 of models that have nothing in common, 1 / P(a) at most. NaN where one of them never
    burns, of fewer than LEAST_COMMON rounds, and of a model with itself."""
    known = np.logical_not(np.isnan(returns))
    burns = (known & (np.nan_to_num(returns) < 0)).astype(np.float64)
    present = known.astype(np.float64)
    common = present @ present.T
    both = burns @ burns.T
    ours = burns @ present.T  # of the rounds that both have, those in which the row's model burns
    told = (common >= LEAST_COMMON) & (ours > 0) & (ours.T > 0)
    np.fill_diagonal(told, val=False)
    return np.where(told, both * common / np.where(told, ours * ours.T, 1.0), np.nan)
