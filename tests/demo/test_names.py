"""Names are found by the service's rule and by nothing kinder, with the service's own words where they are not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import graphql
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.demo.market.market import Market
from numtui.demo.options import Dialect
from numtui.demo.server.engine import prepare
from numtui.demo.server.names import UNSURE, own_name
from numtui.demo.server.schema import schema, schema_text
from numtui.demo.server.server import DemoServer

from .conftest import Client

BOARD, ROWS = "V2LeaderboardEntry", "v2RoundModelPerformances"


@pytest.fixture(scope="module")
def camel(_server: DemoServer) -> Iterator[Client]:
    with DemoServer(_server.market, dialect="camel") as running:
        yield Client(running.url)


@pytest.mark.parametrize(
    "document",
    [
        "{v2Leaderboard(limit: 1) {return_13_weeks}}",
        "{v2_leaderboard(limit: 1) {return_1_day nmrStaked nmr_staked}}",
        "{v2Leaderboard(limit: 1) {return_13Weeks}}",
        "{accountLeaderboard(limit: 1) {return3m return3mNmr return3m_nmr v2Corr20 v2_corr20 fncV3 fnc_v3 corJ60}}",
        "{roundDetails(tournament: 8, roundNumber: 1390) {models {corr_20 corr_60 mmc_60 v2Corr20 fnc_v3}}}",
        "{round_details(tournament: 8, round_number: 1390) {models {corrWMetaModel corr_w_meta_model}}}",
        "query($id: String!) {v2RoundModelPerformances(modelId: $id, roundNumber__gte: 1400) {roundNumber}}",
        "query($id: String!) {v2_round_model_performances(model_id: $id, round_number__lte: 1400) {round_number}}",
        "query($id: ID!) {v2RoundModelPerformances(modelId: $id, roundNumber__eq: 1400, limit: 1) {atRisk}}",
        "{pipelineStatus {scoreP90Eta score_p90_eta}}",
        "{seasonLeaderboard(tournament: 8, seasonYear: 2026, tierNumber__lte: 1) {seasonYear}}",
    ],
)
def test_names_that_are_found(client: Client, market: Market, document: str) -> None:
    variables = {"id": market.model(8, "demo_anchor").id} if "$id" in document else {}
    assert client.data(document, **variables)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            "{v2Leaderboard {return13Weeks}}",
            'Cannot query field "return13Weeks" on type "V2LeaderboardEntry". '
            'Did you mean "return13Weeks" or "return52Weeks"?',
        ),
        (
            "{v2Leaderboard {return13_weeks}}",
            'Cannot query field "return13_weeks" on type "V2LeaderboardEntry". '
            'Did you mean "return13Weeks" or "return52Weeks"?',
        ),
        (
            "{signalsLeaderboard {return1Day}}",
            'Cannot query field "return1Day" on type "SignalsLeaderboardEntry". Did you mean "return1Day"?',
        ),
        (
            "{accountLeaderboard {return_3m}}",
            'Cannot query field "return_3m" on type "AccountLeaderboardEntry". '
            'Did you mean "return3m", "return1y", "return1yNmr", or "return3mNmr"?',
        ),
        ("{rounds {xyz}}", 'Cannot query field "xyz" on type "Round".'),
        ("{round {number}}", 'Cannot query field "round" on type "RootQueryType". Did you mean "rounds"?'),
        (
            'mutation {increaseStakes(modelId: 1, amount: "1") {id}}',
            'Cannot query field "increaseStakes" on type "RootMutationType". '
            'Did you mean "increaseStake" or "releaseStake"?',
        ),
        (
            "{v2RoundModelPerformances(modelId: 1, roundNumberGte: 1) {atRisk}}",
            'Unknown argument "roundNumberGte" on field "v2RoundModelPerformances" of type "RootQueryType".',
        ),
        (
            "{v2_round_model_performances(modelId: 1, round_number_gte: 1) {atRisk}}",
            'Unknown argument "round_number_gte" on field "v2_round_model_performances" of type "RootQueryType".',
        ),
        ("{account(id: 1) {id}}", 'Unknown argument "id" on field "account" of type "RootQueryType".'),
    ],
)
def test_names_that_are_not(client: Client, document: str, message: str) -> None:
    body = client.body(document)
    assert set(body) == {"errors"}
    assert [error["message"] for error in body["errors"]] == [message]
    assert set(body["errors"][0]) == {"message", "locations"}
    assert body["errors"][0]["locations"][0]["line"] == 1


def test_one_wrong_name_takes_everything_with_it_and_each_is_named(client: Client) -> None:
    body = client.body("{rounds(limit: 1, lim: 2) {number nummer ...f}} fragment f on Round {target close}")
    assert "data" not in body
    words = [re.findall('"([^"]+)"', error["message"])[0] for error in body["errors"]]
    assert words == ["lim", "nummer", "close"]


UNSURE_DOCUMENTS = {
    "rankChange1d": "{%s(limit: 1) {%s}}",
    "corr60Percentile": "{roundDetails(tournament: 8, roundNumber: 1390) {models {%s}}}",
    "corr60": '{v3UserProfile(modelName: "demo_anchor") {latestReps {%s}}}',
}
BOARDS = ("accountLeaderboard", "v2Leaderboard", "signalsLeaderboard", "cryptosignalsLeaderboard")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        *(
            (UNSURE_DOCUMENTS["rankChange1d"] % (board, first), UNSURE_DOCUMENTS["rankChange1d"] % (board, second))
            for board in BOARDS
            for first, second in (("rankChange1d", "rankChange_1d"), ("rank_change3m", "rank_change_3m"))
        ),
        *(
            (UNSURE_DOCUMENTS["corr60Percentile"] % first, UNSURE_DOCUMENTS["corr60Percentile"] % second)
            for first, second in (
                ("corr60Percentile", "corr_60_percentile"),
                ("corr60_percentile", "corr_60Percentile"),
            )
        ),
        *(
            (UNSURE_DOCUMENTS["corr60"] % f"{name}60", UNSURE_DOCUMENTS["corr60"] % f"{name}_60")
            for name in ("corr", "mmc")
        ),
    ],
)
def test_unsure_names_have_one_spelling_a_dialect(client: Client, camel: Client, first: str, second: str) -> None:
    assert list(client.data(first)) == list(camel.data(second))
    for other, document in ((client, second), (camel, first)):
        error = other.error(document)
        assert error.startswith("Cannot query field ")
        assert "Did you mean" in error


def test_the_dialects_differ_in_nothing_else(client: Client, camel: Client) -> None:
    query = "{a: v2Leaderboard(limit: 3) {username change: %s} b: v3UserProfile(modelName: %s) {latestReps {mmc %s}}}"
    live = client.data(query % ("rankChange1d", '"demo_anchor"', "v: corr60"))
    assert live == camel.data(query % ("rankChange_1d", '"demo_anchor"', "v: corr_60"))
    assert client.error("{rounds {nummer}}") == camel.error("{rounds {nummer}}")
    assert client.data("{v2Leaderboard(limit: 2) {return_52_weeks}}") == camel.data(
        "{v2Leaderboard(limit: 2) {return_52_weeks}}"
    )


def test_every_name_with_a_question_mark_is_an_unsure_one() -> None:
    """Where the schema's text marks names, UNSURE has them: written here once more, from its comments."""
    marked = [line for line in schema_text().splitlines() if "(?)" in line]
    assert len(marked) == 4  # the head, leaderboards, ModelData, Scores
    assert len(UNSURE) == 4 * 3 + 1 + 2
    for owner, name in UNSURE:
        kind: Any = schema().type_map[owner]
        assert name in kind.fields


