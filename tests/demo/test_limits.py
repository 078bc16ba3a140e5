"""The published limits a minute, kept to on request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from numtui.demo.market.market import Market
from numtui.demo.options import DemoOptions
from numtui.demo.server.limits import A_MINUTE, Limits
from numtui.demo.server.process import start
from numtui.demo.server.server import DemoServer

from .conftest import FRIDAY, Client

PIPELINE = "{pipelineStatus {isScoringDay}}"


@dataclass
class Seconds:
    """A clock that stands until it is moved."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def limited(market: Market, seconds: Seconds) -> Iterator[DemoServer]:
    with DemoServer(market, limits=Limits(seconds)) as running:
        yield running


def test_the_twenty_first_request_waits_for_the_first_to_be_a_minute_old(limited: DemoServer, seconds: Seconds) -> None:
    client = Client(limited.url)
    for _ in range(20):
        assert client.data(PIPELINE)
        seconds.now += 1
    first = client.post(PIPELINE)
    assert (first.status_code, first.headers["retry-after"]) == (429, "40")
    assert "rate limit" in client.error(PIPELINE)  # HTTP 200
    third = client.post(PIPELINE)
    assert third.status_code == 429
    assert "retry-after" not in third.headers
    assert client.data("{rounds(limit: 1) {number}}")  # another field has its own limit
    assert limited.log.summary()["faults"] == {"limit": 3}
    seconds.now += 39.9
    assert client.post(PIPELINE).status_code == 429
    seconds.now += 0.1
    assert client.data(PIPELINE)
    assert "rate limit" in client.error(PIPELINE)


def test_aliased_fields_count_one_each(limited: DemoServer, seconds: Seconds) -> None:
    client = Client(limited.url)
    fifteen = "{" + " ".join(f"a{i}: pipeline_status {{isScoringDay}}" for i in range(15)) + "}"
    assert len(client.data(fifteen)) == 15
    assert client.post(fifteen).headers["retry-after"] == "60"
    five = "{" + " ".join(f"a{i}: pipelineStatus {{isScoringDay}}" for i in range(5)) + "}"
    assert len(client.data(five)) == 5  # what was refused has not been counted
    seconds.now += 60
    assert len(client.data(fifteen)) == 15


def test_more_in_one_request_than_a_minute_takes_is_always_refused(seconds: Seconds) -> None:
    limits = Limits(seconds)
    assert limits.take(["pipelineStatus"] * 21, mutation=False) is not None
    seconds.now += 600
    assert limits.take(["pipelineStatus"] * 21, mutation=False) is not None
    assert limits.take(["pipelineStatus"] * 20, mutation=False) is None


@pytest.mark.parametrize("field", sorted(A_MINUTE))
def test_each_field_takes_its_number_in_any_minute(seconds: Seconds, field: str) -> None:
    limits = Limits(seconds)
    taken: list[float] = []
    for _ in range(2_000):
        if limits.take([field], mutation=False) is None:
            taken.append(seconds.now)
        seconds.now += 0.1
    number = A_MINUTE[field]
    assert len(taken) > number
    assert all(later - earlier >= 60 - 1e-6 for earlier, later in zip(taken, taken[number:], strict=False))


def test_stake_changes_are_half_a_second_apart(limited: DemoServer, market: Market, seconds: Seconds) -> None:
    client = Client(limited.url)
    change = """mutation($id: ID!) {v2ChangeStake(modelId: $id, tournamentNumber: 11, type: "increase", value: "1")
      {status}}"""
    model = market.model(11, "demo_signal_a")
    assert client.data(change, id=model.id)
    seconds.now += 0.4
    assert client.post(change, id=model.id).status_code == 429
    assert len(market.ledger.pending(model)) == 1
    seconds.now += 0.1
    assert client.data(change, id=model.id)


def test_without_being_asked_the_demo_has_no_limits(client: Client) -> None:
    for _ in range(40):
        assert client.data(PIPELINE)


def test_a_child_process_takes_the_option() -> None:
    with start(DemoOptions(models=60, account_models=5, now=FRIDAY, limits=True, dialect="camel")) as process:
        client = Client(process.url)
        assert client.data("{v2Leaderboard(limit: 1) {rank_change_1d}}")
        for _ in range(20):
            assert client.data(PIPELINE)
        assert client.post(PIPELINE).status_code == 429
