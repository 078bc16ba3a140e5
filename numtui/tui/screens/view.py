"""The table of a screen: its specification, the data it shows, and the state the user put it in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from numtui.filter import OR, WHOSE, Filter, Order
from numtui.format import RIGHT
from numtui.model import Column, Table
from numtui.reports.row_source import RowSource
from numtui.tui.data import ReadRequest
from numtui.tui.table.layout import Layout

if TYPE_CHECKING:
    from numtui.tui.charts.plot import Plot  # for screens with charts alone: not before the first frame


class ViewData(NamedTuple):
    """The rows of a view, and a table of one row that stands above them as `title value` pairs.

    `empty` is why there are no rows, where the cache knows better than the view. `plots` are charts of the rows, of
    which a screen that has room for charts shows one.
    """

    source: RowSource
    facts: Table | None = None
    empty: str = ""
    plots: tuple[Plot, ...] = ()


Loader = Callable[[sqlite3.Connection, ReadRequest], ViewData]


class ViewSpec(NamedTuple):
    """One table of a screen: how it is read, laid out, and what it says when it has no rows.

    `tables` are the cache's tables that it reads: it is read again when one of them changes. `live` rows are read on
    the event loop, a page at a time; others in a thread. `models`: its rows are models that can be watched.
    """

    name: str
    layout: Layout
    load: Loader
    tables: frozenset[str]
    empty: str
    live: bool = False
    models: bool = False
    opens: bool = False


class ViewState:
    """The user's order, filter, cursor and marks in a view; they outlive a look at another view."""

    def __init__(self, order: Order | None = None) -> None:
        self.order = order
        self.text = ""
        self.filter: Filter | None = None
        self.cursor: str | None = None
        self.marks: set[str] = set()

    def order_for(self, columns: Sequence[Column]) -> Order | None:
        """The order, where its column is one of `columns`."""
        names = {column.name for column in columns}
        return self.order if self.order is not None and self.order.column in names else None

    def arranged(self, source: RowSource) -> RowSource:
        """The rows of `source` in the order and through the filter."""
        order = self.order_for(source.columns)
        return source if order is None and self.filter is None else source.arranged(order, self.filter)

    def sort_by(self, column: Column) -> None:
        """Sort by a column: numbers from the largest, texts and ranks from the first; once more reverses."""
        if self.order is not None and self.order.column == column.name:
            self.order = self.order._replace(descending=not self.order.descending)
        else:
            self.order = Order(column.name, descending=column.kind in RIGHT and column.name != "rank")

    def neighbour(self, names: Sequence[str], step: int) -> str | None:
        """The column `step` places beside the one that sorts now; before the first and behind the last stands None, the
        report's own order."""
        stops = [None, *names]
        now = self.order.column if self.order is not None and self.order.column in names else None
        return stops[(stops.index(now) + step) % len(stops)]

    def next_whose(self, columns: Sequence[Column]) -> None:
        """Put the next of nothing, `own` and `watched` into every side of the filter, as far as `columns` know it."""
        names = {column.name for column in columns}
        words = ["", *(word for word, name in WHOSE.items() if name in names)]
        inverted = self.text.startswith("!")
        sides = [side.split() for side in self.text.split(OR) if side.strip()] or [[]]
        now = next((word for word in words[1:] if all(word in side for side in sides)), "")
        word = words[(words.index(now) + 1) % len(words)]
        kept = [[]] if inverted else [[each for each in side if each not in WHOSE] for side in sides]
        self.text = f" {OR} ".join(" ".join([*side, *([word] if word else [])]) for side in kept)
