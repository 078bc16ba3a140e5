"""What every screen of tables is: header, breadcrumbs, one table with its views, filter line and keys."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize, ScreenResume
from textual.screen import Screen

from numtui.model import Row
from numtui.reports.filter import FilterError, parse_filter
from numtui.reports.rows import Order
from numtui.store.errors import NoDatabase
from numtui.tui.data import REPORT_ERRORS, one_line
from numtui.tui.format import RIGHT
from numtui.tui.messages import CacheChanged
from numtui.tui.screens.view import Choice, Loaded, View
from numtui.tui.widgets.facts import FactsLine
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.header import CrumbLine, HeaderLine, NewsLine
from numtui.tui.widgets.key_line import KeyLine
from numtui.tui.widgets.notice import Notice, why_empty
from numtui.tui.widgets.table import ReportTable

if TYPE_CHECKING:
    from numtui.tui.app import NumtuiApp

WATCHED_ONLY = "watched=yes"


class ReportScreen(Screen[None], inherit_bindings=False):
    """A screen that shows reports. Subclasses give `views`, and say what enter opens."""

    AUTO_FOCUS = "ReportTable"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back"),
        # By priority: it is done before the next key is handed on, so that a burst of keys goes on in the filter.
        Binding("slash", "filter", "filter", key_display="/", priority=True),
        Binding("a", "view", "next view", tooltip="the screen's next table"),
        Binding("f", "watch", "watch", tooltip="watch the model, or no longer"),
        Binding("F", "watched_only", "watched only", tooltip="only watched models"),
        Binding("less_than_sign", "sort_column(-1)", "sort", key_display="<", tooltip="sort by the column before"),
        Binding("greater_than_sign", "sort_column(1)", "sort by the next column", key_display=">", show=False),
        Binding("S", "reverse", "reverse", tooltip="reverse the order"),
        Binding("y", "copy", "copy", tooltip="copy the marked rows, else this one, as CSV"),
        Binding("e", "export", "export", tooltip="write the filtered table to a file"),
    ]
    title_text = ""
    views: ClassVar[tuple[View, ...]] = ()

    def __init__(self) -> None:
        super().__init__()
        self.shown = 0
        self.choices: dict[int, Choice] = {}
        self.loaded: Loaded | None = None
        self.failure = ""
        self.seen: dict[str, int] = {}
        self.tournament = self.root.cache.tournament

    @property
    def root(self) -> NumtuiApp:
        """The app, with its type."""
        return cast("NumtuiApp", self.app)

    @property
    def is_opened(self) -> bool:
        """Whether it was opened from another screen, to which one can go back."""
        return self.app.screen_stack[0] is not self

    @property
    def all_views(self) -> tuple[View, ...]:
        """The screen's tables."""
        return self.views

    @property
    def view(self) -> View:
        """The table that is shown."""
        return self.all_views[self.shown]

    @property
    def choice(self) -> Choice:
        """What the user chose in it."""
        return self.choices.setdefault(self.shown, Choice())

    @property
    def table(self) -> ReportTable:
        """The table widget."""
        return self.query_one(ReportTable)

    def compose(self) -> ComposeResult:
        """Lines above and below one table."""
        yield HeaderLine()
        yield CrumbLine()
        yield NewsLine()
        yield FactsLine()
        yield ReportTable(self.view.layout, self.root.formatter(self.view.layout))
        yield Notice()
        yield FilterLine()
        yield KeyLine()

    def on_mount(self) -> None:
        """Read the first view."""
        self.table.set_class(self.root.settings.ascii, "-ascii")
        self.watch(self.table, "place", self.show_place, init=False)
        self.reload()

    # Reading

    def reload(self) -> None:
        """Read the view anew; the old rows stay until the new ones are there."""
        self.seen = dict(self.root.versions)
        view = self.view
        if not view.live:
            self.run_worker(self._read(view), exclusive=True, group="reload")
            return
        try:
            self.show(view, view.load(self.root.cache.reader, self.root.cache.ask))
        except REPORT_ERRORS as error:
            self.fail(error)

    async def _read(self, view: View) -> None:
        try:
            loaded = await self.root.cache.read(view.load)
            if view.name == self.view.name:
                self.show(view, loaded)
        except REPORT_ERRORS as error:
            self.fail(error)

    def show(self, view: View, loaded: Loaded) -> None:
        """Put rows on screen in the chosen order, through the chosen filter."""
        self.loaded, self.failure = loaded, ""
        choice, table = self.choice, self.table
        self._understand_filter()
        names = {column.name for column in loaded.source.columns}
        order = choice.order if choice.order is not None and choice.order.column in names else None
        source = loaded.source
        if order is not None or choice.filter is not None:
            source = source.arranged(order, choice.filter)
        table.formatter, table.opens = self.root.formatter(view.layout), view.opens
        table.cursor_key, table.marks = choice.cursor or table.cursor_key, choice.marks
        choice.cursor = None
        table.learn(loaded.source)
        table.present(source, order, view.layout)
        self.query_one(FactsLine).show(loaded.facts, table.formatter)
        self.show_frame()

    def restyle(self) -> None:
        """Show the same values in another form."""
        self.table.restyle(self.root.formatter(self.view.layout))
        self.query_one(FactsLine).show(self.loaded.facts if self.loaded is not None else None, self.table.formatter)

    def fail(self, error: BaseException) -> None:
        """Say in a line why there is nothing to read; rows that were read before stay."""
        self.failure = "" if isinstance(error, NoDatabase) else one_line(error)
        self.show_frame()

    @on(CacheChanged)
    def follow(self, event: CacheChanged) -> None:
        """Read again when a table that the view uses has changed."""
        event.stop()
        self.catch_up()

    @on(ScreenResume)
    def catch_up(self) -> None:
        """What happened while another screen was in front."""
        if not self.is_mounted:
            return
        if self.tournament != self.root.cache.tournament:
            if self.is_opened:
                self.app.pop_screen()
                return
            self.tournament = self.root.cache.tournament
            self.choices.clear()
            self.table.cursor_key, self.table.cursor = None, 0
            self.reload()
        elif any(self.seen.get(name) != self.root.versions.get(name) for name in (*self.view.tables, "")):
            self.reload()
        if self.root.formatter(self.view.layout)._replace(now=self.table.formatter.now) != self.table.formatter:
            self.restyle()
        self.show_frame()

    @on(Resize)
    def resized(self) -> None:
        """Lines are laid out for a width."""
        self.query_one(FactsLine).lay_out()
        self.call_after_refresh(self.show_frame)

    # What stands around the table

    def show_frame(self) -> None:
        """Bring the lines around the table up to date; unchanged ones cost nothing."""
        if not self.is_mounted:
            return
        root, glyphs, table = self.root, self.root.glyphs, self.table
        header = root.header
        self.query_one(HeaderLine).show(header, root.clock.now())
        self.query_one(NewsLine).show(header, glyphs)
        rows = len(table.source)
        empty = ""
        if not rows:
            empty = self.failure or why_empty(header, glyphs, offline=root.settings.offline) or self._no_rows()
        self.query_one(Notice).say(empty)
        table.set_class(bool(empty), "-empty")
        self.show_place()
        self.show_keys()

    def show_place(self) -> None:
        """Say where one is: the way here, the row of how many, and what is wrong."""
        table = self.table
        rows = len(table.source)
        facts = f"{table.cursor + 1:,}/{rows:,}" if rows else ""
        if table.marks:
            facts = f"{len(table.marks)} marked  {facts}"
        if rows and self.failure:
            facts = self.failure
        line = self.query_one(CrumbLine)
        line.show(self.crumbs(), facts, self.root.glyphs, simulated=self.root.header.simulated)

    def _no_rows(self) -> str:
        if self.loaded is None:
            return "Reading the cache."
        return "No row passes the filter; esc clears it." if self.choice.filter is not None else self.view.empty

    def crumbs(self) -> list[str]:
        """The screens on the way here, and the view where there are several."""
        way = [screen.title_text for screen in self.app.screen_stack if isinstance(screen, ReportScreen)]
        return [*way, self.view.name] if len(self.all_views) > 1 else way

    def show_keys(self) -> None:
        """The footer, from the bindings that work now; the view key says which view comes next."""
        following = self.all_views[(self.shown + 1) % len(self.all_views)].name
        self.query_one(KeyLine).show_bindings(self, {"view": following})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that mean nothing here are not bound here."""
        match action:
            case "filter":
                return not self.query_one(FilterLine).has_focus_within
            case "view":
                return len(self.all_views) > 1
            case "watch" | "watched_only":
                return self.view.models
            case "back":
                return self.is_opened or bool(self.choice.text)
        return True

    # Keys

    def action_back(self) -> None:
        """Clear the filter, else go back; never quit."""
        if self.choice.text:
            self.query_one(FilterLine).action_clear()
        elif self.is_opened:
            self.app.pop_screen()

    def action_view(self) -> None:
        """The next table of this screen."""
        self.choice.cursor = self.table.cursor_key
        self.shown = (self.shown + 1) % len(self.all_views)
        self.loaded = None
        self.table.cursor_key, self.table.cursor = None, 0
        self.query_one(FilterLine).put(self.choice.text)
        self.reload()

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_one(FilterLine).open()

    @on(FilterLine.Changed)
    def filter_changed(self, event: FilterLine.Changed) -> None:
        """Filter while typing; a text that is not understood leaves the rows as they are."""
        self.choice.text = event.text
        self.rearrange()

    @on(FilterLine.Left)
    def filter_left(self) -> None:
        """Back to the table."""
        self.table.focus()

    def _understand_filter(self) -> bool:
        """Read the filter's text for the columns there are; say what is wrong with it."""
        line = self.query_one(FilterLine)
        try:
            columns = self.loaded.source.columns if self.loaded is not None else ()
            self.choice.filter = parse_filter(self.choice.text, columns) if columns else None
        except FilterError as error:
            line.complain(str(error))
            return False
        line.complain("")
        return True

    def rearrange(self) -> None:
        """Show the same rows in another order or through another filter."""
        if self.loaded is None or not self._understand_filter():
            return
        try:
            choice = self.choice
            source = self.loaded.source
            if choice.order is not None or choice.filter is not None:
                source = source.arranged(choice.order, choice.filter)
            self.table.present(source, choice.order)
        except REPORT_ERRORS as error:
            self.fail(error)
        self.show_frame()

    def action_watched_only(self) -> None:
        """Only watched models, by way of the filter, where one can see and change it."""
        words = self.choice.text.split()
        kept = [word for word in words if word != WATCHED_ONLY]
        if len(kept) == len(words):
            kept = [*([] if self.choice.text.startswith("!") else kept), WATCHED_ONLY]
        self.choice.text = " ".join(kept)
        self.query_one(FilterLine).put(self.choice.text)
        self.rearrange()

    async def action_watch(self) -> None:
        """Watch the model under the cursor, or no longer."""
        from numtui.tui import handover  # brings the exports with it: not before the first frame

        await handover.watch(self.root, self.table)

    async def action_copy(self) -> None:
        """Copy the marked rows, else the one under the cursor."""
        from numtui.tui import handover  # brings the exports with it: not before the first frame

        await handover.copy_rows(self.root, self.table, self.view.name)

    def action_export(self) -> None:
        """Write the table as filtered and sorted to a file that the user names."""
        from numtui.tui import handover  # brings the exports with it: not before the first frame

        handover.export_rows(self.root, self.table, f"{self.title_text} {self.view.name}")

    def action_sort_column(self, step: int) -> None:
        """Sort by the column to the left or right of the one that sorts now."""
        names = self.table.sortable_columns()
        if not names:
            return
        order = self.choice.order
        place = names.index(order.column) if order is not None and order.column in names else -1 if step > 0 else 0
        self.sort_by(names[(place + step) % len(names)])

    def sort_by(self, name: str) -> None:
        """Sort by a column: numbers from the largest, texts from A; once more reverses."""
        order = self.choice.order
        if order is not None and order.column == name:
            self.choice.order = replace(order, descending=not order.descending)
        else:
            kinds = {column.name: column.kind for column in self.table.source.columns}
            self.choice.order = Order(name, descending=kinds[name] in RIGHT and name != "rank")
        self.rearrange()
        self.table.reveal_column(name)

    def action_reverse(self) -> None:
        """Reverse the order; without one, of the first column."""
        order = self.choice.order
        names = self.table.sortable_columns()
        if order is not None:
            self.sort_by(order.column)
        elif names:
            self.choice.order = Order(names[0], descending=names[0] == "rank")
            self.rearrange()

    @on(ReportTable.HeadingClicked)
    def heading_clicked(self, event: ReportTable.HeadingClicked) -> None:
        """Sort by it."""
        self.sort_by(event.column)

    @on(ReportTable.Unreadable)
    def unreadable(self, event: ReportTable.Unreadable) -> None:
        """Say why lines are blank."""
        self.fail(event.error)

    @on(ReportTable.Opened)
    def opened(self, event: ReportTable.Opened) -> None:
        """Open what the row is about."""
        self.open_row(event.key, event.row)

    def open_row(self, key: str, row: Row) -> None:
        """What enter does; screens whose rows lead somewhere say where."""
