"""Fast writes: many rows a statement, with an upsert that touches only rows whose values change.

A missing field (None) never erases a known value, because answers can be partial; the columns named in `replace` are
the exceptions, where None says something (no pending change, no rank). `changes` counts the writes that changed
a table.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain, islice
from typing import Any

VALUES = 999  # in one statement: so many every SQLite takes


@cache
def upsert_sql(
    table: str, columns: tuple[str, ...], keys: tuple[str, ...], replace: frozenset[str], insert_only: frozenset[str]
) -> str:
    """INSERT for `put_many` that updates on a conflict of `keys`, and only where a value would change."""
    values = [column for column in columns if column not in keys and column not in insert_only]
    sets, tests = [], []
    for column in values:
        if column in replace:
            sets.append(f"{column} = excluded.{column}")
            tests.append(f"{column} IS NOT excluded.{column}")
        else:
            sets.append(f"{column} = coalesce(excluded.{column}, {column})")
            tests.append(f"(excluded.{column} IS NOT NULL AND {column} IS NOT excluded.{column})")
    update = f"DO UPDATE SET {', '.join(sets)} WHERE {' OR '.join(tests)}" if values else "DO NOTHING"
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES {{rows}} ON CONFLICT ({', '.join(keys)}) {update}"


def upsert(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    keys: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    replace: Iterable[str] = (),
    insert_only: Iterable[str] = (),
) -> int:
    """Writes `rows` (values in the order of `columns`); returns how many really changed. Call it in a transaction.

    None in a column of `replace` erases; a column of `insert_only` is written with a new row and then left alone.
    """
    before = connection.total_changes
    sql = upsert_sql(table, tuple(columns), tuple(keys), frozenset(replace), frozenset(insert_only))
    put_many(connection, sql, rows)
    return mark_changed(connection, table, connection.total_changes - before)


def put_many(connection: sqlite3.Connection, sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Runs an INSERT that has `{rows}` for its VALUES, many rows a statement: twice as fast as one by one."""
    rows = iter(rows)
    first = next(rows, None)
    if first is None:
        return
    row, together = f"({', '.join('?' * len(first))})", VALUES // len(first)
    rows = chain([first], rows)
    while len(batch := list(islice(rows, together))) == together:
        connection.execute(_with_rows(sql, row, together), list(chain.from_iterable(batch)))
    connection.executemany(_with_rows(sql, row, 1), batch)


@cache
def _with_rows(sql: str, row: str, count: int) -> str:
    return sql.format(rows=", ".join([row] * count))


def mark_changed(connection: sqlite3.Connection, table: str, count: int = 1) -> int:
    """Counts up the version of `table` in `changes` when `count` rows changed; returns `count`."""
    if count:
        connection.execute(
            "INSERT INTO changes VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET version = version + 1", (table,)
        )
    return count
