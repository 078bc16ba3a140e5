"""The charts of a model's page beside the summary's: drawdown, distribution, Sharpe of its returns; percentiles."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from numtui.analysis.intervals import LEAST
from numtui.analysis.risk import TAIL, risk_table, underwater
from numtui.analysis.stretches import Rolling, rolling_band, rolling_sharpe
from numtui.model import Table
from numtui.reports.page.risk import RiskSeries
from numtui.tui.charts.palette import LINE, LOSS, MUTED
from numtui.tui.charts.plot import Band, Line, Plot, percent_tick

BINS = 40
FAR = 0.005  # of the returns on either side count at the ends
SHORT = 60  # rounds of a rolling Sharpe that has no band, where there are too few for one
SPARE = 20  # rounds beyond a window that make a curve
NEWEST = 20  # rounds of a rolling percentile
SHARE = 0.1  # of the percentiles, on either side of the band


def risk_plots(series: RiskSeries) -> tuple[Plot, ...]:
    """Drawdown, distribution and rolling Sharpe of a model's returns; none of fewer than SPARE rounds."""
    if series.returns.size < SPARE:
        return ()
    sharpe = _sharpe_plot(series)
    return (_drawdown_plot(series), _distribution_plot(series), *([] if sharpe is None else [sharpe]))


def field_plots(table: Table) -> tuple[Plot, ...]:
    """The percentile by round, and its mean over the newest ones with the spread around it."""
    places = table.column("round"), table.column("percentile")
    pairs = sorted((row[places[0]], row[places[1]]) for row in table.rows if row[places[1]] is not None)
    if len(pairs) < 2:
        return ()
    rounds, shares = np.array(pairs, dtype=np.float64).T
    band = rolling_band(shares, NEWEST, SHARE)
    lines = [Line(_points(rounds, shares), "percentile in the field", MUTED if band.value.size > 1 else LINE)]
    bands = []
    if band.value.size > 1:
        ends = rounds[NEWEST - 1 :]
        lines.insert(0, Line(_points(ends, band.value), f"mean of {NEWEST} rounds"))
        bands.append(_band(ends, band, f"{SHARE:.0%} to {1 - SHARE:.0%} of them"))
    return (Plot(lines, rounds[0], rounds[-1], "round", "{:.0%}".format, "{:.0%}".format, bands),)


def _drawdown_plot(series: RiskSeries) -> Plot:
    rounds = np.array(series.rounds, dtype=np.float64)
    line = Line(_points(rounds, -underwater(series.returns)), "below its peak", LOSS)
    return Plot([line], rounds[0], rounds[-1], "round", "{:+z.1%}".format, percent_tick)


def _distribution_plot(series: RiskSeries) -> Plot:
    """How many rounds had which return, those at or below the 5 % quantile apart. The few that lie far out count at the
    ends: one return of 30 % would leave no room for the others."""
    quantile = float(np.quantile(series.returns, TAIL))
    cvar = float(risk_table(series.returns[None]).cvar_5[0])
    low = np.quantile(series.returns, FAR, method="higher")
    high = np.quantile(series.returns, 1 - FAR, method="lower")
    near = np.clip(series.returns, low, high)
    counts, edges = np.histogram(near, BINS)
    steps = [(float(x), float(count)) for k, count in enumerate(counts) for x in edges[k : k + 2]]
    tail = [point for point in steps if point[0] <= quantile] or steps[:2]
    lines = [
        Line(tail, f"worst 5 %, CVaR {cvar:+.2%}", LOSS),
        Line(steps, f"{series.returns.size} rounds by return, at the ends all beyond"),
    ]
    first, last = float(edges[0]), float(edges[-1])
    return Plot(lines, first, last, "rounds", "{:.0f}".format, "{:g}".format, marker=quantile, x_text="{:+.1%}".format)


def _sharpe_plot(series: RiskSeries) -> Plot | None:
    """The Sharpe of the last rounds after each; with a band where there are rounds enough for one."""
    long = LEAST * series.open_rounds
    window = long if series.returns.size >= long + SPARE else SHORT
    rolling = rolling_sharpe(series.returns, window, series.open_rounds)
    known = np.isfinite(rolling.value)
    if np.count_nonzero(known) < 2:
        return None
    rounds = np.array(series.rounds[window - 1 :], dtype=np.float64)
    banded = known & np.isfinite(rolling.low)
    shown = Rolling(*(values[banded] for values in rolling))
    bands = [_band(rounds[banded], shown, "90 % interval")] if banded.any() else []
    line = Line(_points(rounds[known], rolling.value[known]), f"Sharpe of {window} rounds")
    return Plot([line], rounds[0], rounds[-1], "round", "{:+.2f}".format, "{:+g}".format, bands)


def _points(x: Sequence[float] | np.ndarray, y: np.ndarray) -> list[tuple[float, float]]:
    return [(float(a), float(b)) for a, b in zip(x, y, strict=True)]


def _band(x: np.ndarray, rolling: Rolling, name: str) -> Band:
    return Band([(float(a), float(b), float(c)) for a, b, c in zip(x, rolling.low, rolling.high, strict=True)], name)
