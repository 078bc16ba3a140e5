"""Review and send: the only way to a stake change, for the screen and for the command alike.

What must hold is checked here and in the transport, not in the screens: it is allowed; the review is not older than two
minutes; model and amount were typed; nothing else acts on the account; no earlier change of the model is unknown; and
what is read just before sending is what was reviewed. The intent is in the journal before the one POST, the outcome
after it. A step of a plan is an order: what the journal has of it decides that it is not sent again, not what is read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from numtui.api.errors import ApiError, KeysMissing, MutationsForbidden, NotSent, Refused
from numtui.api.records.account import StakeRequest
from numtui.clock import Clock
from numtui.model import time_text
from numtui.money import decimal_text
from numtui.stake.account_client import Live, Reading, dispatch
from numtui.stake.amounts import canonical
from numtui.stake.errors import AlreadySent, JournalFailed, ModelLocked, PlanError, StakeError, StateChanged, Stopped
from numtui.stake.journal.journal import Entry, Journal, Outcome
from numtui.stake.journal.known import said_of
from numtui.stake.lock import account_lock
from numtui.stake.plan.file import confirms, plan_digest
from numtui.stake.plan.planner import cancel_plan, make_plan
from numtui.stake.plan.steps import Action, Plan, Step
from numtui.stake.plan.table import step_lines
from numtui.stake.snapshot import Snapshot, differences

REVIEW_LASTS = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class Review:
    """What the user is shown before a step is sent, and what must still hold when it is."""

    plan: Plan
    step: Step
    reading: Reading
    made_at: datetime
    expires_at: datetime

    def lines(self, price: Decimal | None = None, currency: str = "USD") -> tuple[str, ...]:
        """What will happen, line by line, with the state as it is now."""
        return step_lines(self.step, self.reading.snapshot, price, currency)

    @property
    def amount_to_type(self) -> str:
        """The amount that the user types to confirm."""
        return decimal_text(self.step.amount)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What became of a step. `entry` is the intent's row in the journal."""

    step: Step
    outcome: Outcome
    message: str
    entry: int

    @property
    def plain_success(self) -> bool:
        """Whether the next step of the plan may follow."""
        return self.outcome is Outcome.DONE


class Desk:
    """Where stake changes are reviewed and sent. `state_dir` holds journal and lock, apart from any cache.

    `review_clock` tells how old a review is (default: the clock of `live`; give another where that one runs fast).
    `uptime`: seconds since the machine began, which setting its clock does not change (default: the clock of `live`).
    """

    def __init__(
        self,
        live: Live,
        state_dir: Path,
        *,
        review_lasts: timedelta = REVIEW_LASTS,
        review_clock: Clock | None = None,
        uptime: Callable[[], float] | None = None,
        simulated: bool = False,
    ) -> None:
        self.live = live
        self.state_dir = state_dir
        self._review_lasts = review_lasts
        self._review_clock = review_clock or live.clock
        self._simulated = simulated
        self.uptime = uptime or (lambda: live.clock.now().timestamp())

    def journal(self, account: str) -> Journal:
        """The account's journal."""
        return Journal(self.state_dir, account)

    @contextmanager
    def lock(self, account: str) -> Iterator[None]:
        """The account's lock, for this state folder and, unless the account is simulated, every other one."""
        with account_lock(self.state_dir, account, None if self._simulated else self.live.service):
            yield

    def review(self, plan: Plan, step: Step) -> Review:
        """Read the account again and hold it against the plan.

        Raises MutationsForbidden, KeysMissing, Stopped (not executable), ModelLocked, StateChanged, or an ApiError when
        the account cannot be read. Sends nothing that changes anything.
        """
        self.live.check_allowed()
        self._check_step(plan, step)
        reading = self._read(plan, step)
        found = differences(plan.snapshot, reading.snapshot, (step.model,))
        if found:
            raise StateChanged(found)
        now = self._review_clock.now()
        return Review(plan, step, reading, now, now + self._review_lasts)

    def send(self, review: Review, typed_model: str, typed_amount: str, note: str | None = None) -> StepResult:
        """Send the reviewed step: one POST, or none.

        None when it raises: Stopped (wrong words, expired), LockHeld, ModelLocked, StateChanged, MutationsForbidden,
        KeysMissing, JournalFailed before the intent, or an ApiError while reading again. Else the result says it.
        """
        self.live.check_allowed()
        self._check_typed(review, typed_model, typed_amount)
        self._check_fresh(review)
        with self.lock(review.plan.snapshot.account):
            return self._send_locked(review.plan, review.step, (review.reading.snapshot,), note, review)[0]

    def apply(
        self,
        plan: Plan,
        confirm: str,
        note: str | None = None,
        tell: Callable[[StepResult], None] = lambda result: None,
    ) -> list[StepResult]:
        """Send a plan's executable steps in order, up to the first that is not a plain success.

        `confirm` is the digest that `plan` printed. What raises before the first POST raises here (see `send`); later
        it ends the list, with outcome NOT_SENT. `tell` hears of each result at once, whatever comes after it.
        """
        self.live.check_allowed()
        if not confirms(plan, confirm):
            raise Stopped(f"the digest is not this plan's ({plan_digest(plan)}): nothing was sent")
        results: list[StepResult] = []
        expected: tuple[Snapshot, ...] = (plan.snapshot,)
        with self.lock(plan.snapshot.account):
            for step in plan.executable:
                try:
                    result, expected = self._send_locked(plan, step, expected, note, None)
                except (StakeError, ApiError) as error:
                    if not results:
                        raise
                    result = StepResult(step, Outcome.NOT_SENT, str(error), 0)
                results.append(result)
                tell(result)
                if not result.plain_success:
                    break
        return results

    def _check_step(self, plan: Plan, step: Step) -> None:
        if step not in rightful_steps(plan, step):
            raise PlanError(
                f"{step.model}: the step does not follow from the plan's state and targets: nothing was sent"
            )
        if not step.executable:
            raise Stopped(f"{step.model}: {step.reason or 'this step cannot be sent'}: nothing was sent")
        journal = self.journal(plan.snapshot.account)
        if journal.locked(step.model_id):
            raise ModelLocked(step.model)
        sent = journal.order(plan_digest(plan), step.number)
        if sent is not None:
            order = f"step {step.number} of this plan ({step.model}: {step.action} {decimal_text(step.amount)} NMR)"
            raise AlreadySent(order, said_of(sent, self.live.clock.now()))

    def _check_typed(self, review: Review, typed_model: str, typed_amount: str) -> None:
        if typed_model.strip() != review.step.model or typed_amount.strip() != review.amount_to_type:
            raise Stopped(
                f"type the model {review.step.model} and the amount {review.amount_to_type}: nothing was sent"
            )

    def _check_fresh(self, review: Review) -> None:
        if not review.made_at <= self._review_clock.now() < review.expires_at:
            raise Stopped("the review has expired: nothing was sent; review it again")

    def _read(self, plan: Plan, step: Step) -> Reading:
        return self.live.read(plan.snapshot.tournament, (step.model_id,))

    def _send_locked(
        self, plan: Plan, step: Step, expected: tuple[Snapshot, ...], note: str | None, review: Review | None
    ) -> tuple[StepResult, tuple[Snapshot, ...]]:
        """The step, with the lock held: its result, and the states that the next step may find."""
        self._check_step(plan, step)
        adapter = self.live.adapter(plan.snapshot.tournament)  # slow to import: before the last look, not after it
        reading = self._read(plan, step)
        check_state(expected, reading.snapshot, step)
        if review is not None:
            self._check_fresh(review)
        journal = self.journal(plan.snapshot.account)
        intent = intent_of(plan, step, reading, note)
        number = journal.append(intent)
        try:
            answer = dispatch(adapter, step)
        except Exception as error:  # noqa: BLE001  whatever it was, the journal must say what is known
            outcome, message = outcome_of(error), str(error) or type(error).__name__
        else:
            outcome, message = Outcome.DONE, done_message(step, answer)
        outcome, message = self._record(journal, replace(intent, intent=number, snapshot=None), outcome, message)
        return StepResult(step, outcome, message, number), states_after(reading.snapshot, step)

    def _record(self, journal: Journal, row: Entry, outcome: Outcome, message: str) -> tuple[Outcome, str]:
        """Write the outcome; where that fails the intent stands alone, and so is unknown."""
        try:
            journal.append(replace(row, time=self.live.clock.now(), outcome=outcome, note=message))
        except JournalFailed as error:
            return Outcome.UNKNOWN, f"{outcome}: {message}; but {error}"
        return outcome, message


