"""Prices by day: what is near enough, and how far the last one lies below the highest."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest

from numtui.analysis.prices import drawdown, price_near

DAY = date(2026, 11, 20)


@pytest.mark.parametrize(("age", "known"), [(0, True), (1, True), (3, True), (4, False), (-1, False)])
def test_a_price_may_be_three_days_older(age: int, known: bool) -> None:
    found = price_near({DAY - timedelta(age): Decimal("14.5")}, DAY)
    assert found == (Decimal("14.5") if known else None)


def test_the_nearest_before_counts() -> None:
    prices = {DAY - timedelta(3): Decimal(1), DAY - timedelta(1): Decimal(2), DAY + timedelta(1): Decimal(3)}
    assert price_near(prices, DAY) == 2


def test_the_drawdown_is_below_the_highest_so_far() -> None:
    prices = {DAY - timedelta(back): Decimal(price) for back, price in ((3, 10), (2, 20), (1, 15), (0, 16))}
    assert drawdown(prices, DAY) == pytest.approx(0.2)
    assert drawdown(prices, DAY - timedelta(2)) == 0
    assert drawdown(prices, DAY - timedelta(3)) is None
