"""What weights are like as a whole: their returns, what they rest on, and how much of their risk is common.

Concentration is the index of Herfindahl, the sum of the squared weights, and 1 over it the effective number of models.
The diversification ratio is that of Choueifaty and Coignard 2008, "Toward maximum diversification", J. Portfolio
Management 35(1). Variances are the long-run ones of covariance.py, intervals and stretches those of stretches.py.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numtui.analysis.allocation.covariance import Covariance
from numtui.analysis.arrays import Floats, number
from numtui.analysis.risk import risk_table
from numtui.analysis.stretches import stretch


class Figures(NamedTuple):
    """The figures of weights, of returns on stake a round; None where one is undefined.

    `mean_p05` .. `sharpe_p95`: ends of 90 % intervals, None where thin. `std`: the root of the long-run variance.
    `common_share`: the share of that variance that the first principal component of the models has.
    `diversification`: the weighted mean of the models' long-run deviations over that of the whole, 1 or more.
    """

    mean: float | None
    mean_p05: float | None
    mean_p95: float | None
    std: float | None
    sharpe: float | None
    sharpe_p05: float | None
    sharpe_p95: float | None
    max_drawdown: float | None
    cvar_5: float | None
    worst_20: float | None
    concentration: float
    effective_models: float
    common_share: float | None
    diversification: float | None


def figures(weights: Floats, returns: Floats, covariance: Covariance, open_rounds: int) -> Figures:
    """The figures of weights [M] that add up to 1, under matched returns [n, M] of rounds in their order."""
    series = returns @ weights
    risk, ends = risk_table(series[None]), stretch(series, open_rounds)
    long_run = variance(weights, covariance)
    values, vectors = np.linalg.eigh(covariance.matrix)
    deviations = np.sqrt(np.diag(covariance.matrix))
    varies = long_run > 0
    return Figures(
        mean=number(float(risk.mean[0])),
        mean_p05=ends.mean_p05,
        mean_p95=ends.mean_p95,
        std=number(long_run**0.5),
        sharpe=number(float(risk.sharpe[0])),
        sharpe_p05=ends.sharpe_p05,
        sharpe_p95=ends.sharpe_p95,
        max_drawdown=number(float(risk.max_drawdown[0])),
        cvar_5=number(float(risk.cvar_5[0])),
        worst_20=number(float(risk.worst_20[0])),
        concentration=concentration(weights),
        effective_models=effective_models(weights),
        common_share=float(values[-1] * (vectors[:, -1] @ weights) ** 2 / long_run) if varies else None,
        diversification=float(weights @ deviations / long_run**0.5) if varies else None,
    )


def variance(weights: Floats, covariance: Covariance) -> float:
    """The long-run variance of a round's return under weights [M]."""
    return float(weights @ covariance.matrix @ weights)


def concentration(weights: Floats) -> float:
    """The sum of the squared weights [M]: 1 / M where they are equal, 1 where one model has all."""
    return float(np.square(weights).sum())


def effective_models(weights: Floats) -> float:
    """How many equal weights would be as concentrated as these."""
    return 1 / concentration(weights)
