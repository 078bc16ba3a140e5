"""What resolves by week is what the Rounds screen says of each tournament, together; and the models at both ends."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from sqlite3 import Connection

from numtui.model import Tournament
from numtui.money import exact_sum, whole_sum
from numtui.reports.drift.totals import weeks
from numtui.reports.overview.models import BoardFigures, ModelRow, extremes
from numtui.reports.overview.overview import Overview


def test_weeks_are_those_of_the_rounds_screen_together(cache: Connection, read: Overview) -> None:
    expected: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for tournament in Tournament:
        table = weeks(cache, tournament)
        names = [column.name for column in table.columns]
        for row in table.rows:
            cells = dict(zip(names, row, strict=True))
            if cells["week"] != "all" and cells["at_risk"]:
                expected[str(cells["week"])].append((cells["at_risk"], cells["payout"], cells["expected_payout"]))
    shown = {str(row.week): (row.at_risk, row.pending, row.expected_payout) for row in read.weeks}
    assert shown == {
        week: tuple(whole_sum(amounts) for amounts in zip(*parts, strict=True)) for week, parts in expected.items()
    }
    assert exact_sum(row.at_risk for row in read.weeks) == read.totals.at_risk
    assert [row.week for row in read.weeks] == sorted(row.week for row in read.weeks if row.week is not None)


def model(name: str, pending: str | None, expected: str | None) -> ModelRow:
    stands, ends = (None if text is None else Decimal(text) for text in (pending, expected))
    return ModelRow(name, "classic", None, None, stands, ends, None, None, None, BoardFigures())


def test_the_worst_and_the_best_are_so_by_forecast_else_as_they_stand() -> None:
    rows = [model("a", "9", "1"), model("b", "-2", None), model("c", "0", "-1"), model("d", None, None)]
    found = extremes(rows)
    assert found is not None and (found.worst.model, found.best.model) == ("b", "a")


def test_one_model_is_neither_the_worst_nor_the_best() -> None:
    assert extremes([model("a", "9", "1"), model("b", None, None)]) is None
    assert extremes([]) is None


def test_the_ends_are_those_of_the_table(read: Overview) -> None:
    assert read.extremes is not None
    outlooks = [row.outlook for row in read.models if row.outlook is not None]
    assert (read.extremes.worst.outlook, read.extremes.best.outlook) == (min(outlooks), max(outlooks))
