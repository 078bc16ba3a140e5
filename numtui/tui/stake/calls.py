"""The calls to Numerai that the stake screens make, each for a thread. Only here, and only when made, do the screens
bring in the HTTP client and numerapi.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from numtui.clock import Clock
from numtui.config import ConfigError, Settings
from numtui.errors import NumtuiError
from numtui.model import Tournament
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.reports.stake.snapshot import Snapshot, with_exposure
from numtui.stake.errors import StakeError
from numtui.stake.journal.journal import Outcome
from numtui.stake.journal.known import as_new_order
from numtui.stake.plan.steps import StakePlan
from numtui.store.database import open_reader
from numtui.store.errors import StoreError

if TYPE_CHECKING:  # these bring the HTTP client with them
    from numtui.stake.atomic.view import AtomicView
    from numtui.stake.review import Review

T = TypeVar("T")
log = logging.getLogger(__name__)
MakePlan = Callable[[Snapshot], StakePlan]


class Session(NamedTuple):
    """The settings and the clock of the program."""

    settings: Settings
    clock: Clock


class Failure(NamedTuple):
    """The reason why something was not done; nothing was sent."""

    message: str


class Result(NamedTuple):
    """The outcome of a change that was confirmed."""

    outcome: Outcome
    message: str


class Reconciliation(NamedTuple):
    """The results of reconciling, one line a change; `open`: some outcome is still unknown."""

    lines: tuple[str, ...]
    open: bool


_on_the_way: list[str] = []  # the models whose change is being sent


def left_behind() -> str:
    """The warning for a program that ends while a change is on its way; "" where none is."""
    if not _on_the_way:
        return ""
    return (
        f"the change of {', '.join(_on_the_way)} was on its way, its outcome is not known here: do not send it again, "
        "`stake reconcile` finds out"
    )


async def in_thread(call: Callable[..., T], *args: object) -> T:
    """The result of `call`, or its error, run in a daemon thread: it does not keep the program from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(result: T | None, error: BaseException | None) -> None:
        if future.done():  # nobody waits any more
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(cast("T", result))

    def run() -> None:
        result, failure = None, None
        try:
            result = call(*args)
        except BaseException as error:  # noqa: BLE001  raised again where it is waited for
            failure = error
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=contextvars.copy_context().run, args=(run,), name="numtui-stake", daemon=True).start()
    return await future


def prepare(session: Session, tournament: Tournament, make: MakePlan) -> Review | Failure:
    """Read the account, make the plan of one step, and review it. Sends nothing that changes anything."""
    from numtui.stake.service import open_service

    try:
        with closing(open_reader(session.settings.db)) as connection:
            cached = cached_snapshot(connection, tournament, session.clock.now())
        service = open_service(session.settings, session.clock)
        service.client.check_allowed()
        snapshot = service.client.read(tournament).snapshot
        plan = make(with_exposure(snapshot, cached))
        if not plan.steps:
            return Failure("; ".join(plan.notes) or "the stake is already as you want it")
        plan = as_new_order(replace(plan, notes=()), service.journal(snapshot.account), session.clock.now())
        return service.review(plan, plan.steps[0])
    except NumtuiError as error:
        return Failure(str(error))


def send(session: Session, review: Review, typed_model: str, typed_amount: str) -> Result | Failure:
    """Send the reviewed step once, or not at all."""
    from numtui.api.errors import ApiError
    from numtui.stake.service import open_service

    _on_the_way.append(review.step.model)
    try:
        done = open_service(session.settings, session.clock).send(review, typed_model, typed_amount)
    except (StakeError, ApiError, ConfigError) as error:  # these come before the request: nothing was sent
        return Failure(str(error))
    finally:
        _on_the_way.remove(review.step.model)
    if done.outcome in (Outcome.DONE, Outcome.UNKNOWN):
        _ask_for_new_data(session.settings)
    return Result(done.outcome, done.message)


def _ask_for_new_data(settings: Settings) -> None:
    """Ask the poller for fresh data at once, so that the change shows soon."""
    from numtui.poller.supervisor import request_refresh

    try:
        request_refresh(settings)
    except (StoreError, sqlite3.Error, OSError) as error:
        log.warning("the poller could not be asked for new data: %s", error)


def reconcile(session: Session) -> Reconciliation | Failure:
    """Find out whether changes with an unknown outcome were made. Reads only."""
    from numtui.stake.reconcile import reconcile as look
    from numtui.stake.service import open_service

    words = {Outcome.RECONCILED_DONE: "it was made", Outcome.RECONCILED_NOT: "it was not made"}
    try:
        results = look(open_service(session.settings, session.clock))
    except NumtuiError as error:
        return Failure(str(error))
    lines = [
        f"{result.intent.model}: {result.intent.action} {result.intent.requested} NMR: "
        f"{words.get(result.outcome, 'still unknown')}; {result.message}"
        for result in results
    ]
    return Reconciliation(tuple(lines), any(result.outcome is Outcome.UNKNOWN for result in results))


def read_atomic(session: Session, tournament: Tournament) -> AtomicView | Failure:
    """The tournament's contracts, rounds and claims, read now."""
    from numtui.stake.atomic.view import read_own_atomic
    from numtui.stake.service import open_service

    try:
        client = open_service(session.settings, session.clock).client
        return client.ask(lambda queries: read_own_atomic(queries, tournament, session.settings.staker.get(tournament)))
    except NumtuiError as error:
        return Failure(str(error))
