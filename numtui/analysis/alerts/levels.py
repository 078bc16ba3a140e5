"""The one hysteresis of all alerts, so that none flaps.

An alert fires as soon as its value is past the level. It clears when the value is back past the level by a tenth of
the level (MARGIN), or when it was back on the right side, however little, in CALM evaluations in a row. What has no
level (a refused key, a failed submission) clears as soon as it is over.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

MARGIN = 0.1  # of the level
CALM = 3  # evaluations in a row


class Standing(NamedTuple):
    """Where a value stands: past its level, or else back by the margin."""

    past: bool
    well_back: bool


def above(value: Decimal | float, level: Decimal | float, *, inclusive: bool = False) -> Standing:
    """The standing of a value that must not be above the level (`inclusive`: nor at it)."""
    number, limit = float(value), float(level)
    past = number >= limit if inclusive else number > limit
    return Standing(past, not past and number <= limit - MARGIN * abs(limit))


def below(value: Decimal | float, level: Decimal | float) -> Standing:
    """The standing of a value that must not be below the level."""
    number, limit = float(value), float(level)
    return Standing(number < limit, number >= limit + MARGIN * abs(limit))


def plain(past: bool) -> Standing:
    """The standing of what either is or is not."""
    return Standing(past, not past)
