"""Parts at which the server failed are asked for again by themselves; what came is kept."""

from __future__ import annotations

from typing import Any

import pytest

from numtui.api import documents
from numtui.api.client import ApiClient
from numtui.api.errors import GraphQLError, PartFailed, Unreachable
from numtui.api.queries import Queries
from numtui.model import Tournament

from .scripted import FakeTime, Received, Reply, ScriptedServer, answer

INTERNAL = "Internal server error"


def error(message: str, *path: str) -> dict[str, Any]:
    return {"message": message, "path": list(path)}


async def histories(client: ApiClient) -> dict[str, object]:
    found = Queries(client).performances(Tournament.CLASSIC, ["a", "b", "c"], days=False)
    return {key: rows async for key, rows in found}


async def test_only_the_model_that_failed_is_asked_again(
    client: ApiClient, server: ScriptedServer, fake_time: FakeTime
) -> None:
    first = {"m0": [{"roundNumber": 1}], "m1": None, "m2": [{"roundNumber": 3}]}
    server.script = [
        answer(first, [error(INTERNAL, "m1")]),
        answer({"m1": None}, [error(INTERNAL, "m1")]),
        answer({"m1": [{"roundNumber": 2}]}),
    ]
    found = await histories(client)
    assert {key: [row.round_number for row in rows] for key, rows in found.items()} == {"a": [1], "b": [2], "c": [3]}  # type: ignore[attr-defined]
    again = server.received[1]
    assert "m1: v2RoundModelPerformances" in again.query
    assert "m0" not in again.query
    assert "m2" not in again.query
    assert again.variables == {"tournament": 8, "m1": "b"}
    assert fake_time.slept == [0.5, 1.0]
    assert client.stats.retries == 2


async def test_what_keeps_failing_is_a_typed_error_beside_what_came(client: ApiClient, server: ScriptedServer) -> None:
    def respond(request: Received) -> Reply:
        data = {alias: [{"roundNumber": 1}] for alias in ("m0", "m2") if f"{alias}: " in request.query}
        return answer(data | {"m1": None}, [error("Something went wrong", "m1", "submissionScores")])

    server.respond = respond
    found = await histories(client)
    assert isinstance(found["b"], PartFailed)
    assert isinstance(found["b"], Unreachable), "commands end with exit 3"
    assert isinstance(found["a"], list)
    assert isinstance(found["c"], list)
    assert len(server.received) == 3


async def test_a_part_of_an_idle_answer_is_asked_alone(client: ApiClient, server: ScriptedServer) -> None:
    data = {"pipeline": None, "open": [{"number": 4}], "newest": [{"number": 4}], "nmr": None, "fiat": None}
    server.script = [
        answer(data, [error("Timeout", "pipeline"), error("no such symbol", "fiat")]),
        answer({"pipeline": {"date": "2026-11-20", "tournament": "classic"}}),
    ]
    found = await Queries(client).idle(Tournament.CLASSIC, auth=False, date="2026-11-20")
    assert found.pipeline is not None
    assert [one.number for one in found.open_rounds] == [4]
    assert list(found.errors) == ["fiat"]
    assert server.received[1].variables == {"label": "classic", "date": "2026-11-20"}
    assert "rounds" not in server.received[1].query


@pytest.mark.parametrize("data", [None, {"rounds": None}])
async def test_an_answer_of_nothing_but_trouble_is_asked_again(
    client: ApiClient, server: ScriptedServer, data: object
) -> None:
    server.script = [answer(data, [{"message": INTERNAL}]), answer({"rounds": [{"number": 7}]})]
    assert [one.number for one in await Queries(client).rounds(Tournament.CLASSIC)] == [7]
    assert server.received[0].variables == server.received[1].variables


async def test_what_came_stays_when_the_server_goes_down(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer({"m0": [{"roundNumber": 1}], "m1": None, "m2": []}, [error(INTERNAL, "m1")]), Reply(500)]
    found = await histories(client)
    assert isinstance(found["a"], list)
    assert isinstance(found["b"], PartFailed)
    assert found["c"] == []


async def test_a_refusal_of_a_part_is_not_asked_again(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer({"rounds": None}, [error("no such tournament", "rounds")])]
    with pytest.raises(GraphQLError, match="no such tournament"):
        (await client.ask(documents.rounds())).part("rounds", list[dict[str, object]])
    assert len(server.received) == 1


async def test_a_gap_inside_a_part_that_came_is_not_asked_again(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer({"rounds": [{"number": None}]}, [error(INTERNAL, "rounds", "number")])]
    assert len(await Queries(client).rounds(Tournament.CLASSIC)) == 1
    assert len(server.received) == 1
