"""What a broken answer of former times left in the cache, taken out once a good one shows that it was broken."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from numtui.store.database import transaction
from numtui.store.upsert import mark_changed

SCORE_TABLES = ("scores", "latest", "multipliers")


def forget_versionless(connection: sqlite3.Connection, model: int, stated: Iterable[int]) -> int:
    """Takes out the model's rows of scores without a version that stand beside the same score with one.

    `stated`: numbers of the scores that the model's newest answer names. Returns how many rows went.
    """
    named = list(stated)
    places = ", ".join("?" * len(named))
    pairs = connection.execute(
        f"""SELECT nameless.score, named.score FROM score_names named JOIN score_names nameless
          ON nameless.name = named.name AND nameless.version = '' AND named.version <> ''
          WHERE named.score IN ({places})""",
        named,
    ).fetchall()
    gone = 0
    with transaction(connection):
        for versionless, with_version in pairs:
            for table in SCORE_TABLES:
                found = connection.execute(
                    f"""DELETE FROM {table} WHERE model = ?1 AND score = ?2 AND round IN (
                      SELECT round FROM {table} WHERE model = ?1 AND score = ?3)""",
                    (model, versionless, with_version),
                )
                gone += mark_changed(connection, table, found.rowcount)
    return gone
