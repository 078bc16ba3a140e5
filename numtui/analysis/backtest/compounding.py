"""Compounding through overlapping rounds: a stake earns on itself only once the rounds that hold it have resolved.

Two staking systems, two simulations (docs.numer.ai, Staking and payouts). Both walk through the openings and
resolutions in order of time; at equal times resolutions come first, so that what they return can be staked again.
All series (models, cells) walk at once along the last axis. A return of NaN means no stake in that round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from numtui.analysis.arrays import Floats, Ints

System = Literal["v2", "v3"]
Growth = Literal["constant", "compound"]

SLOTS_20, SLOTS_60 = 24, 64  # rounds open at once, over which a v3 stake is spread


@dataclass(frozen=True)
class Compounded:
    """A stake through R rounds, in the order given, for series of shape [...]; NMR throughout.

    `at_risk` and `payout` [R, ...]: the stake of each round and what it earned or burned; `wealth` [R, ...] everything
    owned, locked included, right after the round resolved; `final` [...] after the last; `idle` [...] what is then not
    locked; `unmet` [...] the rounds that got less than the stake they were meant to have (v3 without idle NMR).
    """

    at_risk: Floats
    payout: Floats
    wealth: Floats
    final: Floats
    idle: Floats
    unmet: Ints


def compound_v2(returns: Floats, opens: Ints, resolves: Ints, stake: float) -> Compounded:
    """Legacy continuous staking: one stake backs every unresolved round, each payout is added at its resolution.

    `returns` [R, ...], `opens` and `resolves` [R] on any common clock, `stake` NMR. The stake at risk in a round is the
    stake at its opening. Overlapping burns cannot take more than is left: a burn is cut to it.
    """
    wealth = np.full(returns.shape[1:], float(stake))
    book = _Book.empty(returns)
    for opening, number in _events(returns, opens, resolves):
        if opening:
            book.at_risk[number] = np.where(np.isnan(returns[number]), 0.0, wealth)
            continue
        book.payout[number] = np.maximum(book.at_risk[number] * np.nan_to_num(returns[number]), -wealth)
        wealth = wealth + book.payout[number]
        book.wealth[number] = wealth
    return Compounded(book.at_risk, book.payout, book.wealth, wealth, wealth, book.unmet)


def compound_v3(
    returns: Floats, opens: Ints, resolves: Ints, stake: float, *, slots: int = SLOTS_60, growth: Growth = "compound"
) -> Compounded:
    """Atomic staking: each round gets a stake of its own out of the idle NMR, returned with its result.

    `slots` rounds share the `stake`: constant growth puts stake / slots into each round; compound growth puts in what
    is owned at the time / slots. A round never gets more than is idle, nor loses more than its own stake.
    """
    if slots < 1:
        raise ValueError(f"a stake needs at least one round, not {slots}")
    idle = np.full(returns.shape[1:], float(stake))
    locked = np.zeros_like(idle)
    book = _Book.empty(returns)
    for opening, number in _events(returns, opens, resolves):
        if opening:
            wanted = np.where(growth == "compound", (idle + locked) / slots, stake / slots)
            wanted = np.where(np.isnan(returns[number]), 0.0, wanted)
            put = np.minimum(wanted, idle)
            np.add(book.unmet, put < wanted * (1 - 1e-12), out=book.unmet)
            book.at_risk[number] = put
            idle, locked = idle - put, locked + put
            continue
        put = book.at_risk[number]
        book.payout[number] = put * np.maximum(np.nan_to_num(returns[number]), -1.0)
        idle, locked = idle + put + book.payout[number], np.maximum(locked - put, 0.0)
        book.wealth[number] = idle + locked
    return Compounded(book.at_risk, book.payout, book.wealth, idle + locked, idle, book.unmet)


@dataclass(frozen=True)
class _Book:
    """The record of a simulation, round by round."""

    at_risk: Floats
    payout: Floats
    wealth: Floats
    unmet: Ints

    @classmethod
    def empty(cls, returns: Floats) -> _Book:
        zeros = np.zeros_like(returns)
        return cls(zeros, zeros.copy(), zeros.copy(), np.zeros(returns.shape[1:], dtype=np.int64))


def _events(returns: Floats, opens: Ints, resolves: Ints) -> list[tuple[bool, int]]:
    """Openings (True) and resolutions, with their round, in order of time. ValueError: a round ends before it opens."""
    if not len(returns) == len(opens) == len(resolves):
        raise ValueError(f"{len(returns)} returns, {len(opens)} openings and {len(resolves)} resolutions")
    if np.any(np.asarray(resolves) <= np.asarray(opens)):
        raise ValueError("a round must resolve after it opens")
    times = np.concatenate([resolves, opens])
    opening = np.repeat([False, True], len(opens))
    number = np.tile(np.arange(len(opens)), 2)
    return [(bool(opening[i]), int(number[i])) for i in np.lexsort((number, opening, times))]
