"""The Backtest screen: which terms and which models would have served, how sure that is, what was really earned."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.backtest.query import BacktestError, StoppedError
from numtui.reports.row_source import TableRows
from numtui.store.queries.selection import known_models
from numtui.tui.backtest.columns import CELLS, MODELS, layout_of
from numtui.tui.backtest.computation import compute, walk
from numtui.tui.backtest.form import BacktestForm
from numtui.tui.backtest.heatmap import Paint
from numtui.tui.backtest.panel import BacktestPanel, ChoiceLine
from numtui.tui.backtest.prompts import (
    NO_MODELS,
    NO_ROUNDS,
    ask_money,
    ask_name,
    ask_preset,
    ask_rounds,
    ask_terms,
)
from numtui.tui.charts.palette import colours_of
from numtui.tui.failures import READ_ERRORS
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.empty_state import EmptyState
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.header import HeaderLine, SyncLine
from numtui.tui.widgets.key_footer import KeyFooter
from numtui.tui.widgets.summary_line import SummaryLine
from numtui.tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from numtui.reports.backtest.study import Study

TABLES = frozenset({"latest", "rounds", "score_configs", "models", "positions", "multipliers", "epochs"})
CELLS_VIEW = 1
TENTH = 0.1  # of a computation: how often it is said how far it is
LONG = 12  # seconds for which a reason is shown
NOTHING = ViewData(TableRows(Table("ranking", (Column("model", Kind.TEXT),), ()), "model"))


class BacktestScreen(ReportScreen):
    """Models by their best multipliers, with heatmap, curves and predictiveness of the one under the cursor."""

    title_text = "Backtest"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "models", "models", tooltip="own models, watched ones, or both"),
        Binding("M", "these_models", "these models", tooltip="only the marked models, else those the filter shows"),
        Binding("n", "rounds", "rounds", tooltip="a range of rounds or an epoch"),
        Binding("x", "terms", "multipliers", tooltip="a grid of multipliers, or payout terms by name"),
        Binding("o", "mode", "mode", tooltip="total, average, matched rounds, compounding"),
        Binding("b", "money", "stake", tooltip="stake, payout factor and clip"),
        Binding("u", "unresolved", "unresolved", tooltip="unresolved rounds too, or no longer"),
        Binding("p", "panel", "panel", tooltip="heatmap, curves, predictiveness"),
        Binding("v", "slice(1)", "slice", tooltip="the next slice of a grid of three or more axes"),
        Binding("V", "slice(-1)", "slice before", show=False, tooltip="the slice before"),
        Binding("W", "allocation", "weights", tooltip="how much each of these models should carry"),
        Binding("w", "save", "save", tooltip="save these choices under a name"),
        Binding("i", "load", "presets", tooltip="take saved choices"),
    ]
    views = (
        ViewSpec("models", MODELS, lambda *_: NOTHING, TABLES, NO_ROUNDS),
        ViewSpec("cells", CELLS, lambda *_: NOTHING, TABLES, NO_ROUNDS),
    )

    def __init__(self) -> None:
        super().__init__()
        self.forms: dict[Tournament, BacktestForm] = {}
        self.shown_in = self.app.cache.tournament
        self.study: Study | None = None
        self.studied = BacktestForm()  # what the findings on screen answer
        self.asked = 0  # counts requests: only the newest one counts
        self.working = False
        self.computing = self.studied  # what is being computed while `working`
        self.done = 0.0  # how much of it
        self.outdated = False  # the cache was written meanwhile

    @property
    def form(self) -> BacktestForm:
        """The choices in the tournament on screen."""
        return self.forms.get(self.app.cache.tournament, BacktestForm())

    @form.setter
    def form(self, form: BacktestForm) -> None:
        self.forms[self.app.cache.tournament] = form

    def compose(self) -> ComposeResult:
        """Choices and panel above the table."""
        yield HeaderLine()
        yield TabLine()
        yield ChoiceLine()
        yield BacktestPanel()
        yield SummaryLine()
        yield ReportTable(self.view.layout, self.app.formatter(self.view.layout))
        yield EmptyState()
        yield FilterLine()
        yield SyncLine()
        yield KeyFooter()

    def on_unmount(self) -> None:
        """A computation that still runs stops at its next step."""
        self.asked += 1

    def reload(self) -> None:
        """Compute anew, off the event loop; the old findings stay until the new ones are there.

        Another choice supersedes a computation; a write to the cache waits for its end, or a busy poller would let none
        come to one.
        """
        self.seen = dict(self.app.versions)
        if self.shown_in != self.app.cache.tournament:
            self.shown_in = self.app.cache.tournament
            self.working = False
            self.present(None)
        if self.working and self.form == self.computing:
            self.outdated = True
            return
        self.asked += 1
        self.working, self.computing, self.done, self.outdated = True, self.form, 0.0, False
        self.run_worker(self._compute(self.asked), exclusive=True, group="reload")
        self.show_choices()

    async def _compute(self, ticket: int) -> None:
        settings, tournament, form = self.app.settings, self.app.cache.tournament, self.form

        def progress(done: float) -> None:
            """In the thread: stop when nobody waits any more, else say every tenth."""
            if ticket != self.asked:
                raise StoppedError
            if done >= self.done + TENTH:
                self.done = done
                self.call_later(self.show_choices)

        try:
            study = await asyncio.to_thread(compute, settings, tournament, form.query, progress)
            if ticket == self.asked:
                self.studied = form
                self.present(study)
            if study is not None and ticket == self.asked:
                walked = await asyncio.to_thread(walk, study)
                if ticket == self.asked:
                    self.study = walked
        except StoppedError:
            return
        except BacktestError as error:
            self.refuse(str(error))
        except Exception as error:  # noqa: BLE001  said on screen; a fault goes with its traceback to the log
            self.fail(error)
        finally:
            if ticket == self.asked:
                self.finish()

    def finish(self) -> None:
        """Nothing is being computed any more; what was written to the cache meanwhile is followed."""
        self.working = False
        self.show_choices()
        self.show_frame()
        if self.outdated and self.is_mounted:
            self.call_later(self.reload)

    def refuse(self, why: str) -> None:
        """Choices that cannot be computed: the findings on screen stay, and with them the choices that they answer."""
        if self.study is None:
            self.failure = why
            return
        self.form = self.studied
        self.app.notify(f"{why}. The choices before it stay.", severity="error", timeout=LONG, markup=False)

    def action_back(self) -> None:
        """Stop a computation; else as everywhere."""
        if self.working and not self.state.text:
            self.asked += 1
            self.form, self.outdated = self.studied, False
            self.finish()
        else:
            super().action_back()

    def present(self, study: Study | None) -> None:
        """Show the findings in the view that is chosen."""
        self.study = study
        if study is None:
            self.show(self.view, NOTHING)
            return
        table, name = (study.ranking, "model") if self.view.name == "models" else (study.cells, "key")
        layout = layout_of(self.view.name, table, study.result.mode, has_grid=study.inputs.grid is not None)
        self.show(self.view._replace(layout=layout), ViewData(TableRows(table, name)))

    def action_show_view(self, number: int) -> None:
        """The other table of the same findings."""
        if number == self.shown:
            return
        model = self.model
        self.state.cursor = None
        self.shown = number
        self.table.start_anew(model if self.view.name == "models" else self._best_key(model))
        self.query_one(FilterLine).put(self.state.text)
        self.present(self.study)

    def _best_key(self, model: str | None) -> str | None:
        """The row of the model's best cell."""
        if self.study is None or model is None:
            return None
        from numtui.reports.backtest.study import cell_key  # loaded already: the study comes from there

        best = self.study.best_cell(model)
        return None if best is None else cell_key(model, best)

    # What stands around the table

    @property
    def model(self) -> str | None:
        """The model under the cursor."""
        row = self.table.current
        if row is None or self.study is None:
            return None
        names = [column.name for column in self.table.source.columns]
        return str(row[names.index("model")])

    def show_choices(self) -> None:
        """Bring the line of choices up to date."""
        doing = f"working {self.done:.0%}, esc stops" if self.working else ""
        self.query_one(ChoiceLine).show(self.form.parts, doing)

    def show_place(self) -> None:
        """The panel follows the cursor and the marks."""
        super().show_place()
        paint = Paint(self.app.glyphs, colours_of(self.app), self.hides)
        key = self.table.cursor_key if self.view.name == "cells" else None
        self.query_one(BacktestPanel).show(self.study, self.model, key, sorted(self.table.marks), paint)

    @property
    def hides(self) -> bool:
        """Whether balances are hidden."""
        return self.app.balances_hidden

    def restyle(self) -> None:
        """Show the same values in another form."""
        super().restyle()
        self.show_place()

    @on(Resize)
    def laid_out(self) -> None:
        """Choices and panel are laid out for a size."""
        self.show_choices()
        self.query_one(BacktestPanel).draw()

    def show_keys(self) -> None:
        """The footer says which panel comes next."""
        following = self.query_one(BacktestPanel).next_panel
        self.query_one(KeyFooter).show_bindings(self, {"view(1)": self.next_view.name, "panel": following})

    def no_rows(self) -> str:
        """Why there are no findings."""
        if self.working and self.study is None:
            return "Computing."
        if self.state.filter is not None and self.study is not None:
            return "No row passes the filter; esc clears it."
        return NO_ROUNDS if self._knows_models() else NO_MODELS

    def _knows_models(self) -> bool:
        try:
            return bool(known_models(self.app.cache.reader, self.app.cache.tournament, self.form.query.models))
        except READ_ERRORS:
            return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The slice key is there for grids that have slices, esc while something is being computed."""
        if action == "slice":
            return self.study is not None and self.study.slices > 1
        if action == "back" and self.is_mounted and self.working:
            return True
        if action == "these_models":
            return self.view.name == "models"
        return super().check_action(action, parameters)

    # Choices

    def choose(self, form: BacktestForm) -> None:
        """Answer other choices."""
        if form != self.form:
            self.form = form
            self.query_one(BacktestPanel).slice = None
            self.states.pop(CELLS_VIEW, None)  # its marks are places in the old grid
            self.reload()

    def action_models(self) -> None:
        """Own, watched, both."""
        self.choose(self.form.next_models())

    def action_these_models(self) -> None:
        """The marked models, else those that pass the filter."""
        source = self.table.source
        names = tuple(sorted(self.table.marks)) or tuple(source.key(index) for index in range(len(source)))
        if names:
            self.table.marks.clear()
            self.choose(self.form.with_models(names))

    def action_rounds(self) -> None:
        """A range or an epoch; a new epoch is kept when it is given a name."""
        ask_rounds(self.app, self)

    def action_terms(self) -> None:
        """A grid, a preset's terms, or the terms of each round."""
        ask_terms(self.app, self)

    def action_money(self) -> None:
        """Stake, factor and clip, and the windows of the walk forward."""
        ask_money(self.app, self)

    def action_allocation(self) -> None:
        """Weights of the models of these choices."""
        from numtui.tui.backtest.allocation_screen import AllocationScreen  # first used when asked for

        self.app.push_screen(AllocationScreen(self.form.query))

    def action_save(self) -> None:
        """Keep the choices under a name, or take kept ones away."""
        ask_name(self.app, self)

    def action_load(self) -> None:
        """Take saved choices."""
        ask_preset(self.app, self)

    def action_mode(self) -> None:
        """Another figure to compare by."""
        self.choose(self.form.next_mode())

    def action_unresolved(self) -> None:
        """Unresolved rounds too, or not."""
        self.choose(self.form.with_unresolved())

    def action_panel(self) -> None:
        """The next panel."""
        self.query_one(BacktestPanel).next()
        self.show_keys()

    def action_slice(self, step: int) -> None:
        """Another slice of the grid."""
        self.query_one(BacktestPanel).turn(step)
