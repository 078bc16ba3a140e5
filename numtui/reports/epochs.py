"""Named ranges of rounds in the cache, and what changes its meaning within a range."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence

from numtui.analysis.epochs import Epoch, definition_changes, epochs_of, resolve_range
from numtui.model import Tournament


def own_epochs(connection: sqlite3.Connection, tournament: Tournament) -> list[Epoch]:
    """The user's epochs by name."""
    sql = "SELECT name, first, last FROM epochs WHERE tournament = ? ORDER BY name"
    return [
        Epoch(name, tournament, first, last, "yours") for name, first, last in connection.execute(sql, (tournament,))
    ]


def epochs(connection: sqlite3.Connection, tournament: Tournament) -> dict[str, Epoch]:
    """The built-in epochs of the tournament and the user's own, by name."""
    return epochs_of(tournament, own_epochs(connection, tournament))


def epoch_named(connection: sqlite3.Connection, tournament: Tournament, text: str) -> Epoch:
    """The epoch of a name, or a range such as `843..1100`. ValueError lists the names when there is none such."""
    return resolve_range(text, tournament, own_epochs(connection, tournament))


def changed_definitions(
    connection: sqlite3.Connection, tournament: Tournament, names: Collection[str], rounds: Sequence[int]
) -> tuple[str, ...]:
    """Sentences on scores (by displayName) that do not mean the same in all of these rounds."""
    wanted = sorted({name.partition("@")[0] for name in names})
    if not wanted or not rounds:
        return ()
    sql = f"""SELECT c.round, n.name, n.version, c.config_name FROM score_configs c JOIN score_names n USING (score)
      WHERE c.tournament = ? AND c.round BETWEEN ? AND ? AND n.name IN ({", ".join("?" * len(wanted))})"""
    found = connection.execute(sql, (tournament, rounds[0], rounds[-1], *wanted)).fetchall()
    renamed = {label for label in wanted if len({name for _, known, _, name in found if known == label}) > 1}
    definitions: dict[int, set[str]] = {number: set() for number in rounds}
    for number, label, version, name in found:
        if number in definitions:
            definitions[number].add(f"{label}@{f'{name} {version}' if label in renamed else version}")
    return tuple(change.sentence for change in definition_changes(definitions, wanted))
