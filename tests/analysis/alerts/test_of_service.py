"""Scores that are late, on the minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from numtui.alert_rules import ScoresLate
from numtui.analysis.alerts.facts import ScoringFact, Unknown
from numtui.analysis.alerts.of_service import scores_late

USUAL = datetime(2026, 11, 24, 14, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scored", "hours", "fires"),
    [
        (False, 0, False),
        (False, 2.9, False),
        (False, 3, False),
        (False, 3.1, True),
        (False, 40, True),
        (True, 40, False),
    ],
)
def test_scores_are_late_after_so_many_hours(scored: bool, hours: float, fires: bool) -> None:
    fact = ScoringFact(date(2026, 11, 24), USUAL, scored)
    found = scores_late(ScoresLate(hours=3), fact, USUAL + timedelta(hours=hours))
    assert not isinstance(found, Unknown)
    (finding,) = found
    assert ("h late" in finding.text) is fires
