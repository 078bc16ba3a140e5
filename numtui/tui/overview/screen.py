"""The Overview screen, the start for who has models: one look at all tournaments. `t` narrows it to one."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from numtui.format import counted
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.missing_days import REASON
from numtui.reports.overview.needs import Need, NeedKind
from numtui.reports.row_source import TableRows
from numtui.store.queries.stakes.account import account_name
from numtui.tui.data import ReadRequest
from numtui.tui.failures import caught
from numtui.tui.needs import due_rules, locked_models, read_needs
from numtui.tui.overview.extremes_line import ExtremesLine
from numtui.tui.overview.latest_panel import LatestPanel
from numtui.tui.overview.money_panel import ORDER, MoneyPanel, money_lines
from numtui.tui.overview.needs_list import CALM, NeedsList
from numtui.tui.overview.payout_chart import PayoutChart
from numtui.tui.overview.room import Room, room_for
from numtui.tui.screens.noting import Subject
from numtui.tui.screens.pages import model_page
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout
from numtui.tui.table.report_table import ReportTable
from numtui.tui.widgets.tab_line import Tab

if TYPE_CHECKING:
    from numtui.reports.overview.overview import Overview

TABLES = frozenset(
    {
        *{"models", "stakes", "leaderboard", "submissions", "latest", "positions", "rounds", "score_configs"},
        *{"pipeline", "polls", "wallet", "claims", "transactions", "prices", "scores", "score_dates", "multipliers"},
        "alerts",
    }
)
MODELS = Layout(
    fixed=("model",),
    first=(
        "need",
        "last_run",
        "pending",
        "expected_payout",
        "burn_probability",
        "path",
        "at_risk",
        "rank",
        "rank_change_1d",
    ),
    hidden=("key",),
    changes=("rank_change_1d",),
    results=("last_run", "pending", "expected_payout"),
)
WELCOME = """There is no account here yet: no key of the API is set, or nothing was fetched with it.

Without keys there are leaderboards (1), rounds (2), and the models that you watch (4): f on a model watches it.
With a key that may only read user info, this screen shows what needs you. In your shell:

    export NUMERAI_PUBLIC_ID=...
    export NUMERAI_SECRET_KEY=...
    numtui

