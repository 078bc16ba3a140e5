"""The table of a screen: its specification, the data it shows, and the state the user put it in."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from numtui.filter import Filter, Order
from numtui.model import Table
from numtui.reports.row_source import RowSource
from numtui.tui.data import ReadRequest
from numtui.tui.table.layout import Layout


class ViewData(NamedTuple):
    """The rows of a view, and a table of one row that stands above them as `title value` pairs.

    `empty` is why there are no rows, where the cache knows better than the view.
    """

    source: RowSource
    facts: Table | None = None
    empty: str = ""


class ViewSpec(NamedTuple):
    """One table of a screen: how it is read, laid out, and what it says when it has no rows.

    `tables` are the cache's tables that it reads: it is read again when one of them changes. `live` rows are read on
    the event loop, a page at a time; others in a thread. `models`: its rows are models that can be watched.
    """

    name: str
    layout: Layout
    load: Callable[[sqlite3.Connection, ReadRequest], ViewData]
    tables: frozenset[str]
    empty: str
    live: bool = False
    models: bool = False
    opens: bool = False


class ViewState:
    """The user's order, filter, cursor and marks in a view; they outlive a look at another view."""

    def __init__(self) -> None:
        self.order: Order | None = None
        self.text = ""
        self.filter: Filter | None = None
        self.cursor: str | None = None
        self.marks: set[str] = set()
