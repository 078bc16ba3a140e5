"""Each document of ours is valid on the schema, and the check would notice a misspelt field."""

from __future__ import annotations

from importlib.resources import files

import graphql
import pytest

from numtui.api import bridge
from numtui.api.documents import Document, every_document, selection, without
from numtui.api.errors import MutationsForbidden
from numtui.api.records import RoundTimes

SCHEMA = graphql.build_schema(files("numtui.demo").joinpath("schema.graphql").read_text(encoding="utf-8"))


def faults(text: str) -> list[str]:
    return [error.message for error in graphql.validate(SCHEMA, graphql.parse(text))]


@pytest.mark.parametrize("document", every_document(), ids=lambda document: f"{document.name}-{len(document.text)}")
def test_every_document_is_valid(document: Document) -> None:
    assert faults(document.text) == []


@pytest.mark.parametrize("text", [bridge.RELEASE_ALL, bridge.CANCEL_RELEASE])
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
    shorter = without(document.text, {"status", "id", "rank", "version"})
    if "v3StakeClaim" not in document.text:
        assert faults(shorter) == []
    assert " rank " not in shorter
