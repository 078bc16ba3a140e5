"""Scoring days of rounds of which no score is here: the calendar and the configuration tell them."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from numtui.model import Tournament
from numtui.reports.round_status import ScoringDays, scoring_days
from numtui.store.database import open_writer
from numtui.store.writes.rounds import ConfigRow, RoundRow, put_rounds

NOW = datetime(2026, 11, 24, 20, tzinfo=UTC)  # a Tuesday
RESOLVES = datetime(2026, 11, 25, 17, tzinfo=UTC)
BEGAN = datetime(2026, 9, 3, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "score_time", "done"),
    [
        (BEGAN, BEGAN, 59),
        (None, BEGAN, 59),
        (None, None, 59),  # a day is left
        (None, RESOLVES, 59),  # the time of the last score is no start
        (RESOLVES, None, 59),
    ],
)
def test_a_round_with_a_day_left_is_nearly_done(
    tmp_path: Path, start: datetime | None, score_time: datetime | None, done: int
) -> None:
    with closing(open_writer(tmp_path / "cache.db")) as connection:
        put_rounds(
            connection,
            Tournament.CLASSIC,
            [RoundRow(1345, score_time=score_time, resolve_time=RESOLVES)],
            [ConfigRow(1345, ("corr60", "v1"), total_score_days=60, is_payout=True, scoring_start=start)],
        )
        assert scoring_days(connection, Tournament.CLASSIC, NOW) == {1345: ScoringDays(done, 60)}
