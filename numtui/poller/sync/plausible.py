"""Bounds of the values in answers: what cannot be true is taken as missing, with one line in the log.

The types are right when a record is decoded; here are the bounds that a type does not know.
"""

from __future__ import annotations

import logging
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import NamedTuple, TypeGuard, TypeVar

from numtui.api.wire import OddValues
from numtui.clock import parse_time

log = logging.getLogger(__name__)

YEARS = range(2015, 2100)  # Numerai began in December 2015; year 1 is a database's way to say nothing
LAST_DAY = 250  # of scoring: a year of trading days; the longest score so far has 60
LAST_ROUND = 1_000_000
LARGEST_WHOLE = 2**53
LARGEST_NUMBER = 1e9
LARGEST_SCORE = 1e6
DIGITS = range(-40, 41)  # powers of ten of an amount's first digit: a wei is 1e-18 NMR, all NMR are 1e25 wei
LONGEST_TEXT = 10_000

DAYS = frozenset({"day", "total_score_days"})
DATES = frozenset({"date", "resolve_date"})
NEVER_NEGATIVE = frozenset(
    {"at_risk", "clip_threshold", "nmr_staked", "payout_factor", "price", "rank", "stake", "stake_threshold"}
)

R = TypeVar("R", bound=NamedTuple)


def plausible(row: R) -> R:
    """The row with None in place of every value that cannot be true."""
    wrong = [name for name, value in zip(row._fields, row, strict=True) if value is not None and not fits(name, value)]
    return row._replace(**dict.fromkeys(wrong)) if wrong else row


def fits(name: str, value: object) -> bool:
    """Whether a value may stand in the column `name`; where it may not, that is said in the log."""
    match value:
        case bool():
            possible = True
        case str():
            possible = len(value) <= LONGEST_TEXT and (is_date(value) if name in DATES else _can_be_stored(value))
        case float():
            possible = isfinite(value) and abs(value) <= LARGEST_NUMBER and _in_bounds(name, value)
        case int():
            possible = abs(value) < LARGEST_WHOLE and _in_bounds(name, value)
        case Decimal():
            possible = is_amount(value) and not (name in NEVER_NEGATIVE and value < 0)
        case datetime():
            possible = value.year in YEARS
        case _:
            possible = True
    if not possible:
        say(f"{name} is not plausible, taken as missing", value)
    return possible


def _in_bounds(name: str, value: float) -> bool:
    if name == "percentile":
        return 0 <= value <= 1
    if name in DAYS:
        return 1 <= value <= LAST_DAY
    return not (name in NEVER_NEGATIVE and value < 0)


def is_amount(value: Decimal) -> bool:
    """Whether it can be an amount of money in any unit."""
    return value.is_finite() and (not value or value.adjusted() in DIGITS)


def is_round(number: int | None) -> TypeGuard[int]:
    """Whether it can be the number of a round."""
    return number is not None and 0 <= number <= LAST_ROUND


def is_day(day: int | None) -> TypeGuard[int]:
    """Whether it can be a scoring day."""
    return day is not None and 1 <= day <= LAST_DAY


@lru_cache(maxsize=4096)
def is_date(text: str) -> bool:
    """Whether a text begins with a date that can be one of the tournament's."""
    try:
        return parse_time(text).year in YEARS
    except (ValueError, OverflowError):
        return False


def _can_be_stored(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def say(what: str, value: object) -> None:
    """Says in the log what was odd about a value; once, for it may stand in each of 15,000 rows."""
    line = f"{what}: {value!r:.40}"
    OddValues.note(line)
    _say_once(line)


@lru_cache(maxsize=512)
def _say_once(line: str) -> None:
    log.warning(line)
