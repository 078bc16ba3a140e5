"""Each document of ours is valid on the schema, and the check would notice a misspelt field."""

from __future__ import annotations

import re
from importlib.resources import files

import graphql
import pytest

from numtui.api import numerapi_adapter
from numtui.api.dialect.names import LEFT_OUT
from numtui.api.dialect.respelling import names_in, respell
from numtui.api.dialect.types import field_types
from numtui.api.documents import ROUND_DETAILS, Document, every_document, leaderboard, performances, selection
from numtui.api.errors import MutationsForbidden
from numtui.api.records.public import RoundTimes
from numtui.model import Tournament

SCHEMA = graphql.build_schema(files("numtui.demo").joinpath("schema.graphql").read_text(encoding="utf-8"))


def faults(text: str) -> list[str]:
    return [error.message for error in graphql.validate(SCHEMA, graphql.parse(text))]


@pytest.mark.parametrize("document", every_document(), ids=lambda document: f"{document.name}-{len(document.text)}")
def test_every_document_is_valid(document: Document) -> None:
    assert faults(document.text) == []


@pytest.mark.parametrize("text", [numerapi_adapter.RELEASE_ALL, numerapi_adapter.CANCEL_RELEASE])
def test_the_changes_of_our_own_are_valid(text: str) -> None:
    assert faults(text) == []


def test_every_kind_of_question_is_among_those_checked() -> None:
    asked = {definition for document in every_document() for definition in root_fields(document.text)}
    known = set(SCHEMA.query_type.fields) if SCHEMA.query_type else set()
    assert asked <= known
    assert {"v2RoundModelPerformances", "account", "v3StakeClaims", "signalsLeaderboard", "pipelineStatus"} <= asked


def root_fields(text: str) -> set[str]:
    (operation,) = graphql.parse(text).definitions
    assert isinstance(operation, graphql.OperationDefinitionNode)
    assert operation.operation is graphql.OperationType.QUERY
    return {node.name.value for node in operation.selection_set.selections if isinstance(node, graphql.FieldNode)}


def test_a_misspelt_field_is_noticed() -> None:
    class Misspelt(RoundTimes):
        resolv_time: str | None = None

    assert faults(f"query {{ rounds {selection(RoundTimes)} }}") == []
    (fault,) = faults(f"query {{ rounds {selection(Misspelt)} }}")
    assert "resolvTime" in fault


@pytest.mark.parametrize("text", ["mutation { x }", "query A { x } mutation B { y }", "{ x }"])
def test_a_document_is_a_query(text: str) -> None:
    with pytest.raises(MutationsForbidden):
        Document("bad", text)


@pytest.mark.parametrize("document", every_document(), ids=lambda document: f"{document.name}-{len(document.text)}")
def test_a_document_without_a_lost_field_is_still_valid(document: Document) -> None:
    scalars = {name for name in names_in(document.text) if name.field in {"status", "id", "rank", "version"}}
    shorter = respell(document.text, dict.fromkeys(scalars, LEFT_OUT)).text
    assert faults(shorter) == []
    assert re.search(r"\brank\b", shorter) is None


@pytest.mark.parametrize("document", every_document(), ids=lambda document: f"{document.name}-{len(document.text)}")
def test_no_document_names_what_the_service_does_not_find_to_the_letter(document: Document) -> None:
    for name in names_in(document.text):
        field = graphql_fields(name.owner)[name.field]
        assert name.argument is None or name.argument in field.args, name


def graphql_fields(owner: str) -> dict[str, graphql.GraphQLField]:
    found = SCHEMA.type_map[owner]
    assert isinstance(found, graphql.GraphQLObjectType)
    fields: dict[str, graphql.GraphQLField] = found.fields
    return fields


def test_the_types_of_our_records_are_those_of_the_schema() -> None:
    for (owner, field), inner in field_types().items():
        assert graphql.get_named_type(graphql_fields(owner)[field].type).name == inner


@pytest.mark.parametrize("text", [numerapi_adapter.RELEASE_ALL, numerapi_adapter.CANCEL_RELEASE])
def test_the_changes_of_our_own_name_nothing_that_has_to_be_respelt(text: str) -> None:
    assert not any(character == "_" for character in text)


def test_names_with_an_underscore_before_a_digit_keep_it() -> None:
    board, history = leaderboard(Tournament.CLASSIC).text, performances(1, days=True, dates=True).text
    assert "return_1_day: return_1_day return_13_weeks: return_13_weeks return_52_weeks: return_52_weeks" in board
    assert "return1Day" not in board
    assert "roundNumber__gte: $from, roundNumber__lte: $to" in history
    assert {"corr_20: corr_20", "corr_60: corr_60", "mmc_60: mmc_60"} <= set(
        re.findall(r"\w+_\d+: \w+", ROUND_DETAILS.text)
    )
