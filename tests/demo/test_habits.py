"""What of the account is not as plain as it could be: submissions that do not count, stakes with pending earnings,
Atomic rounds that state no terms, and positions that belong to a strategy contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from numtui.clock import FixedClock
from numtui.demo import DEMO_STAKERS, DEMO_WALLET
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament, time_of

from .conftest import FRIDAY, SATURDAY_NIGHT, Client

SUBMISSIONS = """{account {models {name tournament latestSubmissionV2 {id status insertedAt selected errorInfo
  round {number closeTime}} latestSubmissions {id status roundNumber}}}}"""
POSITIONS = """query($id: ID!, $t: Int) {v2RoundModelPerformances(modelId: $id, tournament: $t, limit: 2) {
  roundNumber atRisk submissionId}}"""
STAKES = """{account {models {id name tournament v2Stake {latestValue latestValueSettled stakeValue}}}}"""


@pytest.fixture
def mixed() -> Iterator[Client]:
    market = Market(seed=1, now=SATURDAY_NIGHT, models=60, rounds=90, submissions="mixed")
    with DemoServer(market) as running:
        yield Client(running.url)


def _models(client: Client) -> dict[str, Any]:
    return {model["name"]: model for model in client.data(SUBMISSIONS)["account"]["models"]}


def test_some_newest_submissions_are_late_failed_and_queued(mixed: Client) -> None:
    models = _models(mixed)
    newest = {name: model["latestSubmissionV2"] for name, model in models.items()}
    late, failed, queued = (newest[name] for name in ("demo_breeze", "demo_cinder", "demo_flint"))
    assert (late["status"], failed["status"], queued["status"]) == ("accepted", "failed", "queued")
    assert failed["errorInfo"] is not None
    assert [each["selected"] for each in (late, failed, queued)] == [True, False, False]
    assert {each["round"]["number"] for each in (late, failed, queued)} == {1403}
    assert late["insertedAt"] > late["round"]["closeTime"]
    assert newest["demo_anchor"]["insertedAt"] < newest["demo_anchor"]["round"]["closeTime"]
    assert newest["demo_signal_b"]["status"] == "failed"
    assert newest["demo_coin_b"]["insertedAt"] > newest["demo_coin_b"]["round"]["closeTime"]
    for model in models.values():
        same = model["latestSubmissions"][0]
        assert (same["id"], same["status"]) == (
            model["latestSubmissionV2"]["id"],
            model["latestSubmissionV2"]["status"],
        )


@pytest.mark.parametrize("name", ["demo_breeze", "demo_cinder", "demo_flint", "demo_anchor"])
def test_what_does_not_count_puts_nothing_at_risk(mixed: Client, name: str) -> None:
    ids = {model["name"]: model["id"] for model in mixed.data(STAKES)["account"]["models"]}
    newest, _ = mixed.data(POSITIONS, id=ids[name], t=8)["v2RoundModelPerformances"]
    assert newest["roundNumber"] == 1403
    counts = name == "demo_anchor"
    assert (newest["submissionId"] is not None) == (Decimal(newest["atRisk"]) > 0) == counts


def test_while_a_round_is_open_nobody_is_late_for_it_yet() -> None:
    market = Market(seed=1, now=FRIDAY, models=60, rounds=90, submissions="mixed")
    with DemoServer(market) as running:
        client = Client(running.url)
        before = _models(client)["demo_breeze"]["latestSubmissionV2"]
        assert before["round"]["number"] == 1402
        assert before["insertedAt"] > before["round"]["closeTime"]
        market.clock = FixedClock(FRIDAY + timedelta(hours=2))
        after = _models(client)["demo_breeze"]["latestSubmissionV2"]
        assert after["round"]["number"] == 1403
        assert after["insertedAt"] > after["round"]["closeTime"]
        market.clock = FixedClock(FRIDAY + timedelta(days=1, hours=2))  # the queue has been worked through by then
        flint = market.model(8, "demo_flint")
        assert market.submitted(flint, 1403)
        assert not market.submitted(flint, 1404)


def test_submissions_change_on_request(server: DemoServer, client: Client, market: Market) -> None:
    assert {model["latestSubmissionV2"]["status"] for model in _models(client).values()} == {"accepted"}
    at_risk = client.data(POSITIONS, id=market.model(8, "demo_cinder").id, t=8)
    assert httpx.post(f"{server.url}/_demo/state", json={"submissions": "odd"}).status_code == 400
    try:
        assert httpx.post(f"{server.url}/_demo/state", json={"submissions": "mixed"}).status_code == 200
        assert _models(client)["demo_cinder"]["latestSubmissionV2"]["status"] == "failed"
        assert client.data(POSITIONS, id=market.model(8, "demo_cinder").id, t=8) != at_risk
    finally:
        httpx.post(f"{server.url}/_demo/state", json={"submissions": "normal"})
    assert client.data(POSITIONS, id=market.model(8, "demo_cinder").id, t=8) == at_risk


def test_latest_values_hold_pending_earnings_and_settled_ones_do_not(client: Client, market: Market) -> None:
    for entry in client.data(STAKES)["account"]["models"]:
        if entry["tournament"] != Tournament.SIGNALS:
            assert entry["v2Stake"] is None
            continue
        model = market.model(11, entry["name"])
        pending = sum(p.payout() or Decimal(0) for p in market.ledger.positions(model) if not p.resolved)
        assert pending != 0
        stake = {name: Decimal(amount) for name, amount in entry["v2Stake"].items()}
        assert stake["latestValueSettled"] == market.ledger.stake(model)
        assert stake["latestValue"] == stake["stakeValue"] == stake["latestValueSettled"] + pending


def test_strategies_stake_and_note_their_transactions(client: Client, market: Market) -> None:
    query = '{stakeTransactions(type: "strategy stake") {amount note round timestamp tournament modelId}}'
    rows = client.data(query)["stakeTransactions"]
    assert {row["tournament"] for row in rows} == {8, 12}
    assert len({row["note"] for row in rows}) == len(rows) > 100
    for row in rows[:40]:
        assert len(row["note"]) == 66
        model = next(m for t in (8, 12) for m in market.account_models_of(t) if m.id == row["modelId"])
        position = next(p for p in market.ledger.positions(model) if p.number == row["round"])
        assert Decimal(row["amount"]) == position.at_risk
        assert time_of(row["timestamp"]) == market.times(row["tournament"], row["round"]).close


ROUNDS = """query($t: Int) {rounds(tournament: $t) {number v3Staking target payoutFactor
  roundScoreConfigs {isPayout clipThreshold payoutFactor defaultMultiplier}}}"""


@pytest.mark.parametrize("stated", [False, True])
def test_atomic_rounds_say_so_and_may_leave_their_terms_out(
    server: DemoServer, client: Client, market: Market, stated: bool
) -> None:
    assert market.atomic_terms == "null"
    market.atomic_terms = "stated" if stated else "null"
    try:
        for tournament, first in ((8, 1343), (11, None), (12, 1292)):
            for each in client.data(ROUNDS, t=tournament)["rounds"]:
                atomic = first is not None and each["number"] >= first
                assert each["v3Staking"] is atomic
                pay = [config for config in each["roundScoreConfigs"] if config["isPayout"]]
                assert all(config["defaultMultiplier"] is not None for config in pay)
                if atomic:
                    expected = {(1, 1)} if stated else {(None, None)}
                    assert {(config["clipThreshold"], config["payoutFactor"]) for config in pay} == expected
                else:
                    assert all(config["clipThreshold"] is not None for config in pay)
    finally:
        market.atomic_terms = "null"


def test_targets_change_behind_the_labels(client: Client) -> None:
    targets = {each["number"]: each["target"] for each in client.data(ROUNDS, t=8)["rounds"]}
    assert [targets[number] for number in (1171, 1172, 1342, 1343)] == ["cyrus20", "ender20", "ender20", "ender60"]


CLAIMS = "query($s: String!, $t: Int!) {v3StakeClaims(staker: $s, tournamentId: $t) {roundId tournamentId staker}}"


def test_claims_belong_to_the_strategy_and_not_to_the_wallet(server: DemoServer, client: Client) -> None:
    info = httpx.get(f"{server.url}/_demo/info").json()
    assert info["stakers"] == DEMO_STAKERS
    for tournament in (8, 11, 12):
        assert client.data(CLAIMS, s=DEMO_WALLET, t=tournament)["v3StakeClaims"] == []
    assert client.data(CLAIMS, s=DEMO_STAKERS["classic"], t=12)["v3StakeClaims"] == []
    claims = client.data(CLAIMS, s=DEMO_STAKERS["crypto"].upper().replace("X", "x"), t=12)["v3StakeClaims"]
    assert claims
    assert {claim["staker"] for claim in claims} == {DEMO_STAKERS["crypto"]}
    assert all(1292 <= int(claim["roundId"]) <= 1403 and claim["tournamentId"] == "12" for claim in claims)


CHAIN = """query($r: String!, $t: Int!) {v3StakeRound(roundId: $r, tournamentId: $t) {
  roundId tournamentId state openTime resolved}}"""


def test_rounds_on_the_contract_go_by_their_plain_numbers(client: Client, market: Market) -> None:
    found = client.data(CHAIN, r="1403", t=8)["v3StakeRound"]
    opened = str(int(market.times(8, 1403).open.timestamp()))
    expected = {"roundId": "1403", "tournamentId": "8", "state": "Open", "openTime": opened, "resolved": False}
    assert found == expected
    assert client.data(CHAIN, r="1390", t=8)["v3StakeRound"]["state"] == "Closed"
    assert client.data(CHAIN, r="1310", t=12)["v3StakeRound"]["state"] == "Resolved"
    for number, tournament in (("801403", 8), ("1403", 11), ("1342", 8), ("2000", 8), ("x", 8)):
        assert client.error(CHAIN, r=number, t=tournament) == "Round not found"


def test_signals_pays_on_neutral_scores(client: Client, market: Market) -> None:
    model = market.model(11, "demo_signal_a")
    query = """query($id: ID!) {v2RoundModelPerformances(modelId: $id, tournament: 11) {roundNumber
      payoutMultipliers {displayName multiplier} submissionScores {displayName payoutPending}}}"""
    rows = {row["roundNumber"]: row for row in client.data(query, id=model.id)["v2RoundModelPerformances"]}
    pays = {
        number: {m["displayName"]: m["multiplier"] for m in row["payoutMultipliers"]} for number, row in rows.items()
    }
    assert pays[1362] == {"alpha": 0.3, "mpc": 0.8}
    assert pays[1363] == {"neutral_corr": 0.5, "neutral_mmc": 2}
    scores = {s["displayName"]: s["payoutPending"] for s in rows[1370]["submissionScores"]}
    assert {"neutral_corr", "neutral_mmc", "alpha", "mpc"} <= set(scores)
    assert scores["alpha"] is None
    assert scores["neutral_mmc"] is not None
