"""One answer put together from several: parts at which the server failed are asked for again by themselves."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from numtui.api.answer import Answer
from numtui.api.errors import PartFailed

DEPTH_OF_PARTS = 5  # steps from a document to a field of its operation: definitions, 0, selection_set, selections, n


class PartialAnswer:
    """The answer to a request so far. `body`: the request for the parts that are still missing."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.answer: Answer | None = None
        self._whole = body

    @property
    def query(self) -> str:
        """The document in `body`."""
        return str(msgspec.json.decode(self.body)["query"])

    def take(self, fresh: Answer) -> bool:
        """Adds an answer to `body`; whether parts of it failed in a way that may pass, so that `body` asks for them."""
        self.answer = fresh if self.answer is None else _merged(self.answer, fresh)
        failed = _failed(self.answer)
        if failed:
            self.body = only(self._whole, failed) if self.answer.data else self._whole
        return bool(failed)


def _failed(answer: Answer) -> set[str]:
    """The aliases of parts that are null for a passing failure; where nothing came at all, those of the errors."""
    errors = [error for error in answer.errors if isinstance(error, PartFailed)]
    named = {str(error.path[0]) for error in errors if error.path}
    if any(not error.path for error in errors):
        others = {str(error.path[0]) for error in answer.errors if error.path}
        named |= set(answer.data) - others if answer.data else {""}
    return {alias for alias in named if not answer.came(alias)}


def _merged(known: Answer, fresh: Answer) -> Answer:
    """Both answers as one; what `fresh` says of a part counts, and so do errors of parts that it says nothing of."""
    asked = set(fresh.data) | {str(error.path[0]) for error in fresh.errors if error.path}
    kept = [
        error
        for error in known.errors
        if (str(error.path[0]) not in asked if error.path else not isinstance(error, PartFailed))
    ]
    data = {**known.data, **{alias: raw for alias, raw in fresh.data.items() if not known.came(alias)}}
    return Answer(data, (*kept, *fresh.errors))


def only(body: bytes, aliases: Collection[str]) -> bytes:
    """The request cut down to the parts under these aliases and the variables that they use."""
    import graphql  # rarely needed, and slow to import

    used: set[str] = set()

    class Parts(graphql.Visitor):
        """Drops the other parts and collects the variables of those that stay."""

        def enter_field(self, node: graphql.FieldNode, _key: object, _parent: object, path: list[object], *_: object):  # type: ignore[no-untyped-def]  # graphql's own markers
            """A part is a field of the operation itself."""
            name = (node.alias or node.name).value
            return graphql.REMOVE if len(path) == DEPTH_OF_PARTS and name not in aliases else None

        def enter_variable_definition(self, *_: object):  # type: ignore[no-untyped-def]  # as above
            """A declaration is no use."""
            return graphql.SKIP

        def enter_variable(self, node: graphql.VariableNode, *_: object) -> None:
            """One more."""
            used.add(node.name.value)

    class Declarations(graphql.Visitor):
        """Drops those of variables that are not used any more."""

        def enter_variable_definition(self, node: graphql.VariableDefinitionNode, *_: object):  # type: ignore[no-untyped-def]  # as above
            """One declaration."""
            return None if node.variable.name.value in used else graphql.REMOVE

    request = msgspec.json.decode(body)
    document = graphql.visit(graphql.visit(graphql.parse(request["query"]), Parts()), Declarations())
    variables = {name: value for name, value in request["variables"].items() if name in used}
    return msgspec.json.encode({"query": graphql.print_ast(document), "variables": variables})
