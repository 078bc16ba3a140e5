"""What a screen's table is: how it is read and laid out, and what the user chose in it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import NamedTuple

from numtui.filter import Filter, Order
from numtui.model import Table
from numtui.reports.row_source import RowSource
from numtui.tui.data import Ask
from numtui.tui.table.layout import Layout


class Loaded(NamedTuple):
    """What a view reads: the table's rows, and a table of one row that stands above as `title value` pairs.

    `empty` is why there are no rows, where the cache knows better than the view.
    """

    source: RowSource
    facts: Table | None = None
    empty: str = ""


class View(NamedTuple):
    """One table of a screen: how it is read, laid out, and what it says when it has no rows.

    `tables` are the cache's tables that it reads: it is read again when one of them changes. `live` rows are read on
    the event loop, a page at a time; others in a thread. `models`: its rows are models that can be watched.
    """

    name: str
    layout: Layout
    load: Callable[[sqlite3.Connection, Ask], Loaded]
    tables: frozenset[str]
    empty: str
    live: bool = False
    models: bool = False
    opens: bool = False


class Choice:
    """What the user chose in a view: order, filter, cursor and marks outlive a look at another view."""

    def __init__(self) -> None:
        self.order: Order | None = None
        self.text = ""
        self.filter: Filter | None = None
        self.cursor: str | None = None
        self.marks: set[str] = set()
