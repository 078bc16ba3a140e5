"""The reconciliation of changes whose outcome is unknown. Reads the account; writes the journal only.

The change took effect when, since the snapshot before sending, a new transaction or pending entry of that kind and
amount is there, or the stake has changed by just that amount beside what rounds paid and burnt. It did not when two
reads ten minutes apart show nothing of the kind. Anything else stays unknown.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum

import msgspec

from numtui.analysis.stakes import RELEASES
from numtui.model import Tournament, time_text
from numtui.money import ZERO
from numtui.reports.stake.snapshot import OWN_CHANGES, ModelState, Pending, same_pending
from numtui.stake.account_client import AccountReading, Movement
from numtui.stake.amounts import canonical
from numtui.stake.errors import JournalFailed, StakeError
from numtui.stake.journal.journal import Journal, JournalEntry, Outcome
from numtui.stake.plan.steps import Action
from numtui.stake.service import StakeService

APART = timedelta(minutes=10)
NO_SIGN = "no sign of the change"


class Sign(Enum):
    """The evidence of a reading on a change."""

    DONE = "done"
    NONE = "none"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reconciled:
    """The present state of an intent: RECONCILED_DONE, RECONCILED_NOT, or UNKNOWN with what to do in `message`."""

    intent: JournalEntry
    outcome: Outcome
    message: str
    next_read: datetime | None = None


def reconcile(service: StakeService, tournaments: Sequence[Tournament] = tuple(Tournament)) -> list[Reconciled]:
    """Reconcile every unknown change of the account whose keys are in use, and journal the results.

    Raises LockHeld, JournalFailed, Stopped, or an ApiError when the account cannot be read.
    """
    account = service.client.read(tournaments[0]).snapshot.account
    journal = service.journal(account)
    results = []
    with service.lock(account):
        for intent in journal.unknown():
            reading = service.client.read(intent.tournament, (intent.model_id,))
            results.append(_reconcile_one(service, journal, intent, reading))
    return results


def _reconcile_one(service: StakeService, journal: Journal, intent: JournalEntry, now: AccountReading) -> Reconciled:
    sign, why = sign_of(intent, reading_before(intent), now)
    time = service.client.clock.now()
    uptime = service.uptime()
    row = replace(intent, entry=None, intent=intent.entry, time=time, snapshot=canonical(now), note=why, uptime=uptime)
    if sign is Sign.DONE:
        journal.append(replace(row, outcome=Outcome.RECONCILED_DONE))
        return Reconciled(intent, Outcome.RECONCILED_DONE, why)
    first = first_clean_read(journal.about(intent.entry or 0), time, uptime)
    if sign is Sign.NONE and first is not None and _apart(first, time, uptime):
        note = f"{NO_SIGN} in reads of {time_text(first.time)} and {time_text(time)}"
        journal.append(replace(row, outcome=Outcome.RECONCILED_NOT, note=note))
        return Reconciled(intent, Outcome.RECONCILED_NOT, note)
    journal.append(replace(row, outcome=Outcome.CHECKED))
    if sign is Sign.UNCLEAR:
        advice = f"{why}: look at {intent.model} on the website, then settle the entry by hand with a note"
        return Reconciled(intent, Outcome.UNKNOWN, advice)
    again = time + APART
    if first is not None and first.uptime is not None:
        again = max(first.time + APART, time + APART - timedelta(seconds=uptime - first.uptime))
    return Reconciled(intent, Outcome.UNKNOWN, f"{why} yet: reconcile again after {time_text(again)}", again)


def first_clean_read(rows: Sequence[JournalEntry], now: datetime, uptime: float) -> JournalEntry | None:
    """The first of the present run of reads without a sign; None where the last read was not such a one.

    A read counts only if the machine has run on since: not one before a restart, of another machine, or of the future.
    """
    began = None
    for row in rows:
        if row.outcome is Outcome.CHECKED:
            if row.note != NO_SIGN:
                began = None
            elif began is None and row.uptime is not None and row.uptime <= uptime and row.time <= now:
                began = row
    return began


def _apart(first: JournalEntry, now: datetime, uptime: float) -> bool:
    """Whether ten minutes have passed, by the clock and by the time that the machine has run."""
    return first.uptime is not None and now - first.time >= APART and uptime - first.uptime >= APART.total_seconds()


def reading_before(intent: JournalEntry) -> AccountReading:
    """The reading just before sending. JournalFailed when the journal does not have it."""
    try:
        return msgspec.convert(json.loads(intent.snapshot or ""), AccountReading)
    except (ValueError, RecursionError) as error:  # msgspec's and json's errors are ValueErrors
        raise JournalFailed(f"entry {intent.entry} of the journal has no usable snapshot: {error}") from None


def sign_of(intent: JournalEntry, before: AccountReading, now: AccountReading) -> tuple[Sign, str]:
    """The evidence of the change in `now` compared with `before`, and the reason in one line."""
    was, state = before.snapshot.model(intent.model), now.snapshot.model(intent.model)
    if was is None or state is None or state.id != intent.model_id:
        return Sign.UNCLEAR, f"{intent.model} is no longer among your models"
    amount = Decimal(intent.requested or "0")
    fresh = new_movements(before.movements.get(intent.model_id, ()), now.movements.get(intent.model_id, ()))
    drift = state.stake - was.stake - sum((payout_of(movement) for movement in fresh), ZERO)
    if intent.action == Action.CANCEL:
        return _sign_of_cancel(was, state, drift)
    increase = intent.action == Action.INCREASE
    if any(_is_it(movement, amount, increase=increase) for movement in fresh):
        return Sign.DONE, "a new transaction shows it"
    if drift == (amount if increase else -amount):
        return Sign.DONE, "the stake has changed by the amount"
    return _sign_of_pending(intent, was.pending, state.pending, drift)


def _sign_of_pending(
    intent: JournalEntry, was: Pending | None, now: Pending | None, drift: Decimal
) -> tuple[Sign, str]:
    amount = Decimal(intent.requested or "0")
    if not same_pending(was, now):
        expected = amount if intent.action == Action.INCREASE else -amount
        drained = intent.action == Action.DRAIN and now is not None and now.drain
        if now is not None and (now.signed == expected or drained):
            return Sign.DONE, f"a new pending entry shows it ({now})"
        return Sign.UNCLEAR, f"pending is {now or 'nothing'}, which is not the change that was asked for"
    if drift != 0:
        return Sign.UNCLEAR, f"the stake has changed by {drift:f} NMR, which is not the change that was asked for"
    return Sign.NONE, NO_SIGN


def _sign_of_cancel(was: ModelState, now: ModelState, drift: Decimal) -> tuple[Sign, str]:
    if same_pending(was.pending, now.pending):
        return Sign.NONE, NO_SIGN
    if now.pending is None and drift == 0:
        return Sign.DONE, "the release is no longer pending and the NMR is still staked"
    return Sign.UNCLEAR, f"pending is {now.pending or 'nothing'}, and the stake has changed by {drift:f} NMR"


def new_movements(before: Sequence[Movement], now: Sequence[Movement]) -> list[Movement]:
    """The movements that were not there before; two that look alike count twice."""
    return list((Counter(now) - Counter(before)).elements())


def _is_it(movement: Movement, amount: Decimal, *, increase: bool) -> bool:
    kind = (movement.type or "").lower()
    same_way = kind in RELEASES if not increase else kind in OWN_CHANGES - RELEASES
    return same_way and movement.amount is not None and abs(movement.amount) == amount


def payout_of(movement: Movement) -> Decimal:
    """The payout of a round in this movement in NMR, a burn negative; 0 for a change by the owner."""
    kind = (movement.type or "").lower()
    if movement.source != "stake" or kind in OWN_CHANGES or movement.amount is None:
        return ZERO
    return -abs(movement.amount) if "burn" in kind else movement.amount


def settle(service: StakeService, account: str, entry: int, *, took_effect: bool, note: str) -> None:
    """Record the user's word on an unknown change, after a look at the website. StakeError without a note."""
    journal = service.journal(account)
    with service.lock(account):
        intent = next((row for row in journal.unknown() if row.entry == entry), None)
        if intent is None:
            raise StakeError(f"entry {entry} is no change whose outcome is unknown")
        if not note.strip():
            raise StakeError("say in a note how you know what became of the change")
        outcome = Outcome.RECONCILED_DONE if took_effect else Outcome.RECONCILED_NOT
        time, text = service.client.clock.now(), f"settled by hand: {note.strip()}"
        journal.append(replace(intent, entry=None, intent=entry, time=time, outcome=outcome, snapshot=None, note=text))
