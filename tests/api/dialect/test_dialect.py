"""What the service takes of our names: other spellings, names left out, and what is remembered of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from graphql import ArgumentNode, FieldNode, Visitor, parse, visit

from numtui import __version__
from numtui.api import documents
from numtui.api.answer import Answer, errors_of
from numtui.api.client import ApiClient
from numtui.api.dialect.dialect import TRIED_ANEW, Dialect
from numtui.api.dialect.names import LEFT_OUT, Name, spellings
from numtui.api.dialect.respelling import respell
from numtui.api.dialect.types import ROOT
from numtui.api.errors import GraphQLError, NotOffered
from numtui.api.queries import Queries
from numtui.api.records.public import NmrPrice
from numtui.api.settings import ApiSettings
from numtui.model import Tournament
from tests.api.scripted import FakeTime, Received, Reply, ScriptedServer, answer

HISTORY = "v2RoundModelPerformances"


class Kept:
    """A memory that outlives clients."""

    def __init__(self, text: str | None = None) -> None:
        self.text = text

    def load(self) -> str | None:
        return self.text

    def save(self, text: str) -> None:
        self.text = text


@dataclass
class Strict:
    """Refuses these fields and arguments wherever a document has them, each with its message."""

    refused: Mapping[str, str]
    data: Mapping[str, object]

    def __call__(self, request: Received) -> Reply:
        words = Words()
        visit(parse(request.query), words)
        errors = [{"message": text} for word, text in self.refused.items() if word in words.seen]
        return answer(None, errors) if errors else answer(dict(self.data))


class Words(Visitor):
    """The names of all fields and arguments."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    def enter_field(self, node: FieldNode, *_: object) -> None:
        self.seen.add(node.name.value)

    def enter_argument(self, node: ArgumentNode, *_: object) -> None:
        self.seen.add(node.name.value)


def no_field(name: str, owner: str) -> str:
    return f'Cannot query field "{name}" on type "{owner}". Did you mean "{name}"?'


def no_argument(name: str, field: str) -> str:
    return f'Unknown argument "{name}" on field "{field}" of type "RootQueryType".'


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("rankChange1d", ("rankChange1d", "rank_change_1d")),
        ("return_13_weeks", ("return_13_weeks", "return13Weeks")),
        ("roundNumber__gte", ("roundNumber__gte", "roundNumberGte")),
        ("roundNumberLte", ("roundNumberLte", "roundNumber__lte")),
        ("corr60Percentile", ("corr60Percentile", "corr_60_percentile")),
        ("v2Corr20", ("v2Corr20", "v2_corr_20", "v_2_corr_20")),
        ("payoutFactor", ("payoutFactor",)),
    ],
)
def test_the_spellings_of_a_name(name: str, ways: tuple[str, ...]) -> None:
    assert spellings(name) == ways


async def test_a_field_is_asked_for_in_its_other_spelling_and_reads_the_same(
    client: ApiClient, server: ScriptedServer
) -> None:
    rows = [{"username": "a", "rankChange1d": 3}]
    server.respond = Strict({"rankChange1d": no_field("rankChange1d", "V2LeaderboardEntry")}, {"models": rows})
    for _ in range(2):
        page = await Queries(client).leaderboard(Tournament.CLASSIC, 5, accounts=False)
        assert page.models[0].rank_change_1d == 3
    assert len(server.received) == 3
    assert "rankChange1d: rank_change_1d" in server.received[-1].query


