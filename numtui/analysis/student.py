"""Student's t distribution for whole degrees of freedom, as the error bars need it."""

from __future__ import annotations

from functools import lru_cache
from math import atan, cos, exp, lgamma, log, log1p, pi, sin, sqrt
from statistics import NormalDist


def t_cdf(t: float, df: int) -> float:
    """P(T <= t) for T with `df` >= 1 degrees of freedom: finite series, Abramowitz and Stegun 26.7.3-4."""
    if df < 1:
        raise ValueError(f"degrees of freedom must be at least 1, not {df}")
    angle = atan(t / sqrt(df))
    sine, cosine = sin(angle), cos(angle)
    odd = df % 2
    term = cosine if odd else 1.0
    series = 0.0
    for step in range(2 + odd, df + 1, 2):
        series += term
        term *= cosine * cosine * (step - 1) / step
    central = 2 / pi * (angle + sine * series) if odd else sine * series
    return (1 + central) / 2


def t_pdf(t: float, df: int) -> float:
    """The density of the same distribution at `t`."""
    scale = lgamma((df + 1) / 2) - lgamma(df / 2) - log(df * pi) / 2
    return exp(scale - (df + 1) / 2 * log1p(t * t / df))


@lru_cache(maxsize=512)
def t_quantile(p: float, df: int) -> float:
    """The `p` quantile, 0 < p < 1.

    Newton's method from the normal quantile: the distribution function is concave above 0 and the start lies below
    the root, so that every step comes closer from the same side.
    """
    if not 0 < p < 1:
        raise ValueError(f"a quantile needs 0 < p < 1, not {p}")
    if p < 0.5:
        return -t_quantile(1 - p, df)
    t = NormalDist().inv_cdf(p)
    for _ in range(200):
        step = (p - t_cdf(t, df)) / t_pdf(t, df)
        t += step
        if abs(step) <= 1e-14 * max(1.0, t):
            break
    return t
