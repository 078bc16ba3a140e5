"""Compounding a stake through overlapping rounds with lock-up: continuous stake (v2) and per-round stake (v3).

Two different simulations (domain.md "Staking"):

- `continuous` (v2): one stake backs every unresolved round. A round's at risk is the stake when it opens; when it
  resolves, at risk x return is added to the stake or burned from it. A stake never falls below 0: the rounds
  unresolved at once can burn more than there is, and then burn what is there.
- `per_round` (v3): each round takes its own amount from idle NMR when it opens, 1/64 of the total (Crypto 1/24), and
  gives it back with its result when it resolves. Nothing is staked that is not idle.

Times are ordinals of days, or any whole numbers that order the events. At one time rounds resolve before others open,
as in `rules_history`. Arithmetic is float: this is a simulation, not an account. All amounts are NMR.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum

import numpy as np

from numtui.analysis.arrays import Bools, Floats, Ints
from numtui.model import Tournament

PARTS = {Tournament.CLASSIC: 64, Tournament.SIGNALS: 64, Tournament.CRYPTO: 24}  # rounds that share a v3 total
SLACK = 1e-12  # share of an amount by which sums of floats may miss it


class Mode(Enum):
    """What a v3 round asks for: always the same amount, or a part of the NMR owned at its opening."""

    CONSTANT = "constant"
    COMPOUND = "compound"


@dataclass(frozen=True)
class Compounded:
    """A simulated stake: E times at which rounds open or resolve, R rounds; leading axes are those of the returns.

    `times` [E]; `idle` and `committed` [..., E]: NMR free, and NMR behind unresolved rounds, after all that happened
    at that time; `at_risk` and `payouts` [..., R]: what each round staked and what it added (negative: burned);
    `unfunded` [..., R]: rounds with a return that found no idle NMR, or not enough; `start`: NMR at first.
    """

    start: float
    times: Ints
    idle: Floats
    committed: Floats
    at_risk: Floats
    payouts: Floats
    unfunded: Bools

    @property
    def equity(self) -> Floats:
        """NMR owned at each time, unresolved rounds at what they staked, [..., E]."""
        return self.idle + self.committed

    @property
    def final(self) -> Floats:
        """NMR owned when the last round has resolved, [...]; the start where there is no round."""
        if not self.times.size:
            return np.full(self.idle.shape[:-1], self.start)
        last: Floats = self.equity[..., -1]
        return last

    @property
    def skipped(self) -> Ints:
        """Number of rounds not staked for lack of idle NMR, [...]."""
        return np.asarray(self.unfunded.sum(axis=-1), dtype=np.int64)


class _Purse(ABC):
    """The NMR of S series while time runs: all that is `owned`, and what of it is `locked` behind rounds, [S]."""

    def __init__(self, series: int, start: float) -> None:
        self.owned, self.locked = np.full(series, start), np.zeros(series)

    @abstractmethod
    def take(self, present: Bools) -> Floats:
        """Open a round for the series that are `present` [S]: what each puts at risk, 0 where it has nothing."""

    @abstractmethod
    def settle(self, at_risk: Floats, returns: Floats) -> Floats:
        """Resolve a round (returns without NaN): the payout of each series, already added or burned."""


class _Continuous(_Purse):
    def __init__(self, series: int, start: float) -> None:
        super().__init__(series, start)
        self.unresolved = np.zeros(series, dtype=np.int64)

    def take(self, present: Bools) -> Floats:
        at_risk = np.where(present, self.owned, 0.0)
        self.unresolved += at_risk > 0
        self._lock()
        return at_risk

    def settle(self, at_risk: Floats, returns: Floats) -> Floats:
        payout: Floats = np.maximum(at_risk * returns, -self.owned)
        self.owned += payout
        self.unresolved -= at_risk > 0
        self._lock()
        return payout

    def _lock(self) -> None:
        self.locked = np.where(self.unresolved > 0, self.owned, 0.0)


class _PerRound(_Purse):
    def __init__(self, series: int, start: float, parts: int, mode: Mode) -> None:
        super().__init__(series, start)
        self.parts, self.mode, self.constant = parts, mode, start / parts

    def take(self, present: Bools) -> Floats:
        idle = np.maximum(self.owned - self.locked, 0.0)
        if self.mode is Mode.CONSTANT:
            wanted = np.full_like(idle, self.constant)
            enough = idle >= wanted * (1 - SLACK)
        else:
            wanted = self.owned / self.parts
            enough = idle > wanted * SLACK
        at_risk = np.where(present & enough, np.minimum(wanted, idle), 0.0)
        self.locked += at_risk
        return at_risk

    def settle(self, at_risk: Floats, returns: Floats) -> Floats:
        self.locked -= at_risk
        payout = at_risk * returns
        self.owned += payout
        return payout


def continuous(returns: Floats, opened: Ints, resolved: Ints, stake: float = 1.0) -> Compounded:
    """v2: one `stake` through the rounds of `returns` [..., R] (after factor and clip; NaN: no submission).

    `opened` and `resolved` [R] are times. All of the stake counts as committed while any round it backs is
    unresolved. ValueError: shapes, a round that resolves no later than it opens, a return below -1, a negative stake.
    """
    series = _checked(returns, opened, resolved, stake)
    return _simulate(_Continuous(series, stake), returns, opened, resolved, stake)


def per_round(
    returns: Floats,
    opened: Ints,
    resolved: Ints,
    total: float = 1.0,
    *,
    parts: int = PARTS[Tournament.CLASSIC],
    mode: Mode = Mode.CONSTANT,
) -> Compounded:
    """v3: `total` NMR, of which each round of `returns` [..., R] (NaN: no submission) takes its own amount.

    Constant: total / `parts` a round; where less is idle, the round is skipped. Compound: the NMR owned at the
    opening / `parts`, or what is idle if that is less (a burn just now must not cost a whole round); skipped where
    nothing is. `opened` and `resolved` [R] are times; for a delay between resolution and restaking pass later ones.
    ValueError as `continuous`, and for `parts` below 1.
    """
    if parts < 1:
        raise ValueError(f"a total is divided into at least 1 part, not {parts}")
    series = _checked(returns, opened, resolved, total)
    return _simulate(_PerRound(series, total, parts, mode), returns, opened, resolved, total)


def _checked(returns: Floats, opened: Ints, resolved: Ints, start: float) -> int:
    """The number of series in `returns`, after a look at everything that would make nonsense of a simulation."""
    rounds = returns.shape[-1]
    if opened.shape != (rounds,) or resolved.shape != (rounds,):
        raise ValueError(f"{rounds} rounds, but times of shape {opened.shape} and {resolved.shape}")
    if np.any(resolved <= opened):
        raise ValueError("a round must resolve later than it opens")
    if np.any(returns < -1):
        raise ValueError("a return below -1: more than the stake cannot burn")
    if not 0 <= start < np.inf:
        raise ValueError(f"a stake cannot be {start}")
    return int(np.prod(returns.shape[:-1]))


def _simulate(purse: _Purse, returns: Floats, opened: Ints, resolved: Ints, start: float) -> Compounded:
    """Let the rounds open and resolve in the order of time, resolutions first; rounds of one time in their order."""
    lead, rounds = returns.shape[:-1], returns.shape[-1]
    flat = np.ascontiguousarray(returns.reshape(purse.owned.size, rounds).T)
    present, results = ~np.isnan(flat), np.nan_to_num(flat)
    times = np.unique(np.concatenate([opened, resolved]))
    opening, resolving = _by_time(opened, times), _by_time(resolved, times)
    at_risk, payouts = np.zeros_like(flat), np.zeros_like(flat)
    owned, locked = np.empty((2, times.size, purse.owned.size))
    for step in range(times.size):
        for number in resolving[step]:
            payouts[number] = purse.settle(at_risk[number], results[number])
        for number in opening[step]:
            at_risk[number] = purse.take(present[number])
        owned[step], locked[step] = purse.owned, purse.locked

    def back(figures: Floats) -> Floats:
        return np.ascontiguousarray(figures.T).reshape(*lead, len(figures))

    committed = np.clip(locked, 0.0, owned)  # sums of floats may leave -1e-17 behind
    return Compounded(
        start=start,
        times=times,
        idle=back(owned - committed),
        committed=back(committed),
        at_risk=back(at_risk),
        payouts=back(payouts),
        unfunded=(present & (at_risk == 0)).T.reshape(returns.shape),
    )


def _by_time(at: Ints, times: Ints) -> list[Ints]:
    """The rounds of each of `times`, in their order."""
    order = np.argsort(at, kind="stable")
    return np.split(order, np.searchsorted(at[order], times[1:], side="left"))
