"""The final value of a score is that of its last scoring day; later rows are kept and change nothing."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from numtui.analysis.staking_system import System
from numtui.model import Tournament
from numtui.store.database import open_writer
from numtui.store.migrations import statements
from numtui.store.queries.scores.arrays import final_scores, score_paths
from numtui.store.queries.terms import staking_system
from numtui.store.schema import APPLICATION_ID, VERSION
from numtui.store.writes.models import ModelRow, put_models
from numtui.store.writes.rounds import ConfigRow, RoundRow, put_rounds, score_ids
from numtui.store.writes.score_paths import ScoreDays
from numtui.store.writes.scores import LatestRow, put_scores
from tests.by_day import rows_by_day, score_days

CLASSIC = Tournament.CLASSIC
KEY = ("v2_corr20", "v2")
COUNTS = "SELECT day, value, percentile, resolved, payout_pending, payout_settled FROM latest"


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path / "cache.db")) as connection:
        yield connection


def known(cache: sqlite3.Connection, days: int | None = 20) -> tuple[int, int]:
    """A model and a score of round 1200, which by its configuration (if there is one) has so many scoring days."""
    put_rounds(cache, CLASSIC, [RoundRow(1200)], [ConfigRow(1200, KEY, total_score_days=days)] if days else [])
    return put_models(cache, CLASSIC, [ModelRow("m", "id")])["m"], score_ids(cache, [KEY])[KEY]


def path(model: int, score: int, *days: int) -> ScoreDays:
    return score_days(model, 1200, score, 1, [(day, day / 100, day / 100) for day in days])


def stated(model: int, score: int, day: int, settled: str | None = None) -> LatestRow:
    amount = None if settled is None else Decimal(settled)
    return LatestRow(model, 1200, score, day, day / 100, day / 100, True, None, None, amount)


def test_a_history_that_goes_on_after_the_last_day(cache: sqlite3.Connection, caplog: pytest.LogCaptureFixture) -> None:
    model, score = known(cache)
    answer = [path(model, score, *range(1, 24))], [stated(model, score, 23, "1.5")]
    with caplog.at_level(logging.WARNING):
        put_scores(cache, *answer)
        assert put_scores(cache, *answer) == 0
    assert cache.execute(COUNTS).fetchall() == [(20, 0.2, 0.2, 1, None, "1.5")]
    assert rows_by_day(cache, "max(day)") == [(23,)], "the later rows are kept"
    assert final_scores(cache, [model], [1200], [score])[0, 0, 0] == 0.2
    assert score_paths(cache, [model], [1200], [score], 20)[0, 0, 0].tolist() == [day / 100 for day in range(1, 21)]
    said = [record.getMessage() for record in caplog.records if "after their last scoring day" in record.getMessage()]
    assert len(said) == 1, "said once"


def test_days_that_come_one_by_one_stop_at_the_last(cache: sqlite3.Connection) -> None:
    model, score = known(cache)
    for day in (18, 19, 20, 21, 22):
        put_scores(cache, [], [stated(model, score, day, "1.5" if day < 21 else "99")])
    assert cache.execute(COUNTS).fetchall() == [(20, 0.2, 0.2, 1, None, "1.5")]
    put_scores(cache, [], [stated(model, score, 20, "1.25")._replace(value=0.19)])
    assert cache.execute(COUNTS).fetchall() == [(20, 0.19, 0.2, 1, None, "1.25")], "its own row may be corrected"


def test_the_payout_that_only_a_later_row_states_is_taken(cache: sqlite3.Connection) -> None:
    model, score = known(cache)
    pending = stated(model, score, 20)._replace(payout_pending=Decimal(1), resolved=False)
    put_scores(cache, [], [pending])
    put_scores(cache, [], [stated(model, score, 21, "1.1")])
    assert cache.execute(COUNTS).fetchall() == [(20, 0.2, 0.2, 1, None, "1.1")]


def test_the_last_day_may_come_after_later_ones(cache: sqlite3.Connection) -> None:
    model, score = known(cache)
    put_scores(cache, [], [stated(model, score, 22)])
    put_scores(cache, [path(model, score, 21)])
    assert cache.execute(COUNTS).fetchone()[:2] == (21, 0.21), "the first of the later ones, while there is none else"
    put_scores(cache, [path(model, score, 19, 20)])
    assert cache.execute(COUNTS).fetchone()[:2] == (20, 0.2)


def test_without_a_configuration_the_first_resolved_row_is_final(cache: sqlite3.Connection) -> None:
    model, score = known(cache, None)
    put_scores(
        cache, [path(model, score, 18)._replace(resolved=0)], [stated(model, score, 18)._replace(resolved=False)]
    )
    put_scores(cache, [], [stated(model, score, 21), stated(model, score, 20, "1")])
    assert cache.execute(COUNTS).fetchall() == [(20, 0.2, 0.2, 1, None, "1")]
    put_scores(cache, [], [stated(model, score, 22, "2")])
    assert cache.execute(COUNTS).fetchall() == [(20, 0.2, 0.2, 1, None, "1")]


def test_a_configuration_that_comes_later_puts_the_final_row_in_its_place(cache: sqlite3.Connection) -> None:
    model, score = known(cache, None)
    put_scores(cache, [path(model, score, *range(1, 25))])
    assert cache.execute(COUNTS).fetchone()[0] == 24
    put_rounds(cache, CLASSIC, [RoundRow(1200)], [ConfigRow(1200, KEY, total_score_days=20)])
    assert cache.execute(COUNTS).fetchone()[:3] == (20, 0.2, 0.2)
    assert len(rows_by_day(cache)) == 24


def test_a_cache_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    file = tmp_path / "old.db"
    script = files("numtui.store").joinpath("sql", "001_cache.sql").read_text(encoding="utf-8")
    with closing(sqlite3.connect(file, isolation_level=None)) as old:
        for statement in statements(script):
            old.execute(statement)
        old.execute(
            "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)"
        )
        old.execute("INSERT INTO _sqlite_migrations VALUES (1, 'numtui', '001_cache', '2026-11-20')")
        old.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        old.execute("PRAGMA user_version = 1")
        old.execute("INSERT INTO rounds (tournament, round, resolved) VALUES (8, 1200, 1), (8, 1201, 0)")
        old.execute("INSERT INTO score_names VALUES (1, 'v2_corr20', 'v2'), (2, 'corr60', 'v1')")
        old.execute("INSERT INTO models (model, tournament, name) VALUES (1, 8, 'm'), (2, 12, 'c')")
        configs = "INSERT INTO score_configs (tournament, round, score, is_payout, total_score_days, clip_threshold) "
        old.execute(f"{configs} VALUES (8, 1200, 1, 1, 20, '0.05'), (8, 1200, 2, 0, 60, NULL)")
        for score, model in ((1, 1), (2, 1), (1, 2)):
            rows = [(model, 1200, score, day, day / 100, None, 1, None) for day in range(1, 24)]
            old.executemany("INSERT INTO scores VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
            old.execute("INSERT INTO latest VALUES (?, 1200, ?, 23, 0.23, NULL, 1, NULL, NULL, '1')", (model, score))
    with closing(open_writer(file)) as cache:
        assert cache.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert cache.execute("SELECT round, v3_staking FROM rounds").fetchall() == [(1200, None), (1201, None)]
        latest = cache.execute("SELECT model, score, day, value, payout_settled FROM latest ORDER BY 1, 2").fetchall()
        assert latest == [(1, 1, 20, 0.2, "1"), (1, 2, 23, 0.23, "1"), (2, 1, 23, 0.23, "1")]
        assert len(rows_by_day(cache)) == 69
        assert staking_system(cache, CLASSIC) is System.LEGACY
        put_rounds(cache, CLASSIC, [RoundRow(1201, v3_staking=True)])
        assert staking_system(cache, CLASSIC) is System.ATOMIC
        put_rounds(cache, CLASSIC, [RoundRow(1201)])
        assert staking_system(cache, CLASSIC) is System.ATOMIC, "an answer without the flag forgets nothing"


def test_paths_with_later_rows_are_as_long_as_the_round(cache: sqlite3.Connection) -> None:
    model, score = known(cache)
    put_scores(cache, [path(model, score, *range(1, 19), 22)])
    days = score_paths(cache, [model], [1200], [score], 20)[0, 0, 0]
    assert np.isnan(days[18:]).all() and days[17] == 0.18
