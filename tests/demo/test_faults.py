"""Each failure on command, as a client sees it, and the log of what was asked."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import httpx
import pytest

from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer

from .conftest import Client

QUERY = "{rounds(limit: 3) {number openTime closeTime scoreTime resolveTime roundScoreConfigs {displayName version}}}"
INCREASE = """mutation($id: String) {
  v2ChangeStake(value: "1", type: "increase", modelId: $id, tournamentNumber: 11) {status}}"""


@pytest.mark.parametrize(
    ("kind", "options", "status", "header"),
    [
        ("500", {}, 500, None),
        ("502", {}, 502, None),
        ("429", {}, 429, None),
        ("429", {"retry_after": 7}, 429, "7"),
        ("html", {}, 200, None),
    ],
)
def test_refusals(  # noqa: PLR0917 -- a row of the table
    server: DemoServer, client: Client, kind: str, options: Any, status: int, header: str | None
) -> None:
    server.faults.add(kind, **options)
    response = client.post(QUERY)
    assert response.status_code == status
    assert response.headers.get("retry-after") == header
    assert response.text.startswith("<html>")
    assert client.post(QUERY).json()["data"]["rounds"]


def test_rate_limit_with_status_200(server: DemoServer, client: Client) -> None:
    server.faults.add("rate_limit")
    assert "rate limit" in client.error(QUERY)


@pytest.mark.parametrize("kind", ["drop", "truncated"])
def test_broken_connections(server: DemoServer, client: Client, kind: str) -> None:
    server.faults.add(kind, times=2)
    for _ in range(2):
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(QUERY)
    assert client.data(QUERY)
    assert server.log.summary()["faults"] == {kind: 2}


def test_a_late_answer(server: DemoServer) -> None:
    server.faults.add("delay", delay=0.3)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(server.url, json={"query": QUERY}, timeout=0.1)
    started = perf_counter()
    server.faults.add("delay", delay=0.2)
    httpx.post(server.url, json={"query": QUERY})
    assert perf_counter() - started >= 0.2


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def test_nulls(server: DemoServer, client: Client) -> None:
    server.faults.add("nulls")
    found = client.data(QUERY)["rounds"]
    assert len(found) == 3
    assert set(_leaves(found)) == {None}
    server.faults.add("nulls", share=0.5)
    leaves = _leaves(client.data(QUERY))
    assert 0 < leaves.count(None) < len(leaves)
    server.faults.add("nulls", objects=True)
    assert client.data(QUERY) == {"rounds": None}


def test_unknown_words_and_fields(server: DemoServer, client: Client) -> None:
    server.faults.add("unknown")
    found = client.data("{account {status models {name latestSubmissionV2 {status}}}}")["account"]
    assert found["status"] == "SOMETHING_NEW"
    assert found["models"][0]["latestSubmissionV2"]["status"] == "SOMETHING_NEW"
    assert "fieldOfTomorrow" in found["models"][0]


def test_an_error_beside_other_data(server: DemoServer, client: Client) -> None:
    server.faults.add("graphql_error")
    body = client.body("{a: rounds(limit: 1) {number} b: rounds(limit: 1) {number}}")
    assert body["data"] == {"a": None, "b": [{"number": 1403}]}
    assert body["errors"][0]["path"] == ["a"]


PARTS = "{a: rounds(limit: 1) {number} b: rounds(limit: 2) {number}}"


def test_single_aliases_are_null_for_a_while(server: DemoServer, client: Client) -> None:
    server.faults.add("null_alias", alias="b", times=2)
    assert "errors" not in client.body("{a: rounds(limit: 1) {number}}")  # not one of those that ask for b
    for _ in range(2):
        body = client.body(PARTS)
        assert body["data"] == {"a": [{"number": 1403}], "b": None}
        assert body["errors"] == [{"message": "Internal server error", "path": ["b"], "locations": []}]
    assert len(client.data(PARTS)["b"]) == 2
    assert server.faults.waiting == []


def test_every_third_answer_lacks_its_first_part(server: DemoServer, client: Client) -> None:
    server.faults.add("null_alias", times=1000, every=3)
    lost = [client.body(PARTS)["data"]["a"] is None for _ in range(9)]
    assert lost == [False, False, True] * 3


@pytest.mark.parametrize(
    ("kind", "happened"), [("lost_answer", True), ("truncated", True), ("drop", False), ("500", False)]
)
def test_a_mutations_answer_is_lost_before_or_after_its_effect(
    server: DemoServer, market: Market, client: Client, kind: str, happened: bool
) -> None:
    server.faults.add(kind, mutations_only=True)
    assert client.data(QUERY)
    model = market.model(11, "demo_signal_a")
    try:
        assert client.post(INCREASE, id=model.id).status_code == 500
    except httpx.RemoteProtocolError:
        assert kind != "500"
    assert len(market.ledger.pending(model)) == happened
    assert server.log.mutations == 1


def test_faults_choose_their_requests(server: DemoServer, client: Client) -> None:
    server.faults.add("500", field="tournaments")
    server.faults.add("502", match="limit: 2", after=1)
    assert client.data("{rounds(limit: 1) {number}}")
    assert client.data("{rounds(limit: 2) {number}}")
    assert client.post("{rounds(limit: 2) {number}}").status_code == 502
    assert client.post("{t: tournaments {id}}").status_code == 500
    assert server.faults.waiting == []
    with pytest.raises(ValueError, match="no fault 'earthquake'"):
        server.faults.add("earthquake")


def test_control_over_http(server: DemoServer, client: Client, market: Market) -> None:
    control = f"{server.url}/_demo"
    assert httpx.post(f"{control}/faults", json={"kind": "500", "times": 2}).json()[0]["times"] == 2
    assert client.post(QUERY).status_code == 500
    assert httpx.delete(f"{control}/faults").json() == []
    assert httpx.post(f"{control}/faults", json={"kind": "none"}).status_code == 400
    size = len(client.post(QUERY).content)
    client.data(INCREASE, id=market.model(11, "demo_signal_a").id)
    log = httpx.get(f"{control}/log").json()
    assert (log["requests"], log["mutations"]) == (3, 1)
    assert log["fields"] == {"rounds": 2, "v2ChangeStake": 1}
    assert [entry["fault"] for entry in log["entries"]] == ["500", None, None]
    assert 0 < log["entries"][1]["bytes"] <= size
    assert httpx.post(f"{control}/reset").json() == {}
    assert httpx.get(f"{control}/log").json()["requests"] == 0
    assert market.state.changes == []


def test_latency(market: Market) -> None:
    with DemoServer(market, latency_ms=60) as slow:
        started = perf_counter()
        Client(slow.url).data(QUERY)
        assert perf_counter() - started >= 0.06
