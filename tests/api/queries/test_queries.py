"""The questions: what they ask, how they page, split and go on, and what they make of partial answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, BadAnswer, GraphQLError, RateLimited, Refused, ServerFault, TooComplex
from numtui.api.queries import LeaderboardPage, Queries
from numtui.api.settings import ApiSettings
from numtui.api.splitting import in_parallel
from numtui.model import Tournament
from tests.api.scripted import FakeTime, Received, Reply, ScriptedServer, answer

MODELS = [f"id-{number}" for number in range(7)]


@pytest.fixture
def queries(client: ApiClient) -> Queries:
    return Queries(client)


def aliases(request: Received) -> dict[str, str]:
    """The model of each alias m0, m1, ..."""
    return {name: value for name, value in request.variables.items() if name[0] == "m" and name[1:].isdigit()}


def performances_of(request: Received) -> Reply:
    return answer({alias: [{"roundNumber": int(model[3:])}] for alias, model in aliases(request).items()})


async def collect(found: AsyncIterator[tuple[str, Any]]) -> dict[str, Any]:
    return {model: result async for model, result in found}


async def test_idle_is_one_request_and_keeps_the_parts_that_came(queries: Queries, server: ScriptedServer) -> None:
    server.script = [
        answer(
            {
                "pipeline": {"isScoringDay": True, "scoredAt": "2026-08-28T17:00:00Z"},
                "open": None,
                "newest": [{"number": 1344}, {"number": 1343}],
                "nmr": {"priceUsd": "14.5"},
                "fiat": {"price": "12.25", "targetSymbol": "EUR"},
                "account": None,
            },
            [
                {"message": "Current round not open for submissions", "path": ["open"]},
                {"message": "Insufficient permission for read_user_info", "path": ["account"]},
            ],
        )
    ]
    idle = await queries.idle(Tournament.SIGNALS, auth=True, date="2026-08-28")
    assert len(server.received) == 1
    assert server.received[0].variables["label"] == "signals"
    assert idle.pipeline is not None
    assert idle.pipeline.is_scoring_day is True
    assert [entry.number for entry in idle.newest_rounds] == [1344, 1343]
    assert idle.open_rounds == []
    assert idle.nmr_usd is not None
    assert idle.nmr_usd.price_usd == Decimal("14.5")
    assert idle.account is None
    assert set(idle.errors) == {"open", "account"}
    assert isinstance(idle.errors["account"], Refused)


async def test_idle_without_keys_does_not_ask_for_the_account(queries: Queries, server: ScriptedServer) -> None:
    assert (await queries.idle(Tournament.CLASSIC, auth=False)).account is None
    assert "account" not in server.received[0].query
    assert "Authorization" not in server.received[0].headers


async def test_an_error_without_a_path_concerns_every_part(queries: Queries, server: ScriptedServer) -> None:
    server.script = [answer(None, [{"message": "Something went wrong"}])]
    idle = await queries.idle(Tournament.CLASSIC, auth=True)
    assert set(idle.errors) == {"pipeline", "open", "newest", "nmr", "fiat", "account"}


async def test_performances_go_three_to_a_request(queries: Queries, server: ScriptedServer) -> None:
    server.respond = performances_of
    found = await collect(queries.performances(Tournament.CLASSIC, MODELS, rounds_from=3, days=True))
    assert {model: rows[0].round_number for model, rows in found.items()} == {m: int(m[3:]) for m in MODELS}
    assert sorted(len(aliases(request)) for request in server.received) == [1, 3, 3]
    assert all(request.variables["from"] == 3 for request in server.received)
    assert all("to" not in request.variables for request in server.received)
    assert all("intraRoundSubmissionScores" in request.query for request in server.received)


async def test_scores_go_twenty_to_a_request(queries: Queries, server: ScriptedServer) -> None:
    server.respond = performances_of
    models = [f"id-{number}" for number in range(45)]
    found = await collect(queries.submission_scores(models, "canon_corr", last_n_rounds=5))
    assert set(found) == set(models)
    assert sorted(len(aliases(request)) for request in server.received) == [5, 20, 20]
    assert server.received[0].variables["name"] == "canon_corr"


async def test_too_complex_a_request_is_split_and_not_tried_again(queries: Queries, server: ScriptedServer) -> None:
    def respond(request: Received) -> Reply:
        if len(aliases(request)) > 1:
            return answer(None, [{"message": "Operation is too complex: 420 of 300"}])
        return performances_of(request)

    server.respond = respond
    found = await collect(queries.performances(Tournament.CLASSIC, MODELS, days=False))
    assert {model: rows[0].round_number for model, rows in found.items()} == {m: int(m[3:]) for m in MODELS}
    together = [request for request in server.received if len(aliases(request)) > 1]
    assert len(together) <= 2  # both may be under way before the first refusal is known


@pytest.mark.parametrize("fault", [Reply(502), Reply(fault="hang")], ids=["502", "time-out"])
async def test_a_request_that_keeps_failing_is_split(queries: Queries, server: ScriptedServer, fault: Reply) -> None:
    server.respond = lambda request: fault if len(aliases(request)) > 1 else performances_of(request)
    found = await collect(queries.performances(Tournament.CLASSIC, MODELS[:3], days=True))
    assert {model: rows[0].round_number for model, rows in found.items()} == {m: int(m[3:]) for m in MODELS[:3]}


async def test_one_model_that_fails_leaves_the_others(queries: Queries, server: ScriptedServer) -> None:
    def respond(request: Received) -> Reply:
        if "id-4" in aliases(request).values():
            return Reply(500)
        return performances_of(request)

    server.respond = respond
    found = await collect(queries.performances(Tournament.CLASSIC, MODELS, days=False))
    assert isinstance(found.pop("id-4"), ServerFault)
    assert {model: rows[0].round_number for model, rows in found.items()} == {
        m: int(m[3:]) for m in MODELS if m != "id-4"
    }


async def test_an_error_at_one_alias_is_that_models_only(queries: Queries, server: ScriptedServer) -> None:
    data = {"m0": [{"roundNumber": 1}], "m1": None, "m2": None}
    server.script = [answer(data, [{"message": "no such model", "path": ["m1"]}])]
    found = await collect(queries.performances(Tournament.CLASSIC, MODELS[:3], days=False))
    assert found["id-0"][0].round_number == 1
    assert isinstance(found["id-1"], GraphQLError)
    assert isinstance(found["id-2"], BadAnswer)


async def test_too_complex_even_alone_is_an_error(queries: Queries, server: ScriptedServer) -> None:
    server.script = [answer(None, [{"message": "query complexity 9 exceeds 5"}])]
    found = await collect(queries.performances(Tournament.CLASSIC, MODELS[:2], days=False))
    assert all(isinstance(error, TooComplex) for error in found.values())


async def test_profiles_know_which_models_there_are(queries: Queries, server: ScriptedServer) -> None:
    server.script = [
        answer(
            {"m0": {"id": "1", "username": "a", "stakeValue": "1,234.5"}, "m1": None, "m2": None},
            [{"message": "User not found", "path": ["m1"]}],
        )
    ]
    found = await queries.profiles(Tournament.CRYPTO, ["a", "b", "c"])
    assert found["a"] is not None
    assert found["a"].stake_value == Decimal("1234.5")
    assert (found["b"], found["c"]) == (None, None)
    assert server.received[0].variables["tournament"] == 12


@pytest.mark.parametrize(
    ("message", "kind"),
    [("Internal server error", GraphQLError), ("not authorized", Refused), ("rate limited", RateLimited)],
)
async def test_trouble_is_not_taken_for_a_missing_model(
    queries: Queries, server: ScriptedServer, message: str, kind: type[ApiError]
) -> None:
    server.script = [answer({"m0": None}, [{"message": message, "path": ["m0"]}])]
    with pytest.raises(kind):
        await queries.profiles(Tournament.CLASSIC, ["a"])


def leaderboard_server(models: int, accounts: int, cap: int, shift: bool) -> Any:
    """Answers leaderboard requests; `cap` rows a page at most. `shift`: rows move while one reads, and come twice."""

    def rows(count: int, offset: int | None, limit: int, name: str) -> list[dict[str, str]] | None:
        if offset is None:
            return None
        start = max(0, offset - 1) if shift else offset
        return [{"username": f"{name}{place}"} for place in range(count)][start : start + min(limit, cap)]

    def respond(request: Received) -> Reply:
        asked, limit = request.variables, request.variables["limit"]
        data = {
            "models": rows(models, asked.get("models"), limit, "model"),
            "accounts": rows(accounts, asked.get("accounts"), limit, "account"),
        }
        return answer({alias: part for alias, part in data.items() if part is not None})

    return respond


@settings(max_examples=15, deadline=None)
@given(
    models=st.integers(0, 60), accounts=st.integers(0, 60), cap=st.integers(2, 80), first=st.integers(1, 30), shift=...
)
async def test_every_row_comes_once_whatever_the_page_size(
    models: int, accounts: int, cap: int, first: int, shift: bool
) -> None:
    server = ScriptedServer()
    server.respond = leaderboard_server(models, accounts, cap, shift and first > 1)
    try:
        async with ApiClient(ApiSettings((server.url,), limits={})) as client:
            pages = Queries(client).leaderboard_pages(Tournament.CLASSIC, first=first, large=50)
            found = [page async for page in pages]
    finally:
        server.stop()
    assert [row.username for page in found for row in page.models] == [f"model{place}" for place in range(models)]
    assert [row.username for page in found for row in page.accounts] == [f"account{place}" for place in range(accounts)]


async def test_the_first_page_is_small_and_the_last_look_brings_nothing(
    queries: Queries, server: ScriptedServer
) -> None:
    server.respond = leaderboard_server(1200, 300, 100_000, shift=False)
    sizes = [
        (len(page.models), len(page.accounts))
        async for page in queries.leaderboard_pages(Tournament.SIGNALS, first=500)
    ]
    assert sizes == [(500, 300), (700, 0)]
    assert [request.variables["limit"] for request in server.received] == [500, 10_000, 10_000]
    assert "accounts" not in server.received[2].variables


async def test_a_server_that_ignores_the_offset_does_not_hold_us(queries: Queries, server: ScriptedServer) -> None:
    server.script = [answer({"models": [{"username": "a"}], "accounts": [{"username": "b"}]})]
    pages = [page async for page in queries.leaderboard_pages(Tournament.CRYPTO)]
    assert len(pages) == 1
    assert len(server.received) == 2


async def test_a_page_of_nulls_is_not_the_end(queries: Queries, server: ScriptedServer) -> None:
    nulls = [{"username": None, "rank": None}] * 2
    server.script = [
        answer({"models": [{"username": "a"}, {"username": "b"}], "accounts": []}),
        answer({"models": nulls}),
        answer({"models": [{"username": "c"}]}),
        answer({"models": nulls}),
    ]
    pages = [page async for page in queries.leaderboard_pages(Tournament.CLASSIC, first=2, large=2)]
    assert [row.username for page in pages for row in page.models] == ["a", "b", "c"]
    assert [request.variables["models"] for request in server.received] == [0, 2, 4, 5, 7]


async def test_one_leaderboard_alone(queries: Queries, server: ScriptedServer) -> None:
    server.script = [answer({"accounts": [{"username": "b", "return1yNmr": "1,000.5"}]})]
    page = await queries.leaderboard(Tournament.CLASSIC, 10, 20, models=False)
    assert isinstance(page, LeaderboardPage)
    assert page.models == []
    assert page.accounts[0].return_1y_nmr == Decimal("1000.5")
    assert "v2Leaderboard" not in server.received[0].query


async def test_payouts_of_a_tournament_that_fails_leave_the_others(queries: Queries, server: ScriptedServer) -> None:
    server.script = [
        answer(
            {"classic": {"actual": [{"payoutNmr": "0E-18"}], "pending": []}, "signals": None},
            [{"message": "boom", "path": ["signals"]}],
        )
    ]
    found = await queries.payouts([Tournament.CLASSIC, Tournament.SIGNALS])
    settled = found[Tournament.CLASSIC]
    assert not isinstance(settled, GraphQLError)
    assert settled.actual is not None
    assert settled.actual[0].payout_nmr == 0
    assert isinstance(found[Tournament.SIGNALS], GraphQLError)


async def test_an_authorisation_shows_no_signature(queries: Queries, server: ScriptedServer) -> None:
    server.script = [answer({"v3StakeAuth": {"signature": "0xdeadbeef", "roundId": "1300"}})]
    authorisation = await queries.stake_auth("submission", "0xme", "1000")
    assert authorisation is not None
    assert authorisation.signature == "0xdeadbeef"
    assert "deadbeef" not in repr(authorisation)


async def test_work_left_early_is_cancelled(fake_time: FakeTime) -> None:
    ended: list[str] = []

    async def work(job: str) -> str:
        try:
            if job != "quick":
                await fake_event_that_never_comes()
        finally:
            ended.append(job)
        return job

    results = in_parallel(work, ["quick", "slow", "slower"], 3)
    assert await anext(results) == "quick"
    await results.aclose()  # type: ignore[attr-defined]  # an async generator behind the AsyncIterator
    assert sorted(ended) == ["quick", "slow", "slower"]


async def fake_event_that_never_comes() -> None:
    await asyncio.Event().wait()
