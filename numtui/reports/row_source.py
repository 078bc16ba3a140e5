"""Sources of rows for tables on screen: they can be sorted and filtered, and are read a page at a time."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Protocol

from numtui.filter import Filter, Order
from numtui.model import Column, Kind, Row, Table


class RowSource(Protocol):
    """Rows in a fixed arrangement. Immutable: another order, filter or state of the cache is another source."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of every row."""
        ...

    def __len__(self) -> int:
        """The number of rows that pass the filter."""
        ...

    def page(self, start: int, stop: int) -> Sequence[Row]:
        """The rows from `start` to before `stop`, fewer at the end."""
        ...

    def key(self, position: int) -> str:
        """The row's identity (its name), by which the cursor and the marks find it again."""
        ...

    def position(self, key: str) -> int | None:
        """The position of the row with `key`; None when it is filtered out or gone."""
        ...

    def without_values(self, places: Collection[int]) -> frozenset[int]:
        """Of the columns at `places`, those that no row has a value of, whether it passes the filter or not."""
        ...

    def arranged(self, order: Order | None, row_filter: Filter | None) -> RowSource:
        """The same table in another order, with another filter (None: in its natural order, unfiltered)."""
        ...


class TableRows:
    """A `RowSource` over a table in memory: for tables of up to some thousand rows.

    `name` is the column whose value identifies a row and in which a filter's words are looked for.
    """

    def __init__(self, table: Table, name: str, shown: Sequence[Row] | None = None) -> None:
        self.name = name
        self._place = table.column(name)
        self._all = tuple(table.rows)
        self.table = replace(table, rows=self._all)
        self._shown = self._all if shown is None else shown
        self._positions = {str(row[self._place]): place for place, row in enumerate(self._shown)}

    @property
    def columns(self) -> tuple[Column, ...]:
        """The table's columns."""
        return self.table.columns

    def __len__(self) -> int:
        """The number of rows that pass the filter."""
        return len(self._shown)

    def page(self, start: int, stop: int) -> Sequence[Row]:
        """The rows from `start` to before `stop`."""
        return self._shown[start:stop]

    def key(self, position: int) -> str:
        """The identifying column's value."""
        return str(self._shown[position][self._place])

    def position(self, key: str) -> int | None:
        """The position of that row; None when it is filtered out."""
        return self._positions.get(key)

    def without_values(self, places: Collection[int]) -> frozenset[int]:
        """Those of the columns at `places` that no row has a value of."""
        return frozenset(place for place in places if all(row[place] is None for row in self._all))

    def arranged(self, order: Order | None, row_filter: Filter | None) -> TableRows:
        """Another order and filter of the whole table."""
        rows: Sequence[Row] = self._all
        if row_filter is not None:
            rows = [row for row in rows if row_filter.matches(self.columns, row, self._place)]
        if order is not None:
            rows = sorted_rows(rows, self.table.column(order.column), order, self.columns)
        return TableRows(self.table, self.name, rows)


def sorted_rows(rows: Sequence[Row], place: int, order: Order, columns: Sequence[Column]) -> list[Row]:
    """Rows by the value at `place`, stable; missing values last in both directions; texts without regard to case."""
    kind = columns[place].kind
    known = [row for row in rows if row[place] is not None]
    missing = [row for row in rows if row[place] is None]
    known.sort(key=lambda row: _sort_key(row[place], kind), reverse=order.descending)  # type: ignore[arg-type,return-value]  # one kind a column
    return known + missing


def _sort_key(value: object, kind: Kind) -> object:
    match value:
        case str():
            return value.casefold()
        case tuple() | list() if kind is Kind.SPARK:
            return value[-1] if value else float("-inf")
        case (done, total) if kind is Kind.BAR and isinstance(done, int) and isinstance(total, int):
            return done / total if total else 0.0
        case _:
            return value
