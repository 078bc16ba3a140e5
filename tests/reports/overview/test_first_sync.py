"""While a first sync works, sums are not known: they are not called 0."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from numtui.reports.overview.overview import Overview, overview
from numtui.store.database import open_reader
from tests.export.conftest import Polled
from tests.poller.site import NOW

SUMS = ("at_risk", "worst_case", "pending", "last_run")


def read_during(account: Polled, folder: Path, condition: str) -> Overview:
    """The overview as long as the polls that meet a condition are at work."""
    path = folder / "cache.db"
    with closing(sqlite3.connect(account.settings.db)) as whole, closing(sqlite3.connect(path)) as copy, copy:
        whole.backup(copy)
        copy.execute(f"UPDATE polls SET state = 'working', finished = NULL WHERE {condition}")
    with closing(open_reader(path)) as connection:
        return overview(connection, NOW, fiat="USD")


def test_sums_of_a_tournament_are_unknown_until_its_first_poll_has_ended(
    account: Polled, read: Overview, tmp_path: Path
) -> None:
    during = read_during(account, tmp_path, "tournament = 11")
    before = {row.tournament: row for row in read.money}
    for row in during.money:
        for name in SUMS:
            known = getattr(before[row.tournament], name)
            assert known is not None
            assert getattr(row, name) == (None if row.tournament == "signals" else known)
    assert during.totals.at_risk is None and during.totals.pending is None
    assert read.totals.at_risk is not None


def test_models_of_it_are_told_nothing_of_either(account: Polled, read: Overview, tmp_path: Path) -> None:
    during = read_during(account, tmp_path, "true")
    assert read.polled and not during.polled
    assert {(row.last_run, row.pending, row.expected_payout, row.path) for row in during.models} == {(None,) * 4}
    assert during.extremes is None and during.totals.whole is None
    assert all(value is None for row in during.money for value in row[1:])
