"""Writing leaderboards: pages of a snapshot as they come, and what a finished snapshot means."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, NamedTuple

from numtui.model import Tournament
from numtui.store.database import transaction
from numtui.store.writes.upsert import mark_changed, upsert

BoardKind = Literal["model", "account"]
FIELD_HISTORY = timedelta(days=31)  # of ranks of everybody; those of own and watched models and accounts stay for good


class EntryRow(NamedTuple):
    """An entry of `leaderboard`; None is unknown or unranked. Returns are fractions."""

    name: str
    id: str | None = None
    display_name: str | None = None
    rank: int | None = None
    stored_rank: int | None = None
    rank_change_1d: int | None = None
    rank_change_3m: int | None = None
    rank_change_1y: int | None = None
    nmr_staked: Decimal | None = None
    nmr_staked_rank: int | None = None
    team: bool | None = None
    active: bool | None = None
    title: str | None = None
    return_1d: float | None = None
    return_3m: float | None = None
    return_1y: float | None = None
    return_all: float | None = None
    return_3m_nmr: Decimal | None = None
    return_1y_nmr: Decimal | None = None
    return_all_nmr: Decimal | None = None
    corr: float | None = None
    corr20: float | None = None
    v2_corr20: float | None = None
    corr60: float | None = None
    corj60: float | None = None
    cort20: float | None = None
    corr_v4: float | None = None
    corr20d: float | None = None
    mmc: float | None = None
    mmc20d: float | None = None
    mmc60: float | None = None
    bmc: float | None = None
    tc: float | None = None
    fnc: float | None = None
    fnc_v3: float | None = None
    fnc_v4: float | None = None
    ic: float | None = None
    ic_v2: float | None = None
    ric: float | None = None
    alpha: float | None = None
    mpc: float | None = None
    canon_corr_ltm: float | None = None
    canon_mmc_ltm: float | None = None
    sharpe: float | None = None
    today: float | None = None


_COLUMNS = ("tournament", "kind", *EntryRow._fields, "stake", "snapshot")
_KEYS = ("tournament", "kind", "name")


def begin_snapshot(connection: sqlite3.Connection, tournament: Tournament, kind: BoardKind, now: datetime) -> int:
    """Starts a snapshot, or one that was interrupted anew, and returns its number."""
    with transaction(connection):
        unfinished = connection.execute(
            "SELECT snapshot FROM snapshots WHERE tournament = ? AND kind = ? AND complete = 0", (int(tournament), kind)
        ).fetchone()
        if unfinished is not None:  # what the interrupted one saw may be gone by now
            connection.execute("UPDATE leaderboard SET snapshot = 0 WHERE snapshot = ?", unfinished)
            connection.execute("UPDATE snapshots SET time = ? WHERE snapshot = ?", (now, unfinished[0]))
            return int(unfinished[0])
        cursor = connection.execute(
            "INSERT INTO snapshots (tournament, kind, time) VALUES (?, ?, ?)", (int(tournament), kind, now)
        )
        return int(cursor.lastrowid or 0)


def put_leaderboard_page(
    connection: sqlite3.Connection,
    snapshot: int,
    tournament: Tournament,
    kind: BoardKind,
    rows: Iterable[EntryRow],
    *,
    partial: bool = False,
) -> int:
    """A page of entries, visible at once; returns how many differ from the last snapshot.

    An entry replaces the old one whole (a model can lose its rank); of a `partial` answer what is missing stays.
    """
    page = [
        (int(tournament), kind, *row, None if row.nmr_staked is None else float(row.nmr_staked), snapshot)
        for row in rows
    ]
    replace = () if partial else set(_COLUMNS) - set(_KEYS) - {"snapshot"}
    with transaction(connection):
        changed = upsert(connection, "leaderboard", _COLUMNS, _KEYS, page, replace=replace, insert_only=("snapshot",))
        connection.executemany(
            "UPDATE leaderboard SET snapshot = ? WHERE tournament = ? AND kind = ? AND name = ?",
            [(snapshot, *row[:3]) for row in page],
        )
        return changed


def finish_snapshot(connection: sqlite3.Connection, snapshot: int) -> int:
    """All pages are here: entries that it has not seen disappear, and the day's ranks go to the history.

    Returns how many entries the snapshot has.
    """
    with transaction(connection):
        snapshots = connection.execute("SELECT tournament, kind, time FROM snapshots WHERE snapshot = ?", (snapshot,))
        tournament, kind, time = snapshots.fetchone()
        board = (tournament, kind)
        gone = connection.execute(
            "DELETE FROM leaderboard WHERE tournament = ? AND kind = ? AND snapshot <> ?", (*board, snapshot)
        ).rowcount
        mark_changed(connection, "leaderboard", gone)
        _keep_ranks(connection, tournament, kind, time[:10])
        count = connection.execute("SELECT count(*) FROM leaderboard WHERE tournament = ? AND kind = ?", board)
        entries = int(count.fetchone()[0])
        connection.execute("UPDATE snapshots SET complete = 1, entries = ? WHERE snapshot = ?", (entries, snapshot))
        mark_changed(connection, "snapshots")
        return entries


def _keep_ranks(connection: sqlite3.Connection, tournament: int, kind: str, date: str) -> None:
    """The ranks of `date` into the history, one a day (the last wins), and everybody's old ones out of it."""
    before = connection.total_changes
    connection.execute(
        "INSERT INTO rank_history SELECT tournament, kind, name, ?, rank, nmr_staked FROM leaderboard "
        "WHERE tournament = ? AND kind = ? AND rank IS NOT NULL "
        "ON CONFLICT DO UPDATE SET rank = excluded.rank, nmr_staked = excluded.nmr_staked "
        "WHERE rank IS NOT excluded.rank OR nmr_staked IS NOT excluded.nmr_staked",
        (date, tournament, kind),
    )
    oldest = (datetime.fromisoformat(date) - FIELD_HISTORY).date().isoformat()
    connection.execute(
        "DELETE FROM rank_history WHERE tournament = ?1 AND kind = ?2 AND date < ?3 AND name NOT IN ("
        "SELECT iif(?2 = 'model', name, coalesce(account, '')) FROM models "
        "WHERE tournament = ?1 AND (mine OR watched))",
        (tournament, kind, oldest),
    )
    mark_changed(connection, "rank_history", connection.total_changes - before)
