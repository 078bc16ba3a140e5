"""A column names the field of the row that it shows, in the same place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from numtui.model import Column, Kind, table_of
from numtui.reports.rounds import ROUND_COLUMNS, RoundRow
from numtui.reports.scores import COLUMNS, ScoreRow
from numtui.reports.stake.payouts import PAYOUT_COLUMNS, PayoutRecord
from numtui.reports.stake.table import STAKE_COLUMNS, StakeRow
from numtui.reports.status import POLL_COLUMNS
from numtui.store.queries.polls import PollRow

TABLES: list[tuple[tuple[Column, ...], tuple[str, ...]]] = [
    (ROUND_COLUMNS, RoundRow._fields),
    (COLUMNS, ScoreRow._fields),
    (STAKE_COLUMNS, StakeRow._fields),
    (PAYOUT_COLUMNS, PayoutRecord._fields),
    (POLL_COLUMNS, PollRow._fields),
]


@pytest.mark.parametrize(("columns", "fields"), TABLES)
def test_columns_are_the_fields_of_their_rows(columns: tuple[Column, ...], fields: tuple[str, ...]) -> None:
    assert tuple(column.name for column in columns) == fields


class Scored(NamedTuple):
    model: str
    day: int | None
    scores: Mapping[str, float | None]


def test_what_is_no_field_is_a_score() -> None:
    columns = (
        Column("day", Kind.INT),
        Column("mmc", Kind.SCORE),
        Column("model", Kind.TEXT),
        Column("bmc", Kind.SCORE),
    )
    table = table_of("t", columns, [Scored("a", 3, {"mmc": 0.5, "unasked": 1.0}), Scored("b", None, {"bmc": None})])
    assert table.rows == [(3, 0.5, "a", None), (None, None, "b", None)]
    assert table_of("t", columns, []).rows == []
