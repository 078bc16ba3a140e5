"""Pollers, waiting ones and screens on one cache, killed at random: a few days of what sessions.py runs for 200."""

from __future__ import annotations

from pathlib import Path

from .sessions import TAKEN_OVER_WITHIN, disturbed


def test_sessions_that_are_killed_end_in_the_same_cache(tmp_path: Path) -> None:
    outcome = disturbed(tmp_path, scoring_days=4, days_per_minute=30, seed=1)
    assert outcome.kills
    assert max(outcome.take_overs, default=0.0) < TAKEN_OVER_WITHIN
    assert outcome.overlaps == outcome.doubled == 0
    assert outcome.differing == {}
