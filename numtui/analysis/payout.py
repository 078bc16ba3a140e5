"""The payout of a round: exact in Decimal, to check what was settled; and the plain form in float that the fast ones of
drift and backtests are tested against.

Legacy: payout = at_risk * clip(payout_factor * Σ multiplier_i * score_i, -clip, +clip). Atomic rounds are the same with
factor 1 and clip 1 on the round's own stake (docs.numer.ai, Staking and payouts).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, localcontext

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.money import EXACT, exact

Number = Decimal | float | int | str


def round_return(factor: Number, clip: Number, scores: Sequence[Number], multipliers: Sequence[Number]) -> Decimal:
    """The exact return on stake of one model in one round, a fraction within -clip..+clip."""
    if len(scores) != len(multipliers):
        raise ValueError(f"{len(scores)} scores but {len(multipliers)} multipliers")
    bound = exact(clip)
    if bound < 0:
        raise ValueError(f"clip must not be negative: {clip}")
    with localcontext(EXACT):
        total = sum((exact(m) * exact(s) for m, s in zip(multipliers, scores, strict=True)), Decimal(0))
        return max(-bound, min(bound, exact(factor) * total))


def payout(
    at_risk: Number, factor: Number, clip: Number, scores: Sequence[Number], multipliers: Sequence[Number]
) -> Decimal:
    """The exact payout in NMR (negative: a burn), not rounded to the 18 places of NMR."""
    fraction = round_return(factor, clip, scores, multipliers)
    with localcontext(EXACT):
        return exact(at_risk) * fraction


def returns(scores: Floats, multipliers: Floats, factor: Floats | float, clip: Floats | float) -> Floats:
    """Returns on stake: `scores` [..., K] against `multipliers`.

    Multipliers [K] or of the shape of the scores give [...]; multipliers [C, K] give [..., C]. `factor` and `clip` are
    numbers or [...]. A missing score (NaN) makes a missing return.
    """
    factors, clips = np.asarray(factor, dtype=np.float64), np.asarray(clip, dtype=np.float64)
    if multipliers.ndim == 2 and multipliers.shape != scores.shape:
        raw = scores @ multipliers.T
        factors, clips = (a[..., None] if a.ndim else a for a in (factors, clips))
    else:
        raw = (scores * multipliers).sum(axis=-1)
    return np.clip(factors * raw, -clips, clips)
