"""Out of character: a recent stretch that a model's own history and the field's spread make unlikely.

The expected value of a window is the model's mean before it, shrunk towards the field's by how much of the models'
differences is more than chance. The error is that of both means under overlap (intervals.py). All windows that are
looked at count: Benjamini and Hochberg's procedure over all models and windows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from numtui.analysis.arrays import Floats, Ints, known_means
from numtui.analysis.field.relatives import discoveries
from numtui.analysis.intervals import cosines, degrees
from numtui.analysis.student import t_cdf

WINDOWS = (20, 60)  # newest rounds
FEWEST = 10  # rounds of a model before a window
TIMES_BEFORE = 2  # a window needs so many times its rounds before it


class UnusualStretch(NamedTuple):
    """A model's newest `window` rounds: their mean, what was expected, and the p-value of the difference."""

    model: int
    window: int
    mean: float
    expected: float
    p: float

    @property
    def good(self) -> bool:
        """Whether it was better than expected."""
        return self.mean > self.expected


def unusual_stretches(value: Floats, models: Ints, open_rounds: int) -> list[UnusualStretch]:
    """The stretches of `models` (positions on the axis of `value` [N, R]) that are out of character, the least likely
    first."""
    looked = [stretch for window in WINDOWS for stretch in _stretches(value, models, window, open_rounds)]
    passes = discoveries(np.array([stretch.p for stretch in looked]))
    told = [stretch for stretch, told in zip(looked, passes, strict=True) if told]
    return sorted(told, key=lambda stretch: stretch.p)


def _stretches(value: Floats, models: Ints, window: int, open_rounds: int) -> list[UnusualStretch]:
    before, recent = value[:, :-window], value[:, -window:]
    if before.shape[1] < TIMES_BEFORE * window:
        return []
    # Against the field: what moves all alike is no character.
    before, recent = before - known_means(before, 0), recent - known_means(recent, 0)
    past = known_means(before, 1)
    errors = _errors(before, open_rounds)
    known = np.logical_not(np.isnan(past) | np.isnan(errors))
    spread = max(float(past[known].var()) - float((errors[known] ** 2).mean()), 0.0) if known.any() else 0.0
    found = []
    for m in models.tolist():
        series, now = before[m], recent[m]
        if np.isnan(series).sum() * 2 > series.size or np.isnan(now).sum() * 2 > now.size:
            continue
        error = errors[m]
        trust = spread / (spread + error**2) if spread > 0 else 0.0
        n = int(np.count_nonzero(np.logical_not(np.isnan(series))))
        error_now = error * np.sqrt(n / window)
        doubt = np.sqrt(error_now**2 + trust * error**2)
        expected, mean = trust * past[m], float(np.nanmean(now))
        if doubt > 0 and not np.isnan(doubt):
            b = degrees(n, open_rounds)
            p = 2 * (1 - t_cdf(abs(mean - expected) / doubt, b))
            found.append(UnusualStretch(m, window, mean, float(expected), float(p)))
    return found


def _errors(series: Floats, open_rounds: int) -> Floats:
    """[N] the standard errors of the means of `series` [N, R]; a gap counts as the series' own mean. NaN below
    FEWEST."""
    known = np.logical_not(np.isnan(series))
    count = known.sum(axis=1)
    mean = np.where(known, series, 0.0).sum(axis=1) / np.maximum(count, 1)
    filled = np.where(known, series - mean[:, None], 0.0)
    loads = filled @ cosines(series.shape[1], open_rounds).T
    squares = np.square(loads).mean(axis=1) * series.shape[1] / np.maximum(count, 1)  # gaps hold no variance
    return np.where(count >= FEWEST, np.sqrt(squares / np.maximum(count, 1)), np.nan)
