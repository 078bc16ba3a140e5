"""The whole way on the simulated tournament: the poller's cache, a plan from it, sending it, and the cache again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from numtui.analysis.rules.rules import Combination, Hold
from numtui.api.client import ApiClient
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.config import Settings
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.poller.sync.context import PollContext
from numtui.poller.sync.poll import poll_once
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.reports.stake.snapshot import differences
from numtui.reports.stake.status import account_status
from numtui.stake.journal.journal import Outcome
from numtui.stake.plan.file import diff_plan, plan_digest, plan_text, read_plan
from numtui.stake.plan.planner import make_plan
from numtui.stake.rules.inputs import cached_book, cached_books, cached_changes, cached_returns, plan_by_rule
from numtui.stake.service import StakeService
from numtui.store.database import open_reader, open_writer

from .helpers import KEYS, START, MovableClock

D = Decimal


def poll(server: DemoServer, clock: MovableClock, folder: Path) -> None:
    """The poller's own work, on the small tournaments alone: Classic's history takes most of the time."""
    settings = Settings(folder / "cache.sqlite", folder / "state", folder / "none.toml", (server.url,))

    async def fetch() -> None:
        with closing(open_writer(settings.db)) as connection:
            async with ApiClient(ApiSettings((server.url,)), KEYS) as client:
                work = PollContext(settings, clock, Queries(client), connection)
                for tournament in (Tournament.SIGNALS, Tournament.CRYPTO):
                    done = await poll_once(work, tournament, only=("rounds", "account", "scores"))
                    assert not done.problems

    asyncio.run(fetch())


@pytest.fixture
def cache(server: DemoServer, clock: MovableClock, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    poll(server, clock, tmp_path)
    with closing(open_reader(tmp_path / "cache.sqlite")) as connection:
        yield connection


def check_status(cache: sqlite3.Connection, clock: MovableClock) -> None:
    """Atomic Crypto beside legacy Signals; Classic was not polled."""
    status = account_status(cache, clock.now())
    assert [str(one.system) for one in status.tournaments] == ["undecided", "legacy", "atomic"]
    assert status.missing_scopes == ()
    _, signals, crypto = status.tournaments
    assert crypto.per_round and crypto.rounds_funded is None, "idle NMR of Atomic staking lies in the strategy contract"
    assert any("idle NMR is unknown" in note for note in crypto.notes)
    assert crypto.worst_case == crypto.at_risk, "clip 1: all of it can burn"
    assert signals.stake is not None and signals.worst_case > signals.stake, "64 rounds of 3.5 %"
    assert any(model.diversity and model.diversity.churn_limit for model in signals.models)
    assert crypto.seconds_to_close == 1800

    snapshot = cached_snapshot(cache, Tournament.CRYPTO, clock.now())
    assert make_plan(snapshot, {one.name: one.stake for one in snapshot.models}).steps == ()
    (step,) = make_plan(snapshot, {"demo_coin_a": D(60)}).steps
    assert (step.per_round, step.remainder) == (D("2.5"), D(0))


def check_history(cache: sqlite3.Connection, clock: MovableClock) -> None:
    """What the rules look at."""
    signals_now = cached_snapshot(cache, Tournament.SIGNALS, clock.now())
    found = cached_returns(cache, Tournament.SIGNALS)
    assert len({one.round for one in found}) > 100
    assert all(abs(one.value) <= float(one.clip) + 1e-12 for one in found)
    books = cached_books(cache, signals_now)
    assert books[-1][0] <= START.date()
    last = {one.model: one.stake for one in books[-1][1].holdings}
    assert last == {one.name: one.stake for one in signals_now.models}


def test_from_the_cache_to_the_api_and_back(
    cache: sqlite3.Connection, service: StakeService, server: DemoServer, clock: MovableClock, tmp_path: Path
) -> None:
    snapshot = cached_snapshot(cache, Tournament.SIGNALS, clock.now())
    current = service.client.read(Tournament.SIGNALS).snapshot
    names = tuple(one.name for one in current.models)
    assert differences(snapshot, current, names) == (), "the cache and the API tell of the same state"
    assert (snapshot.newest_round, snapshot.last_resolve) == (current.newest_round, current.last_resolve)

    check_status(cache, clock)
    check_history(cache, clock)

    rule = Combination((Hold(D(30)),))
    plan, proposals = plan_by_rule(cache, snapshot, rule)
    assert {step.model: step.after for step in plan.steps} == {one.model: D(30) for one in proposals} != {}
    results = service.apply(read_plan(plan_text(plan)), plan_digest(plan))
    assert {result.outcome for result in results} == {Outcome.DONE}
    assert server.log.mutations == len(plan.steps)

    poll(server, clock, tmp_path)
    after = cached_snapshot(cache, Tournament.SIGNALS, clock.now())
    assert {status.status for status in diff_plan(plan, after)} == {"done"}
    assert plan_by_rule(cache, after, rule)[0].steps == ()
    status = account_status(cache, clock.now()).tournaments[1]
    assert status.pending_release == sum((step.amount for step in plan.steps), D(0))
    assert {change.model: change.amount for change in cached_changes(cache, after)} == {
        step.model: -step.amount for step in plan.steps
    }
    held = {one.model: (one.stake, one.base) for one in cached_book(cache, after).holdings}
    assert {step.model: (D(30), D(30)) for step in plan.steps}.items() <= held.items()
