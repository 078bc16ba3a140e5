"""Where the real service is lenient and graphql-core is strict.

Every field and argument may be spelt in snake_case (`return_1_day` for `return1Day`; the answer keeps the spelling
asked for), and a String variable may stand where an ID is declared.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from graphql import (
    DefinitionNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLID,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLString,
    GraphQLType,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    get_named_type,
    is_non_null_type,
    specified_rules,
    type_from_ast,
)
from graphql.utilities import is_type_sub_type_of
from graphql.validation import ValidationRule, VariablesInAllowedPositionRule

from numtui.demo.schema import schema


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


@lru_cache(maxsize=256)
def _field_names(type_name: str) -> dict[str, str]:
    owner = schema().type_map[type_name]
    assert isinstance(owner, GraphQLObjectType)
    return {_plain(name): name for name in owner.fields}


def respelt(document: DocumentNode) -> DocumentNode:
    """The document with the schema's spelling of fields and arguments; the asked-for spelling becomes the alias."""
    definitions: list[DefinitionNode] = []
    for node in document.definitions:
        if isinstance(node, OperationDefinitionNode):
            root = schema().get_root_type(node.operation)
            definitions.append(replace(node, selection_set=_selections(node.selection_set, root)))
        elif isinstance(node, FragmentDefinitionNode):
            owner = type_from_ast(schema(), node.type_condition)
            definitions.append(replace(node, selection_set=_selections(node.selection_set, owner)))
        else:
            definitions.append(node)
    return replace(document, definitions=tuple(definitions))


def _selections(selections: SelectionSetNode, owner: GraphQLType | None) -> SelectionSetNode:
    if not isinstance(owner, GraphQLObjectType):
        return selections
    return replace(selections, selections=tuple(_selection(node, owner) for node in selections.selections))


def _selection(node: SelectionNode, owner: GraphQLObjectType) -> SelectionNode:
    if isinstance(node, InlineFragmentNode):
        inner = type_from_ast(schema(), node.type_condition) if node.type_condition else owner
        return replace(node, selection_set=_selections(node.selection_set, inner))
    if not isinstance(node, FieldNode):
        return node
    written = node.name.value
    name = written if written in owner.fields else _field_names(owner.name).get(_plain(written), written)
    definition = owner.fields.get(name)
    if definition is None:
        return node
    if name != written:
        alias = node.alias or NameNode(value=written, loc=node.name.loc)
        node = replace(node, alias=alias, name=NameNode(value=name, loc=node.name.loc))
    node = _with_arguments(node, definition)
    if node.selection_set is None:
        return node
    return replace(node, selection_set=_selections(node.selection_set, get_named_type(definition.type)))


def _with_arguments(node: FieldNode, definition: GraphQLField) -> FieldNode:
    known = {_plain(name): name for name in definition.args}
    arguments = []
    for argument in node.arguments or ():
        written = argument.name.value
        name = NameNode(value=known.get(_plain(written), written), loc=argument.name.loc)
        arguments.append(replace(argument, name=name))
    return replace(node, arguments=tuple(arguments))


class LenientVariables(ValidationRule):
    """VariablesInAllowedPosition, but a String may stand for an ID."""

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: object) -> None:
        """Check each use of each variable that is defined."""
        defined = {node.variable.name.value: node for node in operation.variable_definitions or ()}
        for usage in self.context.get_recursive_variable_usages(operation):
            name = usage.node.name.value
            if name not in defined or usage.type is None:
                continue
            declared = type_from_ast(schema(), defined[name].type)
            if declared is not None and not _may_stand(declared, usage.type, usage.default_value is not None):
                message = f'Variable "${name}" of type "{declared}" used in position expecting type "{usage.type}".'
                self.report_error(GraphQLError(message, [defined[name], usage.node]))


def _may_stand(declared: Any, wanted: Any, has_default: bool) -> bool:
    if is_non_null_type(wanted) and not is_non_null_type(declared) and has_default:
        wanted = wanted.of_type
    if get_named_type(declared) is GraphQLString and get_named_type(wanted) is GraphQLID:
        declared = GraphQLNonNull(GraphQLID) if is_non_null_type(declared) else GraphQLID
    return is_type_sub_type_of(schema(), declared, wanted)


RULES = [rule for rule in specified_rules if rule is not VariablesInAllowedPositionRule] + [LenientVariables]
