"""The review of a stake change before it is sent, and the checks, journal row and outcome of its sending."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from numtui.api.errors import KeysMissing, MutationsForbidden, NotSent, Refused
from numtui.api.records.account import StakeRequest
from numtui.model import time_text
from numtui.money import decimal_text
from numtui.reports.stake.snapshot import Snapshot, differences
from numtui.stake.account_client import AccountReading
from numtui.stake.amounts import canonical
from numtui.stake.errors import StateChanged
from numtui.stake.journal.journal import JournalEntry, Outcome
from numtui.stake.plan.file import plan_digest
from numtui.stake.plan.planner import cancel_plan, make_plan
from numtui.stake.plan.steps import Action, StakePlan, Step
from numtui.stake.plan.table import step_lines


@dataclass(frozen=True, slots=True)
class Review:
    """The review of a step: the reading shown to the user, which must still hold when the step is sent."""

    plan: StakePlan
    step: Step
    reading: AccountReading
    made_at: datetime
    expires_at: datetime

    def lines(self, price: Decimal | None = None, currency: str = "USD") -> tuple[str, ...]:
        """The lines that explain the step, with the account as it is now."""
        return step_lines(self.step, self.reading.snapshot, price, currency)

    @property
    def amount_to_type(self) -> str:
        """The amount that the user types to confirm."""
        return decimal_text(self.step.amount)


@dataclass(frozen=True, slots=True)
class StepResult:
    """The outcome of a step. `entry` is the intent's row in the journal."""

    step: Step
    outcome: Outcome
    message: str
    entry: int

    @property
    def plain_success(self) -> bool:
        """Whether the next step of the plan may follow."""
        return self.outcome is Outcome.DONE


def rightful_steps(plan: StakePlan, step: Step) -> tuple[Step, ...]:
    """The steps of the plan computed again from its snapshot and targets, since a file may have been changed."""
    if step.action is Action.CANCEL:
        return cancel_plan(plan.snapshot, step.model).steps
    return make_plan(plan.snapshot, plan.targets).steps


def check_state(expected: tuple[Snapshot, ...], now: Snapshot, step: Step) -> None:
    """StateChanged when `now` is none of the expected states, as far as the step goes."""
    changes = [differences(state, now, (step.model,)) for state in expected]
    if all(changes):
        raise StateChanged(changes[0])


def states_after(before: Snapshot, step: Step) -> tuple[Snapshot, ...]:
    """The snapshots that the next step may find: an increase leaves the available NMR at once or later."""
    if step.action is not Action.INCREASE or before.available is None:
        return (before,)
    return (replace(before, available=before.available - step.amount), before)


def intent_of(plan: StakePlan, step: Step, reading: AccountReading, note: str | None) -> JournalEntry:
    """The journal's row before sending."""
    return JournalEntry(
        time=reading.snapshot.taken_at,
        account=plan.snapshot.account,
        tournament=plan.snapshot.tournament,
        model=step.model,
        model_id=step.model_id,
        action=str(step.action),
        outcome=Outcome.INTENT,
        before=decimal_text(step.before),
        requested=decimal_text(step.amount),
        after=decimal_text(step.after),
        plan=plan_digest(plan),
        step=step.number,
        snapshot=canonical(reading),
        note=note,
    )


def outcome_of(error: Exception) -> Outcome:
    """The outcome of a change that ended in `error`: only these few errors prove that nothing was changed."""
    match error:
        case NotSent() | MutationsForbidden() | KeysMissing():
            return Outcome.NOT_SENT
        case Refused():
            return Outcome.REFUSED
        case _:
            return Outcome.UNKNOWN


def done_message(step: Step, answer: StakeRequest) -> str:
    """The message on a change that the API took."""
    asked = decimal_text(step.amount) if answer.requested_amount is None else decimal_text(abs(answer.requested_amount))
    due = f", due {time_text(answer.due_date)}" if answer.due_date else ""
    status = f" ({answer.status})" if answer.status else ""
    return f"{answer.type or step.action} of {asked} NMR taken{status}{due}"
