"""GraphQL requests: parsed and checked by graphql-core, names found as Numerai finds them, answered field by field."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, NamedTuple

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

from numtui.demo.market.projection import Field, Selection, project
from numtui.demo.options import Dialect
from numtui.demo.server.checks import RULES
from numtui.demo.server.names import Respelling
from numtui.demo.server.schema import printed_schema, schema

HEAVY_FIELDS = frozenset({"v2RoundModelPerformances", "v3UserProfile"})
HEAVY_LIMIT = 3
SCORES_LIMIT = 20
NO_INTROSPECTION = "Introspection of the whole schema is not allowed"

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
    """The answer, and what the request was: root field names, and whether it was a mutation."""

    data: dict[str, object] | None = None
    errors: list[dict[str, object]] = field(default_factory=list)
    root_fields: list[str] = field(default_factory=list)
    mutation: bool = False

    def body(self) -> dict[str, object]:
        """The answer as the API writes it; a document that is refused has no data at all."""
        body: dict[str, object] = {} if self.data is None else {"data": self.data}
        if self.errors:
            body["errors"] = self.errors
        return body


class Roots(NamedTuple):
    """A document's root fields: the schema's names, their keys in the answer, and whether it is a mutation."""

    names: list[str]
    keys: list[str]
    mutation: bool


@lru_cache(maxsize=512)
def prepare(query: str, dialect: Dialect) -> Prepared:
    """Parse, respell and validate a document; the result is kept for the next request with the same text."""
    try:
        document = parse(query)
    except GraphQLError as error:
        return Prepared(None, (refusal(error),))
    respelt = Respelling(document, dialect)
    errors = [*respelt.errors, *validate(schema(), respelt.document, RULES)]
    return Prepared(respelt.document, tuple(map(refusal, errors)))


@lru_cache(maxsize=512)
def roots_of(query: str, dialect: Dialect) -> Roots:
    """The root fields of a document, aliased ones once each; nothing for a document that cannot be read."""
    document = prepare(query, dialect).document
    operation = None if document is None else _operation(document, None)
    if document is None or operation is None:
        return Roots([], [], False)
    nodes = [node for node in operation.selection_set.selections if isinstance(node, FieldNode)]
    names = [node.name.value for node in nodes]
    keys = [node.alias.value if node.alias else node.name.value for node in nodes]
    return Roots(names, keys, operation.operation is OperationType.MUTATION)


def refusal(error: GraphQLError) -> dict[str, object]:
    """An error that refuses a document, as the API writes it: it has no path."""
    places = [{"line": place.line, "column": place.column} for place in error.locations or ()]
    return {"message": error.message, "locations": places}


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
        fields: dict[str, list[FieldNode]] = {}
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                _merge(fields, self.fields(node.selection_set))
            elif isinstance(node, FragmentSpreadNode):
                _merge(fields, self.fields(self._fragments[node.name.value].selection_set))
        return fields

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
        below: Selection = tuple(self.plan(nodes_below, below_type, name) for name, nodes_below in merged.items())
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
    dialect: Dialect = "live",
) -> Answer:
    """Execute a request: each root field by its resolver; a failing one is null in the data and has its error."""
    prepared = prepare(query, dialect)
    if prepared.document is None or prepared.errors:
        return Answer(errors=list(prepared.errors))
    operation = _operation(prepared.document, operation_name)
    if operation is None:
        return Answer(errors=[{"message": "Must provide operation name.", "locations": []}])
    coerced = get_variable_values(schema(), operation.variable_definitions or (), dict(variables or {}))
    if isinstance(coerced, list):
        return Answer(errors=[refusal(error) for error in coerced])
    answer = Answer(mutation=operation.operation is OperationType.MUTATION)
    planner = _Planner(prepared.document, coerced)
    root_fields = planner.fields(operation.selection_set)
    answer.root_fields = [nodes[0].name.value for nodes in root_fields.values()]
    unwanted = NO_INTROSPECTION if "__schema" in answer.root_fields else _too_complex(answer.root_fields)
    if unwanted is not None:
        answer.errors.append({"message": unwanted, "locations": []})
        return answer
    root = schema().get_root_type(operation.operation)
    assert root is not None
    answer.data = {}
    for key, nodes in root_fields.items():
        answer.data[key] = None
        if nodes[0].name.value == "__type":
            answer.data[key] = _type(prepared.document, operation, nodes, dict(variables or {}))
            continue
        plan = planner.plan(nodes, root, key)
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


def _type(
    document: DocumentNode, operation: OperationDefinitionNode, nodes: list[FieldNode], variables: dict[str, Any]
) -> object:
    """What introspection prints of one type."""
    fragments = [node for node in document.definitions if isinstance(node, FragmentDefinitionNode)]
    alone = replace(operation, selection_set=SelectionSetNode(selections=tuple(nodes)))
    result = execute_sync(printed_schema(), DocumentNode(definitions=(alone, *fragments)), variable_values=variables)
    return None if result.data is None else next(iter(result.data.values()))


def _too_complex(root_fields: list[str]) -> str | None:
    heavy = sum(name in HEAVY_FIELDS for name in root_fields)
    scores = root_fields.count("submissionScores")
    if heavy > HEAVY_LIMIT or scores > SCORES_LIMIT:
        return f"Operation is too complex: {heavy} performance fields and {scores} submissionScores in one request"
    return None
