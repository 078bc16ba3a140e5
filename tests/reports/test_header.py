"""The header's round: open with its close, or closed with the next opening, stated or by the calendar."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.header import Header, header
from numtui.store.database import open_reader, open_writer
from numtui.store.writes.polls import Progress, finish_poll, start_poll
from numtui.store.writes.rounds import RoundRow, put_rounds

OPENS = datetime(2026, 11, 28, 13, tzinfo=UTC)  # a Saturday
CLOSES = OPENS + timedelta(days=2)
TUESDAY = datetime(2026, 12, 1, 13, tzinfo=UTC)


def header_at(folder: Path, now: datetime, *rounds: RoundRow) -> Header:
    path = folder / "cache.db"
    with closing(open_writer(path)) as connection:
        put_rounds(connection, Tournament.CLASSIC, rounds, [])
    with closing(open_reader(path)) as connection:
        return header(
            connection,
            Settings(db=path, config_file=folder / "config.toml", state_dir=folder),
            Tournament.CLASSIC,
            FixedClock(now),
        )


NEWEST = RoundRow(1407, open_time=OPENS, close_time=CLOSES, close_staking_time=CLOSES)


@pytest.mark.parametrize(
    ("now", "closes", "following"),
    [
        (OPENS + timedelta(hours=1), CLOSES, None),
        (CLOSES, None, TUESDAY),
        (TUESDAY + timedelta(hours=3), None, TUESDAY),  # it was due, and is not here
    ],
)
def test_an_open_round_has_its_close_and_a_closed_one_the_next_opening(
    tmp_path: Path, now: datetime, closes: datetime | None, following: datetime | None
) -> None:
    said = header_at(tmp_path, now, NEWEST)
    assert (said.round, said.closes_at, said.opens_next) == (1407, closes, following)


def test_what_the_api_states_goes_before_the_calendar(tmp_path: Path) -> None:
    stated = TUESDAY + timedelta(days=1)
    said = header_at(tmp_path, CLOSES, NEWEST, RoundRow(1408, open_time=stated))
    assert (said.round, said.opens_next) == (1407, stated)


def test_without_rounds_nothing_is_said(tmp_path: Path) -> None:
    said = header_at(tmp_path, CLOSES)
    assert (said.round, said.closes_at, said.opens_next) == (None, None, None)


def test_data_of_long_ago_are_not_stale_while_a_poll_is_at_work(tmp_path: Path) -> None:
    late = OPENS + timedelta(days=1)
    assert header_at(tmp_path, OPENS, NEWEST).state == "empty"
    with closing(open_writer(tmp_path / "cache.db")) as connection:
        done = start_poll(connection, Tournament.CLASSIC, "first", OPENS)
        finish_poll(connection, done, "done", Progress(), OPENS)
    assert header_at(tmp_path, OPENS).state == "live"
    assert header_at(tmp_path, late).state == "stale"
    with closing(open_writer(tmp_path / "cache.db")) as connection:
        start_poll(connection, Tournament.CLASSIC, "days", late)
    assert header_at(tmp_path, late).state == "live"
