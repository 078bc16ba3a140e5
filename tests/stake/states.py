"""Hand-made states of a Signals account."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from numtui.analysis.staking_system import System
from numtui.model import Tournament
from numtui.reports.stake.snapshot import ModelState, OpenRound, Pending, Snapshot

D = Decimal
NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
LAST = NOW + timedelta(days=85)
SOON = NOW + timedelta(days=10)
WEI = D("1e-18")


def model(name: str, stake: str, pending: Pending | None = None, worst: str | None = None) -> ModelState:
    amount = D(stake)
    return ModelState(name, f"id-{name}", amount, pending, None, amount, D(worst) if worst else amount * 2, amount / 64)


def snapshot(*models: ModelState, available: str | None = "100", system: System = System.LEGACY) -> Snapshot:
    return Snapshot(
        account="owner",
        tournament=Tournament.SIGNALS,
        system=system,
        models=models,
        available=None if available is None else D(available),
        taken_at=NOW,
        open_round=OpenRound(1404, NOW + timedelta(hours=1)),
        newest_round=1404,
        last_resolve=LAST,
        unresolved=64,
        clip=D("0.035"),
    )
