"""A service that finds names by its own rule: both readings of the unsure ones, and names that it lacks."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from graphql import FieldNode, OperationDefinitionNode, parse
from hypothesis import Phase, assume, given, settings
from hypothesis import strategies as st

from numtui.api.answer import Answer
from numtui.api.client import ApiClient
from numtui.api.dialect.names import LEFT_OUT, Name
from numtui.api.dialect.survey import Subjects, known_subjects, names_asked, survey
from numtui.api.dialect.types import ROOT, field_types
from numtui.api.errors import ApiError
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.cli.doctor.names import known_name
from numtui.config import Credentials
from numtui.model import Tournament

from .conftest import WATCHED, MakeScene, Scene
from .other_answers import Answers
from .other_habits import Habits
from .other_market import PUBLIC_ID, SECRET_KEY, Market
from .other_schema import Executor
from .other_server import OtherServer, serve
from .program import DONE

TABLES = (
    "leaderboard",
    "accounts",
    "models",
    "rounds",
    "scores",
    "drift",
    "backtest",
    "risk",
    "submissions",
    "payouts",
)
READINGS = (False, True)
ALL = names_asked(auth=True)
FIELDS = sorted((name for name in ALL if name.argument is None and name.owner != ROOT), key=str)
ARGUMENTS = sorted((name for name in ALL if name.argument is not None), key=str)


@pytest.fixture(scope="module")
def market() -> Market:
    """Small: it is asked many times."""
    return Market(models=30, rounds=8, lengths={"classic": 4, "old": 3, "signals": 4, "crypto": 3})


def exports(scene: Scene) -> dict[str, str]:
    texts = {}
    for tournament in Tournament:
        for table in TABLES:
            ran = scene.program("--tournament", tournament.label, "export", table, "--offline", "--format", "json")
            texts[f"{tournament.label} {table}"] = ran.out
    return texts


def poll(scene: Scene) -> str:
    ran = scene.program("poll", "--once")
    assert ran.code == DONE, ran
    return ran.err


def test_both_readings_of_the_unsure_names_bring_the_same(scene: MakeScene, market: Market) -> None:
    readings = []
    for underscores in READINGS:
        made = scene(Habits(underscores=underscores), of=market, watch=WATCHED)
        poll(made)
        made.server.forget()
        poll(made)
        assert [asked.operation for asked in made.server.asked] == ["Idle"] * 3
        readings.append(exports(made))
    assert readings[0] == readings[1]
    board = json.loads(readings[0]["classic leaderboard"])
    assert any(row["rank_change_1d"] is not None for row in board)
    assert any(row["return_1d"] is not None for row in board)
    assert all(len(text) > 2 for name, text in readings[0].items() if not name.endswith(("payouts", "submissions")))


def test_what_the_service_takes_is_remembered_by_its_url(scene: MakeScene, market: Market) -> None:
    made = scene(Habits(underscores=True), of=market)
    poll(made)
    asked = made.server.fields()
    made.server.forget()
    ran = made.program("export", "leaderboard", "--refresh")
    assert ran.code == DONE, ran
    assert made.server.fields()["v2Leaderboard"] < asked["v2Leaderboard"]
    with sqlite3.connect(made.program.db) as connection:
        rows = connection.execute("SELECT key, value FROM meta WHERE key LIKE 'dialect %'").fetchall()
    assert [key for key, _ in rows] == [f"dialect {made.server.url}"]
    assert "rank_change_1d" in rows[0][1]


def test_a_service_without_a_window_of_rounds_is_asked_for_the_last_ones(scene: MakeScene, market: Market) -> None:
    name = "v2RoundModelPerformances(roundNumber__gte:)"
    sound, lacking = scene(of=market, watch=WATCHED), scene(Habits(missing=frozenset({name})), of=market, watch=WATCHED)
    for made in (sound, lacking):
        poll(made)
        made.program("export", "scores", "--refresh")
    assert exports(sound) == exports(lacking)
    windows = [asked.variables for asked in lacking.server.asked if asked.operation == "Performances"]
    assert any("last" in variables for variables in windows)


@pytest.mark.parametrize(
    "name",
    [
        "rounds(status:)", "rounds(limit:)", "pipelineStatus(date:)", "v2Leaderboard(offset:)", "v2Leaderboard(limit:)",
        "accountLeaderboard(limit:)", "stakeTransactions(modelIds:)", "stakeTransactions(limit:)",
        "v2RoundModelPerformances(roundNumber__lte:)", "v2RoundModelPerformances(lastNRounds:)",
        "v2RoundModelPerformances(tournament:)", "v3UserProfile(tournament:)", "rounds(tournament:)",
    ],
)  # fmt: skip
def test_an_argument_less_loses_nothing(scene: MakeScene, market: Market, whole: dict[str, str], name: str) -> None:
    made = scene(Habits(missing=frozenset({name})), of=market, watch=WATCHED)
    poll(made)
    made.server.forget()
    poll(made)
    assert [asked.operation for asked in made.server.asked] == ["Idle"] * 3
    assert exports(made) == whole


@pytest.mark.parametrize(
    "name",
    ["latestNmrPrice", "accountLeaderboard", "accountLeaderboard(tournament:)", "apiTokenInfo", "pendingModelPayouts",
     "stakeTransactions", "pipelineStatus", "pipelineStatus(tournament:)"],
)  # fmt: skip
def test_a_question_less_is_a_remark_and_all_else_arrives(
    scene: MakeScene, market: Market, whole: dict[str, str], name: str
) -> None:
    made = scene(Habits(missing=frozenset({name})), of=market, watch=WATCHED)
    assert name.partition("(")[0] in poll(made) or name in {"apiTokenInfo", "accountLeaderboard"}
    exported = exports(made)
    poor = {"accountLeaderboard": "accounts", "pendingModelPayouts": "payouts", "latestNmrPrice": "payouts"}
    poorer = poor.get(name.partition("(")[0], "-")
    for table, text in exported.items():
        assert table.endswith(poorer) or text == whole[table], table


def test_doctor_names_what_is_missing_and_what_it_costs(scene: MakeScene, market: Market) -> None:
    missing = frozenset({"V2LeaderboardEntry.mmc60Rep", "rounds(status:)", "stakeTransactions"})
    made = scene(Habits(underscores=True, missing=missing), of=market)
    ran = made.program("doctor")
    assert ran.code == DONE, ran
    assert "V2LeaderboardEntry.mmc60Rep in no spelling: mmc60_rep is empty; poorer: Leaderboard of Classic" in ran.out
    assert "rounds(status:) in no spelling" in ran.out
    assert "stakeTransactions in no spelling: poorer: Stake" in ran.out
    assert "Scores.corr60 is asked for as corr_60" in ran.out
    as_json = made.program("doctor", "--json")
    names = {one["name"]["name"]: one["name"]["spelling"] for one in as_json.objects if one["name"] is not None}
    assert {name: names.get(name, "") for name in missing} == dict.fromkeys(missing)
    assert names["Scores.corr60"] == "corr_60"


def test_introspection_is_refused_as_the_service_does(scene: MakeScene, market: Market) -> None:
    executor = scene(of=market).server.executor
    assert "switched off" in executor.run("{ __schema { types { name } } }", {}, "")["errors"][0]["message"]
    assert executor.run('{ __type(name: "Round") { name } }', {}, "")["data"]["__type"] == {"name": "Round"}
    refused = executor.run('{ v2RoundModelPerformances(modelId: "a", roundNumberGte: 3) { roundId } }', {}, "")
    assert refused["errors"][0]["message"].startswith('Unknown argument "roundNumberGte" on field')
    refused = executor.run("{ v2Leaderboard { return13Weeks } }", {}, "")
    assert refused["errors"][0]["message"].endswith('Did you mean "return13Weeks"?')


# --- one more field and one more argument taken away


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, market: Market) -> dict[str, str]:
    """What a sound server's cache exports."""
    from .program import Program

    with serve(market) as server:
        made = Scene(server, Program(tmp_path_factory.mktemp("whole"), server.url, watch=WATCHED))
        poll(made)
        return exports(made)


