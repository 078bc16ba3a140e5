"""Names as the service finds fields and arguments: its own snake-case ones, and nothing kinder.

The asked name is put into snake case (an underscore before each capital, none before a digit) and compared with the
service's own name, as Absinthe's LanguageConventions adapter does it
(https://hexdocs.pm/absinthe/Absinthe.Adapter.LanguageConventions.html). So fooBar and foo_bar both find foo_bar; an own
name with an underscore before a digit (return_13_weeks) or with two underscores (round_number__gte) is not found by the
camel case that introspection prints for it. The answer keeps the spelling asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLType,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    type_from_ast,
)
from graphql.pyutils import suggestion_list

from numtui.demo.options import Dialect
from numtui.demo.server.schema import camel, schema, snake

RANK_CHANGES = ("rankChange1d", "rankChange3m", "rankChange1y")
BOARD_ENTRIES = (
    "AccountLeaderboardEntry",
    "V2LeaderboardEntry",
    "SignalsLeaderboardEntry",
    "CryptosignalsLeaderboardEntry",
)
# Fields by type that only introspection has shown: their own names may or may not have underscores before the digits.
UNSURE = frozenset(
    {(entry, name) for entry in BOARD_ENTRIES for name in RANK_CHANGES}
    | {("ModelData", "corr60Percentile"), ("Scores", "corr60"), ("Scores", "mmc60")}
)
SUGGESTIONS = 5


def own_name(owner: str, written: str, dialect: Dialect = "live") -> str:
    """The service's own name of a field that the schema writes as `written`, in type `owner`.

    A name of UNSURE has underscores before its digits in the other dialect than "live".
    """
    name = snake(written)
    return re.sub(r"(?<=[a-z])(?=\d)", "_", name) if dialect == "camel" and (owner, written) in UNSURE else name


@lru_cache(maxsize=512)
def own_fields(owner: str, dialect: Dialect) -> Mapping[str, str]:
    """The schema's spelling of a type's fields by the service's own names."""
    kind = schema().type_map[owner]
    assert isinstance(kind, GraphQLObjectType)
    return {own_name(owner, written, dialect): written for written in kind.fields}


@lru_cache(maxsize=512)
def own_arguments(owner: str, field: str) -> Mapping[str, str]:
    """The schema's spelling of a field's arguments by the service's own names."""
    kind = schema().type_map[owner]
    assert isinstance(kind, GraphQLObjectType)
    return {snake(written): written for written in kind.fields[field].args}


class Respelling:
    """A document with the schema's spelling of fields and arguments; the asked-for spelling becomes the alias.

    `errors` are the service's own, in the order of the document; what is unknown keeps its spelling.
    """

    def __init__(self, document: DocumentNode, dialect: Dialect) -> None:
        self._dialect: Dialect = dialect
        self.errors: list[GraphQLError] = []
        self.document = replace(document, definitions=tuple(map(self._definition, document.definitions)))

    def _definition(self, node: DefinitionNode) -> DefinitionNode:
        if isinstance(node, OperationDefinitionNode):
            root = schema().get_root_type(node.operation)
            return replace(node, selection_set=self._selections(node.selection_set, root))
        if isinstance(node, FragmentDefinitionNode):
            owner = type_from_ast(schema(), node.type_condition)
            return replace(node, selection_set=self._selections(node.selection_set, owner))
        return node

    def _selections(self, selections: SelectionSetNode, owner: GraphQLType | None) -> SelectionSetNode:
        if not isinstance(owner, GraphQLObjectType):
            return selections
        return replace(selections, selections=tuple(self._selection(node, owner) for node in selections.selections))

    def _selection(self, node: SelectionNode, owner: GraphQLObjectType) -> SelectionNode:
        if isinstance(node, InlineFragmentNode):
            inner = type_from_ast(schema(), node.type_condition) if node.type_condition else owner
            return replace(node, selection_set=self._selections(node.selection_set, inner))
        if not isinstance(node, FieldNode) or node.name.value.startswith("__"):
            return node
        asked = node.name.value
        fields = own_fields(owner.name, self._dialect)
        name = fields.get(snake(asked))
        if name is None:
            message = f'Cannot query field "{asked}" on type "{owner.name}".{_did_you_mean(snake(asked), list(fields))}'
            self.errors.append(GraphQLError(message, [node]))
            return node
        if name != asked:
            alias = node.alias or NameNode(value=asked, loc=node.name.loc)
            node = replace(node, alias=alias, name=NameNode(value=name, loc=node.name.loc))
        definition = owner.fields[name]
        node = self._with_arguments(node, owner.name, asked, definition)
        if node.selection_set is None:
            return node
        return replace(node, selection_set=self._selections(node.selection_set, get_named_type(definition.type)))

    def _with_arguments(self, node: FieldNode, owner: str, asked: str, definition: GraphQLField) -> FieldNode:
        if not node.arguments:
            return node
        known = own_arguments(owner, node.name.value) if definition.args else {}
        arguments = []
        for argument in node.arguments:
            written = argument.name.value
            name = known.get(snake(written))
            if name is None:
                message = f'Unknown argument "{written}" on field "{asked}" of type "{owner}".'
                self.errors.append(GraphQLError(message, [argument]))
            arguments.append(replace(argument, name=NameNode(value=name or written, loc=argument.name.loc)))
        return replace(node, arguments=tuple(arguments))


def _did_you_mean(asked: str, names: list[str]) -> str:
    """The service's hint: similar own names, as introspection prints them, which may be the very word asked for."""
    words = [f'"{camel(name)}"' for name in suggestion_list(asked, names)[:SUGGESTIONS]]
    if not words:
        return ""
    *before, last = words
    listed = last if not before else f"{before[0]} or {last}" if len(before) == 1 else f"{', '.join(before)}, or {last}"
    return f" Did you mean {listed}?"
