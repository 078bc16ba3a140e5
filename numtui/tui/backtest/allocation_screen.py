"""How much each model should carry: weights by a method, and their test out of sample. It changes no stake."""

from __future__ import annotations

import json
import shlex
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from numtui.analysis.allocation.methods import METHODS
from numtui.model import Column, Kind, Row, Table
from numtui.reports.backtest.query import USUAL, AllocationQuery, BacktestError, BacktestQuery
from numtui.reports.row_source import TableRows
from numtui.tui.charts.palette import LINE, OTHERS, colours_of
from numtui.tui.charts.plot import Line, Plot, draw_plot, percent_tick
from numtui.tui.data import ReadRequest
from numtui.tui.failures import failure_line
from numtui.tui.screens.line_prompt import path_prompt
from numtui.tui.screens.pages import model_page
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import Loader, ViewData, ViewSpec
from numtui.tui.table.layout import Layout

if TYPE_CHECKING:
    from numtui.reports.allocation.allocation import Allocation
    from numtui.reports.allocation.frontier import FrontierRow

TABLES = frozenset({"latest", "rounds", "score_configs", "models", "positions", "multipliers", "stakes", "leaderboard"})
WEIGHTS = Layout(
    fixed=("model",),
    first=("bar", "weight", "weight_raw", "today", "risk_share"),
    hidden=("method", "tournament", "rounds"),
)
WALKED = Layout(fixed=("round",), first=("chosen", "equal", "today", "gain"), hidden=("method", "tournament"))
FRONTIER = Layout(
    fixed=("portfolio",), first=("mean", "std", "cvar_5", "effective_models", "largest"), hidden=("tournament", "place")
)
MOVING = Layout(
    fixed=("model",),
    first=("today", "target", "change", "due", "rounds_missed", "missed", "missed_p05", "missed_p95", "system"),
    hidden=("tournament",),
    results=("change",),
)
PORTFOLIO = Layout(
    fixed=("weighting",),
    first=(
        *("mean", "variance_ratio", "sharpe", "max_drawdown", "worst_20", "cvar_5", "effective_models"),
        *("sharpe_p05", "sharpe_p95", "common_share", "diversification"),
    ),
    hidden=("tournament",),
)
TOO_FEW = "Too few rounds to choose on some and test on others."
EMPTY = "These models have no resolved rounds here. Histories are fetched for own and watched models."
NOTHING = TableRows(Table("allocation", (Column("model", Kind.TEXT),), ()), "model")
BAR = Column("bar", Kind.TEXT, "", "the weight, of the largest")
STROKE = 0.01  # of the range of risk, on either side of a point
CELLS = 20  # of the longest bar
SHARES = ("today", "weight_raw", "weight", "risk_share")
LONG = 20  # seconds for which a command is shown
TALL, TALLER = 34, 48  # lines from which there is a chart, and a large one


class AllocationPanel(Static):
    """The method and the verdict in words, and where there is room the curves of the test out of sample."""

    DEFAULT_CSS = "AllocationPanel { height: auto; padding: 0 1; }"

    def __init__(self) -> None:
        super().__init__("", markup=False)

    def show(
        self, method: str, findings: Sequence[str] = (), plots: Sequence[Plot] = (), *, ascii_only: bool = False
    ) -> None:
        """Say how models are weighed and what was found, and draw what there is room for."""
        width, height = self.app.size.width - 2, self.app.size.height
        lines = [Content.assemble(("o", "bold $accent"), f" {method}")]
        notes = findings if height >= TALL else findings[:2]
        lines += [Content(line) for note in notes for line in wrap(note, width)]
        room = 0 if height < TALL else 10 if height < TALLER else 16
        for plot in plots if room else ():
            lines += draw_plot(plot, width, room, ascii_only=ascii_only, colours=colours_of(self.app))
        self.update(Content("\n").join(lines))


