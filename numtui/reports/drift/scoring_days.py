"""On which calendar days rounds were scored: dates that are here, and the days between them by the calendar.

The cache keeps the dates that matter, not those of every old round; scores come Tuesday to Saturday, so the others
follow by counting scoring days from the nearest date that is known.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import date

import numpy as np

from numtui.analysis.arrays import Ints
from numtui.calendar import SCORING_WEEK
from numtui.model import Tournament
from numtui.store.queries.scores.scoring_days import latest_score_dates, score_dates, scoring_starts

EPOCH = date(1970, 1, 1).toordinal()
LONGEST = 60


def ordinal_of(text: str | None) -> int:
    """The day ordinal (as datetime.date counts) of a time's text; 0 for none."""
    return 0 if text is None else date.fromisoformat(text[:10]).toordinal()


def day_of(ordinal: int) -> str:
    """The date's text of a day ordinal."""
    return date.fromordinal(int(ordinal)).isoformat()


def round_days(
    connection: sqlite3.Connection, tournament: Tournament, rounds: Sequence[int], days: int | None = None
) -> Ints:
    """The ordinals [R, D] of the scoring days 1..`days` of `rounds` (default: the longest there is); 0 where unknown.

    Days to come are counted like those past: a score says whether a day was scored.
    """
    anchors: dict[int, dict[int, int]] = {number: {} for number in rounds}
    if rounds:
        between = (connection, tournament, min(rounds), max(rounds))
        for number, day, date_text in score_dates(*between):
            if number in anchors:
                anchors[number][day] = ordinal_of(date_text)
        for number, day, date_text in latest_score_dates(*between):
            if number in anchors:
                anchors[number].setdefault(day, ordinal_of(date_text))
        for number, day, time_text in scoring_starts(*between):
            if not anchors.get(number, {1: 0}):
                anchors[number][day] = ordinal_of(time_text)
    ordinals = np.zeros((len(rounds), days or LONGEST), dtype=np.int64)
    for place, number in enumerate(rounds):
        if anchors[number]:
            ordinals[place] = _filled(anchors[number], ordinals.shape[1])
    return ordinals


def _filled(known: dict[int, int], days: int) -> Ints:
    """The ordinals [D] of days 1..D: counted on from the last known day, and never past the next one."""
    every = np.arange(1, days + 1)
    stated = np.array(sorted(known), dtype=np.int64)
    at = np.array([known[day] for day in stated.tolist()], dtype=np.int64)
    before = np.maximum(np.searchsorted(stated, every, side="right") - 1, 0)
    after = np.minimum(np.searchsorted(stated, every, side="left"), stated.size - 1)
    forward = _counted(at[before], every - stated[before])
    backward = _counted(at[after], every - stated[after])
    ordinals: Ints = np.where(
        every > stated[-1], forward, np.where(every < stated[0], backward, np.minimum(forward, backward))
    )
    return ordinals


def _counted(ordinal: Ints, days: Ints) -> Ints:
    dates = (ordinal - EPOCH).astype("datetime64[D]")
    moved = np.busday_offset(dates, days, roll="backward", weekmask=SCORING_WEEK)
    counted: Ints = np.where(days == 0, ordinal, moved.astype(np.int64) + EPOCH)
    return counted
