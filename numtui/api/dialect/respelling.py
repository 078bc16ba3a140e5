"""Documents put into a service's spelling, by graphql-core. Import it only when a name is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from graphql import (
    REMOVE,
    ArgumentNode,
    DocumentNode,
    FieldNode,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    visit,
)

from numtui.api.dialect.names import LEFT_OUT, Name, RespelledDocument
from numtui.api.dialect.types import ROOT, field_types

# What can be made up for here: another page, a filter of ours, a default. Without any other argument the answer would
# be about something else, so that its field goes with it; so does a field whose argument has a fixed value.
MAY_GO = {
    ("pipelineStatus", "date"), ("pipelineStatus", "tournament"),
    *(("rounds", name) for name in ("tournament", "number", "status", "limit")),
    *((board, name) for board in ("v2Leaderboard", "signalsLeaderboard", "cryptosignalsLeaderboard",
                                  "accountLeaderboard") for name in ("limit", "offset")),
    ("accountLeaderboard", "tournament"), ("v3UserProfile", "tournament"), ("accountProfile", "tournament"),
    *(("v2RoundModelPerformances", name) for name in (
        "tournament", "roundNumber__gte", "roundNumber__lte", "lastNRounds")),
    *(("submissionScores", name) for name in (
        "tournament", "displayName", "version", "day", "resolved", "lastNRounds", "distinctOnRound")),
    *(("stakeTransactions", name) for name in ("modelIds", "type", "limit", "offset")),
    ("v3StakeClaim", "tournamentId"),
}  # fmt: skip


@lru_cache(maxsize=64)
def _parsed(text: str) -> DocumentNode:
    return parse(text, no_location=True)


def names_in(text: str) -> frozenset[Name]:
    """Every field and argument that a document asks for."""
    (operation,) = _parsed(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    return frozenset(_names(operation.selection_set, ROOT))


def _names(selections: SelectionSetNode, owner: str) -> Iterator[Name]:
    for node in selections.selections:
        if not isinstance(node, FieldNode):
            continue
        field = node.name.value
        yield Name(owner, field)
        for argument in node.arguments or ():
            yield Name(owner, field, argument.name.value)
        if node.selection_set is not None:
            yield from _names(node.selection_set, field_types()[owner, field])


def respell(text: str, names: Mapping[Name, str]) -> RespelledDocument:
    """The document with each of `names` in its spelling there, or without it. Answers keep our own names."""
    speller = _Speller(names)
    document = visit(_parsed(text), speller)
    (operation,) = document.definitions
    lost = tuple(speller.lost)
    if not operation.selection_set.selections:
        return RespelledDocument("", frozenset(), lost)
    used = _Variables()
    visit(operation.selection_set, used)
    declared = [each for each in operation.variable_definitions or () if each.variable.name.value in used.names]
    kept = replace(operation, variable_definitions=tuple(declared))
    return RespelledDocument(print_ast(replace(document, definitions=(kept,))), frozenset(used.names), lost)


class _Variables(Visitor):
    """Collects the variables in use."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        """Notes one."""
        self.names.add(node.name.value)


class _Speller(Visitor):
    """Renames fields and arguments, and takes out those without a spelling."""

    def __init__(self, names: Mapping[Name, str]) -> None:
        super().__init__()
        self._names = names
        self._owners = [ROOT]
        self.lost: list[tuple[str, str]] = []

    def enter_field(self, node: FieldNode, *_: object) -> object:
        """Renames the field under an alias of its first name, or removes it."""
        owner, field = self._owners[-1], node.name.value
        spelling = self._names.get(Name(owner, field), field)
        arguments = self._arguments(node, owner)
        if spelling == LEFT_OUT or arguments is None:
            self._lose(node)
            return REMOVE
        if node.selection_set is not None:
            self._owners.append(field_types()[owner, field])
        if spelling == field and arguments == tuple(node.arguments or ()):
            return None
        alias = node.alias or (NameNode(value=field) if spelling != field else None)
        return replace(node, alias=alias, name=NameNode(value=spelling), arguments=arguments)

    def leave_field(self, node: FieldNode, *_: object) -> object:
        """Removes a field of which nothing is left to ask."""
        if node.selection_set is None:
            return None
        self._owners.pop()
        if node.selection_set.selections:
            return None
        self._lose(node)
        return REMOVE

    def _lose(self, node: FieldNode) -> None:
        if len(self._owners) == 1:
            alias = node.alias.value if node.alias is not None else node.name.value
            self.lost.append((alias, node.name.value))

    def _arguments(self, node: FieldNode, owner: str) -> tuple[ArgumentNode, ...] | None:
        """The arguments as spelt there; None when one is missing without which the answer is another."""
        field, kept = node.name.value, []
        for argument in node.arguments or ():
            name = argument.name.value
            spelling = self._names.get(Name(owner, field, name), name)
            if spelling != LEFT_OUT:
                kept.append(argument if spelling == name else replace(argument, name=NameNode(value=spelling)))
            elif (field, name) not in MAY_GO or not isinstance(argument.value, VariableNode):
                return None
        return tuple(kept)