def rightful_steps(plan: Plan, step: Step) -> tuple[Step, ...]:
    """The steps that the plan's snapshot and targets lead to, worked out again: what a file says is not believed."""
    if step.action is Action.CANCEL:
        return cancel_plan(plan.snapshot, step.model).steps
    return make_plan(plan.snapshot, plan.targets).steps


def check_state(expected: tuple[Snapshot, ...], now: Snapshot, step: Step) -> None:
    """StateChanged when `now` is none of the expected states, as far as the step goes."""
    found = [differences(one, now, (step.model,)) for one in expected]
    if all(found):
        raise StateChanged(found[0])


def states_after(before: Snapshot, step: Step) -> tuple[Snapshot, ...]:
    """What the next step may find: the NMR of an increase leaves the available NMR at once, or with the next round."""
    if step.action is not Action.INCREASE or before.available is None:
        return (before,)
    return (replace(before, available=before.available - step.amount), before)


def intent_of(plan: Plan, step: Step, reading: Reading, note: str | None) -> Entry:
    """The journal's row before sending."""
    return Entry(
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
    """What is known of a change that ended in `error`: only these few say that nothing was changed."""
    match error:
        case NotSent() | MutationsForbidden() | KeysMissing():
            return Outcome.NOT_SENT
        case Refused():
            return Outcome.REFUSED
        case _:
            return Outcome.UNKNOWN


def done_message(step: Step, answer: StakeRequest) -> str:
    """What the API answered to a change that it took."""
    asked = decimal_text(step.amount) if answer.requested_amount is None else decimal_text(abs(answer.requested_amount))
    due = f", due {time_text(answer.due_date)}" if answer.due_date else ""
    status = f" ({answer.status})" if answer.status else ""
    return f"{answer.type or step.action} of {asked} NMR taken{status}{due}"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mutation as it would be sent; no key is in it."""

    step: Step
    document: str
    variables: Mapping[str, object]


def render(live: Live, plan: Plan) -> list[Rendered]:
    """What `apply` would send, step by step: for `--dry-run`. Nothing is sent, nothing is read."""
    return [render_step(live, plan, step) for step in plan.executable]


def render_step(live: Live, plan: Plan, step: Step) -> Rendered:
    """The mutation and the variables of one step."""
    seen: list[tuple[str, Mapping[str, object]]] = []
    adapter = live.recording_adapter(plan.snapshot.tournament, lambda text, variables: seen.append((text, variables)))
    with suppress(MutationsForbidden):  # how the recording ends
        dispatch(adapter, step)
    document, variables = seen[0]
    return Rendered(step, document, variables)
