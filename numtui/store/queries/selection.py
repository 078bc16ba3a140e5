"""The models and rounds that a table is about."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass

from numtui.model import Tournament
from numtui.store.database import placeholders

Starts = tuple[tuple[str, int], ...]  # model -> the round from which its statistics count
Window = int | Starts | None  # of each model's rounds: its newest so many, those from one on, or all

RANGE = re.compile(r"(\d*)\.\.(\d*)|(\d+)")


@dataclass(frozen=True, slots=True)
class Models:
    """A choice of models: by `names`, the account's own, the watched ones; nothing chosen means own and watched."""

    names: tuple[str, ...] = ()
    mine: bool = False
    watched: bool = False

    def condition(self) -> tuple[str, tuple[object, ...]]:
        """An SQL condition on the table `models m`, and its values."""
        if self.names:
            return f"m.name COLLATE NOCASE IN ({placeholders(self.names)})", self.names
        mine, marked = "(m.mine = 1 AND m.archived = 0)", "m.watched = 1"
        if self.mine and not self.watched:
            return mine, ()
        if self.watched and not self.mine:
            return marked, ()
        return f"({mine} OR {marked})", ()


@dataclass(frozen=True, slots=True)
class Rounds:
    """A range of rounds, either end open, and whether they are resolved (None: both).

    `starts`: where statistics of single models begin as long as no `first` round is named.
    """

    first: int | None = None
    last: int | None = None
    resolved: bool | None = None
    starts: Starts = ()

    def condition(self, number: str, resolved: str) -> tuple[str, tuple[object, ...]]:
        """An SQL condition on the columns named `number` and `resolved`, and its values."""
        parts, values = ["1"], []
        if self.first is not None:
            parts.append(f"{number} >= ?")
            values.append(self.first)
        if self.last is not None:
            parts.append(f"{number} <= ?")
            values.append(self.last)
        if self.resolved is not None:
            parts.append(f"coalesce({resolved}, 0) = ?")
            values.append(int(self.resolved))
        return " AND ".join(parts), tuple(values)


def parse_rounds(text: str) -> tuple[int | None, int | None]:
    """The ends of `843..1197`, `843..`, `..1197` or `843`. ValueError says what a range looks like."""
    match = RANGE.fullmatch(text.strip())
    if match is None or text.strip() == "..":
        raise ValueError(f"{text!r} is no range of rounds: write 843..1197, 843.., ..1197 or 843")
    first, last, single = match.groups()
    if single:
        return int(single), int(single)
    ends = (int(first) if first else None, int(last) if last else None)
    if ends[0] is not None and ends[1] is not None and ends[0] > ends[1]:
        raise ValueError(f"{text!r}: the first round comes after the last")
    return ends


def parse_names(text: str) -> tuple[str, ...]:
    """The models of `a, b`, each once, in whatever case. ValueError where no name is left."""
    names: dict[str, str] = {}
    for part in text.split(","):
        if name := part.strip():
            names.setdefault(name.lower(), name)
    if not names:
        raise ValueError(f"{text!r} names no model: write a,b")
    return tuple(names.values())


def known_models(connection: sqlite3.Connection, tournament: Tournament, selection: Models) -> dict[str, int]:
    """The chosen models that the cache knows: name -> key, by name."""
    condition, values = selection.condition()
    sql = f"SELECT m.name, m.model FROM models m WHERE m.tournament = ? AND {condition} ORDER BY m.name"
    return dict(connection.execute(sql, (tournament, *values)).fetchall())


def counted_models(connection: sqlite3.Connection, tournament: Tournament, selection: Models) -> dict[str, int]:
    """The models whose money is summed: the chosen; where none is chosen the own ones, without any the watched."""
    if selection != Models():
        return known_models(connection, tournament, selection)
    mine = known_models(connection, tournament, Models(mine=True))
    return mine or known_models(connection, tournament, Models(watched=True))
