"""The demo's copy of the API's schema, as text and as graphql-core schemas."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from typing import Any

from graphql import (
    DocumentNode,
    FieldDefinitionNode,
    GraphQLSchema,
    InputValueDefinitionNode,
    NameNode,
    ObjectTypeDefinitionNode,
    Visitor,
    build_ast_schema,
    parse,
    visit,
)

ROOTS = {"Query": "RootQueryType", "Mutation": "RootMutationType"}  # as the service calls them
ROOT_DEFINITION = "schema { query: RootQueryType mutation: RootMutationType }"


@lru_cache(maxsize=1)
def schema_text() -> str:
    """The schema in GraphQL's definition language, comments included; names as they have to be asked for."""
    return files("numtui.demo").joinpath("schema.graphql").read_text(encoding="utf-8")


class _Roots(Visitor):
    """Calls the root types by the service's names."""

    def leave_object_type_definition(self, node: ObjectTypeDefinitionNode, *_: Any) -> Any:
        if node.name.value not in ROOTS:
            return None
        return replace(node, name=NameNode(value=ROOTS[node.name.value]))


class _Printed(Visitor):
    """Spells fields and arguments as introspection prints them."""

    def leave_field_definition(self, node: FieldDefinitionNode, *_: Any) -> Any:
        return replace(node, name=NameNode(value=camel(snake(node.name.value))))

    def leave_input_value_definition(self, node: InputValueDefinitionNode, *_: Any) -> Any:
        return replace(node, name=NameNode(value=camel(snake(node.name.value))))


@lru_cache(maxsize=1)
def _document() -> DocumentNode:
    document: DocumentNode = visit(parse(f"{schema_text()}\n{ROOT_DEFINITION}"), _Roots())
    return document


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The schema to validate documents against; built once."""
    return build_ast_schema(_document(), assume_valid=True)


@lru_cache(maxsize=1)
def printed_schema() -> GraphQLSchema:
    """The schema as introspection prints it: every name in plain camel case, `return13Weeks` and `roundNumberGte`."""
    return build_ast_schema(visit(_document(), _Printed()), assume_valid=True)


def snake(name: str) -> str:
    """A name in the service's snake case: an underscore before each capital, none before a digit."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def camel(name: str) -> str:
    """The service's own name as introspection and error messages print it."""
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
