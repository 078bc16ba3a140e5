"""Rounds, the drift monitor: unresolved rounds with forecasts, what moved, what resolves when, and how forecasts did.

The reports behind it import numpy. They are imported by the views in their thread, so that neither the first frame nor
a key waits for that.
"""

from __future__ import annotations

import sqlite3

from textual.app import ComposeResult

from numtui.model import Row
from numtui.reports.missing_days import with_missing_days
from numtui.reports.rounds import rounds
from numtui.reports.row_source import TableRows
from numtui.store.queries.selection import Models, Rounds
from numtui.tui.data import ReadRequest
from numtui.tui.rounds.heat_table import HeatTable
from numtui.tui.rounds.totals_line import DriftTotals
from numtui.tui.screens.page_screen import PageScreen
from numtui.tui.screens.pages import day_page, model_page, week_page
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout
from numtui.tui.widgets.filter_line import FilterLine
from numtui.tui.widgets.summary_line import SummaryLine

OWN_AND_WATCHED = Models()
TABLES = frozenset(
    {
        "rounds",
        "score_configs",
        "positions",
        "latest",
        "models",
        "score_paths",
        "score_dates",
        "multipliers",
        "forecasts",
    }
)
PAYOUTS = ("payout", "expected_payout", "payout_p05", "payout_p95", "payout_change", "pending", "settled")
MONITOR = Layout(
    fixed=("round",),
    first=(
        *("progress", "at_risk", "value", "change", "expected", "p05", "p95", "burn_probability", "days_to_go", "path"),
        *("payout", "expected_payout", "payout_p05", "payout_p95", "target", "resolve_time", "models"),
    ),
    results=PAYOUTS,
)
ROUND = Layout(
    fixed=("model",),
    first=("day", "at_risk", "value", "change", "expected", "p05", "p95", "burn_probability", "path"),
    results=PAYOUTS,
)
MOVERS = Layout(
    fixed=("what", "model", "round"), first=("payout_change", "change"), hidden=("key", "before"), results=PAYOUTS
)
BY_MODEL = Layout(fixed=("model",), hidden=("mine", "watched"), results=PAYOUTS)
WEEKS = Layout(fixed=("week",), results=PAYOUTS)
CALENDAR = Layout(fixed=("date", "weekday"), results=PAYOUTS)
RECORD = Layout(fixed=("life",))
RESOLVED = Layout(
    fixed=("round",),
    first=("at_risk", "settled", "outcome", "expected", "p05", "p95", "held", "forecast_day", "resolve_time", "status"),
    hidden=("tournament", "day", "days", "progress", "pending"),
    results=PAYOUTS,
)
NO_ROUND = "No own or watched model has a round of this tournament that is unresolved.\n\nf on a model watches it."


def _told(
    connection: sqlite3.Connection,
    request: ReadRequest,
    data: ViewData,
    selection: Models = OWN_AND_WATCHED,
    rounds: Rounds | None = None,
) -> ViewData:
    """The data, with a line where days that they are made of are not here yet."""
    return data._replace(facts=with_missing_days(connection, request.tournament, data.facts, selection, rounds))


def unresolved_rounds(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The rounds that have not resolved, with their forecasts, and the sums."""
    from numtui.reports.drift.monitor import monitor  # numpy: in the thread

    table, sums = monitor(connection, request.tournament, request.now)
    return _told(connection, request, ViewData(TableRows(table, "round"), sums))


def last_movers(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The movers of the last scoring run."""
    from numtui.reports.drift.movers import movers_table  # numpy: in the thread

    table, run = movers_table(connection, request.tournament, OWN_AND_WATCHED)
    return _told(connection, request, ViewData(TableRows(table, "key"), run))


def models(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Models by rounds, as a heatmap."""
    from numtui.reports.drift.monitor import by_model  # numpy: in the thread

    return _told(connection, request, ViewData(TableRows(by_model(connection, request.tournament), "model")))


def weeks(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Sums by week of resolution."""
    from numtui.reports.drift.totals import weeks as by_week  # numpy: in the thread

    return _told(connection, request, ViewData(TableRows(by_week(connection, request.tournament), "week")))


def calendar(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The days on which rounds resolve, with the money on them."""
    from numtui.reports.drift.totals import calendar as by_day  # numpy: in the thread

    return _told(connection, request, ViewData(TableRows(by_day(connection, request.tournament, request.now), "date")))


def record(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The record of forecasts against outcomes."""
    from numtui.reports.drift.calibration import record_table  # numpy: in the thread

    table, evidence = record_table(connection, request.tournament)
    return _told(connection, request, ViewData(TableRows(table, "life"), evidence))


def resolved_rounds(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The rounds that have resolved, with recorded forecasts against outcomes."""
    table = rounds(connection, request.tournament, request.now, OWN_AND_WATCHED, Rounds(resolved=True))
    return ViewData(TableRows(table, "round"))


def round_by_model(number: int) -> ViewSpec:
    """The view of one round."""

    def load(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
        from numtui.reports.drift.monitor import round_forecasts_by_model  # numpy: in the thread

        table = round_forecasts_by_model(connection, request.tournament, number, OWN_AND_WATCHED)
        data = ViewData(TableRows(table, "model"))
        return _told(connection, request, data, rounds=Rounds(number, number))

    empty = f"No own or watched model has a score or a stake in round {number} here.\n\nf watches a model."
    return ViewSpec("models", ROUND, load, TABLES, empty, models=True, opens=True)


class RoundsScreen(ReportScreen):
    """The drift monitor; enter opens a round by model, a week's or a day's rounds, a model's page, a mover's at its
    round."""

    title_text = "Rounds"
    table_class = HeatTable
    views = (
        ViewSpec("unresolved", MONITOR, unresolved_rounds, TABLES, NO_ROUND, opens=True),
        ViewSpec("movers", MOVERS, last_movers, TABLES, "The last scoring run moved nothing.", opens=True),
        ViewSpec("by model", BY_MODEL, models, TABLES, NO_ROUND, models=True, opens=True),
        ViewSpec("weeks", WEEKS, weeks, TABLES, NO_ROUND, opens=True),
        ViewSpec("calendar", CALENDAR, calendar, TABLES, NO_ROUND, opens=True),
        ViewSpec("record", RECORD, record, TABLES, "Too few rounds have resolved here to check a forecast."),
        ViewSpec(
            "resolved", RESOLVED, resolved_rounds, TABLES, "No round of this tournament has resolved.", opens=True
        ),
    )

    def compose(self) -> ComposeResult:
        """The sums below the table, in the place of the line above it."""
        for widget in super().compose():
            if isinstance(widget, FilterLine):
                yield DriftTotals()
            if not isinstance(widget, SummaryLine):
                yield widget

    def open_row(self, key: str, row: Row) -> None:
        """The round by model; a model's page, a mover's at its round; what resolves in a week or on a day."""
        match self.view.name:
            case "movers":
                model, number = key.rsplit(" ", 1)
                self.app.push_screen(model_page(model, int(number)))
            case "by model":
                self.app.push_screen(model_page(key))
            case "weeks":
                self.app.push_screen(week_page(key))
            case "calendar":
                self.app.push_screen(day_page(key))
            case _:
                self.app.push_screen(RoundScreen(int(key)))


class RoundScreen(PageScreen):
    """One round: own and watched models with scores, percentiles, money and forecasts; enter opens a model's page at
    this round."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.title_text = str(number)
        self.views = (round_by_model(number),)

    def open_row(self, key: str, row: Row) -> None:
        """The model's rounds, the cursor on this one."""
        self.app.push_screen(model_page(key, self.number))
