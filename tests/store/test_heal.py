"""What former versions wrote of broken answers: a new one takes it out, and has it fetched again."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from numtui.store.database import open_writer
from tests.by_day import rows_by_day

from .former import former_cache, insert_latest, insert_scores

AT_TEXT = "2026-11-21T13:00:00Z"


def old_cache(path: Path) -> None:
    """A cache of an old version with year 1 in it, a score without its version, a doubled movement, a lost payout."""
    with former_cache(path, version=3) as connection:
        connection.execute("INSERT INTO score_names VALUES (1, 'corr60', 'v1'), (2, 'corr60', '')")
        for model, name in enumerate(("sound", "phantom", "lost"), 1):
            connection.execute(
                "INSERT INTO models (model, tournament, name, synced_time) VALUES (?, 8, ?, ?)", (model, name, AT_TEXT)
            )
            for number in (1, 2):
                insert_scores(connection, [(model, number, 1, 1, 0.1, 0.5, 1, None)])
                insert_latest(connection, (model, number, 1, 1, 0.1, 0.5, 1, None), "1" if number == 1 else None)
        insert_scores(connection, [(2, 1, 2, day, 0.1, 0.5, 1, None) for day in (1, 100_000)])
        connection.execute("INSERT INTO positions (model, round, at_risk, resolved) VALUES (3, 2, '5', 1)")
        connection.execute(
            "INSERT INTO rounds (tournament, round, open_time, close_time) VALUES (8, 1, ?, '1-01-01T00:00:00Z')",
            (AT_TEXT,),
        )
        connection.execute(
            "INSERT INTO pipeline (tournament, date, scored) VALUES (8, '2026-11-20', '1-01-01T00:00:00Z')"
        )
        for key in ("wallet a", "wallet a #2"):
            connection.execute(
                "INSERT INTO transactions (key, source, time) VALUES (?, 'wallet', '2026-01-01T00:00:00Z')", (key,)
            )
        connection.execute("INSERT INTO meta VALUES ('account time', '2026-11-20T00:00:00Z')")


def test_an_old_cache_heals(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    old_cache(path)
    with closing(open_writer(path)) as connection:
        assert connection.execute("SELECT open_time, close_time FROM rounds").fetchall() == [
            ("2026-11-21T13:00:00Z", None)
        ]
        assert connection.execute("SELECT scored FROM pipeline").fetchall() == [(None,)]
        assert rows_by_day(connection, "count(*), max(day)") == [(6, 1)]
        assert connection.execute("SELECT count(*) FROM latest").fetchall() == [(6,)]
        assert connection.execute("SELECT key FROM transactions").fetchall() == [("wallet a",)]
        assert connection.execute("SELECT name FROM models WHERE synced_time IS NULL ORDER BY name").fetchall() == [
            ("lost",),
            ("phantom",),
        ]
        assert connection.execute("SELECT count(*) FROM meta WHERE key = 'account time'").fetchall() == [(0,)]


def test_healing_a_sound_cache_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "sound.db"
    with former_cache(path, version=3) as connection:
        connection.execute(
            "INSERT INTO models (tournament, name, start_time, synced_time) VALUES (8, 'sound', ?, ?)",
            (AT_TEXT, AT_TEXT),
        )
        before = connection.execute("SELECT * FROM models").fetchall()
    with closing(open_writer(path)) as connection:
        assert connection.execute("SELECT * FROM models").fetchall() == [(*row, 0) for row in before]
