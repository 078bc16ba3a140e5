"""Changes since the last scoring run: which rounds moved, and which score moved them."""

from dataclasses import dataclass

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.analysis.drift.projection import DriftTerms, project, weighted_scores


@dataclass(frozen=True)
class RunScores:
    """The state after a scoring run: `scores` [M, R, K] (NaN: none) and their `day` [M, R] (0: none yet)."""

    scores: Floats
    day: Ints


@dataclass(frozen=True)
class Movers:
    """Changes of the projected return of M models in R rounds between two runs; NaN where one side is unknown.

    `before`, `now`, `change` [M, R] returns on stake; `parts` [M, R, K] of the change: multiplier x factor x change of
    the score; `remainder` [M, R] what the clip took or gave back, so that change = Σ parts + remainder. `payout` [M, R]
    is the change in NMR. `new` [M, R] marks first scores, `resolved` [M, R] rounds whose last day came with this run.
    """

    before: Floats
    now: Floats
    change: Floats
    parts: Floats
    remainder: Floats
    payout: Floats
    new: Bools
    resolved: Bools

    def largest(self, count: int) -> tuple[Ints, Ints]:
        """Models and rounds of the `count` largest changes in NMR; equal ones (no stake) by the return."""
        moved = np.flatnonzero(np.nan_to_num(self.change).ravel())
        money = np.abs(np.nan_to_num(self.payout)).ravel()[moved]
        best = moved[np.lexsort((-np.abs(self.change.ravel()[moved]), -money))][:count]
        m, r = np.unravel_index(best, self.change.shape)
        return m.astype(np.int64), r.astype(np.int64)


def movers(before: RunScores, now: RunScores, days: Ints, terms: DriftTerms, at_risk: Floats) -> Movers:
    """Compare two scoring runs under the same `terms`; `days` [R] are the rounds' lengths, `at_risk` [M, R] NMR."""
    factor, multipliers = terms.factors.factor, terms.multipliers
    was = project(weighted_scores(before.scores, multipliers), factor, terms.clip)
    stands = project(weighted_scores(now.scores, multipliers), factor, terms.clip)
    change = stands - was
    moved = np.where(multipliers != 0, multipliers * (now.scores - before.scores), 0.0)
    parts = factor[:, None] * moved
    return Movers(
        before=was,
        now=stands,
        change=change,
        parts=parts,
        remainder=change - parts.sum(axis=2),
        payout=change * at_risk,
        new=(before.day == 0) & (now.day > 0),
        resolved=(now.day >= days) & (before.day < days),
    )
