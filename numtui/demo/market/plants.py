"""What the simulated Classic field holds to be found: a mirror pair, a copy, a linear model, an ensemble, a lucky one.

They are models of strangers and watched ones, so that the account's own scores are nobody's doing but their own.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIRROR = ("vivid_heron", "demo_anchor")  # the first stakes on 1 - p of the second's p
COPY = ("urban_otter", "demo_flint")  # the first sends what the second does
LINEAR = "amber_badger"  # its MMC goes with its CORR
ENSEMBLE = ("amber_falcon", 12)  # the mean of so many models behind it
LUCKY = "amber_otter"  # no skill, and the best of LUCK draws in the rounds before 60-day scores
LUCKY_ROUNDS = range(1_150, 1_345)
LUCK = 400
LINEAR_SHARE = 0.9  # of a linear model's spread of MMC that is CORR's


class Plants(NamedTuple):
    """The rows of the planted models; None where the population is too small to have one."""

    mirror: tuple[int, int] | None
    copy: tuple[int, int] | None
    linear: int | None
    ensemble: tuple[int, range] | None
    lucky: int | None

    @classmethod
    def of(cls, rows: dict[str, int]) -> Plants:
        """The plants among models by name."""
        pairs = [
            (rows[first], rows[second]) if first in rows and second in rows else None
            for first, second in (MIRROR, COPY)
        ]
        name, members = ENSEMBLE
        row = rows.get(name)
        fits = row is not None and row + members < len(rows)
        ensemble = (row, range(row + 1, row + 1 + members)) if row is not None and fits else None
        return cls(pairs[0], pairs[1], rows.get(LINEAR), ensemble, rows.get(LUCKY))

    def plant(self, corr: Floats, mmc: Floats, realised: Floats, rng: np.random.Generator) -> None:
        """Change the loadings (models, WIDTH) of both quantities in place. `realised` [WIDTH] is the mean feature of
        LUCKY_ROUNDS; the first column of loadings is a model's mean."""
        if self.linear is not None:
            mmc[self.linear] = _towards(mmc[self.linear], corr[self.linear])
        for loadings in (corr, mmc):
            if self.lucky is not None:
                loadings[self.lucky] = _luckiest(loadings[self.lucky], realised, rng)
            if self.ensemble is not None:
                row, members = self.ensemble
                loadings[row] = loadings[members.start : members.stop].mean(axis=0)
            if self.copy is not None:
                loadings[self.copy[0]] = loadings[self.copy[1]]
            if self.mirror is not None:
                loadings[self.mirror[0]] = -loadings[self.mirror[1]]


def _towards(mmc: Floats, corr: Floats) -> Floats:
    """MMC with a spread as before, LINEAR_SHARE of it in the direction of CORR; its mean stays."""
    size = np.linalg.norm(mmc[1:])
    mixed = LINEAR_SHARE * corr[1:] / np.linalg.norm(corr[1:]) + (1 - LINEAR_SHARE) * mmc[1:] / size
    return np.concatenate([mmc[:1], mixed * size / np.linalg.norm(mixed)])


def _luckiest(loadings: Floats, realised: Floats, rng: np.random.Generator) -> Floats:
    """Of LUCK draws around no mean, with a spread as before, the one that did best in the rounds that came."""
    drawn = rng.standard_normal((LUCK, loadings.size - 1))
    drawn *= np.linalg.norm(loadings[1:]) / np.linalg.norm(drawn, axis=1, keepdims=True)
    best = drawn[np.argmax(drawn @ realised[1:])]
    return np.concatenate([[0.0], best])