Keys are made on numer.ai under Settings, Automation. numtui doctor says what is missing."""
NO_MODEL = "{} has no model here yet. Its models come with the next poll; 1 shows the leaderboard."
NOT_KNOWN = "What needs you is not known yet: the first poll has not ended."
NOTHING = TableRows(Table("models", (Column("model", Kind.TEXT), Column("key", Kind.KEY)), ()), "key")
EVERY: tuple[Tournament | None, ...] = (None, *Tournament)  # which the screen can be about; None: all
# The screen where a need is done, and its table ("": the first one).
WHERE = {
    NeedKind.KEY: ("status", ""),
    NeedKind.CHANGE: ("stake", ""),
    NeedKind.SUBMISSION: ("models", ""),
    NeedKind.ALERT: ("alerts", ""),
    NeedKind.RULE: ("stake", "plan by rules"),
    NeedKind.RELEASE: ("stake", ""),
}


class ModelTable(ReportTable):
    """The table of models; above its first row the cursor goes on to the needs."""

    DEFAULT_CSS = "ModelTable:blur > .table--cursor { background: $panel; color: $foreground; }"

    def on_focus(self) -> None:
        """Show the cursor as the one that keys move."""
        self.repaint()

    def on_blur(self) -> None:
        """Show the cursor as one that waits."""
        self.repaint()

    def action_move(self, lines: int) -> None:
        """Move by lines; up from the first row leads to the needs."""
        needs = self.screen.query_one(NeedsList)
        if lines < 0 and self.cursor == 0 and needs.needs:
            needs.focus()
        else:
            super().action_move(lines)


class OverviewScreen(ReportScreen):
    """What needs the user, money, payouts by day, own models by urgency, what happened last; enter leads there."""

    title_text = "Overview"
    of_all_tournaments = True
    table_class = ModelTable
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "narrow", "tournament", tooltip="all tournaments, or one after the other"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.overview: Overview | None = None
        self.only: Tournament | None = None
        self.read_at = datetime.max.replace(tzinfo=UTC)
        self.views = (ViewSpec("models", MODELS, self._load, TABLES, WELCOME, opens=True),)

    def above_table(self) -> ComposeResult:
        """Needs, money and chart."""
        yield NeedsList()
        yield MoneyPanel()
        yield PayoutChart()

    def below_table(self) -> ComposeResult:
        """The worst and the best of them, and what happened last."""
        yield ExtremesLine()
        yield LatestPanel()

    def panels(self) -> list[tuple[str, Sequence[Column]]]:
        """The table of money."""
        from numtui.reports.overview.money import MONEY_COLUMNS  # numpy: the reports have brought it

        columns = {column.name: column for column in MONEY_COLUMNS}
        return [("money", [columns[name] for name in ORDER])]

    async def _read(self, view: ViewSpec) -> None:
        """Read the needs first: they are quick, and what one looks for."""
        if self.data is None:
            with caught(self.fail):
                needs = await self.app.cache.read(self._load_needs)
                if self.is_mounted and needs:
                    self.show_needs(needs)
        await super()._read(view)

    def _load_needs(self, connection: sqlite3.Connection, request: ReadRequest) -> list[Need] | None:
        """What needs the user; None without an account."""
        return read_needs(connection, request, self._tournaments)

    def _load(self, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
        from numtui.reports.overview.overview import overview  # numpy: in the thread

        account = account_name(connection)
        self.read_at = request.now
        if account is None:
            self.overview = None
            return ViewData(NOTHING, empty=WELCOME)
        self.overview = read = overview(
            connection,
            request.now,
            fiat=request.settings.fiat,
            locked_ids=locked_models(request, account),
            tournaments=self._tournaments,
            proposals=due_rules(request),
        )
        facts = Table("days", (REASON,), [(read.to_come or None,)])
        return ViewData(TableRows(read.table("models"), "key"), facts, NO_MODEL.format(read.account))

    @property
    def _tournaments(self) -> tuple[Tournament, ...]:
        """Those that the screen is about."""
        return tuple(Tournament) if self.only is None else (self.only,)

    def show(self, view: ViewSpec, data: ViewData) -> None:
        """Show the parts around the table too, and count the needs in the header."""
        if self.tells_needs:
            self.app.tell_needs(None if self.overview is None else len(self.overview.needs))
        super().show(view, data)
        self.show_parts()

    @property
    def tells_needs(self) -> bool:
        """As long as it is about all tournaments."""
        return self.only is None

    def show_needs(self, needs: Sequence[Need]) -> None:
        """Show the needs, and the cursor on the first of them."""
        shown = self.query_one(NeedsList)
        shown.display = True
        shown.show(needs, self.app.formatter(self.view.layout), self._room(len(needs)).needs)
        shown.focus()

    def _room(self, needs: int) -> Room:
        """The lines of the parts, for the present height and what is known."""
        read = self.overview
        money, models = (0, 0) if read is None else (money_lines(read), len(read.models))
        return room_for(self.app.size.height, money, models, needs)

    def show_parts(self) -> None:
        """Lay the parts out for the present height, formatter and overview."""
        formatter, read = self.app.formatter(self.view.layout), self.overview
        if self.data is None:
            return
        needs = () if read is None else read.needs
        room = self._room(len(needs))
        self.query_one(NeedsList).display = read is not None
        self.query_one(MoneyPanel).display = read is not None
        self.query_one(NeedsList).show(needs, formatter, room.needs, self._calm)
        self.query_one(MoneyPanel).show(read, formatter)
        self.query_one(PayoutChart).show(
            None if read is None else read.days, () if read is None else read.weeks, formatter, room.chart
        )
        self.query_one(ExtremesLine).show(None if read is None else read.extremes, formatter)
        self.query_one(LatestPanel).show(() if read is None else read.latest, formatter, room.latest)

    @property
    def _calm(self) -> str:
        """What stands in the place of needs where there are none."""
        if self.overview is None or not self.overview.polled:
            return NOT_KNOWN
        if self.only is None:
            return CALM
        others = self.app.needs
        elsewhere = f"; {counted(others, 'need')} elsewhere (t)" if others else ""
        return f"Nothing needs you in {self.only.label.capitalize()} now{elsewhere}."

    def restyle(self) -> None:
        """Show the same values in another form."""
        super().restyle()
        self.show_parts()

    def show_facts(self) -> None:
        """Lay the parts out for another size."""
        super().show_facts()
        self.show_parts()

    def show_frame(self) -> None:
        """Bring the lines around the table up to date, and read again once a deadline has passed."""
        super().show_frame()
        now, needs = self.app.clock.now(), () if self.overview is None else self.overview.needs
        if any(need.deadline is not None and self.read_at < need.deadline <= now for need in needs):
            self.read_at = now
            self.reload()

    def view_tabs(self) -> list[Tab]:
        """The tournaments that the screen can be narrowed to."""
        names = ["all", *(tournament.label.capitalize() for tournament in Tournament)]
        return [
            Tab(name, f"screen.narrow_to({number})", only == self.only)
            for number, (name, only) in enumerate(zip(names, EVERY, strict=True))
        ]

    def action_narrow(self) -> None:
        """All tournaments, or the next one alone."""
        self.action_narrow_to((EVERY.index(self.only) + 1) % len(EVERY))

    def action_narrow_to(self, number: int) -> None:
        """All tournaments, or one of them, which is then that of the other screens too."""
        self.only = EVERY[number]
        if self.only is not None:
            self.app.choose_tournament(self.only)
        self.reload()

    @on(NeedsList.Left)
    def below_the_needs(self) -> None:
        """The cursor goes on in the table."""
        self.table.focus()

    @on(NeedsList.Opened)
    def open_need(self, event: NeedsList.Opened) -> None:
        """Go where the need is done."""
        self.go_to(event.need)

    def go_to(self, need: Need) -> None:
        """Open the screen that a need leads to, in its tournament."""
        tournament = None if need.tournament is None else Tournament.from_label(need.tournament)
        if need.kind is NeedKind.CLAIM:
            from numtui.tui.stake.atomic_screen import V3Screen  # first used when asked for

            self.app.open_page(V3Screen(), tournament)
            return
        screen, view = WHERE[need.kind]
        self.app.lead_to(screen, tournament, view, need.row)

    @property
    def subject(self) -> Subject:
        """What the need under the cursor is about, where the cursor is among them; else the row's model."""
        listed = self.query_one(NeedsList)
        if listed.has_focus and listed.needs:
            need = listed.needs[listed.cursor]
            return Subject(need.model, need.round)
        return super().subject

    def open_row(self, key: str, row: Row) -> None:
        """The model's page, in its tournament."""
        label, model = key.split(" ", 1)
        self.app.open_page(model_page(model), Tournament.from_label(label))
