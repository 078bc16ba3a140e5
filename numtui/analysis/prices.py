"""The token's own swing: volatility and drawdown of its price, and how much of a change in value is its doing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from statistics import stdev
from typing import NamedTuple

from numtui.money import EXACT, ZERO

WINDOW = 30  # days
FEWEST = 10  # daily changes, below which there is no volatility
DAYS_A_YEAR = 365  # the market never closes
NEAR = 3  # days by which the price of a date may be older


class ValueChange(NamedTuple):
    """The change of a stake's value over some days in fiat: by what it settled, and by the price of the token.

    They add up to the change exactly.
    """

    settled: Decimal
    price: Decimal


def volatility(prices: Mapping[date, Decimal], last: date, days: int = WINDOW) -> float | None:
    """The standard deviation (n-1) of the daily log changes of the `days` days to `last`, annualised by sqrt(365).

    Only changes from one day to the next count; None below 10 of them.
    """
    changes = [
        math.log(prices[day] / prices[day - timedelta(1)])
        for day in (last - timedelta(back) for back in range(days))
        if day in prices and day - timedelta(1) in prices
    ]
    return stdev(changes) * math.sqrt(DAYS_A_YEAR) if len(changes) >= FEWEST else None


def drawdown(prices: Mapping[date, Decimal], last: date) -> float | None:
    """How far the last price known by `last` lies below the highest before it, 0..1; None before a second one."""
    known = [prices[day] for day in sorted(prices) if day <= last]
    return float(1 - known[-1] / max(known)) if len(known) > 1 else None


def price_near(prices: Mapping[date, Decimal], day: date) -> Decimal | None:
    """The price of the day, or of the nearest day before it, at most 3 days; None where none is known."""
    return next((prices[day - timedelta(back)] for back in range(NEAR + 1) if day - timedelta(back) in prices), None)


def value_change(
    stake: Decimal, settled: Iterable[tuple[Decimal, Decimal]], before: Decimal, now: Decimal
) -> ValueChange:
    """The change of value since the price was `before` of a `stake` of now, of which `settled` (NMR, price of its day)
    came since: as if nothing had been added or withdrawn."""
    payouts = list(settled)
    earned = ZERO
    nmr = ZERO
    for amount, price in payouts:
        nmr = EXACT.add(nmr, amount)
        earned = EXACT.add(earned, EXACT.multiply(amount, price))
    was = EXACT.multiply(EXACT.subtract(stake, nmr), before)
    change = EXACT.subtract(EXACT.multiply(stake, now), was)
    return ValueChange(earned, EXACT.subtract(change, earned))
