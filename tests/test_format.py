"""How values look on screen."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from numtui.format import ASCII, UNICODE, Formatter, Tone, bar, duration, sparkline
from numtui.model import Column, Kind
from numtui.tui.table.layout import Layout, fit, last_offset
from numtui.tui.table.painter import padded

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
PLAIN = Formatter(NOW, results=frozenset({"payout"}), changes=frozenset({"moved"}))


@pytest.mark.parametrize(
    ("value", "kind", "name", "text", "tone"),
    [
        (0.01234, Kind.SCORE, "x", "+0.0123", Tone.GAIN),
        (-0.01234, Kind.SCORE, "x", "-0.0123", Tone.LOSS),
        (float("nan"), Kind.SCORE, "x", "nan", Tone.PLAIN),
        (None, Kind.SCORE, "x", "–", Tone.FAINT),
        (-0.125, Kind.FRACTION, "x", "-12.50%", Tone.LOSS),
        (0.987, Kind.PERCENTILE, "x", "98.7", Tone.PLAIN),
        (1401, Kind.INT, "x", "1,401", Tone.PLAIN),
        (15000, Kind.INT, "x", "15,000", Tone.PLAIN),
        (-3, Kind.INT, "moved", "▼3", Tone.LOSS),
        (0, Kind.INT, "moved", "=", Tone.PLAIN),
        (Decimal("1234567.891"), Kind.NMR, "stake", "1,234,567.89", Tone.PLAIN),
        (Decimal("1.25"), Kind.NMR, "payout", "+1.2500", Tone.GAIN),
        (Decimal("-0.00001"), Kind.NMR, "payout", "-0.0000", Tone.LOSS),
        (Decimal("0E-18"), Kind.NMR, "payout", "0.0000", Tone.PLAIN),
        (True, Kind.BOOL, "x", "✓", Tone.PLAIN),
        (False, Kind.BOOL, "x", "✗", Tone.PLAIN),
        (datetime(2026, 11, 20, 9, 5, tzinfo=UTC), Kind.TIME, "x", "20 Nov 09:05", Tone.PLAIN),
        (datetime(2024, 1, 2, 9, 5, tzinfo=UTC), Kind.TIME, "x", "02 Jan 2024", Tone.PLAIN),
        ("evil\x1b[2Jname", Kind.TEXT, "x", "evil?[2Jname", Tone.PLAIN),
        ((30, 60), Kind.BAR, "x", "████░░░░ 30/60", Tone.MUTED),
        ((0.0, 0.5, 1.0), Kind.SPARK, "x", "▁▅█", Tone.MUTED),
    ],
)
def test_values(value: object, kind: Kind, name: str, text: str, tone: Tone) -> None:
    column = Column(name, kind)
    assert (PLAIN.text(value, column), PLAIN.tone(value, column)) == (text, tone)


def test_money_in_fiat_and_hidden() -> None:
    stake = Column("nmr_staked", Kind.NMR, "stake")
    fiat = PLAIN._replace(currency="USD", price=Decimal("14.25"))
    assert (fiat.text(Decimal(120), stake), fiat.heading(stake)) == ("1,710.00", "stake USD")
    hidden = fiat._replace(hide=True)
    assert hidden.text(Decimal(120), stake) == "•••"
    assert hidden.tone(Decimal(-1), Column("payout", Kind.NMR)) is Tone.PLAIN  # nor does a colour tell


def test_every_glyph_of_ascii_is_ascii() -> None:
    assert all(glyph.isascii() for glyph in ASCII)
    assert all(len(ascii_glyph) <= len(glyph) for ascii_glyph, glyph in zip(ASCII, UNICODE, strict=True))


def test_durations() -> None:
    assert [duration(seconds) for seconds in (5, 60, 3599, 3600, 8700, 172_800, 280_000)] == [
        "5s", "1m", "59m", "1h 00m", "2h 25m", "2d 0h", "3d 5h",
    ]  # fmt: skip


def test_bars_and_sparklines_at_their_ends() -> None:
    assert bar(0, 0, 4, ASCII) == "...."
    assert bar(9, 3, 4, ASCII) == "####"
    assert sparkline([], UNICODE) == "–"
    assert sparkline([0.3, 0.3], UNICODE) == "▁▁"


def test_texts_are_padded_to_cells_not_letters() -> None:
    assert padded("日本", 5, "…", right=True) == " 日本"
    assert padded("日本語", 5, "…", right=False) == "日本…"


def test_columns_fit_whole_and_the_last_can_be_reached() -> None:
    columns = [Column(name, Kind.INT) for name in "abcdef"]
    fixed, others = Layout(("b",), ("d",), ("f",)).places(columns, {0})
    assert (fixed, others) == ([1], [3, 2, 4, 0])
    widths = [5] * 6
    first = fit(fixed, others, widths, 18, 0, elastic=set())
    assert ([shown.place for shown in first.shown], first.left, first.right) == ([1, 3, 2], 0, 2)
    offset = last_offset(fixed, others, widths, 18)
    last = fit(fixed, others, widths, 18, offset, elastic=set())
    assert ([shown.place for shown in last.shown], last.left, last.right) == ([1, 4, 0], 2, 0)


def test_an_amount_is_worth_what_its_own_day_says() -> None:
    formatter = Formatter(now=NOW, currency="USD", price=Decimal(20))
    column = Column("payout", Kind.NMR)
    assert formatter.text(Decimal(2), column) == "40.00"
    assert formatter.at_price(Decimal(10)).text(Decimal(2), column) == "20.00"
    assert formatter.at_price(None).text(Decimal(2), column) == "40.00", "the newest, where that day's is not known"
