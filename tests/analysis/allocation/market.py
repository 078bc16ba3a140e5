"""Returns of models as overlapping rounds make them, with skill that differs or with none."""

from __future__ import annotations

import numpy as np

from numtui.analysis.arrays import Floats

SPREAD = 0.02  # standard deviation of a round's return
COMMON = 0.7  # how much all models have in common, beside 1 of their own
SKILL = 0.004  # standard deviation of the models' mean returns, at skill 1


def market(seed: int, skill: float, models: int = 20, rounds: int = 400, open_rounds: int = 24) -> Floats:
    """[rounds, models]: moving sums of independent days, so that neighbours share all but one of `open_rounds`."""
    random = np.random.default_rng(seed)
    days = random.standard_normal((rounds + open_rounds, models))
    days += COMMON * random.standard_normal((rounds + open_rounds, 1))
    sums = np.cumsum(days, axis=0)
    overlapping = (sums[open_rounds:] - sums[:-open_rounds]) / np.sqrt(open_rounds * (1 + COMMON**2))
    result: Floats = SPREAD * overlapping + skill * SKILL * random.standard_normal(models)
    return result
