"""From simulated objects to the JSON a selection asks for, without a resolver call per cell.

Large lists come as `Columns` (one list a field); a comprehension is compiled for each set of selected keys, which
makes a row of dictionaries in some tens of nanoseconds a cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

Rows = list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Const:
    """A column that has the same value in every row."""

    value: object


@dataclass(frozen=True, slots=True)
class Columns:
    """A list of objects by field: each value is a list of `size` cells, a Const, or a function that makes either.

    A field that is absent is null in every row.
    """

    size: int
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Field:
    """A selected field: its key in the answer, its name in the schema, what is selected below it, and its place."""

    key: str
    name: str
    type_name: str
    below: tuple[Field, ...] | None
    location: tuple[int, int]


Selection = tuple[Field, ...]


def project(value: object, selection: Selection | None) -> object:
    """The JSON-ready part of `value` that `selection` asks for (None: a leaf)."""
    if value is None or selection is None:
        return value
    if isinstance(value, Columns):
        return _project_columns(value, selection)
    if isinstance(value, Mapping):
        return {field.key: _member(value, field) for field in selection}
    if isinstance(value, Sequence):
        return [project(item, selection) for item in value]
    raise TypeError(f"cannot select fields of {type(value).__name__}")


def _member(owner: Mapping[str, object], field: Field) -> object:
    if field.name == "__typename":
        return field.type_name
    value = owner.get(field.name)
    return project(value() if callable(value) else value, field.below)


def _project_columns(columns: Columns, selection: Selection) -> Rows:
    keys: list[tuple[str, bool]] = []
    constants: dict[str, object] = {}
    lists: list[Iterable[object]] = []
    for position, field in enumerate(selection):
        cells = _cells(columns, field)
        keys.append((field.key, isinstance(cells, Const)))
        if isinstance(cells, Const):
            constants[f"c{position}"] = project(cells.value, field.below)
        elif field.below is None:
            lists.append(cells)
        else:
            lists.append([project(cell, field.below) for cell in cells])
    return _row_maker(tuple(keys))(columns.size, lists, constants)


def _cells(columns: Columns, field: Field) -> Const | Sequence[object]:
    if field.name == "__typename":
        return Const(field.type_name)
    cells = columns.fields.get(field.name, Const(None))
    if callable(cells):
        cells = cells()
    return cast("Const | Sequence[object]", cells)


RowMaker = Callable[[int, list[Iterable[object]], dict[str, object]], Rows]


@lru_cache(maxsize=512)
def _row_maker(keys: tuple[tuple[str, bool], ...]) -> RowMaker:
    """Compile `[{key: cell, ...} for cells in zip(...)]` for these keys; the flag marks a constant.

    Keys are names and aliases of a parsed GraphQL document, so they hold nothing but letters, digits and underscores.
    """
    items = ", ".join(f"{key!r}: {'c' if constant else 'v'}{n}" for n, (key, constant) in enumerate(keys))
    varying = [f"v{n}" for n, (_, constant) in enumerate(keys) if not constant]
    fixed = [f"c{n}" for n, (_, constant) in enumerate(keys) if constant]
    loop = f"for {', '.join(varying)}, in zip(*lists, strict=True)" if varying else "for _ in range(size)"
    source = f"def rows(size, lists, {', '.join(fixed) or '_=None'}): return [{{{items}}} {loop}]"
    namespace: dict[str, Callable[..., Rows]] = {}
    exec(source, namespace)
    function = namespace["rows"]
    return lambda size, lists, constants: function(size, lists, **constants)
