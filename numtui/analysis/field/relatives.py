"""Mirrors and copies: pairs of models whose scores hang together more than the field's common moves explain.

A model that predicts 1 - p has the scores of p with the sign turned: the correlation of the raw scores about 0 finds
it, since all other models move up and down with the market together. Copies and near relatives are found in what is
left of the scores once each round's mean over the field is taken away.

Rounds overlap, so the chance of such a correlation is that of the same one between the B loadings of the cosine
estimator (intervals.py), about independent and with mean 0: without a relation r sqrt((B - 1) / (1 - r^2)) follows
Student's t with B - 1 degrees of freedom. Of so many pairs those are told that pass the procedure of Benjamini and
Hochberg 1995, J. Royal Statistical Society B 57(1), at 5 %: of the pairs told at most so many are false on average.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints, known_means
from numtui.analysis.intervals import cosines, degrees
from numtui.analysis.student import t_cdf, t_quantile

Relation = Literal["copy", "mirror", "relative"]
LEVEL = 0.05
COPY, MIRROR = 0.99, -0.95  # correlations from which a relative is one of these
CLOSE = 0.9  # correlation, gaps counted as the mean, from which a pair is looked at without its gaps
FEWEST = 10  # rounds that a pair must have in common


class Pair(NamedTuple):
    """Two models by their positions, how they are related, their correlation and its p-value before the procedure."""

    first: int
    second: int
    relation: Relation
    correlation: float
    p: float


def related_pairs(score: Floats, models: Ints, others: Ints, open_rounds: int) -> list[Pair]:
    """The pairs of one of `models` with another of them or of `others` (positions on the axis of `score` [N, R]) that
    are related, the closest first. A round that a model lacks counts as the field's mean for it; of pairs that are
    close all the same, only the rounds of both count."""
    chosen = np.unique(np.concatenate([models, others]))
    mean = known_means(score, 0)
    scored = np.logical_not(np.isnan(mean))  # a round without the score says nothing of anybody
    if not scored.any():
        return []
    score, mean = score[:, scored], mean[scored]
    values = score[chosen]
    enough = np.logical_not(np.isnan(values)).sum(axis=1) >= FEWEST
    filled = np.where(np.isnan(values), mean, values)
    rows = np.flatnonzero(np.isin(chosen, models) & enough)
    by_round = _correlations(filled, filled - mean, rows)
    loads = cosines(score.shape[1], open_rounds).T
    by_loading = _correlations(filled @ loads, (filled - mean) @ loads, rows)
    correlation = np.where(by_round[0] < 0, *by_round)
    looked = np.tile(enough, (rows.size, 1))
    looked[:, rows] &= rows[None, :] > rows[:, None]  # each pair once, none with itself
    sure = np.where(by_round[0] < 0, *by_loading)
    sure = np.where(np.sign(sure) == np.sign(correlation), sure, 0.0)
    b = degrees(score.shape[1], open_rounds)
    gaps = np.isnan(values).any(axis=1)
    close = (np.abs(correlation) >= CLOSE) & (gaps[rows][:, None] | gaps)
    places = np.argwhere(looked & ((np.abs(sure) > critical(b)) | close))
    p = np.ones(int(looked.sum()))  # what is nearer to 0 cannot pass
    for k, (i, j) in enumerate(places):
        if close[i, j]:
            correlation[i, j], p[k] = _of_both(values[rows[i]], values[j], mean, open_rounds)
        else:
            p[k] = p_value(float(sure[i, j]), b)
    passes = discoveries(p)
    told = [
        Pair(int(chosen[rows[i]]), int(chosen[j]), _relation(correlation[i, j]), float(correlation[i, j]), float(p[k]))
        for k, (i, j) in enumerate(places)
        if passes[k]
    ]
    return sorted(told, key=lambda pair: -abs(pair.correlation))


def _correlations(raw: Floats, own: Floats, rows: Ints) -> tuple[Floats, Floats]:
    """About 0, of some rows with all: of the raw series, and of what is each one's own."""
    raw, own = _unit(raw), _unit(own)
    return raw[rows] @ raw.T, own[rows] @ own.T


def _of_both(one: Floats, other: Floats, mean: Floats, open_rounds: int) -> tuple[float, float]:
    """The correlation of two models in the rounds that both have, and its p-value."""
    both = np.logical_not(np.isnan(one) | np.isnan(other))
    if np.count_nonzero(both) < FEWEST:
        return 0.0, 1.0
    pair = np.stack([one[both], other[both]])
    own = pair - mean[both]
    loads = cosines(pair.shape[1], open_rounds).T
    rows = np.array([0])
    raw, net = (float(np.clip(found[0, 1], -1, 1)) for found in _correlations(pair, own, rows))
    by_loading = _correlations(pair @ loads, own @ loads, rows)
    correlation, sure = (raw, by_loading[0]) if raw < 0 else (net, by_loading[1])
    shared = float(sure[0, 1])
    if shared * correlation <= 0:
        return correlation, 1.0
    return correlation, p_value(shared, degrees(pair.shape[1], open_rounds))


def critical(loadings: int) -> float:
    """The correlation of so many loadings whose p-value is LEVEL."""
    t = t_quantile(1 - LEVEL / 2, loadings - 1)
    return float(t / (t * t + loadings - 1) ** 0.5)


def p_value(correlation: float, loadings: int) -> float:
    """The chance of a correlation of so many independent loadings (mean 0) at least as far from 0, without a
    relation."""
    if abs(correlation) >= 1:
        return 0.0
    t = abs(correlation) * ((loadings - 1) / (1 - correlation**2)) ** 0.5
    return 2 * (1 - t_cdf(t, loadings - 1))


def discoveries(p: Floats, level: float = LEVEL) -> Bools:
    """Which of the p-values pass the procedure of Benjamini and Hochberg at the level."""
    order = np.argsort(p, kind="stable")
    passes = np.flatnonzero(p[order] <= level * np.arange(1, p.size + 1) / max(p.size, 1))
    result = np.zeros(p.size, dtype=np.bool_)
    if passes.size:
        result[order[: passes[-1] + 1]] = True
    return result


def _relation(correlation: float) -> Relation:
    return "copy" if correlation >= COPY else "mirror" if correlation <= MIRROR else "relative"


def _unit(rows: Floats) -> Floats:
    size = np.sqrt(np.square(rows).sum(axis=1, keepdims=True))
    result: Floats = rows / np.where(size > 0, size, np.inf)
    return result
