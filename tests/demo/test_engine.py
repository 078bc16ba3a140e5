"""GraphQL as the real service speaks it: errors beside partial data, introspection, scopes, and what is too much."""

from __future__ import annotations

from typing import Any

import graphql
import httpx
import pytest

from numtui.demo import DEMO_ACCOUNT, DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET, DEMO_STAKERS
from numtui.demo.market.market import Market
from numtui.demo.server.schema import schema, schema_text
from numtui.demo.server.server import DemoServer

from .conftest import Client


def test_the_schema_is_valid() -> None:
    assert graphql.validate_schema(graphql.build_schema(schema_text())) == []
    assert schema().query_type is not None


def test_snake_case_is_taken_and_kept_in_the_answer(client: Client) -> None:
    query = "{v2_leaderboard(limit: 1) {return_52_weeks return_52Weeks rank: stored_rank nmr_staked nmrStaked}}"
    row = client.data(query)["v2_leaderboard"][0]
    assert list(row) == ["return_52_weeks", "return_52Weeks", "rank", "nmr_staked", "nmrStaked"]
    assert row["return_52_weeks"] == row["return_52Weeks"]
    assert row["nmr_staked"] == row["nmrStaked"]
    profile = "query($model_name: String!) {v3_user_profile(model_name: $model_name) {stake_values {time}}}"
    assert "stake_values" in client.data(profile, model_name="demo_anchor")["v3_user_profile"]


@pytest.mark.parametrize("declared", ["String", "String!", "ID", "ID!"])
def test_a_string_may_stand_for_an_id(client: Client, market: Market, declared: str) -> None:
    query = f"query($id: {declared}) {{model(modelId: $id) {{name}}}}"
    assert client.data(query, id=market.model(8, "demo_anchor").id)["model"]["name"] == "demo_anchor"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{rounds {nummer}}", 'Cannot query field "nummer" on type "Round". Did you mean "number"?'),
        ("{rounds(turnier: 8) {number}}", 'Unknown argument "turnier" on field "rounds" of type "RootQueryType".'),
        ("{roundDetails(tournament: 8) {status}}", 'In argument "roundNumber": Expected type "Int!", found null.'),
        ("query($n: String) {rounds(number: $n) {number}}", "used in position expecting type"),
        ("{rounds {number}", "Syntax Error"),
        ("{account}", "must have a selection of subfields"),
        ("query($m: Int!) {rounds(number: $m) {number}}", "Variable '$m' "),
        ("mutation($d: bool!) {releaseStake(modelId: 1, amount: 1, drain: $d) {id}}", "Unknown type 'bool'"),
    ],
)
def test_bad_documents_are_refused_in_the_apis_form(client: Client, query: str, message: str) -> None:
    body = client.body(query)
    assert "data" not in body
    assert any(message in error["message"] for error in body["errors"])
    assert all(set(error) == {"message", "locations"} for error in body["errors"])


def test_partial_data_is_kept(client: Client) -> None:
    body = client.body(
        '{good: v3UserProfile(modelName: "demo_anchor") {id}\n bad: v3UserProfile(modelName: "no") {id}}'
    )
    assert body["data"]["good"]["id"]
    assert body["data"]["bad"] is None
    assert body["errors"] == [{"message": "User not found", "path": ["bad"], "locations": [{"line": 2, "column": 2}]}]


def test_fragments_directives_and_typenames(client: Client) -> None:
    query = """query($full: Boolean!) {
      rounds(limit: 1) { __typename ...short ... on Round @include(if: $full) { roundScoreConfigs { displayName } } } }
      fragment short on Round { number nr: number roundScoreConfigs { version __typename } target @skip(if: true) }"""
    found = client.data(query, full=True)["rounds"][0]
    assert (found["__typename"], found["number"], found["nr"]) == ("Round", 1403, 1403)
    assert set(found["roundScoreConfigs"][0]) == {"displayName", "version", "__typename"}
    assert "target" not in found
    assert set(client.data(query, full=False)["rounds"][0]["roundScoreConfigs"][0]) == {"version", "__typename"}


def test_introspection_of_the_whole_schema_is_refused(client: Client) -> None:
    body = client.body("{rounds(limit: 1) {number} __schema {queryType {name}}}")
    assert "data" not in body
    assert body["errors"] == [{"message": "Introspection of the whole schema is not allowed", "locations": []}]


def test_introspection_of_a_type_prints_names_that_cannot_all_be_asked_for(client: Client) -> None:
    query = """query($of: String!) {rounds(limit: 1) {number} kind: __type(name: $of) {name ...names}}
      fragment names on __Type {fields {name args {name}}}"""
    found = client.data(query, of="V2LeaderboardEntry")
    assert found["rounds"] == [{"number": 1403}]
    names = {field["name"] for field in found["kind"]["fields"]}
    assert {"return13Weeks", "return1Day", "rankChange1d", "corr20V2Rep", "nmrStaked"} <= names
    assert not [name for name in names if "_" in name]
    root = {field["name"]: field for field in client.data(query, of="RootQueryType")["kind"]["fields"]}
    arguments = {argument["name"] for argument in root["v2RoundModelPerformances"]["args"]}
    assert {"roundNumberGte", "modelId"} <= arguments
    assert client.data('{__type(name: "Query") {name}}') == {"__type": None}


