"""The demo's copy of the API's schema, as text and as a graphql-core schema."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from graphql import GraphQLSchema, build_schema


@lru_cache(maxsize=1)
def schema_text() -> str:
    """The schema in GraphQL's definition language, comments included."""
    return files("numtui.demo").joinpath("schema.graphql").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def schema() -> GraphQLSchema:
    """The schema to validate documents against; built once."""
    return build_schema(schema_text(), assume_valid=True)
