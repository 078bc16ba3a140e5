"""On which calendar days a round was scored: dates that are known, and the days between them by the calendar.

The cache keeps the dates that matter, not those of every old round; scores come Tuesday to Saturday, so the others
follow by counting scoring days from the nearest date that is known. Dates are ordinals, as datetime.date counts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import numpy as np

from numtui.analysis.arrays import Ints
from numtui.calendar import SCORING_WEEK

EPOCH = date(1970, 1, 1).toordinal()


def ordinal_of(text: str | None) -> int:
    """The day ordinal of a date's or a time's text; 0 for none."""
    return 0 if text is None else date.fromisoformat(text[:10]).toordinal()


def date_text(ordinal: int) -> str:
    """The date of a day ordinal as `2026-11-21`."""
    return date.fromordinal(int(ordinal)).isoformat()


def filled_dates(known: Mapping[int, int], days: int) -> Ints:
    """The ordinals [D] of the scoring days 1..`days`, from the `known` ones by day; all 0 where none is known.

    They are counted on from the last known day, and never go past the next one.
    """
    if not known:
        return np.zeros(days, dtype=np.int64)
    wanted = np.arange(1, days + 1)
    stated = np.array(sorted(known), dtype=np.int64)
    ordinals = np.array([known[day] for day in stated.tolist()], dtype=np.int64)
    before = np.maximum(np.searchsorted(stated, wanted, side="right") - 1, 0)
    after = np.minimum(np.searchsorted(stated, wanted, side="left"), stated.size - 1)
    forward = _counted(ordinals[before], wanted - stated[before])
    backward = _counted(ordinals[after], wanted - stated[after])
    within = np.minimum(forward, backward)
    filled: Ints = np.where(wanted > stated[-1], forward, np.where(wanted < stated[0], backward, within))
    return filled


def _counted(ordinal: Ints, days: Ints) -> Ints:
    """The ordinals of the scoring days that come `days` scoring days after (before: negative) `ordinal`."""
    dates = (ordinal - EPOCH).astype("datetime64[D]")
    moved = np.busday_offset(dates, days, roll="backward", weekmask=SCORING_WEEK)
    counted: Ints = np.where(days == 0, ordinal, moved.astype(np.int64) + EPOCH)
    return counted
