"""The simulated tournament fails on command; reads are whole in the end, a stake change is one POST in any case."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, Refused, UnknownOutcome
from numtui.api.numerapi_adapter import NumerapiAdapter, open_adapter
from numtui.api.queries import Queries
from numtui.api.records.public import Performance
from numtui.api.settings import ApiSettings
from numtui.api.stake_transport import StakeTransport
from numtui.config import Credentials
from numtui.demo import (
    DEMO_ACCOUNT,
    DEMO_LIMITED_PUBLIC,
    DEMO_LIMITED_SECRET,
    DEMO_PUBLIC,
    DEMO_SECRET,
    DEMO_WALLET,
)
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament

from .scripted import FakeTime

PASSING: list[dict[str, Any]] = [
    {"kind": "500"},
    {"kind": "502"},
    {"kind": "429"},
    {"kind": "429", "retry_after": 4},
    {"kind": "rate_limit"},
    {"kind": "truncated"},
    {"kind": "html"},
    {"kind": "drop"},
    {"kind": "lost_answer"},
    {"kind": "unknown"},
]


async def histories(queries: Queries) -> dict[str, list[Performance] | ApiError]:
    page = await queries.models_of_account(DEMO_ACCOUNT, Tournament.CLASSIC)
    assert page is not None
    ids = [model.id or "" for model in page.models or []]
    return {model: rows async for model, rows in queries.performances(Tournament.CLASSIC, ids, days=True)}


@pytest.mark.parametrize("fault", PASSING, ids=lambda fault: "-".join(map(str, fault.values())))
async def test_histories_are_whole_in_the_end(demo: DemoServer, demo_queries: Queries, fault: dict[str, Any]) -> None:
    undisturbed = await histories(demo_queries)
    assert len(undisturbed) == 7
    demo.faults.add(**fault, times=2, after=1)
    assert await histories(demo_queries) == undisturbed
    assert demo.faults.waiting == []


@pytest.mark.parametrize("objects", [False, True])
@pytest.mark.parametrize("share", [0.1, 1.0])
async def test_nulls_cost_only_what_they_replace(
    demo: DemoServer, demo_queries: Queries, share: float, objects: bool
) -> None:
    demo.faults.add("nulls", times=1000, share=share, objects=objects)
    try:
        for tournament in Tournament:
            await demo_queries.idle(tournament, auth=True)
            await demo_queries.rounds(tournament)
            pages = [page async for page in demo_queries.leaderboard_pages(tournament)]
            assert sum(len(page.models) for page in pages) <= 60
            await demo_queries.payouts([tournament])
        await demo_queries.account()
        await demo_queries.wallet()
        await demo_queries.token_info()
        await demo_queries.round_details(Tournament.CLASSIC, 1380)
    finally:
        demo.faults.clear()


async def test_an_idle_poll_is_one_request(demo: DemoServer, demo_queries: Queries) -> None:
    for tournament in Tournament:
        assert (await demo_queries.idle(tournament, auth=True)).errors == {}
    assert demo.log.summary()["requests"] == 3


async def test_a_missing_scope_is_named(demo: DemoServer) -> None:
    keys = Credentials(DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET)
    async with ApiClient(ApiSettings((demo.url,)), keys) as client:
        with pytest.raises(Refused, match="web3_staking"):
            await Queries(client).stake_claims(Tournament.CLASSIC, DEMO_WALLET)


async def test_wrong_keys_are_refused(demo: DemoServer) -> None:
    async with ApiClient(ApiSettings((demo.url,)), Credentials("WRONG", "WRONG-SECRET")) as client:
        with pytest.raises(Refused) as caught:
            await Queries(client).account()
    assert "WRONG-SECRET" not in str(caught.value)


@pytest.fixture
def signals(demo: DemoServer, fake_time: FakeTime) -> Iterator[NumerapiAdapter]:
    demo.faults.clear()
    demo.log.clear()
    keys = Credentials(DEMO_PUBLIC, DEMO_SECRET)
    settings = ApiSettings((demo.url,))
    transport = StakeTransport(settings, keys, allow_stake=True, sleep=fake_time.sleep_now)
    yield open_adapter(Tournament.SIGNALS, transport)
    demo.market.state.reset()


def test_a_change_takes_effect_once(demo: DemoServer, signals: NumerapiAdapter) -> None:
    (model, *_) = signals.get_models().values()
    request = signals.increase(model, Decimal("0.5"))
    assert request.requested_amount == Decimal("0.5")
    assert demo.log.summary()["mutations"] == 1


@pytest.mark.parametrize("kind", ["500", "502", "429", "truncated", "html", "drop", "lost_answer"])
def test_a_disturbed_change_is_one_post_and_unknown(demo: DemoServer, signals: NumerapiAdapter, kind: str) -> None:
    (model, *_) = signals.get_models().values()
    demo.faults.add(kind, mutations_only=True)
    with pytest.raises(UnknownOutcome):
        signals.decrease(model, Decimal("0.5"))
    assert demo.log.summary()["mutations"] == 1


def test_a_release_can_be_asked_for_and_taken_back(demo: DemoServer, signals: NumerapiAdapter) -> None:
    (model, *_) = signals.get_models().values()
    assert signals.release_all(model, Decimal(20)).drain is True
    signals.cancel_release(model)
    with pytest.raises(UnknownOutcome, match="another change"):
        signals.release_all(model, Decimal("0.5"))  # it takes the whole stake, whatever amount is named
    signals.cancel_release(model)
    assert demo.log.summary()["mutations"] == 4


def test_an_atomic_tournament_refuses_the_old_change(demo: DemoServer) -> None:
    keys = Credentials(DEMO_PUBLIC, DEMO_SECRET)
    transport = StakeTransport(ApiSettings((demo.url,)), keys, allow_stake=True)
    adapter = open_adapter(Tournament.CLASSIC, transport)
    (model, *_) = adapter.get_models().values()
    with pytest.raises(Refused):
        adapter.increase(model, "1")
