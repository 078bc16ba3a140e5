"""Executes GraphQL on the API's schema, as leniently as the schema's comment says the API is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    NameNode,
    Visitor,
    build_schema,
    execute_sync,
    parse,
    specified_rules,
    validate,
    visit,
)
from graphql.language import ArgumentNode
from graphql.validation import VariablesInAllowedPositionRule

from .other_answers import Answers
from .other_market import PUBLIC_ID, SECRET_KEY, Json, chance

SCHEMA_FILE = Path(__file__).parents[2] / "numtui" / "demo" / "schema.graphql"
RULES = [rule for rule in specified_rules if rule is not VariablesInAllowedPositionRule]
Info = GraphQLResolveInfo[Any]
SCOPES = {
    "account": "read_user_info",
    "apiTokenInfo": "",
    "stakeTransactions": "read_user_info",
    "pendingModelPayouts": "read_user_info",
    "model": "read_user_info",
    "submissions": "read_submission_info",
}


def camel(name: str) -> str:
    """return_1_day -> return1Day"""
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


class _Camel(Visitor):
    """Reads snake_case spellings; the answer keeps the asker's."""

    def enter_field(self, node: FieldNode, *_: Any) -> FieldNode | None:
        name = node.name.value
        if "_" not in name or name.startswith("__"):
            return None
        return FieldNode(
            alias=node.alias or NameNode(value=name),
            name=NameNode(value=camel(name)),
            arguments=node.arguments,
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def enter_argument(self, node: ArgumentNode, *_: Any) -> ArgumentNode | None:
        if "_" not in node.name.value:
            return None
        return ArgumentNode(name=NameNode(value=camel(node.name.value)), value=node.value)


class Executor:
    """Runs documents; the figures come from `answers`."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.habits = answers.habits
        self.schema: GraphQLSchema = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))

    def run(self, query: str, variables: Json, authorization: str) -> Json:
        """The answer as a dict with data and errors."""
        try:
            document = visit(parse(query, no_location=True), _Camel())
        except GraphQLError as error:
            return {"errors": [{"message": error.message}]}
        problems = validate(self.schema, document, RULES)
        if problems:
            return {"errors": [{"message": problem.message} for problem in problems]}
        result = execute_sync(
            self.schema,
            document,
            variable_values=variables,
            context_value=authorization,
            field_resolver=self._resolve,
        )
        return dict(result.formatted)

    def _resolve(self, source: Any, info: Info, **given: Any) -> Any:
        if source is None:
            value = self._field_of_root(info, given)
        else:
            value = source.get(info.field_name)
            if callable(value):
                value = value()
        return self._perhaps_null(value, info) if self.habits.nulls else value

    def _perhaps_null(self, value: Any, info: Info) -> Any:
        share, seed = self.habits.nulls, self.habits.null_seed
        where = ".".join(map(str, info.path.as_list()))
        if chance(seed, where) < share:
            return None
        if isinstance(value, list):
            return [None if chance(seed, where, i) < share / 4 else item for i, item in enumerate(value)]
        return value

    def _field_of_root(self, info: Info, given: Json) -> Any:
        name = info.field_name
        if info.parent_type.name == "Mutation":
            raise GraphQLError("This server changes nothing")
        scope = "web3_staking" if name.startswith("v3Stake") else SCOPES.get(name)
        if scope is not None:
            self._need(info, scope)
        if name in {"v3StakeConfig", "v3StakeRound"} and given.get("tournamentId") is None:
            raise GraphQLError("tournamentId is required")
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
        resolver: Callable[[Json], Any] | None = getattr(self.answers, snake, None)
        return None if resolver is None else resolver(given)

    def _need(self, info: Info, scope: str) -> None:
        if info.context != f"Token {PUBLIC_ID}${SECRET_KEY}":
            raise GraphQLError(self.habits.refusal)
        if scope and scope not in self.habits.scopes:
            raise GraphQLError(f"Insufficient permission for {scope}")
