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
    Column("rank_change_1y", Kind.INT, "1y"),
    Column("return_1y", Kind.FRACTION, "ret 1y"),
    Column("mine", Kind.BOOL),
    Column("watched", Kind.BOOL),
)
ROW: Row = (
    *("Amber_Fox", Decimal("120.5"), 0.0123, False, datetime(2026, 11, 20, 13, tzinfo=UTC), (1, 2)),
    *(-7, 0.1, True, False),
)
NOTHING_KNOWN: Row = ("x", *[None] * (len(COLUMNS) - 1))


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
        "mmc60 > 0.01",
        "stake > 100 fox",
        "NMR staked>100",
        "ret 1y>0",
        "fox RET 1y>0 stake>1",
        "amber*",
        "*FOX",
        "a*_f*",
        "model=amber*",
        "model!=fox*",
        "wolf | fox",
        "stake>200 fox | own amber",
        "!wolf | stake>200",
        "fox |",
        "own",
        "!watched",
    ],
)
def test_passes(text: str) -> None:
    assert passes(text)


@pytest.mark.parametrize(
    "text",
    [
        *["wolf", "stake>120.5", "stake>100 mmc60>0.02", "team=yes", "!fox", "open_time>2026-12"],
        *["fox*", "*amber", "model=fox*", "model!=*fox", "ret 1y<0", "watched", "fox watched | wolf", "!wolf | fox"],
        *["amber.fox", "?mber*", "*own*"],
    ],
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
        (">1", "a column is missing before the operator"),
        ("fox | corr9>1", "no column 'corr9'"),
        ("tag:", "a tag is missing"),
        ("tag:x", "nothing here has tags"),
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
    assert not passes("stake>0", NOTHING_KNOWN)
    assert not passes("stake<=0", NOTHING_KNOWN)
    assert passes("!stake>0", NOTHING_KNOWN)


@given(
    st.decimals(-1000, 1000, places=3), st.sampled_from([">", ">=", "<", "<=", "=", "!="]), st.decimals(-9, 9, places=3)
)
def test_a_comparison_and_its_inverse_never_agree(stake: Decimal, sign: str, limit: Decimal) -> None:
    row: Row = ("x", stake, *NOTHING_KNOWN[2:])
    assert passes(f"stake{sign}{limit}", row) != passes(f"!stake{sign}{limit}", row)


def test_whose_is_not_asked_where_rows_do_not_tell() -> None:
    for word in ("own", "watched"):
        with pytest.raises(FilterError, match=f"do not tell {word} models"):
            parse_filter(word, COLUMNS[:2])


SIMPLE = st.sampled_from(["fox", "wolf", "own", "watched", "stake>100", "stake<100", "ret 1y>0", "a*x", "1y>0"])


@given(st.lists(SIMPLE, min_size=1, max_size=3), st.lists(SIMPLE, min_size=1, max_size=3))
def test_one_side_of_an_or_is_enough_and_all_of_a_side_must_hold(left: list[str], right: list[str]) -> None:
    sides = [all(passes(term) for term in side) for side in (left, right)]
    assert passes(f"{' '.join(left)} | {' '.join(right)}") == any(sides)
    assert passes(f"!{' '.join(left)}|{' '.join(right)}") != any(sides)


@given(st.text(st.characters(codec="ascii"), max_size=12))
def test_whatever_is_typed_is_understood_or_told(text: str) -> None:
    try:
        chosen = parse_filter(text, COLUMNS)
    except FilterError as error:
        assert str(error).strip() and "\n" not in str(error)
    else:
        assert chosen is None or chosen.matches(COLUMNS, ROW, 0) in {True, False}


@pytest.mark.parametrize(
    ("text", "names"), [("burn %>50", "b"), ("burn>50%", "b"), ("burn>0.5", "b"), ("burn<=1", "ab")]
)
def test_shares_are_typed_as_they_are_shown_or_as_they_are_kept(text: str, names: str) -> None:
    columns = (Column("model", Kind.TEXT), Column("burn", Kind.PERCENTILE, "burn %"))
    rows: list[Row] = [("a", 0.25), ("b", 0.989), ("c", None)]
    chosen = parse_filter(text, columns)
    assert chosen is not None
    assert "".join(str(row[0]) for row in rows if chosen.matches(columns, row, 0)) == names


def test_an_unknown_column_is_quoted_as_it_was_typed() -> None:
    columns = (Column("model", Kind.TEXT), Column("stake", Kind.NMR))
    with pytest.raises(FilterError, match=r"no column '1y' or 'ret 1y'; there are"):
        parse_filter("ret 1y>0", columns)
    with pytest.raises(FilterError, match=r"no column 'burn%'; there are"):
        parse_filter("burn%>50", columns)
