"""Staking v3: amounts and times as people read them, and an authorisation that cannot be kept."""

from __future__ import annotations

import copy
import json
import logging
import pickle
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.api.client import ApiClient
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.api.staking_records import StakeClaim
from numtui.config import Credentials
from numtui.demo import DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET, DEMO_STAKERS, DEMO_WALLET
from numtui.demo.server import DemoServer
from numtui.model import Tournament
from numtui.stake.errors import Stopped
from numtui.stake.v3 import authorize, chain_round, chain_time, claim_proof, claims_table, config_table, nmr_of_wei
from numtui.stake.v3_view import read_v3

from .helpers import KEYS, START, DeskMaker


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
    resolves = {key: at for key, one in rounds.items() if one and (at := chain_round(one).resolves)}
    names = {one.id or "": one.name or "" for one in account.models or []}
    table = claims_table(claims, Tournament.CRYPTO, names, resolves)
    first = next(iter(table.rows))
    assert str(first[table.column("model")]).startswith("demo_coin_")
    deadline = first[table.column("deadline")]
    assert isinstance(deadline, datetime) and START <= deadline <= START + timedelta(days=7)
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


def test_the_whole_view_and_the_scope_that_is_missing(make_desk: DeskMaker) -> None:
    names = {"x": "y"}
    staker = DEMO_STAKERS["crypto"]
    view = make_desk().live.ask(lambda queries: read_v3(queries, Tournament.CRYPTO, staker, names, ("1403",)))
    assert view.message is None
    assert len(list(view.claims.rows)) == len(view.proofs) > 0
    assert next(iter(view.rounds.rows))[view.rounds.column("state")] == "Open"
    assert all(row[view.claims.column("deadline")] for row in view.claims.rows)
    limited = make_desk(keys=Credentials(DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET))
    nothing = limited.live.ask(lambda queries: read_v3(queries, Tournament.CRYPTO, DEMO_WALLET, names))
    assert nothing.message is not None and "lacks the scope web3_staking" in nothing.message
    assert list(nothing.config.rows) == list(nothing.claims.rows) == []
    homeless = make_desk().live.ask(lambda queries: read_v3(queries, Tournament.CRYPTO, None, names))
    assert homeless.message == "the account has no wallet address: claims cannot be looked up"
