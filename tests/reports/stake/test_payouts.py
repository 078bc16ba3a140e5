"""Payouts with the prices of their days: sums equal the settled payouts to the digit, and the price's part is exact."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.prices import drawdown, value_change, volatility
from numtui.export.serialise import write
from numtui.model import Table, Tournament
from numtui.money import EXACT, digits, wei_text
from numtui.reports.stake.payouts import payouts
from numtui.reports.stake.prices import prices_table
from numtui.store.database import open_writer
from numtui.store.writes.accounts import PayoutRow, put_payouts, put_price
from numtui.store.writes.models import ModelRow, put_models, set_mine

CLASSIC = Tournament.CLASSIC
DAY = date(2026, 11, 1)
ZERO = Decimal(0)
NMR = st.decimals(-(10**6), 10**6, allow_nan=False, allow_infinity=False, places=18)
PRICE = st.decimals(Decimal("0.0001"), 10**4, allow_nan=False, allow_infinity=False, places=4)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_writer(tmp_path / "cache.sqlite")) as connection:
        yield connection


def resolved(connection: sqlite3.Connection, number: int, *parts: Decimal, day: date = DAY) -> None:
    """A round of the own model `fox` that settled in as many parts as it pays scores."""
    time = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
    connection.execute(
        "INSERT OR REPLACE INTO rounds (tournament, round, resolve_time, resolved) VALUES (8, ?, ?, 1)", (number, time)
    )
    for score, part in enumerate(parts):
        connection.execute(
            "INSERT OR REPLACE INTO latest (model, round, score, payout_settled) VALUES (1, ?, ?, ?)",
            (number, score, part),
        )


def own_model(connection: sqlite3.Connection) -> None:
    put_models(connection, CLASSIC, [ModelRow("fox", id="id-fox")])
    set_mine(connection, CLASSIC, [(1, False)], complete=True)
    assert connection.execute("SELECT model, mine FROM models").fetchall() == [(1, 1)]


def csv_rows(table: Table) -> list[dict[str, str]]:
    out = io.StringIO()
    write(table, "csv", out)
    return list(csv.DictReader(io.StringIO(out.getvalue())))


_numbers = count()


@settings(max_examples=40, deadline=None)
@given(
    rounds=st.lists(st.tuples(NMR, NMR, st.integers(0, 5)), min_size=1, max_size=8),
    prices=st.dictionaries(st.integers(0, 5), PRICE, max_size=6),
)
def test_sums_equal_the_settled_payouts_to_the_digit(
    tmp_path_factory: pytest.TempPathFactory,
    rounds: list[tuple[Decimal, Decimal, int]],
    prices: dict[int, Decimal],
) -> None:
    folder = tmp_path_factory.mktemp(f"payouts{next(_numbers)}")
    with closing(open_writer(folder / "cache.sqlite")) as connection:
        own_model(connection)
        for back, price in prices.items():
            put_price(connection, "NMR", "USD", price, None, now=noon(DAY + timedelta(back)))
        for number, (first, second, back) in enumerate(rounds, start=1):
            resolved(connection, number, first, second, day=DAY + timedelta(back))
        rows = csv_rows(payouts(connection, CLASSIC))
    expected = {number: EXACT.add(first, second) for number, (first, second, _) in enumerate(rounds, start=1)}
    shown = {int(row["round"]): row["payout"] for row in rows}
    assert {number: Decimal(text) for number, text in shown.items()} == {
        number: payout for number, payout in expected.items() if payout
    }
    total = ZERO
    for text in shown.values():
        total = EXACT.add(total, Decimal(text))
    assert digits(total.normalize() + 0) == digits(sum(expected.values(), ZERO).normalize() + 0)
    for row in rows:
        of_day = prices.get(rounds[int(row["round"]) - 1][2])
        assert row["price"] == ("" if of_day is None else digits(of_day))
        worth = None if of_day is None else EXACT.multiply(Decimal(row["payout"]), of_day)
        assert row["fiat"] == ("" if worth is None else wei_text(worth))


def test_each_payout_stands_once_and_says_where_it_is_from(cache: sqlite3.Connection) -> None:
    own_model(cache)
    resolved(cache, 1, Decimal("0.1"), Decimal("-0.3"))
    resolved(cache, 2, Decimal("0.5"))
    resolved(cache, 3, ZERO)  # nothing was at risk
    page = [
        PayoutRow(2, "id-fox", "fox", True, Decimal("0.5"), resolve_date="2026-11-01"),
        PayoutRow(1, "id-fox", "fox", False, Decimal("0.2"), resolve_date="2026-11-01"),  # of before it settled
        PayoutRow(4, "id-fox", "fox", False, Decimal("0.25"), resolve_date="2026-12-01"),
    ]
    put_payouts(cache, CLASSIC, page)
    put_price(cache, "NMR", "USD", Decimal(10), "2026-11-01T10:00:00Z", now=noon(DAY))
    put_price(cache, "NMR", "USD", Decimal(12), "2026-11-01T20:00:00Z", now=noon(DAY))
    put_price(cache, "NMR", "USD", Decimal(20), "2026-11-20T20:00:00Z", now=noon(DAY))
    table = payouts(cache, CLASSIC)
    names = ("round", "payout", "settled", "price", "fiat", "source")
    assert [tuple(row[name] for name in names) for row in csv_rows(table)] == [
        ("4", "0.25", "false", "20", "5.00", "account"),
        ("2", "0.5", "true", "12", "6.0", "account"),
        ("1", "-0.2", "true", "12", "-2.4", "performance"),
    ]
    assert [column.name for column in table.columns][:4] == ["round", "model", "payout", "settled"]
    assert table.notes == ()
    elsewhere = payouts(cache, CLASSIC, currency="EUR")
    assert "2 of 2 settled payouts have no price of their day in EUR" in elsewhere.notes[0]


def test_the_price_of_each_day_is_kept(cache: sqlite3.Connection) -> None:
    for day, price in enumerate(("10", "11", "9.9")):
        put_price(cache, "NMR", "USD", Decimal(price), None, now=noon(DAY + timedelta(day)))
    put_price(cache, "NMR", "EUR", Decimal(8), None, now=noon(DAY))
    rows = csv_rows(prices_table(cache, "usd"))
    assert [(row["date"], row["price"]) for row in rows] == [
        ("2026-11-03", "9.9"),
        ("2026-11-02", "11"),
        ("2026-11-01", "10"),
    ]
    assert [round(float(row["change"] or 0), 6) for row in rows] == [-0.1, 0.1, 0]
    assert [row["drawdown"] and round(float(row["drawdown"]), 6) for row in rows] == [0.1, 0, ""]


def test_volatility_is_of_daily_changes_a_year() -> None:
    prices = {DAY + timedelta(day): Decimal(10 if day % 2 else 11) for day in range(31)}
    last = DAY + timedelta(30)
    half = 0.09531017980432493  # log(11 / 10)
    assert volatility(prices, last) == pytest.approx(half * (30 / 29) ** 0.5 * 365**0.5)
    assert drawdown(prices, last) == 0
    assert volatility({day: price for day, price in prices.items() if day.day % 2}, last) is None, "gaps are no days"
    assert volatility({}, last) is None
    assert drawdown({}, last) is None


@given(stake=NMR, settled=st.lists(st.tuples(NMR, PRICE), max_size=6), before=PRICE, now=PRICE)
def test_what_was_settled_and_the_price_add_up_to_the_change(
    stake: Decimal, settled: list[tuple[Decimal, Decimal]], before: Decimal, now: Decimal
) -> None:
    change = value_change(stake, settled, before, now)
    nmr = sum((amount for amount, _ in settled), ZERO)
    with_all = EXACT.subtract(EXACT.multiply(stake, now), EXACT.multiply(EXACT.subtract(stake, nmr), before))
    assert EXACT.add(change.settled, change.price) == with_all
    flat = value_change(stake, [(amount, before) for amount, _ in settled], before, before)
    assert flat.price == 0, "without a change of the price there is none by it"
