"""The charts of a model's page: `v` shows one after the other, at every size and without Unicode."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from numtui.analysis.intervals import LEAST, OPEN_20
from numtui.analysis.risk import risk_table, underwater
from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Table
from numtui.reports.field.page import PAGE_COLUMNS, PageRow
from numtui.reports.page.risk import RiskSeries
from numtui.tui.app import make_app
from numtui.tui.charts.plot_view import PlotView
from numtui.tui.models.page_plots import NEWEST, SPARE, field_plots, risk_plots
from tests.reports.drift.site import DAYS
from tests.tui.shown import press, settled, table, text

from .test_model_page import BREEZE, find
from .test_model_page import drifting as drifting  # noqa: PLC0414  a fixture

pytestmark = pytest.mark.xdist_group("drift")

RETURNS = np.random.default_rng(5).normal(0.003, 0.02, LEAST * OPEN_20 + SPARE + 1)
SERIES = RiskSeries(tuple(range(1000, 1000 + RETURNS.size)), RETURNS, OPEN_20)


def test_the_drawdown_and_the_distribution_are_of_every_round() -> None:
    drawdown, distribution, _ = risk_plots(SERIES)
    assert [y for _, y in drawdown.lines[0].points] == pytest.approx((-underwater(RETURNS)).tolist())
    tail, whole = distribution.lines
    assert sum(y for _, y in whole.points) == 2 * RETURNS.size, "each bin has two ends"
    assert distribution.marker == pytest.approx(np.quantile(RETURNS, 0.05))
    assert distribution.marker is not None and max(x for x, _ in tail.points) <= distribution.marker
    assert f"{float(risk_table(RETURNS[None]).cvar_5[0]):+.2%}" in tail.name


def test_a_return_far_out_counts_at_the_end() -> None:
    *_, plain = risk_plots(SERIES)[1].lines
    *_, with_one = risk_plots(SERIES._replace(returns=np.append(RETURNS[1:], 5.0)))[1].lines
    assert max(x for x, _ in with_one.points) < 2 * max(x for x, _ in plain.points)
    assert sum(y for _, y in with_one.points) == 2 * RETURNS.size


def test_the_sharpe_has_a_band_where_the_window_is_not_thin() -> None:
    sharpe = risk_plots(SERIES)[2]
    assert "144 rounds" in sharpe.lines[0].name and len(sharpe.bands) == 1
    (band,) = sharpe.bands
    for (x, y), (at, low, high) in zip(sharpe.lines[0].points, band.points, strict=True):
        assert x == at and low < y < high
    short = risk_plots(RiskSeries(SERIES.rounds[:90], RETURNS[:90], OPEN_20))
    assert "60 rounds" in short[2].lines[0].name and not short[2].bands
    assert len(risk_plots(RiskSeries(SERIES.rounds[:40], RETURNS[:40], OPEN_20))) == 2
    assert risk_plots(RiskSeries(SERIES.rounds[:5], RETURNS[:5], OPEN_20)) == ()


def test_the_percentile_has_a_rolling_mean_once_there_are_rounds_enough() -> None:
    def plots(rounds: int) -> list[int]:
        rows = [PageRow(n, n % 10 / 10, None, 0.01, False, 9) for n in range(rounds, 0, -1)]
        found = field_plots(Table("field", PAGE_COLUMNS, rows))
        return [len(plot.lines) + len(plot.bands) for plot in found]

    assert plots(1) == []
    assert plots(NEWEST) == [1]
    assert plots(NEWEST + 1) == [3]
    assert field_plots(Table("field", PAGE_COLUMNS, [PageRow(n, None, None, None, False, 9) for n in (1, 2)])) == ()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("plain", [False, True])
async def test_v_shows_one_after_the_other(drifting: Settings, size: tuple[int, int], plain: bool) -> None:
    settings = replace(drifting, ascii=plain, no_color=plain)
    app = make_app(settings, FixedClock(DAYS["saturday"]), start_poller=False, screen="models")
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await find(app, pilot, BREEZE)
        chart = app.screen.query_one(PlotView)
        assert not chart.has_class("-said"), "the summary has a chart of its own"
        await press(pilot, "a", "a", "a")
        for name in ("below its peak", "worst 5 %", "Sharpe of", "below its peak"):
            assert chart.has_class("-said") and name in text(app)
            if plain:
                assert not any("⠀" <= character <= "⣿" for character in text(app))
            assert len(table(app).source) > 0 and table(app).size.height > 1, "the table has room"
            await press(pilot, "v")
        await press(pilot, "a")
        assert "percentile in the field" in text(app)
