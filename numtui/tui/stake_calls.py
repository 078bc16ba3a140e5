"""What the stake screens ask of Numerai, each a plain call for a thread. Only here, and only when asked, do the screens
bring in the HTTP client and numerapi.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from numtui.clock import Clock
from numtui.config import ConfigError, Settings
from numtui.model import Tournament
from numtui.stake.cache import cached_snapshot
from numtui.stake.errors import StakeError
from numtui.stake.journal import Outcome
from numtui.stake.snapshot import Snapshot, with_exposure
from numtui.stake.steps import Plan
from numtui.store.database import open_reader
from numtui.store.errors import StoreError

if TYPE_CHECKING:  # these bring the HTTP client with them
    from numtui.stake.act import Review
    from numtui.stake.v3_view import V3View

MakePlan = Callable[[Snapshot], Plan]


class Session(NamedTuple):
    """Who asks: the settings and the clock of the program."""

    settings: Settings
    clock: Clock


class Failure(NamedTuple):
    """Why something was not done; nothing was sent."""

    message: str


class Result(NamedTuple):
    """What became of a change that was confirmed."""

    outcome: Outcome
    message: str


class Found(NamedTuple):
    """What reconciling found, a line a change; `open`: some outcome is still unknown."""

    lines: tuple[str, ...]
    open: bool


def prepare(session: Session, tournament: Tournament, make: MakePlan) -> Review | Failure:
    """Read the account, make the plan of one step, and review it. Sends nothing that changes anything."""
    from numtui.api.errors import ApiError
    from numtui.stake.desk import open_desk

    try:
        with closing(open_reader(session.settings.db)) as connection:
            cached = cached_snapshot(connection, tournament, session.clock.now())
        desk = open_desk(session.settings, session.clock)
        desk.live.check_allowed()
        plan = make(with_exposure(desk.live.read(tournament).snapshot, cached))
        if not plan.steps:
            return Failure("; ".join(plan.notes) or "the stake is already as you want it")
        return desk.review(plan, plan.steps[0])
    except (StakeError, ApiError, ConfigError, StoreError) as error:
        return Failure(str(error))


def send(session: Session, review: Review, typed_model: str, typed_amount: str) -> Result | Failure:
    """Send the reviewed step once, or not at all."""
    from numtui.api.errors import ApiError
    from numtui.stake.desk import open_desk

    try:
        done = open_desk(session.settings, session.clock).send(review, typed_model, typed_amount)
    except (StakeError, ApiError, ConfigError) as error:
        return Failure(str(error))
    return Result(done.outcome, done.message)


def reconcile(session: Session) -> Found | Failure:
    """Find out what became of changes whose outcome is unknown. Reads only."""
    from numtui.api.errors import ApiError
    from numtui.stake.desk import open_desk
    from numtui.stake.reconcile import reconcile as look

    words = {Outcome.RECONCILED_DONE: "it was made", Outcome.RECONCILED_NOT: "it was not made"}
    try:
        found = look(open_desk(session.settings, session.clock))
    except (StakeError, ApiError, ConfigError) as error:
        return Failure(str(error))
    lines = [
        f"{one.intent.model}: {one.intent.action} {one.intent.requested} NMR: "
        f"{words.get(one.outcome, 'still unknown')}; {one.message}"
        for one in found
    ]
    return Found(tuple(lines), any(one.outcome is Outcome.UNKNOWN for one in found))


def read_v3(session: Session, tournament: Tournament) -> V3View | Failure:
    """The tournament's contracts, rounds and claims, read now."""
    from numtui.api.errors import ApiError
    from numtui.stake.desk import open_desk
    from numtui.stake.v3_view import read_own_v3

    try:
        live = open_desk(session.settings, session.clock).live
        return live.ask(lambda queries: read_own_v3(queries, tournament, session.settings.staker.get(tournament)))
    except (StakeError, ApiError, ConfigError) as error:
        return Failure(str(error))
