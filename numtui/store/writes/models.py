"""Writing models: names and ids, which are the account's own or watched, and how far their histories are here."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from numtui.model import Tournament
from numtui.store.database import transaction
from numtui.store.names import merge, rename
from numtui.store.queries.models import CachedModel, all_models, model_number
from numtui.store.writes.meta import request_refresh
from numtui.store.writes.upsert import mark_changed, upsert


class ModelRow(NamedTuple):
    """A model of `models`; None is unknown. `mine` and `watched` have functions of their own."""

    name: str
    id: str | None = None
    account: str | None = None
    account_id: str | None = None
    team: bool | None = None
    start_time: datetime | None = None


class KnownModels:
    """The models of a tournament as they are in the cache; use it within one transaction."""

    def __init__(self, connection: sqlite3.Connection, tournament: Tournament) -> None:
        self.connection = connection
        self.rows = {row.model: row for row in all_models(connection, tournament)}

    def named(self, name: str) -> CachedModel | None:
        """The model of that name; else the one whose name differs in case alone."""
        exact = next((row for row in self.rows.values() if row.name == name), None)
        return exact or next((row for row in self.rows.values() if row.name.lower() == name.lower()), None)

    def spelled(self, name: str, identity: str | None) -> str:
        """The name to write a model of the API's under. Its row is renamed and freed of doubles where that is due."""
        if identity is None:
            known = self.named(name)
            return name if known is None else known.name
        same = [row for row in self.rows.values() if row.id == identity]
        waiting = [row for row in self.rows.values() if row.id is None and row.name.lower() == name.lower()]
        if not same and not waiting:
            return name
        kept, *doubles = [*same, *waiting]
        for double in doubles:
            merge(self.connection, kept.model, double.model)
            del self.rows[double.model]
        if kept.name != name:
            self._rename(kept, name)
        return name

    def _rename(self, row: CachedModel, name: str) -> None:
        other = next((item for item in self.rows.values() if item.name == name), None)
        if other is not None:  # two models have changed names: the other's own row says how it is called now
            self._rename(other, f"{name} ({other.id})")
        rename(self.connection, row.model, name)
        self.rows[row.model] = row._replace(name=name)


def put_models(connection: sqlite3.Connection, tournament: Tournament, rows: Iterable[ModelRow]) -> dict[str, int]:
    """Models by name; returns the number of each. A renamed model keeps its number and its history, and a model that
    was asked for in another case has the API's spelling from now on.

    A name that now belongs to another id is another model: its history is fetched anew.
    """
    rows = list(rows)
    with transaction(connection):
        before = connection.total_changes
        known = KnownModels(connection, tournament)
        spelled = [row._replace(name=known.spelled(row.name, row.id)) for row in rows]
        ids = [(row.name, row.id, int(tournament)) for row in spelled if row.id is not None]
        connection.executemany(
            "UPDATE models SET synced_time = NULL WHERE name = ?1 AND id <> ?2 AND tournament = ?3", ids
        )
        mark_changed(connection, "models", connection.total_changes - before)
        upsert(
            connection,
            "models",
            ("tournament", *ModelRow._fields),
            ("tournament", "name"),
            ((int(tournament), *row) for row in spelled),
        )
        return {
            row.name: model_number(connection, tournament, model.name) for row, model in zip(rows, spelled, strict=True)
        }


def set_watched(
    connection: sqlite3.Connection, tournament: Tournament, name: str, watched: bool, *, ask_poller: bool = True
) -> None:
    """Marks a model as watched or not, in whatever case it is written; with `ask_poller` the history of a newly watched
    one is here within seconds."""
    with transaction(connection):
        known = KnownModels(connection, tournament).named(name)
        name = name if known is None else known.name
        changed = upsert(
            connection,
            "models",
            ("tournament", "name", "watched"),
            ("tournament", "name"),
            [(int(tournament), name, watched)],
        )
        if changed and watched:
            connection.execute(
                "UPDATE models SET synced_time = NULL WHERE tournament = ? AND name = ? AND (mine = 0 OR archived = 1)",
                (int(tournament), name),
            )
            if ask_poller:
                request_refresh(connection)


def set_mine(
    connection: sqlite3.Connection, tournament: Tournament, models: Iterable[tuple[int, bool]], *, complete: bool
) -> None:
    """Marks the account's models: (number, archived). When the list is `complete`, all others are no longer its own."""
    rows = [(int(tournament), number, archived) for number, archived in models]
    with transaction(connection):
        before = connection.total_changes
        connection.executemany(
            "UPDATE models SET mine = 1, archived = ?3, "
            "synced_time = iif(watched OR (mine = 1 AND archived = 0), synced_time, NULL) "  # not followed until now
            "WHERE model = ?2 AND tournament = ?1 AND (mine <> 1 OR archived <> ?3)",
            rows,
        )
        if complete:
            mine = {model.model for model in all_models(connection, tournament) if model.mine}
            gone = [(number,) for number in mine - {number for _, number, _ in rows}]
            connection.executemany("UPDATE models SET mine = 0 WHERE model = ?", gone)
            connection.executemany("DELETE FROM stakes WHERE model = ?", gone)
            connection.executemany("DELETE FROM submissions WHERE model = ?", gone)
        mark_changed(connection, "models", connection.total_changes - before)


def mark_synced(connection: sqlite3.Connection, model: int, time: datetime | None) -> None:
    """Notes that the model's full history was complete at `time`; in the transaction that wrote the last of it.

    None: it is to be fetched again whole. Days that were here of a history that was not count for nothing.
    """
    connection.execute(
        "UPDATE models SET days_from = iif(synced_time IS NULL, NULL, days_from), synced_time = ? WHERE model = ?",
        (time, model),
    )


def mark_days(connection: sqlite3.Connection, model: int, first: int) -> None:
    """Notes that every day of the model's rounds from `first` on is here (0: of all rounds); in the transaction that
    wrote the last of them."""
    connection.execute("UPDATE models SET days_from = ? WHERE model = ?", (first, model))
