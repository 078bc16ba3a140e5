"""Staking v3: amounts and times as people read them, and an authorisation that cannot be kept."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.api.client import ApiClient
from numtui.api.queries import Queries
from numtui.api.records.staking import StakeClaim, StakeRound, round_number
from numtui.api.settings import ApiSettings
from numtui.calendar import finalised_at
from numtui.config import Credentials
from numtui.demo import DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET, DEMO_STAKERS, DEMO_WALLET
from numtui.demo.server.engine import Arguments
from numtui.demo.server.resolvers import payouts, staking
from numtui.demo.server.resolvers.session import Session
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.money import nmr_of_wei
from numtui.stake.atomic.authorization import authorize
from numtui.stake.atomic.claims import claim_proof, claims_table
from numtui.stake.atomic.contracts import chain_round, chain_time, config_table
from numtui.stake.atomic.view import Stakers, read_atomic, read_own_atomic
from numtui.stake.errors import Stopped
from tests.stake.helpers import KEYS, START, ServiceMaker


@given(st.integers(-(10**30), 10**30))
def test_wei_are_exact(wei: int) -> None:
    amount = nmr_of_wei(str(wei))
    assert amount is not None
    assert int(amount.as_tuple().exponent) >= -18
    assert amount.scaleb(18) == wei or abs(wei) >= 10**28  # scaleb itself rounds at 28 digits
    assert f"{amount:f}".replace(".", "").replace("-", "").lstrip("0") == str(abs(wei)).lstrip("0")


def test_what_is_no_amount_is_none() -> None:
    assert [nmr_of_wei(text) for text in (None, "", "1.5", "0x10", "abc")] == [None] * 5
    assert nmr_of_wei("1") == Decimal("1e-18")


def test_times_of_contracts() -> None:
    assert chain_time("1795181400") == datetime.fromtimestamp(1795181400, UTC)
    assert chain_time("2026-11-20T13:30:00Z") == START
    assert [chain_time(text) for text in (None, "", "0", "soon")] == [None] * 4


async def test_claims_and_rounds_of_the_demo(server: DemoServer) -> None:
    async with ApiClient(ApiSettings((server.url,)), KEYS) as client:
        queries = Queries(client)
        config = await queries.stake_config(Tournament.CRYPTO)
        claims = await queries.stake_claims(Tournament.CRYPTO, DEMO_STAKERS["crypto"])
        account = await queries.account()
        assert claims and config and account
        rounds = {one: await queries.stake_round(Tournament.CRYPTO, one) for one in {c.round_id or "" for c in claims}}
    resolves = {
        number: at
        for key, one in rounds.items()
        if one and (at := chain_round(one).resolves) and (number := round_number(key, Tournament.CRYPTO)) is not None
    }
    names = {one.id or "": one.name or "" for one in account.models or []}
    table = claims_table(claims, Tournament.CRYPTO, names, resolves)
    first = next(iter(table.rows))
    assert str(first[table.column("model")]).startswith("demo_coin_")
    deadline = first[table.column("deadline")]
    assert isinstance(deadline, datetime) and START <= deadline <= START + timedelta(days=10)
    assert deadline.weekday() in range(1, 6), "a run finalises it"
    shown = first[table.column("round")]
    assert isinstance(shown, int) and shown < 10_000
    assert deadline - resolves[shown] > timedelta(days=7)
    claimable = first[table.column("claimable")]
    assert isinstance(claimable, Decimal) and int(claimable.scaleb(18)) == int(claims[0].claimable_amount_wei or "")
    assert ("staking contract", config.address, "crypto") in list(config_table(config, Tournament.CRYPTO).rows)


def test_a_claim_proof_is_json() -> None:
    claim = StakeClaim(round_id="7", model_id="9", claimable_amount_wei="15", proof=["0xa", "0xb"], staker="0xme")
    proof = json.loads(claim_proof(claim))
    assert (proof["roundId"], proof["claimableAmountWei"], proof["proof"]) == ("7", "15", ["0xa", "0xb"])


async def test_an_authorisation_is_shown_once_and_never_kept(
    server: DemoServer, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    with caplog.at_level(logging.DEBUG):
        async with ApiClient(ApiSettings((server.url,)), KEYS) as client:
            queries = Queries(client)
            account = await queries.account()
            assert account is not None
            model = next(one for one in account.models or [] if one.name == "demo_anchor")
            assert model.latest_submission_v2 is not None and model.latest_submission_v2.id is not None
            found = await authorize(queries, model.latest_submission_v2.id, DEMO_WALLET, "1")
        kept_out = repr(found) + str(found) + f"{[found]}"
        for keep in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match="never stored"):
                keep(found)
        with pytest.raises(TypeError):
            json.dumps(found)
        lines = found.show_once()
    signature = next(line.split(": ")[1] for line in lines if line.startswith("signature: "))
    assert len(signature) > 100
    assert signature not in kept_out + caplog.text
    with pytest.raises(Stopped, match="shown already"):
        found.show_once()
    assert list(tmp_path.rglob("*")) == []


def test_the_whole_view_and_the_scope_that_is_missing(make_service: ServiceMaker) -> None:
    names = {"x": "y"}
    strategy = Stakers(DEMO_WALLET, DEMO_STAKERS["crypto"])
    view = make_service().client.ask(lambda queries: read_atomic(queries, Tournament.CRYPTO, strategy, names, (1403,)))
    assert view.message is None
    assert len(list(view.claims.rows)) == len(view.proofs) > 0
    assert next(iter(view.rounds.rows))[view.rounds.column("state")] == "OPEN"
    assert all(row[view.claims.column("deadline")] for row in view.claims.rows)
    limited = make_service(keys=Credentials(DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET))
    nothing = limited.client.ask(lambda queries: read_atomic(queries, Tournament.CRYPTO, Stakers(DEMO_WALLET), names))
    assert nothing.message is not None and "lacks the scope web3_staking" in nothing.message
    assert list(nothing.config.rows) == list(nothing.claims.rows) == []
    homeless = make_service().client.ask(lambda queries: read_atomic(queries, Tournament.CRYPTO, Stakers(None), names))
    assert homeless.message == "the account has no wallet address: claims cannot be looked up"


@pytest.mark.parametrize(
    ("text", "number"), [("1343", 1343), ("801343", 1343), ("1201343", None), (None, None), ("", None), ("0x5", None)]
)
def test_a_round_on_the_contract_is_shown_by_its_number(text: str | None, number: int | None) -> None:
    assert round_number(text, Tournament.CLASSIC) == number


@pytest.mark.parametrize(
    ("resolved", "deadline"),
    [  # Tuesday to Saturday there is a run; the one exactly 7 days later is not more than 7 days later
        ("2026-11-10T14:00", "2026-11-18T14:00"),
        ("2026-11-13T14:00", "2026-11-21T14:00"),
        ("2026-11-14T14:00", "2026-11-24T14:00"),
    ],
)
def test_an_unclaimed_position_is_finalised_by_the_first_run_after_more_than_seven_days(
    resolved: str, deadline: str
) -> None:
    found = finalised_at(datetime.fromisoformat(resolved).replace(tzinfo=UTC))
    assert found == datetime.fromisoformat(deadline).replace(tzinfo=UTC)
    assert finalised_at(None) is None


@pytest.mark.parametrize("state", ["Open", "OPEN", "open"])
@pytest.mark.parametrize("time", [str(int(START.timestamp())), START.isoformat(), "2026-11-20T13:30:00Z"])
def test_both_spellings_of_states_and_of_times(state: str, time: str) -> None:
    found = chain_round(StakeRound(round_id="1343", state=state, open_time=time))
    assert (found.state, found.opens, found.resolved) == ("OPEN", START, False)


STRATEGY = "0x" + "5a" * 20


def claims_of(staker: str) -> Callable[[Session, Arguments], object]:
    """Claims that `staker` may make, of two resolved rounds, by their plain numbers."""

    def answer(session: Session, arguments: Arguments) -> object:
        if arguments["staker"].lower() != staker.lower():
            return []
        model = next(iter(session.market.account_models_of(Tournament.CRYPTO)))
        resolved = [
            number
            for number in session.market.rounds(Tournament.CRYPTO)
            if session.market.times(Tournament.CRYPTO, number).resolve <= session.now
        ]
        return [
            {
                "apiModelId": model.id,
                "roundId": str(number),
                "tournamentId": "12",
                "staker": staker,
                "payoutAmountWei": "1",
                "burnAmountWei": "0",
                "claimableAmountWei": "2",
            }
            for number in resolved[-2:]
        ]

    return answer


def test_claims_of_the_strategy_contract(make_service: ServiceMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(staking.RESOLVERS, "v3StakeClaims", claims_of(STRATEGY))
    client = make_service().client
    unset = client.ask(lambda queries: read_own_atomic(queries, Tournament.CRYPTO))
    assert list(unset.claims.rows) == []
    assert unset.message is not None
    assert unset.message.startswith("unknown: claims may belong to your strategy contract; set staker")
    view = client.ask(lambda queries: read_own_atomic(queries, Tournament.CRYPTO, STRATEGY.upper().replace("X", "x")))
    assert view.message is None
    rows = list(view.claims.rows)
    assert len(rows) == len(view.proofs) > 0
    assert {row[view.claims.column("staker")] for row in rows} == {STRATEGY}
    numbers = {row[view.claims.column("round")] for row in rows}
    assert all(isinstance(number, int) and number < 10_000 for number in numbers)
    assert numbers <= {row[view.rounds.column("round")] for row in view.rounds.rows}
    assert all(row[view.claims.column("deadline")] for row in rows)


def test_no_claim_of_both_addresses_is_none(make_service: ServiceMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(staking.RESOLVERS, "v3StakeClaims", lambda *_: [])
    view = make_service().client.ask(lambda queries: read_own_atomic(queries, Tournament.CRYPTO, STRATEGY))
    assert view.message == "nothing to claim"


def test_a_round_that_the_contract_does_not_have_is_a_sentence(make_service: ServiceMaker) -> None:
    view = make_service().client.ask(
        lambda queries: read_atomic(queries, Tournament.SIGNALS, Stakers("0x1", "0x2"), {}, (1403,))
    )
    assert view.message == "nothing to claim; the staking contract has no signals round 1403"


def test_without_the_scope_the_strategys_stakes_and_the_payouts_are_there(
    make_service: ServiceMaker, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {
        "amount": "1.5",
        "model": "demo_coin_a",
        "note": "0xabc",
        "round": 1400,
        "timestamp": "2026-11-19T13:00:00Z",
        "tournament": 12,
        "type": "strategy stake",
    }
    others = [{**made, "tournament": 8}, {**made, "type": "payout"}]
    monkeypatch.setitem(payouts.RESOLVERS, "stakeTransactions", lambda *_: [made, *others])
    keys = Credentials(DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET)
    view = make_service(keys=keys).client.ask(lambda queries: read_own_atomic(queries, Tournament.CRYPTO))
    assert view.message is not None and "lacks the scope web3_staking" in view.message
    assert view.stakes is not None and view.payouts is not None
    assert [row[1:5] for row in view.stakes.rows] == [("demo_coin_a", 1400, Decimal("1.5"), "0xabc")]
    rows = list(view.payouts.rows)
    assert {row[view.payouts.column("settled")] for row in rows} == {True, False}
    assert all(row[view.payouts.column("tournament")] == "crypto" for row in rows)


def test_times_of_contracts_keep_their_zone_and_are_utc_without_one() -> None:
    assert chain_time("2026-11-20T13:30:00") == START
    east = chain_time("2026-11-20T15:30:00+02:00")
    assert east == START
    assert east is not None
    assert east.utcoffset() == timedelta(0)