@pytest.mark.parametrize(("field", "limit"), [("v2RoundModelPerformances", 3), ("submissionScores", 20)])
def test_too_much_at_once_is_refused(client: Client, market: Market, field: str, limit: int) -> None:
    model = market.model(8, "demo_anchor").id
    last = "lastNRounds: 2"
    one = f'{field}(modelId: "{model}", {last}) {{roundNumber}}'
    client.data("{" + " ".join(f"a{i}: {one}" for i in range(limit)) + "}")
    body = client.body("{" + " ".join(f"a{i}: {one}" for i in range(limit + 1)) + "}")
    assert "data" not in body
    assert "too complex" in body["errors"][0]["message"]


def test_keys_and_scopes(server: DemoServer, client: Client) -> None:
    query = "{account {username} rounds(limit: 1) {number}}"
    assert client.data(query)["account"]["username"] == DEMO_ACCOUNT
    assert Client(server.url, public=None).error(query) == "You must be authenticated to perform this action."
    wrong = Client(server.url, secret="wrong").body(query)
    assert wrong["errors"][0]["message"] == "Your session is invalid or has expired."
    assert wrong["data"]["rounds"]
    limited = Client(server.url, DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET)
    assert limited.data(query)["account"]["username"] == DEMO_ACCOUNT
    assert limited.error("{v3StakeConfig(tournamentId: 8) {address}}") == "Insufficient permission for web3_staking"
    assert "web3_staking" not in limited.data("{apiTokenInfo {scopes}}")["apiTokenInfo"]["scopes"]
    assert "web3_staking" in client.data("{apiTokenInfo {scopes}}")["apiTokenInfo"]["scopes"]


SELECTABLE_DEPTH = 3


def _selection(kind: Any, depth: int = SELECTABLE_DEPTH) -> str:
    named = graphql.get_named_type(kind)
    if not isinstance(named, graphql.GraphQLObjectType):
        return ""
    parts = []
    for name, field in named.fields.items():
        inner = _selection(field.type, depth - 1)
        leaf = not isinstance(graphql.get_named_type(field.type), graphql.GraphQLObjectType)
        if leaf or (depth > 1 and inner):
            parts.append(f"{name} {inner}")
    return "{" + " ".join(parts) + "}" if parts else ""


def test_every_field_of_the_schema_answers_in_its_type(client: Client, market: Market) -> None:
    crypto = market.model(12, "demo_coin_a")
    claimable = next(p.number for p in reversed(market.ledger.positions(crypto)) if p.resolved and p.at_risk)
    arguments = {
        "accountProfile": f'username: "{DEMO_ACCOUNT}"', "featureFlag": 'key: "x"', "latestCurrencyPrice":
        'baseSymbol: "NMR", targetSymbol: "EUR"', "pendingModelPayouts": "tournament: 12", "roundDetails":
        "tournament: 12, roundNumber: 1390", "seasonLeaderboard": "tournament: 8, seasonYear: 2026",
        "submissionScores": f'modelId: "{crypto.id}", lastNRounds: 30', "userScores": f'modelId: "{crypto.id}"',
        "v2RoundModelPerformances": f'modelId: "{crypto.id}", tournament: 12, lastNRounds: 30',
        "v2SignalsProfile": 'modelName: "demo_signal_a"', "v3UserProfile": 'modelName: "demo_anchor"',
        "v3StakeAuth": f'submissionId: "{crypto.id[:23]}-{1403:012x}", staker: "0x1", maxAmount: "1"',
        "v3StakeClaim": f'roundId: "{claimable}", modelId: "{crypto.id}", staker: "{DEMO_STAKERS["crypto"]}"',
        "v3StakeClaims": f'staker: "{DEMO_STAKERS["crypto"]}", tournamentId: 12', "v3StakeConfig": "tournamentId: 12",
        "v3StakeRound": 'roundId: "1401", tournamentId: 8', "rounds": "limit: 40", "submissions":
        f'modelId: "{crypto.id}"', "stakeTransactions": "limit: 20",
    }  # fmt: skip
    query_type = schema().query_type
    assert query_type is not None
    for name, field in query_type.fields.items():
        given = f"({arguments[name]})" if name in arguments else ""
        depth = 2 if name in ("account", "tournaments", "model") else SELECTABLE_DEPTH
        data = client.data(f"{{{name}{given} {_selection(field.type, depth)}}}")
        assert data[name], name
        _check(data[name], field.type, name)


def _check(value: Any, kind: Any, path: str) -> None:
    if value is None:
        assert not graphql.is_non_null_type(kind), path
    elif graphql.is_list_type(kind):
        assert isinstance(value, list), path
        for item in value[:50]:
            _check(item, kind.of_type, path)
    elif isinstance(kind, graphql.GraphQLObjectType):
        for name, item in value.items():
            _check(item, kind.fields[name].type, f"{path}.{name}")
    elif graphql.is_leaf_type(kind):
        kinds: dict[str, type | tuple[type, ...]] = {"Int": int, "Float": (int, float), "Boolean": bool}
        expected = kinds.get(kind.name, str)
        assert isinstance(value, expected), f"{path}: {value!r}"
        assert kind.name == "Boolean" or not isinstance(value, bool), path


def test_http_details(server: DemoServer) -> None:
    response = httpx.post(server.url, json={"query": "{rounds {number openTime closeTime}}"})
    assert response.headers["date"] == "Fri, 20 Nov 2026 13:30:00 GMT"
    assert response.headers["content-encoding"] == "gzip"
    assert httpx.post(server.url, content=b"{").status_code == 400
    assert httpx.get(f"{server.url}/_demo/info").json()["account"] == DEMO_ACCOUNT
    assert httpx.get(server.url).status_code == 404
