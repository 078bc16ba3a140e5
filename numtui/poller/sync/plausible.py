"""Bounds of the values in answers: what cannot be true is taken as missing, with one line in the log.

The types are right when a record is decoded; here are the bounds that a type does not know.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeGuard, TypeVar

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

ANY_NUMBER = (-LARGEST_NUMBER, LARGEST_NUMBER)
ANY_WHOLE = (1 - LARGEST_WHOLE, LARGEST_WHOLE - 1)
BOUNDS: dict[str, tuple[float, float]] = {
    "percentile": (0, 1),
    **dict.fromkeys(DAYS, (1, LAST_DAY)),
    **dict.fromkeys(NEVER_NEGATIVE, (0, LARGEST_NUMBER)),
}

R = TypeVar("R", bound=NamedTuple)


def plausible(row: R) -> R:
    """The row with None in place of every value that cannot be true."""
    wrong = [name for name, value in zip(row._fields, row, strict=True) if value is not None and not fits(name, value)]
    return row._replace(**dict.fromkeys(wrong)) if wrong else row


def all_plausible(rows: Sequence[R]) -> Sequence[R]:
    """What `plausible` makes of each row. Where all is as it should be that is seen column by column, mostly in C."""
    usual = not rows or all(map(_column_fits, rows[0]._fields, zip(*rows, strict=True)))
    return rows if usual else [plausible(row) for row in rows]


def _column_fits(name: str, column: Sequence[Any]) -> bool:
    """Whether all values of a column are surely right; of columns of other kinds than the usual ones it is not sure."""
    values = set(column) - {None}
    kinds = set(map(type, values))
    if not kinds or kinds == {bool}:
        return True
    if kinds in ({int}, {float}):
        low, high = BOUNDS.get(name, ANY_NUMBER if kinds == {float} else ANY_WHOLE)
        total = sum(values)
        return bool(total == total and low <= min(values) and max(values) <= high)  # noqa: PLR0124  NaN is no number
    if kinds == {str}:
        return all(_is_text(name, value) for value in values)
    return kinds == {Decimal} and all(_is_money(name, value) for value in values)


def fits(name: str, value: object) -> bool:
    """Whether a value may stand in the column `name`; where it may not, that is said in the log."""
    check = CHECKS.get(type(value))
    if check is None or check(name, value):
        return True
    say(f"{name} is not plausible, taken as missing", value)
    return False


def _is_number(name: str, value: float) -> bool:
    low, high = BOUNDS.get(name, ANY_NUMBER)
    return low <= value <= high


def _is_whole(name: str, value: int) -> bool:
    low, high = BOUNDS.get(name, ANY_WHOLE)
    return low <= value <= high


def _is_text(name: str, value: str) -> bool:
    return len(value) <= LONGEST_TEXT and (is_date(value) if name in DATES else _can_be_stored(value))


def _is_money(name: str, value: Decimal) -> bool:
    return is_amount(value) and not (name in NEVER_NEGATIVE and value < 0)


def _is_time(_name: str, value: datetime) -> bool:
    return value.year in YEARS


CHECKS: dict[type, Callable[[str, Any], bool]] = {
    str: _is_text,
    float: _is_number,
    int: _is_whole,
    Decimal: _is_money,
    datetime: _is_time,
}


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
