"""Between the steps of a first sync no sum is told that lacks days; it is there once they are."""

from __future__ import annotations

from contextlib import closing

import pytest

from numtui.model import Table, Tournament
from numtui.reports.drift.monitor import by_model, monitor
from numtui.reports.drift.totals import calendar, weeks
from numtui.reports.overview.overview import overview
from numtui.store.database import open_reader
from tests.poller.site import NOW, Site
from tests.poller.sync.test_days import nothing

PROJECTED = ("payout", "expected_payout", "payout_p05", "burn_probability")


def told(table: Table) -> set[object]:
    """What a table states of projected payouts of rounds with something at risk."""
    names = [name for name in PROJECTED if name in {column.name for column in table.columns}]
    at_risk = table.column("at_risk")
    return {row[table.column(name)] for row in table.rows if row[at_risk] for name in names}


def test_no_sum_is_told_before_its_days_are_here(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = site.settings()
    with monkeypatch.context() as stopped:
        stopped.setattr("numtui.poller.service.fill_days", nothing)
        assert site.poll(settings) == 0
    with closing(open_reader(settings.db)) as cache:
        read = overview(cache, NOW, fiat="USD")
        rounds, sums = monitor(cache, Tournament.CLASSIC, NOW)
        days = (calendar(cache, Tournament.CLASSIC, NOW), weeks(cache, Tournament.CLASSIC))
        for table in (by_model(cache, Tournament.CLASSIC), sums, rounds):
            assert told(table) == {None}, table.name
        for table in days:  # rounds without any score yet stand at 0
            assert told(table) <= {None, 0}, table.name
    (money,) = [row for row in read.money if row.tournament == "classic"]
    assert money.at_risk is not None and money.at_risk > 0
    assert (money.pending, money.expected_payout, money.last_run) == (None, None, None)
    assert read.totals.pending is None
    assert "classic" in read.to_come and "forecasts" in read.to_come
    assert not read.days.fan
    assert {row[2] for row in read.table("days").rows} == {None}
    assert site.poll(settings) == 0
    with closing(open_reader(settings.db)) as cache:
        read = overview(cache, NOW, fiat="USD")
        assert read.totals.pending
        assert None not in {row[2] for row in read.table("days").rows}
