"""What is kept for the next start, in a file of the state folder: columns, orders, saved views, the last screen, the
theme."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from numtui.config import Settings
from numtui.filter import Order

PRIVATE = 0o600
LONGEST = 1_000_000  # bytes of the file that are read
COLUMNS, ORDERS, SCREEN, THEME, VIEWS = "columns", "orders", "screen", "theme", "views"


class ColumnChoice(NamedTuple):
    """Columns as the user wants them: their order, and those of them that are not shown."""

    order: tuple[str, ...]
    hidden: frozenset[str]


class SavedView(NamedTuple):
    """A table as the user had it: its screen and view, filter, order and columns (None: as at first)."""

    screen: str
    view: str
    filter: str
    order: Order | None
    columns: ColumnChoice | None


class Kept:
    """The file's content by table (`leaderboard models`). What is damaged is left out, and told by `problem`."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.state_dir / "screens.json"
        self.problem = ""
        self._content = self._read()
        self._changes: dict[tuple[str, str], object] = {}

    @property
    def screen(self) -> str | None:
        """The name of the last screen."""
        return self._name(SCREEN)

    @property
    def theme(self) -> str | None:
        """The name of the theme that was chosen last."""
        return self._name(THEME)

    def columns(self, table: str) -> ColumnChoice | None:
        """The choice of columns; None without one."""
        return _columns(self._of(COLUMNS, table))

    def order(self, table: str) -> Order | None:
        """The order that the table had last; None without one."""
        return _order(self._of(ORDERS, table))

    def view_names(self) -> list[str]:
        """The names of the saved views."""
        views = self._of(VIEWS, "")
        return sorted(name for name in views if self.view(name)) if isinstance(views, dict) else []

    def view(self, name: str) -> SavedView | None:
        """A saved view; None where there is none of that name."""
        match self._of(VIEWS, name):
            case {"screen": str(screen), "view": str(view), "filter": str(text), "order": order, "columns": columns}:
                return SavedView(screen, view, text, _order(order), _columns(columns))
        return None

    def keep_columns(self, table: str, choice: ColumnChoice | None) -> None:
        """Keep a choice of columns, or forget it. Raises OSError."""
        self._put(COLUMNS, table, _written_columns(choice))
        self.write()

    def keep_view(self, name: str, view: SavedView | None) -> None:
        """Keep a view under a name, or forget it. Raises OSError."""
        value = None
        if view is not None:
            order = None if view.order is None else view.order._asdict()
            value = {**view._asdict(), "order": order, "columns": _written_columns(view.columns)}
        self._put(VIEWS, name, value)
        self.write()

    def keep_order(self, table: str, order: Order | None) -> None:
        """Keep an order, or forget it; `write` writes it."""
        self._put(ORDERS, table, None if order is None else order._asdict())

    def keep_screen(self, name: str) -> None:
        """Keep the name of the screen in front; `write` writes it."""
        self._put(SCREEN, "", name)

    def keep_theme(self, name: str) -> None:
        """Keep the name of a theme. Raises OSError."""
        self._put(THEME, "", name)
        self.write()

    def write(self) -> None:
        """Write what is new into the file, which another session may have written too. Raises OSError."""
        if not self._changes:
            return
        content = self._read()
        for (part, table), value in self._changes.items():
            _put(content, part, table, value)
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self.path.with_suffix(f".{os.getpid()}.draft")
        try:
            handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, PRIVATE)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(content, file, indent=1)
            draft.replace(self.path)
        finally:
            draft.unlink(missing_ok=True)
        self._changes.clear()

    def _name(self, part: str) -> str | None:
        name = self._content.get(part)
        return name if isinstance(name, str) else None

    def _of(self, part: str, table: str) -> object:
        tables = self._content.get(part)
        if not table:
            return tables
        return tables.get(table) if isinstance(tables, dict) else None

    def _put(self, part: str, table: str, value: object) -> None:
        if value != self._of(part, table):
            _put(self._content, part, table, value)
            self._changes[part, table] = value

    def _read(self) -> dict[str, object]:
        try:
            content = json.loads(_text(self.path))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is damaged"
            self.problem = f"{self.path} cannot be read, {reason}: columns and orders are as at first."
            return {}
        if isinstance(content, dict):
            return content
        self.problem = f"{self.path} cannot be read, it is damaged: columns and orders are as at first."
        return {}


def _order(value: object) -> Order | None:
    match value:
        case {"column": str(column), "descending": bool(descending)}:
            return Order(column, descending)
    return None


def _columns(value: object) -> ColumnChoice | None:
    match value:
        case {"order": order, "hidden": hidden} if _names(order) and _names(hidden):
            return ColumnChoice(tuple(order), frozenset(hidden))
    return None


def _written_columns(choice: ColumnChoice | None) -> dict[str, object] | None:
    return None if choice is None else {"order": [*choice.order], "hidden": sorted(choice.hidden)}


def _text(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LONGEST).decode()


def _names(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(isinstance(name, str) for name in value)


def _put(content: dict[str, object], part: str, table: str, value: object) -> None:
    """Set a value, or with None take it away; without a table the part itself is the value."""
    if not table:
        content[part] = value
        return
    tables = content.get(part)
    if not isinstance(tables, dict):
        tables = content[part] = {}
    if value is None:
        tables.pop(table, None)
    else:
        tables[table] = value
