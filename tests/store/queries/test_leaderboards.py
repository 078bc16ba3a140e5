"""Filters of the leaderboard: what SQL lets pass is what the filter itself lets pass, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from sqlite3 import Connection

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.filter import Order, parse_filter
from numtui.model import Tournament
from numtui.reports.leaderboard import ACCOUNT, MODEL, leaderboard
from numtui.store.database import open_reader
from tests.tui.filled import fill

WORDS = ("aurora", "MODEL_00", "*7", "mod*1", "m?del", "[m]odel*", "*", "account_0*", "own", "watched", "zzz")
COLUMNS = ("stake", "corr60", "bmc", "ret 1y", "1y", "return_3m", "mine", "rank")
TEXTS = ("account=stellar", "account!=stel*", "tournament=classic", "tournament!=sig", "team=yes", "account>acc")
NUMBERS = st.sampled_from(["0", "-0.01", "0.001", "5%", "120", "1812.75", "-3", "1"])
SIGNS = st.sampled_from([">", ">=", "<", "<=", "=", "!=", " > "])
COMPARISONS = st.builds("{}{}{}".format, st.sampled_from(COLUMNS), SIGNS, NUMBERS)
TERMS = st.one_of(st.sampled_from(WORDS), st.sampled_from(TEXTS), COMPARISONS)
SIDES = st.lists(TERMS, min_size=1, max_size=3).map(" ".join)
FILTERS = st.builds("{}{}".format, st.sampled_from(["", "!"]), st.lists(SIDES, min_size=1, max_size=3).map(" | ".join))


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    path = tmp_path_factory.mktemp("board") / "cache.sqlite"
    fill(path, models=60)
    with closing(open_reader(path)) as connection:
        yield connection


@given(text=FILTERS, kind=st.sampled_from([MODEL, ACCOUNT]))
def test_the_cache_and_a_list_agree(cache: Connection, text: str, kind: str) -> None:
    board = leaderboard(cache, Tournament.CLASSIC, kind)
    rows = board.page(0, len(board))
    wanted = parse_filter(text, board.columns)
    assert wanted is not None
    name = [column.name for column in board.columns].index(kind)
    passed = board.arranged(None, wanted)
    assert list(passed.page(0, len(passed))) == [row for row in rows if wanted.matches(board.columns, row, name)]


def test_what_accounts_won_is_ordered_and_compared_as_a_number(cache: Connection) -> None:
    board = leaderboard(cache, Tournament.CLASSIC, ACCOUNT)
    place = [column.name for column in board.columns].index("return_1y_nmr")
    ordered = board.arranged(Order("return_1y_nmr", descending=True), None)
    won = [row[place] for row in ordered.page(0, len(ordered))]
    assert won == sorted(won, reverse=True)  # type: ignore[type-var]
    more = board.arranged(None, parse_filter("NMR 1y>100", board.columns))
    assert 0 < len(more) == sum(value > 100 for value in won)  # type: ignore[operator]
