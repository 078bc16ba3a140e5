"""What a table holds, as JSON Schema: of its rows in JSON, with what each column means."""

from __future__ import annotations

import json
from typing import Any

from numtui.model import Column, Kind, Table

DRAFT = "https://json-schema.org/draft/2020-12/schema"
AMOUNT = {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"}  # exact, so no number
TYPES: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string"},
    Kind.INT: {"type": "integer"},
    Kind.FLOAT: {"type": "number"},
    Kind.SCORE: {"type": "number"},
    Kind.PERCENTILE: {"type": "number"},
    Kind.FRACTION: {"type": "number"},
    Kind.NMR: AMOUNT,
    Kind.FIAT: AMOUNT,
    Kind.TIME: {"type": "string", "format": "date-time"},
    Kind.DURATION: {"type": "number"},
    Kind.BOOL: {"type": "boolean"},
}


def json_schema(table: Table, doc: str) -> str:
    """The schema of `export --format json` of a table: an array of objects; every value may be null."""
    columns = [column for _, column in table.exported()]
    schema = {
        "$schema": DRAFT,
        "title": table.name,
        "description": doc,
        "type": "array",
        "items": {
            "type": "object",
            "properties": {column.name: _property(column) for column in columns},
            "required": [column.name for column in columns],
            "additionalProperties": False,
        },
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _property(column: Column) -> dict[str, Any]:
    kind = dict(TYPES[column.kind])
    kind["type"] = [kind["type"], "null"]
    return {**kind, **({"description": column.doc} if column.doc else {})}
