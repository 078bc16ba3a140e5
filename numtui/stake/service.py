"""The service that reviews and sends stake changes, for the screen and the command alike: nothing else does.

What must hold is checked here and in the transport, not in the screens: it is allowed; the review is not older than two
minutes; model and amount were typed; nothing else acts on the account; no earlier change of the model is unknown; and
what is read just before sending is what was reviewed. The intent is in the journal before the one POST, the outcome
after it. A step of a plan is an order: what the journal has of it decides that it is not sent again, not what is read.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from numtui import clock as clocks
from numtui import config
from numtui.api.errors import ApiError, MutationsForbidden
from numtui.api.settings import api_settings
from numtui.clock import Clock, SystemClock
from numtui.config import Settings
from numtui.money import decimal_text
from numtui.reports.stake.snapshot import Snapshot, differences
from numtui.stake.account_client import AccountClient, AccountReading, dispatch
from numtui.stake.errors import AlreadySent, JournalFailed, ModelLocked, PlanError, StakeError, StateChanged, Stopped
from numtui.stake.journal.journal import Journal, JournalEntry, Outcome
from numtui.stake.journal.known import said_of
from numtui.stake.lock import account_lock
from numtui.stake.plan.file import confirms, plan_digest
from numtui.stake.plan.steps import StakePlan, Step
from numtui.stake.review import (
    Review,
    StepResult,
    check_state,
    done_message,
    intent_of,
    outcome_of,
    rightful_steps,
    states_after,
)

REVIEW_LASTS = timedelta(seconds=120)


class StakeService:
    """The review and sending of stake changes. `state_dir` holds journal and lock, apart from any cache.

    `review_clock` measures the age of a review (default: the clock of `client`; give another where that one runs fast).
    `uptime`: seconds since the machine began, which setting its clock does not change (default: the clock of `client`).
    """

    def __init__(
        self,
        client: AccountClient,
        state_dir: Path,
        *,
        review_lasts: timedelta = REVIEW_LASTS,
        review_clock: Clock | None = None,
        uptime: Callable[[], float] | None = None,
        simulated: bool = False,
    ) -> None:
        self.client = client
        self.state_dir = state_dir
        self._review_lasts = review_lasts
        self._review_clock = review_clock or client.clock
        self._simulated = simulated
        self.uptime = uptime or (lambda: client.clock.now().timestamp())

    def journal(self, account: str) -> Journal:
        """The account's journal."""
        return Journal(self.state_dir, account)

    @contextmanager
    def lock(self, account: str) -> Iterator[None]:
        """The account's lock, for this state folder and, unless the account is simulated, every other one."""
        with account_lock(self.state_dir, account, None if self._simulated else self.client.service):
            yield

    def review(self, plan: StakePlan, step: Step) -> Review:
        """Read the account again and compare it with the plan.

        Raises MutationsForbidden, KeysMissing, Stopped (not executable), ModelLocked, StateChanged, or an ApiError when
        the account cannot be read. Sends nothing that changes anything.
        """
        self.client.check_allowed()
        self._check_step(plan, step)
        reading = self._read(plan, step)
        changes = differences(plan.snapshot, reading.snapshot, (step.model,))
        if changes:
            raise StateChanged(changes)
        now = self._review_clock.now()
        return Review(plan, step, reading, now, now + self._review_lasts)

    def send(self, review: Review, typed_model: str, typed_amount: str, note: str | None = None) -> StepResult:
        """Send the reviewed step: one POST, or none.

        None when it raises: Stopped (wrong words, expired), LockHeld, ModelLocked, StateChanged, MutationsForbidden,
        KeysMissing, JournalFailed before the intent, or an ApiError while reading again. Else the result says it.
        """
        self.client.check_allowed()
        self._check_typed(review, typed_model, typed_amount)
        self._check_fresh(review)
        with self.lock(review.plan.snapshot.account):
            return self._send_locked(review.plan, review.step, (review.reading.snapshot,), note, review)[0]

    def apply(
        self,
        plan: StakePlan,
        confirm: str,
        note: str | None = None,
        tell: Callable[[StepResult], None] = lambda result: None,
    ) -> list[StepResult]:
        """Send a plan's executable steps in order, up to the first that is not a plain success.

        `confirm` is the digest that `plan` printed. What raises before the first POST raises here (see `send`); later
        it ends the list, with outcome NOT_SENT. `tell` hears of each result at once, whatever comes after it.
        """
        self.client.check_allowed()
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

    def _check_step(self, plan: StakePlan, step: Step) -> None:
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
            raise AlreadySent(order, said_of(sent, self.client.clock.now()))

    def _check_typed(self, review: Review, typed_model: str, typed_amount: str) -> None:
        if typed_model.strip() != review.step.model or typed_amount.strip() != review.amount_to_type:
            raise Stopped(
                f"type the model {review.step.model} and the amount {review.amount_to_type}: nothing was sent"
            )

    def _check_fresh(self, review: Review) -> None:
        if not review.made_at <= self._review_clock.now() < review.expires_at:
            raise Stopped("the review has expired: nothing was sent; review it again")

    def _read(self, plan: StakePlan, step: Step) -> AccountReading:
        return self.client.read(plan.snapshot.tournament, (step.model_id,))

    def _send_locked(
        self, plan: StakePlan, step: Step, expected: tuple[Snapshot, ...], note: str | None, review: Review | None
    ) -> tuple[StepResult, tuple[Snapshot, ...]]:
        """The step, with the lock held: its result, and the states that the next step may find."""
        self._check_step(plan, step)
        adapter = self.client.adapter(plan.snapshot.tournament)  # slow to import: before the last look, not after it
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

    def _record(self, journal: Journal, row: JournalEntry, outcome: Outcome, message: str) -> tuple[Outcome, str]:
        """Write the outcome; where that fails the intent stands alone, and so is unknown."""
        try:
            journal.append(replace(row, time=self.client.clock.now(), outcome=outcome, note=message))
        except JournalFailed as error:
            return Outcome.UNKNOWN, f"{outcome}: {message}; but {error}"
        return outcome, message


def open_service(settings: Settings, clock: Clock) -> StakeService:
    """The stake service of this session. ConfigError for half a key.

    A review ages by the machine's clock, however fast the simulated one runs.
    """
    client = AccountClient(api_settings(settings), config.credentials(), allow_stake=settings.allow_stake, clock=clock)
    # a simulated clock is the only time there
    uptime = machine_uptime if isinstance(clock, clocks.SystemClock) else None
    return StakeService(
        client, settings.state_dir, review_clock=SystemClock(), uptime=uptime, simulated=settings.simulated
    )


def machine_uptime() -> float:
    """Seconds since this machine began, suspended ones included where the system counts them."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mutation as it would be sent; no key is in it."""

    step: Step
    document: str
    variables: Mapping[str, object]


def render(client: AccountClient, plan: StakePlan) -> list[Rendered]:
    """The mutations that `apply` would send, for `--dry-run`. Nothing is sent, nothing is read."""
    return [render_step(client, plan, step) for step in plan.executable]


def render_step(client: AccountClient, plan: StakePlan, step: Step) -> Rendered:
    """The mutation and the variables of one step."""
    seen: list[tuple[str, Mapping[str, object]]] = []
    adapter = client.recording_adapter(plan.snapshot.tournament, lambda text, variables: seen.append((text, variables)))
    with suppress(MutationsForbidden):  # how the recording ends
        dispatch(adapter, step)
    document, variables = seen[0]
    return Rendered(step, document, variables)
