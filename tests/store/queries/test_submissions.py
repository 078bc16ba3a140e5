"""What an own model had in past rounds, as far as the cache knows: late ones since they were seen, unknown else."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from numtui.analysis.submissions import Submission
from numtui.model import Tournament
from numtui.reports.models.submissions import strip, submission_board
from numtui.store.database import open_writer
from numtui.store.queries.rounds import round_times
from numtui.store.queries.submissions import submission_record
from numtui.store.writes.accounts import SubmissionRow, forget_account, put_submissions
from numtui.store.writes.models import ModelRow, put_models, set_mine

CLASSIC = Tournament.CLASSIC
AT = datetime(2026, 11, 20, 14, tzinfo=UTC)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path / "cache.sqlite")) as connection:
        put_models(connection, CLASSIC, [ModelRow("fox", id="id-fox")])
        set_mine(connection, CLASSIC, [(1, False)], complete=True)
        for number in range(1, 8):
            closes = AT + timedelta(days=number - 7)
            connection.execute(
                "INSERT INTO rounds (tournament, round, open_time, close_time) VALUES (8, ?, ?, ?)",
                (number, closes - timedelta(hours=1), closes),
            )
        connection.execute("UPDATE models SET synced_time = ?, start_time = ?", (AT, AT - timedelta(days=5, hours=1)))
        yield connection


def test_each_round_says_what_is_known_of_it(cache: sqlite3.Connection) -> None:
    positions = [(2, "s2"), (3, None), (4, "s4"), (5, "s5")]
    cache.executemany("INSERT INTO positions (model, round, submission_id) VALUES (1, ?, ?)", positions)
    late = AT - timedelta(days=2) + timedelta(minutes=5)
    put_submissions(cache, [SubmissionRow(1, "s5", 5, "accepted", late, "late.parquet")])
    put_submissions(cache, [SubmissionRow(1, "s6", 6, "failed", AT - timedelta(days=1, minutes=5))])
    put_submissions(cache, [SubmissionRow(1, "s7", 7, "queued", AT - timedelta(minutes=5), "newest.parquet")])
    record = submission_record(cache, CLASSIC, 1, round_times(cache, CLASSIC))
    assert record == [
        Submission.QUEUED,
        Submission.FAILED,
        Submission.LATE,
        Submission.ACCEPTED,
        Submission.NONE,
        Submission.ACCEPTED,
        None,
    ]
    assert strip(record) == "qFL.X.?"
    (row,) = submission_board(cache, CLASSIC, AT - timedelta(minutes=1)).rows
    board = dict(zip([column.name for column in submission_board(cache, CLASSIC, AT).columns], row, strict=True))
    assert (board["round"], board["submission"], board["file"]) == (7, "queued", "newest.parquet")
    assert board["seconds_left"] == 60
    assert board["last_60"] == "FL.X.?", "the open round is not one of the past"
    assert (board["sent"], board["missed"], board["late"], board["failed"], board["unknown"]) == (2, 1, 1, 1, 1)


def test_the_history_is_the_accounts(cache: sqlite3.Connection) -> None:
    put_submissions(cache, [SubmissionRow(1, "s5", 5, "accepted", AT)])
    forget_account(cache)
    assert cache.execute("SELECT count(*) FROM submission_history").fetchone() == (0,)
