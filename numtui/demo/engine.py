"""GraphQL requests: parsed and checked by graphql-core, with the real service's leniency, and run by projection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    SelectionSetNode,
    execute_sync,
    get_argument_values,
    get_directive_values,
    get_named_type,
    get_variable_values,
    parse,
    validate,
)
from graphql.execution import VariableValues

from numtui.demo.leniency import RULES, respelt
from numtui.demo.projection import Field, Selection, project
from numtui.demo.schema import schema

HEAVY_FIELDS = frozenset({"v2RoundModelPerformances", "v3UserProfile"})
HEAVY_LIMIT = 3
SCORES_LIMIT = 20

Arguments = dict[str, Any]
Resolver = Callable[[Arguments], object]


class ApiError(Exception):
    """An error that the API reports for a field; the rest of the answer is kept."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document after parsing and validation; `errors` is empty when it may run."""

    document: DocumentNode | None
    errors: tuple[dict[str, object], ...]


@dataclass(slots=True)
class Answer:
    """What goes back, and what the request was: root field names, and whether it was a mutation."""

    data: dict[str, object] | None = None
    errors: list[dict[str, object]] = field(default_factory=list)
    root_fields: list[str] = field(default_factory=list)
    mutation: bool = False

    def body(self) -> dict[str, object]:
        """The answer as the API writes it."""
        body: dict[str, object] = {"data": self.data}
        if self.errors:
            body["errors"] = self.errors
        return body


@lru_cache(maxsize=512)
def prepare(query: str) -> Prepared:
    """Parse, respell and validate a document; the result is kept for the next request with the same text."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return Prepared(None, (format_error(error),))
    document = respelt(document)
    found = validate(schema(), document, RULES)
    return Prepared(document, tuple(format_error(error) for error in found))


@lru_cache(maxsize=512)
def root_fields_of(query: str) -> tuple[list[str], bool]:
    """The schema's names of a document's root fields, and whether it is a mutation; nothing for a bad document."""
    document = prepare(query).document
    operation = None if document is None else _operation(document, None)
    if document is None or operation is None:
        return [], False
    names = [node.name.value for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    return names, operation.operation is OperationType.MUTATION


def format_error(error: GraphQLError) -> dict[str, object]:
    """An error as the API writes it: message, path and locations."""
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": error.message, "path": list(error.path or ()), "locations": places}


def _merge(into: dict[str, list[FieldNode]], more: dict[str, list[FieldNode]]) -> None:
    for key, nodes in more.items():
        into.setdefault(key, []).extend(nodes)


class _Planner:
    """Turns selections into plans, with the request's variables."""

    def __init__(self, document: DocumentNode, variables: VariableValues) -> None:
        self._fragments = {n.name.value: n for n in document.definitions if isinstance(n, FragmentDefinitionNode)}
        self._variables = variables

    def _included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def fields(self, selections: SelectionSetNode) -> dict[str, list[FieldNode]]:
        """The field nodes of a selection by answer key, fragments spread."""
        found: dict[str, list[FieldNode]] = {}
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                _merge(found, self.fields(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                _merge(found, self.fields(self._fragments[node.name.value].selection_set))
        return found

    def plan(self, nodes: list[FieldNode], parent: GraphQLObjectType, key: str) -> Field:
        """The plan of one answer key, its sub-selections merged."""
        node = nodes[0]
        start = node.loc.start_token if node.loc else None
        place = (start.line, start.column) if start else (0, 0)
        if node.name.value == "__typename":
            return Field(key, "__typename", parent.name, None, place)
        below_type = get_named_type(parent.fields[node.name.value].type)
        if not isinstance(below_type, GraphQLObjectType):
            return Field(key, node.name.value, parent.name, None, place)
        merged: dict[str, list[FieldNode]] = {}
        for each in nodes:
            if each.selection_set is not None:
                _merge(merged, self.fields(each.selection_set))
        below: Selection = tuple(self.plan(found, below_type, name) for name, found in merged.items())
        return Field(key, node.name.value, parent.name, below, place)


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    if name is not None:
        operations = [node for node in operations if node.name is not None and node.name.value == name]
    return operations[0] if len(operations) == 1 else None


def run(
    query: str,
    variables: Mapping[str, Any] | None,
    operation_name: str | None,
    resolvers: Mapping[str, Resolver],
) -> Answer:
    """Execute a request: each root field by its resolver; a failing one is null in the data and has its error."""
    prepared = prepare(query)
    if prepared.document is None or prepared.errors:
        return Answer(errors=list(prepared.errors))
    operation = _operation(prepared.document, operation_name)
    if operation is None:
        return Answer(errors=[{"message": "Must provide operation name.", "path": [], "locations": []}])
    coerced = get_variable_values(schema(), operation.variable_definitions or (), dict(variables or {}))
    if isinstance(coerced, list):
        return Answer(errors=[format_error(error) for error in coerced])
    answer = Answer(mutation=operation.operation is OperationType.MUTATION)
    planner = _Planner(prepared.document, coerced)
    found = planner.fields(operation.selection_set)
    answer.root_fields = [nodes[0].name.value for nodes in found.values()]
    if any(name in ("__schema", "__type") for name in answer.root_fields):
        result = execute_sync(schema(), prepared.document, variable_values=dict(variables or {}))
        answer.data = result.data
        return answer
    refusal = _too_complex(answer.root_fields)
    if refusal is not None:
        answer.errors.append({"message": refusal, "path": [], "locations": []})
        return answer
    root = schema().get_root_type(operation.operation)
    assert root is not None
    answer.data = {}
    for key, nodes in found.items():
        plan = planner.plan(nodes, root, key)
        answer.data[key] = None
        try:
            if plan.name == "__typename":
                answer.data[key] = root.name
                continue
            arguments = get_argument_values(root.fields[plan.name], nodes[0], coerced)
            answer.data[key] = project(resolvers[plan.name](arguments), plan.below)
        except (ApiError, GraphQLError) as error:
            line, column = plan.location
            message = error.message if isinstance(error, GraphQLError) else str(error)
            answer.errors.append({"message": message, "path": [key], "locations": [{"line": line, "column": column}]})
    return answer


def _too_complex(root_fields: list[str]) -> str | None:
    heavy = sum(name in HEAVY_FIELDS for name in root_fields)
    scores = root_fields.count("submissionScores")
    if heavy > HEAVY_LIMIT or scores > SCORES_LIMIT:
        return f"Operation is too complex: {heavy} performance fields and {scores} submissionScores in one request"
    return None
