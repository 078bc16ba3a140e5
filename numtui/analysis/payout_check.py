"""Settled payouts held against the formula: every difference is reported, none is smoothed over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from numtui.analysis.payout import payout
from numtui.money import EXACT

TOLERANCE = Decimal("1e-9")  # NMR


@dataclass(frozen=True)
class PaidScore:
    """One payout score of a position: final value, multiplier in force, and the NMR that its row states as settled."""

    score: str
    value: float | None
    multiplier: Decimal
    settled: Decimal | None


@dataclass(frozen=True)
class Position:
    """A model's resolved round. `total` is the round's payout where another place of the API states it."""

    model: str
    round: int
    at_risk: Decimal
    factor: Decimal
    clip: Decimal
    scores: tuple[PaidScore, ...]
    total: Decimal | None = None


@dataclass(frozen=True)
class Discrepancy:
    """A position whose payout does not come out: NMR as computed and as settled (None where not known), and why."""

    model: str
    round: int
    computed: Decimal | None
    settled: Decimal | None
    reason: str


def reconcile(positions: Iterable[Position], tolerance: Decimal = TOLERANCE) -> list[Discrepancy]:
    """The positions whose settled payout is not the formula's to within `tolerance` NMR, in the order given."""
    checks = (_check(position, tolerance) for position in positions)
    return [discrepancy for discrepancy in checks if discrepancy is not None]


def _check(position: Position, tolerance: Decimal) -> Discrepancy | None:
    computed = _computed(position)
    rows = [paid.settled for paid in position.scores if paid.settled is not None]
    with localcontext(EXACT):
        summed = sum(rows, Decimal(0)) if rows else None
    settled = position.total if position.total is not None else summed

    def report(reason: str) -> Discrepancy:
        return Discrepancy(position.model, position.round, computed, settled, reason)

    if settled is None and not position.at_risk:
        return None
    if settled is None:
        return report("no settled payout is known")
    if computed is None:
        missing = [paid.score for paid in position.scores if paid.multiplier and paid.value is None]
        return report(f"no final {', '.join(missing)}" if missing else "no payout score is known")
    if len(rows) > 1 and abs(computed) > tolerance and all(abs(row - computed) <= tolerance for row in rows):
        return report("each score's row states the whole payout, so the rows do not sum to it")
    if summed is not None and abs(summed - settled) > tolerance:
        return report(f"the rows of the scores sum to {summed}, not to the round's payout")
    if abs(settled - computed) > tolerance:
        unstated = [paid.score for paid in position.scores if paid.settled is None and paid.multiplier]
        partial = f"; the row of {', '.join(unstated)} states none" if unstated and position.total is None else ""
        return report(f"differs by {settled - computed:+.3E} NMR{partial}")
    return None


def _computed(position: Position) -> Decimal | None:
    """The formula's payout; None when a score that pays is missing, or when there is none."""
    paying = [paid for paid in position.scores if paid.multiplier]
    values = [paid.value for paid in paying if paid.value is not None]
    if len(values) < len(paying) or not position.scores:
        return None
    return payout(position.at_risk, position.factor, position.clip, values, [paid.multiplier for paid in paying])
