"""How the other server finds a name: by the rule at the head of the API's schema, written down once more.

Its own names are in snake case. An asked name is put into snake case too, an underscore before each capital and none
before a digit, and has to be the same then. What it prints has no underscores.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
    SelectionSetNode,
    build_schema,
    get_named_type,
)

SCHEMA_FILE = Path(__file__).parents[2] / "numtui" / "demo" / "schema.graphql"
BOARDS = ("Account", "V2", "Signals", "Cryptosignals")
# Names that were only seen printed: the server's own may have an underscore before the digit.
UNSURE = {
    **{(f"{board}LeaderboardEntry", f"rankChange{span}"): f"rank_change_{span}" for board in BOARDS
       for span in ("1d", "3m", "1y")},
    ("ModelData", "corr60Percentile"): "corr_60_percentile",
    ("Scores", "corr60"): "corr_60",
    ("Scores", "mmc60"): "mmc_60",
}  # fmt: skip


def snake(name: str) -> str:
    """rankChange1d -> rank_change1d; return_1_day -> return_1_day"""
    written = ""
    for character in name:
        written += f"_{character.lower()}" if character.isupper() else character
    return written


def printed(own: str) -> str:
    """return_1_day -> return1Day, round_number__gte -> roundNumberGte"""
    head, *rest = own.split("_")
    return head + "".join(part.capitalize() for part in rest)


def without(missing: Collection[str]) -> GraphQLSchema:
    """The API's schema without these: `Round.target` a field, `rounds(limit:)` an argument, `rounds` a question."""
    schema = build_schema(SCHEMA_FILE.read_text(encoding="utf-8"))
    for name in missing:
        field, _, argument = name.removesuffix(":)").partition("(")
        owner, _, field = field.rpartition(".")
        fields = fields_of(schema, owner or "Query")
        if argument:
            del fields[field].args[argument]
        else:
            del fields[field]
    return schema


def fields_of(schema: GraphQLSchema, owner: str) -> dict[str, GraphQLField]:
    kind = schema.type_map[owner]
    assert isinstance(kind, GraphQLObjectType)
    fields: dict[str, GraphQLField] = kind.fields
    return fields


class Lookup:
    """Puts a document into the schema's words, and says what it did not find. `underscores`: the unsure names."""

    def __init__(self, schema: GraphQLSchema, underscores: bool) -> None:
        self.schema = schema
        self.own: dict[str, dict[str, str]] = {}
        for owner, kind in schema.type_map.items():
            if isinstance(kind, GraphQLObjectType):
                self.own[owner] = {
                    (UNSURE.get((owner, name), snake(name)) if underscores else snake(name)): name
                    for name in kind.fields
                }
        self.unknown: list[str] = []

    def found(self, document: DocumentNode) -> DocumentNode:
        """The document in the schema's words; what is missing there is in `unknown` afterwards."""
        definitions = []
        for node in document.definitions:
            assert isinstance(node, OperationDefinitionNode)
            root = self.schema.get_root_type(node.operation)
            assert root is not None
            definitions.append(replace(node, selection_set=self._selections(node.selection_set, root)))
        return DocumentNode(definitions=tuple(definitions))

    def _selections(self, selections: SelectionSetNode, owner: GraphQLObjectType) -> SelectionSetNode:
        return SelectionSetNode(selections=tuple(self._fields(selections, owner)))

    def _fields(self, selections: SelectionSetNode, owner: GraphQLObjectType) -> Iterator[FieldNode]:
        for node in selections.selections:
            assert isinstance(node, FieldNode)
            asked = node.name.value
            if asked.startswith("__"):
                yield node
                continue
            spelling = snake(asked)
            name = self.own.get(owner.name, {}).get(spelling)
            if name is None:
                self.unknown.append(self._complaint(asked, owner))
                continue
            field = owner.fields[name]
            arguments = tuple(self._arguments(node, owner, field.args))
            inner = node.selection_set
            kind = get_named_type(field.type)
            if inner is not None and isinstance(kind, GraphQLObjectType):
                inner = self._selections(inner, kind)
            alias = node.alias or NameNode(value=printed(spelling))
            yield replace(node, name=NameNode(value=name), alias=alias, arguments=arguments, selection_set=inner)

    def _arguments(self, node: FieldNode, owner: GraphQLObjectType, known: object) -> Iterator[ArgumentNode]:
        assert isinstance(known, dict)
        spellings = {snake(name): name for name in known}
        for argument in node.arguments or ():
            asked = argument.name.value
            if snake(asked) not in spellings:
                of = "RootQueryType" if owner.name == "Query" else owner.name
                self.unknown.append(f'Unknown argument "{asked}" on field "{node.name.value}" of type "{of}".')
                continue
            yield ArgumentNode(name=NameNode(value=spellings[snake(asked)]), value=argument.value)

    def _complaint(self, asked: str, owner: GraphQLObjectType) -> str:
        of = "RootQueryType" if owner.name == "Query" else owner.name
        words = [printed(own) for own in self.own[owner.name] if own.replace("_", "") == snake(asked).replace("_", "")]
        meant = f' Did you mean "{words[0]}"?' if words else ""
        return f'Cannot query field "{asked}" on type "{of}".{meant}'
