"""numerapi is the oracle: what its own methods read from a server, our questions read too, value for value."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from numerapi import CryptoAPI, NumerAPI, SignalsAPI, base_api

from numtui.api.queries import Queries
from numtui.api.wire import Wire, camel_case, instant_of, money_of
from numtui.demo import DEMO_ACCOUNT, DEMO_MODELS, DEMO_PUBLIC, DEMO_SECRET, DEMO_STAKERS
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament

ORACLES: dict[Tournament, Any] = {
    Tournament.CLASSIC: NumerAPI,
    Tournament.SIGNALS: SignalsAPI,
    Tournament.CRYPTO: CryptoAPI,
}


class Oracle:
    """numerapi on the demo server, its blocking calls off the event loop."""

    def __init__(self, tournament: Tournament) -> None:
        self.api: Any = ORACLES[tournament](DEMO_PUBLIC, DEMO_SECRET, verbosity="ERROR", show_progress_bars=False)

    async def __call__(self, method: str, *arguments: object, **options: object) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            return await asyncio.to_thread(getattr(self.api, method), *arguments, **options)


OracleOf = Callable[[Tournament], Oracle]


@pytest.fixture
def oracle(demo: DemoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> OracleOf:
    monkeypatch.setattr(base_api, "API_TOURNAMENT_URL", demo.url)
    monkeypatch.chdir(str(tmp_path))  # where no .env file lies
    return Oracle


def assert_same(theirs: Mapping[str, Any], ours: Wire | None, *, but: Sequence[str] = ()) -> None:
    """Every field that numerapi reads is a field of ours with the same value, those in `but` apart."""
    assert ours is not None
    names = {camel_case(field.encode_name): field.name for field in msgspec.structs.fields(ours)}
    for key, value in theirs.items():
        if key in but:
            continue
        mine = getattr(ours, names[camel_case(key)])
        assert_equal(value, mine, key)


def assert_equal(theirs: object, mine: object, key: str) -> None:
    if isinstance(theirs, list):
        assert isinstance(mine, list), key
        assert len(theirs) == len(mine), key
        for value, own in zip(theirs, mine, strict=True):
            assert_equal(value, own, key)
    elif isinstance(theirs, dict):
        assert isinstance(mine, Wire), key
        assert_same(theirs, mine)
    elif isinstance(mine, Decimal):
        assert money_of(theirs) == mine, key
    elif isinstance(theirs, datetime):
        assert theirs.astimezone(UTC) == (instant_of(mine) if isinstance(mine, str) else mine), key
    elif isinstance(mine, datetime):
        assert instant_of(theirs) == mine, key
    else:
        assert theirs == mine, key


@pytest.mark.parametrize("tournament", list(Tournament))
async def test_leaderboards(demo_queries: Queries, oracle: OracleOf, tournament: Tournament) -> None:
    ask = oracle(tournament)
    models = await ask("get_leaderboard", limit=500)
    accounts = await ask("get_account_leaderboard", limit=500)
    pages = [page async for page in demo_queries.leaderboard_pages(tournament, first=10)]
    ours = [row for page in pages for row in page.models]
    own_accounts = [row for page in pages for row in page.accounts]
    assert len(models) == len(ours) > 0
    assert len(accounts) == len(own_accounts) > 0
    for theirs, mine in zip(models, ours, strict=True):
        assert_same(theirs, mine)
    for theirs, own in zip(accounts, own_accounts, strict=True):
        assert_same(theirs, own)


@pytest.mark.parametrize("tournament", list(Tournament))
async def test_rounds(demo_queries: Queries, oracle: OracleOf, tournament: Tournament) -> None:
    ask = oracle(tournament)
    theirs = await ask("list_rounds")
    ours = await demo_queries.rounds(tournament)
    assert len(theirs) == len(ours) > 5
    for one, own in zip(theirs, ours, strict=True):
        assert_same(one, own)
    assert await ask("get_current_round") in [
        entry.number for entry in (await demo_queries.idle(tournament, auth=False)).open_rounds
    ]


@pytest.mark.parametrize("tournament", list(Tournament))
async def test_scores_stakes_and_payouts_of_every_round(
    demo_queries: Queries, oracle: OracleOf, tournament: Tournament
) -> None:
    ask = oracle(tournament)
    models = await ask("models_of_account", DEMO_ACCOUNT)
    ids = list(models.values())
    compared = 0
    async for model, rows in demo_queries.performances(tournament, ids, days=True, dates=True):
        assert isinstance(rows, list)
        latest = await ask("round_model_performances_v2", model)
        days = await ask("intra_round_scores", model)
        assert len(rows) == len(latest) == len(days)
        for row, one, other in zip(rows, latest, days, strict=True):
            assert_same(one, row, but=["roundOpenTime", "roundResolveTime"])
            assert row.round_number == other["roundNumber"]
            theirs = other["intraRoundSubmissionScores"] or []
            for point, score in zip(row.intra_round_submission_scores or [], theirs, strict=True):
                assert_same(score, point, but=["payoutPending", "payoutSettled"])
                compared += 1
    assert compared > 100


async def test_submission_scores(demo_queries: Queries, oracle: OracleOf) -> None:
    ask = oracle(Tournament.CLASSIC)
    models = await ask("models_of_account", DEMO_ACCOUNT)
    chosen = list(models.values())[:2]
    found = demo_queries.submission_scores(chosen, "mmc", tournament=Tournament.CLASSIC, last_n_rounds=8)
    async for model, rows in found:
        assert isinstance(rows, list)
        theirs = await ask("submission_scores", model, display_name="mmc", last_n_rounds=8)
        assert len(rows) == len(theirs) > 0
        for one, own in zip(theirs, rows, strict=True):
            assert_same(one, own, but=["roundScoreTime", "roundCloseStakingTime"])


async def test_account_models_and_wallet(demo_queries: Queries, oracle: OracleOf) -> None:
    ask = oracle(Tournament.CLASSIC)
    theirs = await ask("get_account")
    ours = await demo_queries.account()
    assert_same(theirs, ours, but=["models", "apiTokens", "email"])
    assert ours is not None
    assert {model["name"]: model["id"] for model in theirs["models"]} == {m.name: m.id for m in ours.models or []}
    assert await ask("get_models") == {m.name: m.id for m in ours.models or [] if m.tournament == 8}
    wallet = await demo_queries.wallet()
    assert wallet is not None
    transactions = await ask("wallet_transactions")
    assert len(transactions) == len(wallet.wallet_txns or []) > 0
    for one, own in zip(transactions, wallet.wallet_txns or [], strict=True):
        assert_same(one, own)


@pytest.mark.parametrize("tournament", list(Tournament))
async def test_profiles_stakes_and_payouts(demo_queries: Queries, oracle: OracleOf, tournament: Tournament) -> None:
    ask = oracle(tournament)
    page = await demo_queries.models_of_account(DEMO_ACCOUNT, tournament)
    assert page is not None
    assert await ask("models_of_account", DEMO_ACCOUNT) == {m.display_name: m.id for m in page.models or []}
    names = [model.display_name or "" for model in page.models or []]
    assert set(names) <= set(DEMO_MODELS)
    profiles = await demo_queries.profiles(tournament, [*names, "there_is_no_such_model"])
    assert profiles.pop("there_is_no_such_model") is None
    for name, profile in profiles.items():
        assert profile is not None
        assert_same(await ask("public_user_profile", name), profile, but=["bio"])
        assert await ask("stake_get", name) == profile.stake_value
    payouts = (await demo_queries.payouts([tournament]))[tournament]
    assert isinstance(payouts, Wire)
    assert_same(await ask("pending_model_payouts"), payouts)


async def test_pipeline(demo_queries: Queries, oracle: OracleOf) -> None:
    theirs = await oracle(Tournament.CLASSIC)("pipeline_status", "2026-11-20")
    idle = await demo_queries.idle(Tournament.CLASSIC, auth=True, date="2026-11-20")
    assert idle.errors == {}
    assert_same(theirs, idle.pipeline)


async def test_staking_v3(demo_queries: Queries, oracle: OracleOf) -> None:
    ask = oracle(Tournament.CLASSIC)
    config = await demo_queries.stake_config(Tournament.CLASSIC)
    theirs = await asyncio.to_thread(
        ask.api.raw_query, "{ v3StakeConfig(tournamentId: 8) { address nmrAddress paused } }", authorization=True
    )
    assert_same(theirs["data"]["v3StakeConfig"], config)
    staker = DEMO_STAKERS["crypto"]
    claims = await demo_queries.stake_claims(Tournament.CRYPTO, staker)
    assert len(claims) > 2
    for claim in claims[:2]:
        assert_same(await ask("v3_stake_claim", claim.round_id, claim.api_model_id, staker), claim)
        again = await demo_queries.stake_claim(claim.round_id or "", claim.api_model_id or "", staker)
        assert again == claim


async def test_scopes(demo_queries: Queries) -> None:
    info = await demo_queries.token_info()
    assert info is not None
    assert info.account_username == DEMO_ACCOUNT
    assert {"read_user_info", "stake", "web3_staking"} <= set(info.scopes or [])
