"""The way to the weights: what stays, what waits for how long, and what that costs; the frontier beside the weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from sqlite3 import Connection

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.allocation.covariance import long_run_covariance
from numtui.analysis.allocation.walk import walk_forward
from numtui.analysis.allocation.weights import Bounds
from numtui.analysis.intervals import mean_interval
from numtui.calendar import rounds_opened
from numtui.model import Tournament
from numtui.money import MINIMUM, exact_sum
from numtui.reports.allocation.allocation import Allocation, allocation
from numtui.reports.allocation.frontier import POINT, frontier_rows
from numtui.reports.allocation.moving import moving_notes, moving_rows
from numtui.reports.backtest.query import AllocationQuery, BacktestError, BacktestQuery
from numtui.store.database import open_reader
from numtui.store.queries.rounds import newest_resolve
from numtui.store.queries.selection import Rounds
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
OPEN = 2
RETURNS = np.random.default_rng(7).normal(0.002, 0.02, (60, 4))


def of_stakes(stakes: list[Decimal | None], weights: list[float], least: Decimal = Decimal(0)) -> Allocation:
    known = [float(stake) for stake in stakes if stake is not None]
    whole = sum(known)
    return Allocation(
        tournament=Tournament.SIGNALS,
        query=AllocationQuery(min_change=least),
        models=("a", "b", "c", "d"),
        rounds=tuple(range(60)),
        returns=RETURNS,
        covariance=long_run_covariance(RETURNS, OPEN),
        stakes=tuple(stakes),
        today=np.array(known) / whole if len(known) == len(stakes) and whole else None,
        raw=np.array(weights),
        weights=np.array(weights),
        walk=walk_forward("equal", RETURNS, OPEN, None, Bounds()),
        trust=1.0,
        open_rounds=OPEN,
        input_notes=(),
    )


@pytest.fixture
def cache(polled: Polled) -> Iterator[Connection]:
    with closing(open_reader(polled.settings.db)) as connection:
        yield connection


nmr = st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100)


@given(st.lists(nmr, min_size=4, max_size=4), st.lists(st.integers(0, 50), min_size=4, max_size=4), nmr)
def test_what_moves_moves_by_the_least_change_and_nothing_is_made_or_lost(
    stakes: list[Decimal], parts: list[int], least: Decimal
) -> None:
    if not any(stakes) or not any(parts):
        return
    targets = of_stakes([*stakes], [part / sum(parts) for part in parts], least).targets()
    assert [*targets] == ["a", "b", "c", "d"]
    total = exact_sum(stakes)
    assert exact_sum(targets.values()) <= total, "never more than there is"
    for model, stake in zip("abcd", stakes, strict=True):
        change = abs(targets[model] - stake)
        assert change == 0 or change >= least
        assert targets[model] == 0 or targets[model] >= MINIMUM or targets[model] == stake
    moved = [model for model, stake in zip("abcd", stakes, strict=True) if targets[model] != stake]
    if len(moved) == len(targets):
        assert total - exact_sum(targets.values()) < 5 * MINIMUM


def test_without_a_least_change_the_targets_are_the_weights() -> None:
    found = of_stakes([Decimal(10), Decimal(20), Decimal(30), Decimal(40)], [0.4, 0.3, 0.2, 0.1])
    assert found.targets() == {"a": Decimal(40), "b": Decimal(30), "c": Decimal(20), "d": Decimal(10)}
    held = replace(found, query=AllocationQuery(min_change=Decimal(20)))
    assert held.targets() == {"a": Decimal(40), "b": Decimal(20), "c": Decimal(30), "d": Decimal(10)}
    with pytest.raises(BacktestError, match="no stake of these models is known"):
        of_stakes([Decimal(10), None, Decimal(0), Decimal(0)], [0.25] * 4).targets()


def test_a_legacy_stake_waits_for_the_newest_open_round(cache: Connection) -> None:
    found = of_stakes([Decimal(10), Decimal(20), Decimal(30), Decimal(40)], [0.4, 0.3, 0.2, 0.1])
    rows = {row.model: row for row in moving_rows(cache, found, NOW)}
    due = newest_resolve(cache, Tournament.SIGNALS, NOW)
    assert due is not None
    out = rounds_opened(NOW.date(), due.date())
    assert out > 40
    for model, change in zip("abcd", map(Decimal, (30, 10, -10, -30)), strict=True):
        row = rows[model]
        assert (row.change, row.system) == (change, "legacy")
        if change > 0:
            assert (row.due, row.rounds_missed, row.missed, row.missed_p05) == (None, None, None, None)
            continue
        series = RETURNS[:, "abcd".index(model)]
        interval = mean_interval(series, OPEN)
        assert (row.due, row.rounds_missed) == (due, out)
        assert row.missed == -change * Decimal(repr(float(series.mean()))) * out
        assert interval is not None and row.missed_p05 is not None and row.missed_p95 is not None
        assert float(row.missed_p05) == pytest.approx(-float(change) * float(interval.low) * out)
        assert row.missed_p05 < row.missed < row.missed_p95
    moved, cost = moving_notes([*rows.values()])
    assert moved == "40 NMR is taken from 2 models, 40 NMR added to others"
    assert cost.startswith(f"out of {out} rounds it would have brought ")


def test_an_atomic_stake_moves_with_the_rounds(cache: Connection) -> None:
    found = replace(
        of_stakes([Decimal(10), Decimal(20), Decimal(30), Decimal(40)], [0.4, 0.2, 0.3, 0.1]),
        tournament=Tournament.CLASSIC,
    )
    rows = {row.model: row for row in moving_rows(cache, found, NOW)}
    due = newest_resolve(cache, Tournament.CLASSIC, NOW)
    assert {(row.system, row.rounds_missed, row.missed) for row in rows.values()} == {("atomic", None, None)}
    assert [rows[model].due for model in "abcd"] == [due, None, None, due], "only what changes"
    assert "nothing stands idle" in moving_notes([*rows.values()])[1]


def test_the_weights_stand_at_or_right_of_the_frontier(cache: Connection) -> None:
    query = AllocationQuery("mean_cvar", part="frontier")
    found = allocation(cache, Tournament.CLASSIC, BacktestQuery(), Rounds(), asked=query, now=NOW)
    assert found is not None and found.today is not None
    rows = frontier_rows(found)
    points = [row for row in rows if row.portfolio == POINT]
    others = {row.portfolio: row for row in rows if row.portfolio != POINT}
    assert [*others] == ["chosen", "as solved", "equal", "today"]
    assert [row.std for row in points] == sorted(row.std for row in points)
    means, stds = [row.mean for row in points], [row.std for row in points]
    for row in others.values():
        if means[0] <= row.mean <= means[-1]:
            assert row.std >= float(np.interp(row.mean, means, stds)) * 0.98
    assert others["equal"].effective_models == pytest.approx(len(found.models))
    assert others["today"].mean == pytest.approx(float((found.returns @ found.today).mean()))