@lru_cache(maxsize=1)
def _asked() -> list[tuple[str, str, str | None]]:
    """Every (type, field, None) and (root type, field, argument) of the schema."""
    found: list[tuple[str, str, str | None]] = []
    for kind in schema().type_map.values():
        if isinstance(kind, graphql.GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                found.append((kind.name, name, None))
                found += [(kind.name, name, argument) for argument in field.args]
    return found


def _words(name: str) -> list[str]:
    """The parts of a name that may be joined one way or another: at capitals, digits and underscores."""
    return re.findall(r"[A-Z]?[a-z]+|[A-Z]|\d+|_+", name)


@st.composite
def respelt(draw: st.DrawFn) -> tuple[str, str, str | None, str]:
    """A name of the schema and a spelling of it: parts joined by nothing, a capital or underscores, as drawn."""
    owner, name, argument = draw(st.sampled_from(_asked()))
    first, *rest = [word.lower() for word in _words(argument or name) if "_" not in word]
    spelling = first
    for word in rest:
        joint = draw(st.sampled_from(["", "_", "__", "capital"]))
        spelling += word.capitalize() if joint == "capital" else joint + word
    return owner, name, argument, spelling


def _service_rule(asked: str) -> str:
    return re.sub("[A-Z]", lambda capital: "_" + capital[0].lower(), asked)


@given(respelt(), st.sampled_from(["live", "camel"]))
def test_a_spelling_is_found_when_its_snake_case_is_the_own_name(
    asked: tuple[str, str, str | None, str], dialect: Dialect
) -> None:
    owner, name, argument, spelling = asked
    operation = "mutation" if owner == "RootMutationType" else "query"
    kind: Any = schema().type_map[owner]
    if argument is None:
        siblings = {own_name(owner, sibling, dialect) for sibling in kind.fields}
        document = f"query {{a: {spelling}}} fragment f on {owner} {{b: {spelling}}}"
        refusal = f'Cannot query field "{spelling}" on type "{owner}".'
    else:
        siblings = {_service_rule(sibling) for sibling in kind.fields[name].args}
        document = f"{operation} {{{name}({spelling}: 1)}}"
        refusal = f'Unknown argument "{spelling}" on field "{name}" of type "{owner}".'
    messages = [str(error["message"]) for error in prepare(document, dialect).errors]
    refused = any(message.startswith(refusal) for message in messages)
    assert refused != (_service_rule(spelling) in siblings)


@pytest.mark.parametrize("dialect", ["live", "camel"])
def test_own_names_are_all_different(dialect: Dialect) -> None:
    for kind in schema().type_map.values():
        if isinstance(kind, graphql.GraphQLObjectType):
            assert len({own_name(kind.name, name, dialect) for name in kind.fields}) == len(kind.fields)


def test_a_document_is_looked_up_once(client: Client) -> None:
    client.data("{rounds(limit: 1) {number target}}")
    before = prepare.cache_info()
    client.data("{rounds(limit: 1) {number target}}")
    assert prepare.cache_info().misses == before.misses
