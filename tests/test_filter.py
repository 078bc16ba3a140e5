"""The filter language: what it accepts, what it means, and that a cache and a list agree on it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.filter import FilterError, parse_filter
from numtui.model import Column, Kind, Row

COLUMNS = (
    Column("model", Kind.TEXT),
    Column("nmr_staked", Kind.NMR),
    Column("mmc60", Kind.SCORE),
    Column("team", Kind.BOOL),
    Column("open_time", Kind.TIME),
    Column("path", Kind.SPARK),
)
ROW: Row = ("Amber_Fox", Decimal("120.5"), 0.0123, False, datetime(2026, 11, 20, 13, tzinfo=UTC), (1, 2))


def passes(text: str, row: Row = ROW) -> bool:
    chosen = parse_filter(text, COLUMNS)
    assert chosen is not None
    return chosen.matches(COLUMNS, row, 0)


@pytest.mark.parametrize(
    "text",
    [
        "fox",
        "amber FOX",
        "stake>100",
        "stake>100 mmc60>0.01",
        "nmr_staked=120.5",
        "mmc60>1%",
        "team=no",
        "!wolf",
        "!stake>200",
        "model=amber",
        "model!=wolf",
        "open_time>2026-11",
        "open_time<2026-12",
        "MMC60>=0.0123",
    ],
)
def test_passes(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text", ["wolf", "stake>120.5", "stake>100 mmc60>0.02", "team=yes", "!fox", "open_time>2026-12"]
)
def test_does_not_pass(text: str) -> None:
    assert not passes(text)


@pytest.mark.parametrize("text", ["", "   ", "!", " ! "])
def test_blank_is_no_filter(text: str) -> None:
    assert parse_filter(text, COLUMNS) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("corr9>1", "no column 'corr9'"),
        ("stake>", "a value is missing"),
        ("stake>many", "'many' is not a number"),
        ("stake>nan", "not a number"),
        ("path>1", "no column 'path'"),
    ],
)
def test_says_what_is_not_understood(text: str, said: str) -> None:
    with pytest.raises(FilterError, match=said):
        parse_filter(text, COLUMNS)


@pytest.mark.parametrize(("typed", "meant"), [("mmc", "mmc60"), ("times", "open_time"), ("NMRstaked", "nmr_staked")])
def test_the_columns_that_may_have_been_meant_come_first(typed: str, meant: str) -> None:
    with pytest.raises(FilterError) as told:
        parse_filter(f"{typed}>1", COLUMNS)
    names = str(told.value).partition("; there are ")[2].split(", ")
    assert names[0] == meant
    assert sorted(names) == sorted(column.name for column in COLUMNS if column.kind is not Kind.SPARK)


def test_a_missing_value_passes_no_comparison() -> None:
    row: Row = ("x", None, None, None, None, None)
    assert not passes("stake>0", row)
    assert not passes("stake<=0", row)
    assert passes("!stake>0", row)


@given(
    st.decimals(-1000, 1000, places=3), st.sampled_from([">", ">=", "<", "<=", "=", "!="]), st.decimals(-9, 9, places=3)
)
def test_a_comparison_and_its_inverse_never_agree(stake: Decimal, sign: str, limit: Decimal) -> None:
    row: Row = ("x", stake, None, None, None, None)
    assert passes(f"stake{sign}{limit}", row) != passes(f"!stake{sign}{limit}", row)
