"""What a screen says where days that it is made of are not here yet: they come in the second step of a sync."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

from numtui.model import Column, Kind, Table, Tournament
from numtui.store.queries.rounds import usual_days_from
from numtui.store.queries.scores.missing_days import missing_days
from numtui.store.queries.selection import Models, Rounds, known_models

REASON = Column("reason", Kind.TEXT, "not here yet:", "what is not in the cache yet")


def days_to_come(
    connection: sqlite3.Connection,
    tournament: Tournament,
    selection: Models = Models(),  # noqa: B008  a frozen value
    rounds: Rounds | None = None,
) -> str:
    """What days of the selected models' `rounds` (None: all that forecasts are made of) are not here yet; "" none."""
    if rounds is None:
        rounds = Rounds(first=usual_days_from(connection, tournament))
    models = known_models(connection, tournament, selection)
    missing = missing_days(connection, tournament, list(models.values()), rounds) if models else None
    return "" if missing is None else missing.what


def with_missing_days(
    connection: sqlite3.Connection,
    tournament: Tournament,
    facts: Table | None,
    selection: Models = Models(),  # noqa: B008  a frozen value
    rounds: Rounds | None = None,
) -> Table | None:
    """The facts above or below a table, and a `reason` where days of the selected models' `rounds` (None: all that
    forecasts are made of) are not here yet."""
    what = days_to_come(connection, tournament, selection, rounds)
    if not what:
        return facts
    if facts is None:
        return Table("days", (REASON,), [(what,)])
    kept = [place for place, column in enumerate(facts.columns) if column.name != REASON.name]
    columns = tuple(facts.columns[place] for place in kept)
    rows = [(*(row[place] for place in kept), what) for row in facts.rows]
    return replace(facts, columns=(*columns, REASON), rows=rows)
