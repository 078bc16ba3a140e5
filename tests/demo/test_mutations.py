"""Legacy stakes change, keep their changes, and refuse what the rules forbid; nothing else moves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.clock import FixedClock
from numtui.demo import DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer

from .conftest import FRIDAY, Client

CHANGE = """mutation($v: String!, $t: String!, $id: String, $n: Int = 11) {
  v2ChangeStake(value: $v, type: $t, modelId: $id, tournamentNumber: $n) {
    id type status requestedAmount dueDate drain}}"""
RELEASE = """mutation($id: ID!, $a: String!, $d: Boolean) {
  releaseStake(modelId: $id, amount: $a, drain: $d) {type status requestedAmount dueDate drain}}"""
STATE = """{account {availableNmr heldForScheduledStakeIncreases scheduledStakeTxns {type amount model}
  walletTxns {type amount} models {id name v2Stake {latestValue latestValueSettled takeProfit
  pendingV2ChangeStakeRequest {type requestedAmount dueDate status}}}} stakeTransactions {type amount model note}}"""


def _id(market: Market, name: str = "demo_signal_a") -> str:
    return market.model(11, name).id


def _stake(client: Client, name: str = "demo_signal_a") -> dict[str, Any]:
    models = client.data(STATE)["account"]["models"]
    stake: dict[str, Any] = next(model["v2Stake"] for model in models if model["name"] == name)
    return stake


def _at_risk(client: Client, market: Market, name: str = "demo_signal_a") -> dict[int, Decimal]:
    query = "query($id: ID!) {v2RoundModelPerformances(modelId: $id, tournament: 11, limit: 5) {roundNumber atRisk}}"
    rows = client.data(query, id=_id(market, name))["v2RoundModelPerformances"]
    return {row["roundNumber"]: Decimal(row["atRisk"]) for row in rows}


def _untouched_at_risk(number: int) -> Decimal:
    """At risk in a round of a market in which nobody changed anything; its history begins with the same round."""
    market = Market(now=FRIDAY + timedelta(days=1), models=60, rounds=201)
    positions = market.ledger.positions(market.model(11, "demo_signal_a"))
    return next(p.at_risk for p in positions if p.number == number)


def test_an_increase_waits_for_the_next_round(tmp_path: Path) -> None:
    market = Market(now=FRIDAY, models=60, rounds=200, state_dir=tmp_path)
    with DemoServer(market) as server:
        client = Client(server.url)
        before, staked = _stake(client), _at_risk(client, market)
        untouched = _untouched_at_risk(1404)
        made = client.data(CHANGE, v="12.5", t="increase", id=_id(market))["v2ChangeStake"]
        assert (made["type"], made["status"], made["dueDate"]) == ("increase", "pending", None)
        after = _stake(client)
        assert after["latestValueSettled"] == before["latestValueSettled"]
        assert Decimal(after["pendingV2ChangeStakeRequest"]["requestedAmount"]) == Decimal("12.5")
        account = client.data(STATE)["account"]
        assert account["availableNmr"] == "1,222"
        assert Decimal(account["heldForScheduledStakeIncreases"]) == Decimal("12.5")
        assert [txn["type"] for txn in account["walletTxns"]] == ["stake", "deposit"]
        assert _at_risk(client, market) == staked
        market.clock = FixedClock(FRIDAY + timedelta(days=1))  # round 1404 is open
        later = _at_risk(client, market)
        assert later[1404] == untouched + Decimal("12.5")
        assert later[1403] == staked[1403]
        assert _stake(client)["pendingV2ChangeStakeRequest"] is None
        assert Decimal(_stake(client)["latestValueSettled"]) == market.ledger.stake(market.model(11, "demo_signal_a"))


def test_a_release_is_due_when_the_newest_round_resolves(tmp_path: Path) -> None:
    market = Market(now=FRIDAY, models=60, rounds=200, state_dir=tmp_path)
    due = market.times(11, 1403).resolve
    with DemoServer(market) as server:
        client = Client(server.url)
        before, staked = Decimal(_stake(client)["latestValueSettled"]), _at_risk(client, market)
        made = client.data(CHANGE, v="5", t="decrease", id=_id(market))["v2ChangeStake"]
        assert made["dueDate"] == due.strftime("%Y-%m-%dT%H:%M:%SZ")
        assert Decimal(_stake(client)["latestValueSettled"]) == before
        assert _at_risk(client, market)[1403] == staked[1403]
        market.clock = FixedClock(FRIDAY + timedelta(days=1))
        assert _at_risk(client, market)[1404] == _untouched_at_risk(1404) - 5
        market.clock = FixedClock(due + timedelta(minutes=1))
        account = client.data(STATE)["account"]
        assert account["availableNmr"] == "1,239.5"
        assert account["walletTxns"][0]["type"] == "release"
        assert _stake(client)["pendingV2ChangeStakeRequest"] is None


def test_a_release_can_be_cancelled(client: Client, market: Market) -> None:
    cancel = "mutation($id: ID!) {cancelPendingStakeRelease(modelId: $id) {type status requestedAmount}}"
    assert client.error(cancel, id=_id(market)) == "No pending stake release"
    client.data(CHANGE, v="5", t="decrease", id=_id(market))
    assert client.data(cancel, id=_id(market))["cancelPendingStakeRelease"]["status"] == "cancelled"
    assert _stake(client)["pendingV2ChangeStakeRequest"] is None
    notes = [txn["note"] for txn in client.data(STATE)["stakeTransactions"] if txn["type"] == "decrease"]
    assert notes == ["cancelled"]


def test_a_drain_releases_what_there_is(client: Client, market: Market) -> None:
    stake = Decimal(_stake(client)["latestValueSettled"])
    client.data(CHANGE, v="5", t="decrease", id=_id(market))
    drained = client.data(RELEASE, id=_id(market), a="11000000", d=True)["releaseStake"]
    assert drained["drain"] is True
    assert Decimal(drained["requestedAmount"]) == stake - 5
    assert Decimal(_stake(client)["pendingV2ChangeStakeRequest"]["requestedAmount"]) == stake
    assert client.error(RELEASE, id=_id(market), a="1", d=True) == "Nothing to release"


def test_payout_selection(client: Client, market: Market) -> None:
    select = """mutation($id: ID!, $n: Int!) {
      v3ChangePayoutSelection(modelId: $id, takeProfit: true, tournamentNumber: $n)}"""
    assert _stake(client)["takeProfit"] is False
    assert client.data(select, id=_id(market), n=11)["v3ChangePayoutSelection"] == "success"
    assert _stake(client)["takeProfit"] is True


@pytest.mark.parametrize(
    ("model", "tournament", "kind", "amount", "message"),
    [
        ("demo_signal_a", 11, "increase", "0.009", "The minimum amount is 0.01 NMR"),
        ("demo_signal_a", 11, "increase", "1234.51", "Insufficient NMR available"),
        ("demo_signal_a", 11, "decrease", "1000000", "The amount is above the stake"),
        ("demo_signal_a", 11, "increase", "-1", "The minimum amount is 0.01 NMR"),
        ("demo_signal_a", 11, "increase", "a lot", "Invalid amount 'a lot'"),
        ("demo_signal_a", 11, "increase", "NaN", "The minimum amount is 0.01 NMR"),
        ("demo_signal_a", 8, "increase", "1", "The model is not of this tournament"),
        ("demo_signal_a", 11, "double", "1", "Unknown type 'double'"),
        ("demo_anchor", 8, "increase", "1", "legacy staking is closed"),
        ("demo_coin_a", 12, "decrease", "1", "legacy staking is closed"),
        ("amber_badger", 8, "increase", "1", "Model not found"),
    ],
)
def test_what_the_rules_forbid_changes_nothing(  # noqa: PLR0917 -- a row of the table
    client: Client, market: Market, model: str, tournament: int, kind: str, amount: str, message: str
) -> None:
    found = next(market.model(t, model) for t in (8, 11, 12) if model in market.arena(t).population.row_by_name)
    before = client.data(STATE)
    assert message in client.error(CHANGE, v=amount, t=kind, id=found.id, n=tournament)
    assert client.data(STATE) == before


def test_mutations_need_the_scope(server: DemoServer, market: Market) -> None:
    limited = Client(server.url, DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET)
    assert limited.error(CHANGE, v="1", t="increase", id=_id(market)) == "Insufficient permission for stake"
    assert "authenticated" in Client(server.url, public=None).error(CHANGE, v="1", t="increase", id=_id(market))


def test_changes_are_kept_until_reset(tmp_path: Path) -> None:
    def state(market: Market) -> Any:
        with DemoServer(market) as server:
            return Client(server.url).data(STATE)

    def market(seed: int = 0) -> Market:
        return Market(seed, now=FRIDAY, models=60, rounds=50, state_dir=tmp_path)

    first = market()
    fresh = state(first)
    with DemoServer(first) as server:
        Client(server.url).data(CHANGE, v="3", t="increase", id=_id(first))
    changed = state(first)
    assert changed != fresh
    assert state(market()) == changed
    assert state(market(seed=9))["account"]["availableNmr"] == "1,234.5"
    first.state.reset()
    assert state(market()) == fresh


amounts = st.decimals("0.01", "300", places=4)


@pytest.fixture(scope="module")
def short() -> Iterator[DemoServer]:
    with DemoServer(Market(now=FRIDAY, models=20, rounds=30)) as running:
        yield running


@settings(max_examples=15, deadline=None)
@given(requests=st.lists(st.tuples(st.sampled_from(["increase", "decrease"]), amounts), max_size=6))
def test_no_nmr_appears_or_disappears(short: DemoServer, requests: list[tuple[str, Decimal]]) -> None:
    market, client = short.market, Client(short.url)
    market.state.reset()
    model = market.model(11, "demo_signal_b")
    stake = market.ledger.stake(model)
    for kind, amount in requests:
        client.body(CHANGE, v=str(amount), t=kind, id=model.id)
    pending = market.ledger.pending(model)
    asked = {kind: sum((c.nmr for c in pending if c.type == kind), Decimal(0)) for kind in ("increase", "decrease")}
    assert market.ledger.available() == Decimal("1234.5") - asked["increase"] >= 0
    assert asked["decrease"] <= stake == market.ledger.stake(model)
    for delay in (1, 40, 100):  # the next round; the releases pending; all released
        market.clock = FixedClock(FRIDAY + timedelta(days=delay))
        assert market.ledger.stake(model) >= 0
        released = asked["decrease"] if delay == 100 else 0
        assert market.ledger.available() == Decimal("1234.5") - asked["increase"] + released
    market.clock = FixedClock(FRIDAY)