def walk_plots(found: Allocation) -> tuple[Plot, ...]:
    """The sums of the returns out of sample; none where there is no test."""
    walk = found.walk
    if walk.chosen.size < 2:
        return ()
    rounds = found.rounds[walk.first :]
    series = [(walk.chosen, f"chosen by {found.query.method}", LINE), (walk.equal, "equal", OTHERS[0])]
    if walk.today is not None:
        series.append((walk.today, "today", OTHERS[1]))
    lines = [
        Line([(float(x), float(y)) for x, y in zip(rounds, values.cumsum(), strict=True)], name, role)
        for values, name, role in series
    ]
    return (Plot(lines, float(rounds[0]), float(rounds[-1]), "round", "{:+z.1%}".format, percent_tick),)


def frontier_plot(rows: Sequence[FrontierRow]) -> Plot:
    """Mean against risk: the frontier, and short strokes where other weights stand."""
    from numtui.reports.allocation.frontier import POINT

    points = sorted((row.std, row.mean) for row in rows if row.portfolio == POINT)
    others = [row for row in rows if row.portfolio != POINT]
    first, last = min(row.std for row in rows), max(row.std for row in rows)
    edge = (last - first) * STROKE or first * STROKE
    lines = [
        Line([(row.std + side * edge, row.mean) for side in (-1, 0, 1)], row.portfolio, role)
        for row, role in zip(others, OTHERS, strict=False)
    ]
    lines.append(Line(points, "frontier"))
    ends = first - edge, last + edge
    return Plot(lines, *ends, "risk", "{:+z.2%}".format, percent_tick, x_text="{:.2%}".format)