async def test_a_field_in_no_spelling_is_left_out_with_one_line(
    client: ApiClient, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    refused = {way: no_field(way, "V2LeaderboardEntry") for way in ("rankChange1d", "rank_change_1d")}
    server.respond = Strict(refused, {"models": [{"username": "a"}]})
    queries = Queries(client)
    await asyncio.gather(*(queries.leaderboard(Tournament.CLASSIC, 5, accounts=False) for _ in range(5)))
    assert caplog.text.count("rankChange1d") == 1
    assert "rankChange3m" in server.received[-1].query


async def test_an_argument_in_no_spelling_goes_with_its_variable(client: ApiClient, server: ScriptedServer) -> None:
    refused = {way: no_argument(way, HISTORY) for way in ("roundNumber__gte", "roundNumberGte")}
    rows = [{"roundNumber": number} for number in (5, 4, 3, 2)]
    server.respond = Strict(refused, {"m0": rows})
    for last in (None, 3 + 3):
        found = Queries(client).performances(Tournament.CLASSIC, ["id"], rounds_from=3, newest=5, days=False)
        ((_, histories),) = [one async for one in found]
        assert isinstance(histories, list)
        assert [one.round_number for one in histories] == [5, 4, 3]
        assert server.received[-1].variables.get("last") == last
    assert "$from" not in server.received[-1].query
    assert "from" not in server.received[-1].variables


async def test_a_question_in_no_spelling_is_missing_and_the_others_arrive(
    client: ApiClient, server: ScriptedServer
) -> None:
    refused = {"latestCurrencyPrice": no_field("latestCurrencyPrice", "RootQueryType")}
    server.respond = Strict(refused, {"nmr": {"priceUsd": "14.5"}})
    idle = await Queries(client).idle(Tournament.CLASSIC, auth=False)
    assert isinstance(idle.nmr_usd, NmrPrice)
    assert isinstance(idle.errors["fiat"], NotOffered)
    assert "$fiat" not in server.received[-1].query


async def test_nothing_is_sent_where_nothing_is_left_to_ask(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer(None, [{"message": no_field("latestNmrPrice", "RootQueryType")}])]
    document = documents.Document("price", "query Price { latestNmrPrice { priceUsd } }")
    for _ in range(2):
        with pytest.raises(NotOffered):
            (await client.ask(document)).part("latestNmrPrice", NmrPrice)
    assert len(server.received) == 1


def test_an_argument_that_the_answer_is_about_takes_its_question_with_it() -> None:
    lost = respell(documents.payouts((Tournament.CLASSIC,)).text, {Name(ROOT, "pendingModelPayouts", "tournament"): ""})
    assert lost.text == ""
    lost = respell(documents.idle(False).text, {Name(ROOT, "rounds", "status"): LEFT_OUT})
    assert [alias for alias, _ in lost.lost] == ["open"]
    lost = respell(documents.STAKE_AUTH.text, {Name(ROOT, "v3StakeAuth", "maxAmount"): LEFT_OUT})
    assert lost.text == ""


@pytest.mark.parametrize(
    "message",
    [
        'Unknown argument "roundNumber__gte" on field "v2RoundModelPerformances" of type "RootQueryType".',
        "Unknown argument 'roundNumber__gte' on field 'Query.v2RoundModelPerformances'. Did you mean 'x'?",
    ],
)
async def test_both_wordings_of_an_unknown_argument_are_understood(message: str) -> None:
    dialect = Dialect()
    texts: list[str] = []

    async def send(text: str, variables: Mapping[str, object]) -> Answer:
        texts.append(text)
        return Answer({}, errors_of([{"message": message}] if "__gte" in text else []))

    await dialect.ask(documents.performances(1, False, False), {"from": 3}, send)
    assert "roundNumberGte: $from" in texts[-1]


def client_on(server: ScriptedServer, time: FakeTime, memory: Kept, wall: float) -> ApiClient:
    return ApiClient(ApiSettings((server.url,)), timing=time.timing(wall), memory=memory)


@pytest.mark.parametrize(
    ("after", "version", "requests"),
    [(60.0, __version__, 1), (TRIED_ANEW + 1, __version__, 2), (60.0, "0.0.0", 2), (-60.0, __version__, 2)],
)
async def test_it_is_remembered_for_a_week_and_this_release(
    server: ScriptedServer, fake_time: FakeTime, after: float, version: str, requests: int
) -> None:
    server.respond = Strict({"rankChange1d": no_field("rankChange1d", "V2LeaderboardEntry")}, {"models": []})
    memory = Kept()
    async with client_on(server, fake_time, memory, 1e6) as first:
        await Queries(first).leaderboard(Tournament.CLASSIC, 5, accounts=False)
    assert memory.text is not None
    memory.text = json.dumps(json.loads(memory.text) | {"version": version})
    server.received.clear()
    async with client_on(server, fake_time, memory, 1e6 + after) as second:
        await Queries(second).leaderboard(Tournament.CLASSIC, 5, accounts=False)
    assert len(server.received) == requests


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", '{"version": 3}', json.dumps({"version": __version__, "names": [[1]]})]
)
async def test_a_memory_that_is_no_memory_is_learnt_anew(
    server: ScriptedServer, fake_time: FakeTime, text: str
) -> None:
    server.script = [answer({"models": []})]
    async with client_on(server, fake_time, Kept(text), 1e6) as client:
        await Queries(client).leaderboard(Tournament.CLASSIC, 5, accounts=False)
    assert len(server.received) == 1


async def test_a_complaint_that_does_not_end_is_an_error(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer(None, [{"message": 'Cannot query field "unheardOf" on type "Round".'}])]
    with pytest.raises(GraphQLError, match="unheardOf"):
        await Queries(client).rounds(Tournament.CLASSIC)
    assert len(server.received) == 1
