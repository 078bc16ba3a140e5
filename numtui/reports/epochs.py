"""Named ranges of rounds in the cache, and scores that change their meaning within a range."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence

from numtui.analysis.epochs import Epoch, definition_changes, epochs_of, resolve_range, target_changes
from numtui.model import Tournament
from numtui.store.queries import user_data
from numtui.store.queries.terms import score_definitions

Written = Mapping[Tournament, Mapping[str, str]]  # epochs of the settings file: name -> range


def kept_epochs(connection: sqlite3.Connection, tournament: Tournament) -> list[Epoch]:
    """The user's epochs in the cache, by name."""
    return [
        Epoch(row.name, tournament, row.first, row.last, "yours") for row in user_data.epochs(connection, tournament)
    ]


def epochs(connection: sqlite3.Connection, tournament: Tournament, written: Written) -> dict[str, Epoch]:
    """The built-in epochs of the tournament and the user's own, from the cache and the settings file, by name.

    ValueError for one of the settings file that is no range, or is named like a built-in one.
    """
    return epochs_of(tournament, _own_epochs(connection, tournament, written))


def epoch_named(connection: sqlite3.Connection, tournament: Tournament, text: str, written: Written) -> Epoch:
    """The epoch of a name, or a range such as `843..1100`. ValueError lists the names when there is none such, and as
    `epochs`."""
    return resolve_range(text, tournament, _own_epochs(connection, tournament, written))


def _own_epochs(connection: sqlite3.Connection, tournament: Tournament, written: Written) -> list[Epoch]:
    return [*kept_epochs(connection, tournament), *_of_file(tournament, written.get(tournament, {}))]


def _of_file(tournament: Tournament, ranges: Mapping[str, str]) -> Iterator[Epoch]:
    for name, text in ranges.items():
        if name in epochs_of(tournament):
            raise ValueError(f"the settings file names an epoch {name!r}, which is built in: choose another name")
        try:
            rounds = resolve_range(text, tournament)
        except ValueError as error:
            raise ValueError(f"the epoch {name!r} of the settings file: {error}") from None
        yield Epoch(name, tournament, rounds.first, rounds.last, "yours")


def changed_definitions(
    connection: sqlite3.Connection, tournament: Tournament, names: Collection[str], rounds: Sequence[int]
) -> tuple[str, ...]:
    """Sentences on scores (by displayName) that do not mean the same in all of these rounds: versions and targets."""
    wanted = sorted({name.partition("@")[0] for name in names})
    if not wanted or not rounds:
        return ()
    rows = score_definitions(connection, tournament, wanted, rounds[0], rounds[-1])
    renamed = {label for label in wanted if len({row.config_name for row in rows if row.name == label}) > 1}
    definitions: dict[int, set[str]] = {number: set() for number in rounds}
    lengths: dict[str, dict[int, int]] = {label: {} for label in wanted}
    for row in rows:
        if row.round in definitions:
            definition = f"{row.config_name} {row.version}" if row.name in renamed else row.version
            definitions[row.round].add(f"{row.name}@{definition}")
            if row.days:
                lengths[row.name][row.round] = row.days
    changes = [(change.round, change.sentence) for change in definition_changes(definitions, wanted)]
    for label in wanted:
        targets = target_changes(tournament, label, rounds[0], rounds[-1], lengths[label])
        changes += [(change.round, change.sentence(label)) for change in targets]
    return tuple(sentence for _, sentence in sorted(changes, key=lambda change: change[0]))
