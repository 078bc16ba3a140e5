"""What is due, by the calendar and the pipeline's words."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from numtui.poller.sync.scoring_run import ScoringRun, is_due, missed_days, run_of

FRIDAY, SATURDAY, SUNDAY, MONDAY, TUESDAY = (date(2026, 11, day) for day in (20, 21, 22, 23, 24))
SCORED = datetime(2026, 11, 20, 16, tzinfo=UTC)
RESOLVED = datetime(2026, 11, 20, 16, 45, tzinfo=UTC)

BEFORE = ScoringRun(FRIDAY)
HALF = ScoringRun(FRIDAY, SCORED)
WHOLE = ScoringRun(FRIDAY, RESOLVED, complete=True)
QUIET = ScoringRun(SUNDAY, None, complete=True)


@pytest.mark.parametrize(
    ("seen", "now", "due"),
    [
        (None, BEFORE, True),
        (BEFORE, BEFORE, False),
        (BEFORE, HALF, True),
        (HALF, HALF, False),
        (HALF, WHOLE, True),
        (WHOLE, WHOLE, False),
        (WHOLE, ScoringRun(SATURDAY), False),
        (HALF, ScoringRun(SATURDAY), True),  # Friday may have resolved since
        (BEFORE, ScoringRun(SATURDAY), True),
        (WHOLE, ScoringRun(SATURDAY, SCORED), True),
        (WHOLE, ScoringRun(SUNDAY, None, complete=True), True),  # Saturday was missed
        (ScoringRun(SATURDAY, RESOLVED, complete=True), QUIET, False),
        (ScoringRun(SATURDAY, RESOLVED, complete=True), ScoringRun(MONDAY, None, complete=True), False),
        (ScoringRun(SATURDAY, RESOLVED, complete=True), ScoringRun(TUESDAY), False),
        (QUIET, ScoringRun(TUESDAY), False),
        (QUIET, ScoringRun(TUESDAY, SCORED), True),
        (WHOLE, BEFORE, False),  # the clock went back, or the API forgot: nothing that is newer
    ],
)
def test_due(seen: ScoringRun | None, now: ScoringRun, due: bool) -> None:
    assert is_due(seen, now) is due


def test_missed_days_count_scoring_days_only() -> None:
    assert missed_days(WHOLE, SATURDAY) == 0
    assert missed_days(HALF, SATURDAY) == 1
    assert missed_days(WHOLE, MONDAY) == 1
    assert missed_days(WHOLE, TUESDAY) == 1
    assert missed_days(WHOLE, date(2026, 11, 27)) == 1 + 3
    assert missed_days(WHOLE, FRIDAY) == 0


def test_run_of_a_pipeline_status() -> None:
    assert run_of(FRIDAY, True, None, None) == BEFORE
    assert run_of(FRIDAY, True, SCORED.replace(microsecond=5), None) == HALF
    assert run_of(FRIDAY, None, SCORED, RESOLVED) == WHOLE
    assert run_of(SUNDAY, False, None, None) == QUIET


@pytest.mark.parametrize("run", [BEFORE, HALF, WHOLE, QUIET])
def test_text_and_back(run: ScoringRun) -> None:
    assert ScoringRun.from_text(run.to_text()) == run
    assert ScoringRun.from_text(None) is None