@pytest.fixture(scope="module")
def server(market: Market) -> Iterator[OtherServer]:
    with serve(market) as running:
        yield running


Parts = dict[tuple[str, str], Any]


async def ask_everything(server: OtherServer, known: Subjects | None = None) -> tuple[Subjects, Parts, dict[Name, str]]:
    """Every part of every document by document and alias, and what the client learnt of the names."""
    async with ApiClient(ApiSettings((server.url,), attempts=1), Credentials(PUBLIC_ID, SECRET_KEY)) as client:
        known = known or await known_subjects(Queries(client))
        parts: Parts = {}
        async for asked in survey(client, known):
            where = asked.document.text
            assert isinstance(asked.answer, Answer), asked
            for alias, raw in asked.answer.data.items():
                parts[where, alias] = msgspec.json.decode(raw)
            for error in asked.answer.errors:
                assert error.path, error
                parts.setdefault((where, str(error.path[0])), error)
        return known, parts, client.dialect.names


@pytest.fixture(scope="module")
def sound(server: OtherServer) -> tuple[Subjects, Parts]:
    known, parts, names = asyncio.run(ask_everything(server))
    assert names == {}
    return known, parts


def pruned(value: Any, owner: str, name: Name) -> Any:
    """The answer of a server that lacks the field."""
    if isinstance(value, list):
        return [pruned(item, owner, name) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: pruned(inner, field_types().get((owner, key), ""), name)
        for key, inner in value.items()
        if (owner, key) != (name.owner, name.field)
    }


def question(document: str, alias: str) -> str:
    """The root field that an alias asks for."""
    (operation,) = parse(document).definitions
    assert isinstance(operation, OperationDefinitionNode)
    nodes = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    return next(node.name.value for node in nodes if (node.alias or node.name).value == alias)


@given(lacking=st.tuples(st.sampled_from(FIELDS), st.sampled_from(ARGUMENTS)), underscores=st.booleans())
@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
def test_with_a_field_and_an_argument_less_all_else_arrives(
    server: OtherServer, sound: tuple[Subjects, Parts], lacking: tuple[Name, Name], underscores: bool
) -> None:
    known, before = sound
    field, argument = lacking
    # Without its tournament roundDetails is not asked at all, so nothing is learnt of its fields.
    assume(argument.field != "roundDetails" or field.owner not in {"RoundDetails", "ModelData"})
    missing = frozenset(map(str, lacking))
    server.executor = Executor(Answers(server.market, Habits(underscores=underscores, missing=missing)))
    _, after, names = asyncio.run(ask_everything(server, known))
    assert names.get(field, LEFT_OUT) == LEFT_OUT
    assert {str(name) for name, way in names.items() if way == LEFT_OUT} == missing
    assert all(known_name(name, way).used_by for name, way in names.items())  # doctor has words for each
    for (document, alias), value in before.items():
        came, asked = after.get((document, alias), "nothing"), question(document, alias)
        if asked == argument.field:
            assert came != "nothing", (document, alias)
        elif isinstance(value, ApiError):
            assert isinstance(came, ApiError), (document, alias)
        else:
            assert came == pruned(value, field_types()[ROOT, asked], field), (document, alias)
