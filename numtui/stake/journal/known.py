"""Earlier orders of the journal that the account as it is read now may not show yet."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import msgspec

from numtui.model import time_text
from numtui.reports.stake.snapshot import Snapshot, model_differences
from numtui.stake.errors import JournalFailed
from numtui.stake.journal.journal import Journal, JournalEntry, Outcome, Sent
from numtui.stake.plan.steps import StakePlan

WORDS = {Outcome.DONE: "done", Outcome.RECONCILED_DONE: "made", Outcome.RECONCILED_NOT: "not made"}


def snapshot_before(intent: JournalEntry) -> Snapshot:
    """The state that was read just before sending. JournalFailed when the journal does not have it."""
    try:
        return msgspec.convert(json.loads(intent.snapshot or "")["snapshot"], Snapshot)
    except (ValueError, RecursionError, LookupError, TypeError) as error:
        raise JournalFailed(f"entry {intent.entry} of the journal has no usable snapshot: {error}") from None


def ago(then: datetime, now: datetime) -> str:
    """`4 minutes ago`; the time itself where the clock says otherwise."""
    seconds = (now - then).total_seconds()
    if seconds < 0:
        return f"at {time_text(then)}"
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def said_of(sent: Sent, now: datetime) -> str:
    """`was sent 4 minutes ago (entry 12 of the journal: done)`."""
    outcome = WORDS.get(sent.outcome, "outcome unknown")
    return f"was sent {ago(sent.intent.time, now)} (entry {sent.intent.entry} of the journal: {outcome})"


def not_yet_visible(journal: Journal, snapshot: Snapshot, now: datetime, models: set[str] | None = None) -> list[str]:
    """The last made change of each model (of `models`) that `snapshot` does not show, a line each."""
    last: dict[str, Sent] = {}
    for sent in journal.orders():
        if sent.intent.tournament == snapshot.tournament and sent.outcome is not Outcome.RECONCILED_NOT:
            last[sent.intent.model] = sent
    lines = []
    for name, sent in last.items():
        state = snapshot.model(name)
        if state is None or (models is not None and name not in models):
            continue
        before = snapshot_before(sent.intent).model(name)
        if before is not None and not model_differences(before, state):
            lines.append(
                f"{name}: {sent.intent.action} of {sent.intent.requested} NMR {said_of(sent, now)}, not yet visible"
            )
    return lines


def as_new_order(plan: StakePlan, journal: Journal, now: datetime) -> StakePlan:
    """The plan as an order of its own, with notes on what was sent for its models and is not seen yet.

    JournalFailed where the journal cannot be read.
    """
    known = not_yet_visible(journal, plan.snapshot, now, {step.model for step in plan.steps})
    notes = [f"{line}: this plan is a further change" for line in known]
    return replace(plan, notes=(*plan.notes, *notes), entry=journal.last())
