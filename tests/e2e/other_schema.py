"""Executes GraphQL on the API's schema, as strictly as the schema's comment says the API is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute_sync,
    parse,
    specified_rules,
    validate,
)
from graphql.validation import VariablesInAllowedPositionRule

from .other_answers import Answers
from .other_market import PUBLIC_ID, SECRET_KEY, Json, chance
from .other_names import Lookup, without

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


class Executor:
    """Runs documents; the figures come from `answers`."""

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.habits = answers.habits
        self.schema: GraphQLSchema = without(answers.habits.missing)

    def run(self, query: str, variables: Json, authorization: str) -> Json:
        """The answer as a dict with data and errors."""
        lookup = Lookup(self.schema, self.habits.underscores)
        try:
            document = lookup.found(parse(query, no_location=True))
        except GraphQLError as error:
            return {"errors": [{"message": error.message}]}
        if "__schema" in query:
            return {"errors": [{"message": "Introspection of the schema is switched off"}]}
        if lookup.unknown:
            return {"errors": [{"message": each, "locations": [{"line": 1, "column": 9}]} for each in lookup.unknown]}
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
