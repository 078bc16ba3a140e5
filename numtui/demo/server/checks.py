"""The checks of a document beyond its names: graphql-core's rules, where the service's are not others."""

from __future__ import annotations

from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLID,
    GraphQLNonNull,
    GraphQLString,
    OperationDefinitionNode,
    get_named_type,
    is_non_null_type,
    is_required_argument,
    specified_rules,
    type_from_ast,
)
from graphql.utilities import is_type_sub_type_of
from graphql.validation import (
    FieldsOnCorrectTypeRule,
    KnownArgumentNamesRule,
    ProvidedRequiredArgumentsRule,
    ValidationContext,
    ValidationRule,
    VariablesInAllowedPositionRule,
)
from graphql.validation.rules.known_argument_names import KnownArgumentNamesOnDirectivesRule
from graphql.validation.rules.provided_required_arguments import ProvidedRequiredArgumentsOnDirectivesRule

from numtui.demo.server.schema import schema


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


class RequiredArguments(ProvidedRequiredArgumentsOnDirectivesRule):
    """ProvidedRequiredArguments in the service's words."""

    def leave_field(self, node: FieldNode, *_: object) -> None:
        """Report each argument that has to be given and is not."""
        assert isinstance(self.context, ValidationContext)
        definition = self.context.get_field_def()
        given = {argument.name.value for argument in node.arguments or ()}
        for name, argument in definition.args.items() if definition else ():
            if is_required_argument(argument) and name not in given:
                message = f'In argument "{name}": Expected type "{argument.type}", found null.'
                self.report_error(GraphQLError(message, node))


def _may_stand(declared: Any, wanted: Any, has_default: bool) -> bool:
    if is_non_null_type(wanted) and not is_non_null_type(declared) and has_default:
        wanted = wanted.of_type
    if get_named_type(declared) is GraphQLString and get_named_type(wanted) is GraphQLID:
        declared = GraphQLNonNull(GraphQLID) if is_non_null_type(declared) else GraphQLID
    return is_type_sub_type_of(schema(), declared, wanted)


# Unknown fields and arguments have been reported where names are looked up.
OTHERWISE: dict[type[Any], list[type[Any]]] = {
    FieldsOnCorrectTypeRule: [],
    KnownArgumentNamesRule: [KnownArgumentNamesOnDirectivesRule],
    ProvidedRequiredArgumentsRule: [RequiredArguments],
    VariablesInAllowedPositionRule: [LenientVariables],
}
RULES = [other for rule in specified_rules for other in OTHERWISE.get(rule, [rule])]
