"""Backtests: which terms and which models would have served, how sure that is, and what was really earned."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize

from numtui.model import Column, Kind, Table
from numtui.reports.backtest_options import BacktestError
from numtui.reports.rows import TableRows
from numtui.reports.selection import known_models
from numtui.tui.data import REPORT_ERRORS
from numtui.tui.screens import backtest_presets as presets
from numtui.tui.screens.backtest_texts import GRID_HINT, MONEY_HINT, NO_MODELS, NO_ROUNDS
from numtui.tui.screens.backtest_wish import NAMED, Wish
from numtui.tui.screens.backtest_work import compute, walk
from numtui.tui.screens.base import ReportScreen
from numtui.tui.screens.line_prompt import LinePrompt
from numtui.tui.screens.view import Loaded, View
from numtui.tui.widgets.backtest_panel import PANELS, BacktestPanel
from numtui.tui.widgets.choice_line import ChoiceLine
from numtui.tui.widgets.columns import Layout
from numtui.tui.widgets.facts import FactsLine
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.grid_heat import Paint
from numtui.tui.widgets.header import CrumbLine, HeaderLine, NewsLine
from numtui.tui.widgets.key_line import KeyLine
from numtui.tui.widgets.notice import Notice
from numtui.tui.widgets.table import ReportTable

if TYPE_CHECKING:
    from numtui.reports.backtest_study import Study

TABLES = frozenset({"latest", "rounds", "score_configs", "models", "positions", "multipliers", "epochs"})
RESULTS = ("total", "average", "average_p05", "average_p95", "actual_total", "actual_average", "common_average")
MODELS = Layout(
    fixed=("rank", "model"),
    first=("total", "average", "average_p05", "average_p95", "best_share", "actual_rank", "cells", "actual_average"),
    hidden=("tournament",),
    results=RESULTS,
)
CELLS = Layout(
    fixed=("rank", "model"),
    hidden=("key", "tournament"),
    results=RESULTS,
)
NOTHING = Loaded(TableRows(Table("ranking", (Column("model", Kind.TEXT),), ()), "model"))


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
        Binding("v", "slice", "slice", tooltip="the next slice of a grid of three or more axes"),
        Binding("w", "save", "save", tooltip="save these choices under a name"),
        Binding("i", "load", "presets", tooltip="take saved choices"),
    ]
    views: ClassVar[tuple[View, ...]] = (
        View("models", MODELS, lambda *_: NOTHING, TABLES, NO_ROUNDS),
        View("cells", CELLS, lambda *_: NOTHING, TABLES, NO_ROUNDS),
    )

    def __init__(self) -> None:
        super().__init__()
        self.wish = Wish()
        self.wished_in = self.tournament
        self.study: Study | None = None
        self.asked = 0  # counts requests: only the newest one counts
        self.working = False
        self.computing = self.wish  # what is being computed while `working`
        self.outdated = False  # the cache was written meanwhile

    def compose(self) -> ComposeResult:
        """Choices and panel above the table."""
        yield HeaderLine()
        yield CrumbLine()
        yield NewsLine()
        yield ChoiceLine()
        yield BacktestPanel()
        yield FactsLine()
        yield ReportTable(self.view.layout, self.root.formatter(self.view.layout))
        yield Notice()
        yield FilterLine()
        yield KeyLine()

    def on_unmount(self) -> None:
        """A computation that still runs stops at its next step."""
        self.asked += 1

    # Computing

    def reload(self) -> None:
        """Compute anew, off the event loop; the old findings stay until the new ones are there.

        Another wish supersedes a computation; a write to the cache waits for its end, or a busy poller would let none
        come to one.
        """
        self.seen = dict(self.root.versions)
        if self.wished_in != self.root.cache.tournament:
            self.wished_in, self.wish = self.root.cache.tournament, Wish()
            self.working = False
            self.present(None)
        if self.working and self.wish == self.computing:
            self.outdated = True
            return
        self.asked += 1
        self.working, self.computing, self.outdated = True, self.wish, False
        self.run_worker(self._compute(self.asked), exclusive=True, group="reload")
        self.show_choices()

    async def _compute(self, ticket: int) -> None:
        settings, tournament, wish = self.root.settings, self.root.cache.tournament, self.wish

        def wanted() -> bool:
            return ticket == self.asked

        try:
            study = await asyncio.to_thread(compute, settings, tournament, wish, wanted)
            if wanted():
                self.present(study)
            if study is not None and wanted():
                walked = await asyncio.to_thread(walk, study)
                if wanted():
                    self.study = walked
        except BacktestError as error:
            self.failure = str(error)
        except REPORT_ERRORS as error:
            self.fail(error)
        finally:
            if wanted():
                self.working = False
                self.show_choices()
                self.show_frame()
                if self.outdated and self.is_mounted:
                    self.call_later(self.reload)

    def present(self, study: Study | None) -> None:
        """Show the findings in the view that is chosen."""
        self.study = study
        if study is None:
            self.show(self.view, NOTHING)
            return
        table, name = (study.ranking, "model") if self.view.name == "models" else (study.cells, "key")
        self.show(self.view, Loaded(TableRows(table, name)))

    def action_view(self) -> None:
        """The other table of the same findings."""
        model = self.model
        self.choice.cursor = self.table.cursor_key
        self.shown = (self.shown + 1) % len(self.all_views)
        self.table.cursor = 0
        self.table.cursor_key = model if self.view.name == "models" else f"{model} 0"
        self.query_one(FilterLine).put(self.choice.text)
        self.present(self.study)

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
        self.query_one(ChoiceLine).show(self.wish.parts, working=self.working)

    def show_place(self) -> None:
        """The panel follows the cursor and the marks."""
        super().show_place()
        panel = self.query_one(BacktestPanel)
        paint = Paint(self.root.glyphs, not (self.app.no_color or self.app.theme.startswith("ansi")), self.hides)
        marked = sorted(self.table.marks) if self.view.name == "models" else ()
        panel.show(self.study, self.model, marked, paint)

    @property
    def hides(self) -> bool:
        """Whether balances are hidden."""
        return self.root.balances_hidden

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
        panel = self.query_one(BacktestPanel)
        following = PANELS[(PANELS.index(panel.panel) + 1) % len(PANELS)]
        view = self.all_views[(self.shown + 1) % len(self.all_views)].name
        self.query_one(KeyLine).show_bindings(self, {"view": view, "panel": following})

    def _no_rows(self) -> str:
        if self.working and self.study is None:
            return "Computing."
        if self.choice.filter is not None and self.study is not None:
            return "No row passes the filter; esc clears it."
        return NO_ROUNDS if self._knows_models() else NO_MODELS

    def _knows_models(self) -> bool:
        try:
            return bool(known_models(self.root.cache.reader, self.root.cache.tournament, self.wish.models))
        except REPORT_ERRORS:
            return False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The slice key is there for grids that have slices, the panel key where not all panels are shown."""
        if action == "slice":
            return self.study is not None and self.study.slices > 1
        if action == "panel":
            return not self.query_one(BacktestPanel).large
        return super().check_action(action, parameters)

    # Choices

    def choose(self, wish: Wish) -> None:
        """Compute what is wished now."""
        if wish != self.wish:
            self.wish = wish
            self.query_one(BacktestPanel).slice = 0
            self.reload()

    def action_models(self) -> None:
        """Own, watched, both."""
        self.choose(self.wish.next_models())

    def action_these_models(self) -> None:
        """The marked models, else those that pass the filter."""
        if self.view.name != "models":
            return
        source = self.table.source
        names = tuple(sorted(self.table.marks)) or tuple(source.key(at) for at in range(len(source)))
        if names:
            self.table.marks.clear()
            self.choose(replace(self.wish, which=NAMED, names=names))

    def action_mode(self) -> None:
        """What is compared."""
        self.choose(self.wish.next_mode())

    def action_unresolved(self) -> None:
        """Unresolved rounds too, or not."""
        self.choose(replace(self.wish, unresolved=not self.wish.unresolved))

    def action_rounds(self) -> None:
        """A range or an epoch; a new epoch is kept when it is given a name."""
        names = presets.epoch_names(self.root.cache)
        hint = f"843..1100 (either end open), all, or an epoch: {', '.join(names)}.\nNAME=843..1100 keeps an epoch."

        def take(text: str | None) -> None:
            if text is not None:
                self.choose(replace(self.wish, rounds=presets.kept_epoch(self.root.cache, text)))

        def check(text: str) -> None:
            presets.check_rounds(self.root.cache, text)

        self.app.push_screen(LinePrompt("Rounds:", self.wish.rounds, hint, check), take)

    def action_terms(self) -> None:
        """A grid, a preset's terms, or the terms of each round."""

        def take(text: str | None) -> None:
            if text is not None:
                self.choose(replace(self.wish, terms=text))

        def check(text: str) -> None:
            presets.check_terms(replace(self.wish, terms=text), self.root.cache.tournament)

        self.app.push_screen(LinePrompt("Multipliers:", self.wish.terms, GRID_HINT, check), take)

    def action_money(self) -> None:
        """Stake, factor and clip."""

        def take(text: str | None) -> None:
            if text is not None:
                self.choose(self.wish.with_money(text))

        self.app.push_screen(LinePrompt("Money:", self.wish.money, MONEY_HINT, self.wish.with_money), take)

    def action_panel(self) -> None:
        """The next panel."""
        panel = self.query_one(BacktestPanel)
        panel.panel = PANELS[(PANELS.index(panel.panel) + 1) % len(PANELS)]
        panel.draw()
        self.show_keys()

    def action_slice(self) -> None:
        """The next slice of the grid."""
        panel = self.query_one(BacktestPanel)
        if self.study is not None:
            panel.slice = (panel.slice + 1) % max(1, self.study.slices)
            panel.draw()

    def action_save(self) -> None:
        """Keep the choices under a name."""

        def take(name: str | None) -> None:
            if name is not None:
                presets.save(self.root, name, self.wish)

        hint = f"There are: {', '.join(presets.names(self.root.cache)) or 'none yet'}."
        self.app.push_screen(LinePrompt("Save these choices as:", "", hint, presets.check_name), take)

    def action_load(self) -> None:
        """Take saved choices."""
        names = presets.names(self.root.cache)
        if not names:
            self.app.notify("No choices are saved yet: w saves these.")
            return

        def take(name: str | None) -> None:
            if name is not None:
                self.choose(presets.load(self.root.cache, name))

        def check(name: str) -> None:
            presets.load(self.root.cache, name)

        self.app.push_screen(LinePrompt("Take the choices:", names[0], f"There are: {', '.join(names)}.", check), take)