class AllocationScreen(ReportScreen):
    """Weights of the models of a backtest, and a round a row how such weights did when chosen on the past alone."""

    title_text = "Allocation"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "method", "method", tooltip="another way to weigh models"),
        Binding("p", "targets", "targets", tooltip="the weights as targets for a stake plan, in a file"),
    ]

    def __init__(self, query: BacktestQuery) -> None:
        """Of the models, rounds and terms of a query; a grid of several cells stands for the terms of each round."""
        super().__init__()
        self.backtest = query if query.terms != USUAL and not query.grid else replace(query, terms="actual", grid=())
        self.asked = AllocationQuery()
        self.found: Allocation | None = None
        self.way: tuple[str, ...] = ()  # to the weights, in words
        self.views = (
            ViewSpec("weights", WEIGHTS, self._reading(self._weights), TABLES, EMPTY, models=True, opens=True),
            ViewSpec("walk forward", WALKED, self._reading(self._walk), TABLES, TOO_FEW),
            ViewSpec("frontier", FRONTIER, self._reading(self._frontier), TABLES, EMPTY),
            ViewSpec("moving", MOVING, self._reading(self._moving), TABLES, EMPTY, models=True, opens=True),
            ViewSpec("portfolio", PORTFOLIO, self._reading(self._portfolio), TABLES, EMPTY),
        )

    def above_table(self) -> ComposeResult:
        """The panel."""
        yield AllocationPanel()

    def _found(self, connection: sqlite3.Connection, request: ReadRequest) -> Allocation | None:
        from numtui.reports.allocation.allocation import allocation  # numpy and scipy: in the thread
        from numtui.reports.epochs import rounds_named

        rounds = rounds_named(request.settings, request.tournament, self.backtest.rounds)
        return allocation(connection, request.tournament, self.backtest, rounds, asked=self.asked, now=request.now)

    def _reading(self, rows: Callable[[sqlite3.Connection, datetime, Allocation], ViewData]) -> Loader:
        """How a view is read that shows an allocation: its `rows`, or why there are none."""

        def load(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
            self.found, self.way = None, ()
            try:
                self.found = self._found(connection, request)
                return ViewData(NOTHING) if self.found is None else rows(connection, request.now, self.found)
            except BacktestError as error:  # such as no stakes for today's weights: another method may do
                return ViewData(NOTHING, empty=f"{error}.")

        return load

    def _weights(self, connection: sqlite3.Connection, now: datetime, found: Allocation) -> ViewData:
        from numtui.reports.allocation.table import COLUMNS, weight_rows

        columns = tuple(_shown(column) for column in COLUMNS)
        full, most = self.app.glyphs.full, max(found.weights.max(), 1e-12)
        rows: list[Row] = [
            (*row, full * round(row.weight / most * CELLS))
            for row in sorted(weight_rows(found), key=lambda row: -row.weight)
        ]
        return ViewData(TableRows(Table("allocation", (*columns, BAR), rows), "model"), plots=walk_plots(found))

    def _walk(self, connection: sqlite3.Connection, now: datetime, found: Allocation) -> ViewData:
        from numtui.reports.allocation.table import WALK_COLUMNS, walk_rows

        rows = walk_rows(found)[::-1]
        return ViewData(TableRows(Table("allocation", WALK_COLUMNS, rows), "round"), plots=walk_plots(found))

    def _frontier(self, connection: sqlite3.Connection, now: datetime, found: Allocation) -> ViewData:
        from numtui.reports.allocation.frontier import FRONTIER_COLUMNS, frontier_rows

        rows = frontier_rows(found)
        keyed = [(*row, str(place)) for place, row in enumerate(rows)]
        table = Table("allocation", (*FRONTIER_COLUMNS, Column("place", Kind.KEY)), keyed)
        return ViewData(TableRows(table, "place"), plots=(frontier_plot(rows),))

    def _moving(self, connection: sqlite3.Connection, now: datetime, found: Allocation) -> ViewData:
        from numtui.reports.allocation.moving import MOVING_COLUMNS, moving_notes, moving_rows

        rows = moving_rows(connection, found, now)
        self.way = moving_notes(rows)
        return ViewData(TableRows(Table("allocation", MOVING_COLUMNS, rows), "model"))

    def _portfolio(self, connection: sqlite3.Connection, now: datetime, found: Allocation) -> ViewData:
        from numtui.reports.allocation.portfolio import PORTFOLIO_COLUMNS, portfolio_rows

        return ViewData(TableRows(Table("allocation", PORTFOLIO_COLUMNS, portfolio_rows(found)), "weighting"))

    def show(self, view: ViewSpec, data: ViewData) -> None:
        """Show the verdict too."""
        super().show(view, data)
        self.show_parts()

    def restyle(self) -> None:
        """Show the same values in another form."""
        super().restyle()
        self.show_parts()

    def show_facts(self) -> None:
        """Lay the panel out for another size."""
        super().show_facts()
        self.show_parts()

    def show_parts(self) -> None:
        """The panel for the present size."""
        found, panel = self.found, self.query_one(AllocationPanel)
        if found is None or self.data is None:
            panel.show(self.asked.method)
            return
        said = self.way if self.view.name == "moving" else found.findings
        panel.show(self.asked.method, said, self.data.plots, ascii_only=self.app.glyphs.more == ">")

    def action_method(self) -> None:
        """The next way to weigh."""
        place = METHODS.index(self.asked.method)
        self.asked = replace(self.asked, method=METHODS[(place + 1) % len(METHODS)])
        self.reload()

    def action_targets(self) -> None:
        """Write today's stakes, spread by the weights, as targets that `numtui stake plan` takes."""
        if self.found is None:
            return
        try:
            targets = self.found.targets()
        except BacktestError as error:
            self.app.notify(f"{error}.", severity="error", markup=False)
            return
        label = self.found.tournament.label

        def save(name: str | None) -> None:
            if name is None:
                return
            path = Path(name).expanduser()
            content = json.dumps({model: f"{amount:f}" for model, amount in targets.items()}, indent=2) + "\n"
            try:
                path.write_text(content, encoding="utf-8")
            except OSError as error:
                self.app.notify(failure_line(error), severity="error", markup=False)
                return
            plan = f"numtui --tournament {label} stake plan --targets {shlex.quote(str(path))} -o plan.json"
            self.app.notify(f"Wrote {path}. Nothing was changed; for a plan: {plan}", timeout=LONG, markup=False)

        day = self.app.clock.now().strftime("%Y-%m-%d")
        question = f"Write targets of {len(targets)} models to the file:"
        self.app.push_screen(path_prompt(question, f"numtui-targets-{label}-{day}.json", (".json",)), save)

    def open_row(self, key: str, row: Row) -> None:
        """The model's page; rounds of the test and portfolios have none."""
        if self.view.models:
            self.app.push_screen(model_page(key))


def _shown(column: Column) -> Column:
    """A column of shares in per cent."""
    if column.name not in SHARES:
        return column
    return replace(column, kind=Kind.PERCENTILE, title=f"{column.heading} %")
