"""What former versions wrote of broken answers: a new one takes it out, and has it fetched again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from numtui.model import Tournament
from numtui.store.database import open_writer
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import RoundRow, put_rounds, score_ids
from numtui.store.writes.scores import LatestRow, ScoreDays, put_scores

AT = datetime(2026, 11, 21, 13, tzinfo=UTC)


def old_cache(path: Path) -> None:
    """A cache of version 1 with year 1 in it, a score without its version, a doubled movement, a lost payout."""
    with closing(open_writer(path)) as connection:
        numbers = put_models(connection, Tournament.CLASSIC, [ModelRow(name) for name in ("sound", "phantom", "lost")])
        connection.execute("UPDATE models SET synced_time = ?", (AT,))
        ids = score_ids(connection, [("corr60", "v1"), ("corr60", "")])
        for model in numbers.values():
            put_scores(
                connection,
                [ScoreDays(model, number, ids["corr60", "v1"], 1, [(1, 0.1, 0.5)]) for number in (1, 2)],
                [LatestRow(model, number, ids["corr60", "v1"], 1, 0.1, 0.5, True) for number in (1, 2)],
            )
            connection.execute("UPDATE latest SET payout_settled = '1' WHERE model = ? AND round = 1", (model,))
        phantom, lost = numbers["phantom"], numbers["lost"]
        put_scores(connection, [ScoreDays(phantom, 1, ids["corr60", ""], 1, [(1, 0.1, 0.5), (100_000, 0.2, 0.5)])])
        connection.execute("INSERT INTO positions (model, round, at_risk, resolved) VALUES (?, 2, '5', 1)", (lost,))
        put_rounds(connection, Tournament.CLASSIC, [RoundRow(1, open_time=AT)])
        connection.execute("UPDATE rounds SET close_time = '1-01-01T00:00:00Z'")
        connection.execute(
            "INSERT INTO pipeline (tournament, date, scored) VALUES (8, '2026-11-20', '1-01-01T00:00:00Z')"
        )
        for key in ("wallet a", "wallet a #2"):
            connection.execute(
                "INSERT INTO transactions (key, source, time) VALUES (?, 'wallet', '2026-01-01T00:00:00Z')", (key,)
            )
        connection.execute("INSERT INTO meta VALUES ('account time', '2026-11-20T00:00:00Z')")
        connection.execute("DELETE FROM _sqlite_migrations WHERE name = '004_heal'")
        connection.execute("PRAGMA user_version = 1")


def test_an_old_cache_heals(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old_cache(path)
    with closing(open_writer(path)) as connection:
        assert connection.execute("SELECT open_time, close_time FROM rounds").fetchall() == [
            ("2026-11-21T13:00:00Z", None)
        ]
        assert connection.execute("SELECT scored FROM pipeline").fetchall() == [(None,)]
        assert connection.execute("SELECT count(*), max(day) FROM scores").fetchall() == [(6, 1)]
        assert connection.execute("SELECT count(*) FROM latest").fetchall() == [(6,)]
        assert connection.execute("SELECT key FROM transactions").fetchall() == [("wallet a",)]
        assert connection.execute("SELECT name FROM models WHERE synced_time IS NULL ORDER BY name").fetchall() == [
            ("lost",),
            ("phantom",),
        ]
        assert connection.execute("SELECT count(*) FROM meta WHERE key = 'account time'").fetchall() == [(0,)]


def test_healing_a_sound_cache_changes_nothing_but_what_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with closing(open_writer(path)) as connection:
        put_models(connection, Tournament.CLASSIC, [ModelRow("sound", start_time=AT)])
        before = connection.execute("SELECT * FROM models").fetchall()
        connection.execute("PRAGMA user_version = 1")
    with closing(open_writer(path)) as connection:
        assert connection.execute("SELECT * FROM models").fetchall() == before
        assert isinstance(connection, sqlite3.Connection)
