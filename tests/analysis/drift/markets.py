"""Small markets for the drift tests: scores that accumulate, average or correlate over shared market days."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from numtui.analysis.arrays import Floats, Ints
from numtui.analysis.drift.profile import DriftHistory

RECORDED = Path(__file__).resolve().parents[4] / "shared" / "data" / "classic_scores_843_1100.csv"


@dataclass(frozen=True)
class Kind:
    """How a market makes its scores: value of day d = Σ increments x scale / d^power.

    `power` 0 accumulates, ½ is a correlation with the return so far, 1 a running mean. `common` is the part of a day's
    variance that all models share, `own` the part of an increment that belongs to one round alone, `skill` the size of
    the models' edge (1: a quarter of a standard deviation per round on average), `memory` the autocorrelation of the
    common factor, `freedom` that of t-distributed noise (0: normal), `jitter` noise of a single day relative to the
    final's standard deviation.
    """

    power: float = 0.5
    common: float = 0.7
    own: float = 0.3
    skill: float = 1.0
    memory: float = 0.0
    freedom: float = 0.0
    jitter: float = 0.0


KINDS = (
    Kind(power=0.0),
    Kind(power=0.5),
    Kind(power=0.5, memory=0.2, freedom=5),
    Kind(power=1.0, skill=2.0),
)


def market(seed: int, kind: Kind, *, models: int, rounds: int, days: int) -> DriftHistory:
    """Return a market of daily rounds, all resolved: round r has its day d (1..D) on ordinal r + d."""
    rng = np.random.default_rng(seed)

    def noise(*shape: int) -> Floats:
        if kind.freedom:
            heavy: Floats = rng.standard_t(kind.freedom, shape) / np.sqrt(kind.freedom / (kind.freedom - 2))
            return heavy
        return rng.standard_normal(shape)

    factor = noise(rounds + days)
    for s in range(1, factor.size):
        factor[s] = kind.memory * factor[s - 1] + np.sqrt(1 - kind.memory**2) * factor[s]
    loading, size = rng.uniform(0.5, 1.3, models), rng.uniform(0.7, 1.4, (models, 1))
    daily = np.sqrt(kind.common) * loading[:, None] * factor + np.sqrt(1 - kind.common) * noise(models, factor.size)
    daily = size * daily + kind.skill * rng.normal(0.25, 0.3, (models, 1)) / np.sqrt(days)
    scored_on = np.arange(rounds)[:, None] + np.arange(1, days + 1)
    steps = np.sqrt(1 - kind.own) * daily[:, scored_on - 1]
    steps += np.sqrt(kind.own) * size[:, :, None] * noise(models, rounds, days)
    raw = steps.cumsum(axis=2) / np.sqrt(days) * (days / np.arange(1, days + 1)) ** kind.power
    if kind.jitter:
        raw += kind.jitter * noise(*raw.shape)
    return DriftHistory(0.03 * raw, scored_on.astype(np.int64))


def recorded_finals(corr: float = 0.75, mmc: float = 2.25) -> Floats:
    """Return [M, R] the recorded final returns of rounds 843..1100, NaN where a model has none."""
    with RECORDED.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["canon_corr"] and row["canon_mmc"]]
    names = sorted({row["model"] for row in rows})
    finals = np.full((len(names), 1101 - 843), np.nan)
    for row in rows:
        value = corr * float(row["canon_corr"]) + mmc * float(row["canon_mmc"])
        finals[names.index(row["model"]), int(row["round"]) - 843] = value
    return finals


def recorded_paths(finals: Floats, seed: int, days: int = 20, own: float = 0.2) -> DriftHistory:
    """Return day paths that end at `finals` and share their market days, as rounds that overlap must.

    Each model's market days are drawn given its finals (Matheron's rule: a free draw plus the regression of the
    error of its finals on the days); what a round has for itself, the share `own` of its variance, is bridged in.
    """
    rng = np.random.default_rng(seed)
    models, rounds = finals.shape
    scored_on: Ints = (np.arange(rounds)[:, None] + np.arange(1, days + 1)).astype(np.int64)
    window = np.zeros((rounds, rounds + days))
    np.put_along_axis(window, scored_on - 1, 1.0, axis=1)
    factor = rng.standard_normal(rounds + days)
    raw = np.full((models, rounds, days), np.nan)
    for m in range(models):
        has = ~np.isnan(finals[m])
        size, mean = float(finals[m, has].std()), float(finals[m, has].mean())
        unit = size * np.sqrt((1 - own) / days)
        free = unit * (np.sqrt(0.5) * factor + np.sqrt(0.5) * rng.standard_normal(factor.size))
        alone = size * np.sqrt(own / days) * rng.standard_normal((rounds, days))
        target = finals[m, has] - mean - window[has] @ free - alone[has].sum(axis=1)
        spread = unit**2 * window[has] @ window[has].T + own * size**2 * np.eye(int(has.sum()))
        pull = np.linalg.solve(spread, target)
        shared = free + unit**2 * window[has].T @ pull
        alone[has] += own * size**2 / days * pull[:, None]
        raw[m, has] = (mean / days + shared[scored_on - 1] + alone).cumsum(axis=1)[has]
    return DriftHistory(raw, scored_on)
