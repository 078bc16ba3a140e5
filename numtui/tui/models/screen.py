"""Models: own and watched ones, their submissions, and notes."""

from __future__ import annotations

import sqlite3
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from numtui.model import Column, Kind, Row, Table
from numtui.reports.backtest.query import ALL_ROUNDS, NOTE
from numtui.reports.models.models import models
from numtui.reports.models.own_first import own_first
from numtui.reports.row_source import TableRows
from numtui.store.queries.polls import last_done
from numtui.store.queries.selection import Models
from numtui.store.queries.stakes.account import account_name
from numtui.tui.data import ReadRequest
from numtui.tui.kept import SavedView
from numtui.tui.models.views import (
    NO_NOTES,
    NO_SUBMISSIONS,
    NOTES,
    SUBMISSIONS,
    noted_of,
    notes,
    submissions,
)
from numtui.tui.screens.pages import model_page
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

TABLES = frozenset(
    {"models", "stakes", "leaderboard", "submissions", "latest", "positions", "rounds", "score_configs", "pipeline"}
)
MODELS = Layout(
    fixed=("model",),
    first=(
        "stake",
        "at_risk",
        "pending",
        "submission",
        "field_percentile",
        *["corr60", "mmc60", "alpha", "mpc", "corr", "mmc"],
        "submission_round",
    ),
    hidden=("mine", "watched", "team", "tournament", "submitted"),
    results=("pending",),
    ruled=True,
)
RISKS = MODELS._replace(
    first=(
        *("mean", "sharpe", "max_drawdown", "cvar_5", "worst_20", "burn_rate", "returns", "longest_burn", "earn_burn"),
        *("field_percentile", "risk_rounds", "effective_rounds", "sharpe_p05", "sharpe_p95", "drawdown_rounds"),
        *("recovery_rounds", "downside_beta", "burn_together", "burn_with", "std", "sortino", "stake", "at_risk"),
    ),
)
# The rounds that risk is of, as `export risk --window` has them; "": no risk.
WINDOWS = {
    "": "",
    **{newest: f"newest {newest} rounds" for newest in ("20", "60", "250")},
    ALL_ROUNDS: "all rounds",
    NOTE: "from the newest note on, else all rounds",
}
RISK = Column("risk", Kind.TEXT, doc="the rounds that the risk columns are of")
WATCH = "f on a model of the leaderboard (1) watches it."


def own_and_watched(window: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Own models, then watched ones, and what the own ones have in all; with the risk of a window of rounds."""
    from numtui.reports.page.model_risks import with_percentiles, with_risk  # numpy: in the thread

    tags, tiers = noted_of(request)
    table = models(connection, request.tournament, request.now, Models(), tags=tags, tiers=tiers)
    rows, total = own_first(table)
    if last_done(connection, request.tournament) is None:
        total = None  # as long as the first poll is at work a sum of what is here says nothing
    rows = with_percentiles(connection, request.tournament, rows)
    if window:
        from numtui.reports.epochs import first_rounds, window_named  # another file: not for the first frame

        which = (request.settings, request.tournament)
        rows = with_risk(connection, request.tournament, rows, first_rounds(*which), window_named(*which, window))
        facts = total or Table("risk", (), [()])
        total = Table("total", (RISK, *facts.columns), [(WINDOWS[window], *row) for row in facts.rows])
    account = account_name(connection)
    name = request.tournament.label.capitalize()
    empty = "" if account is None else f"{account} has no model in {name}.\n\n{WATCH}"
    return ViewData(TableRows(rows, "model"), total, empty)


class ModelsScreen(ReportScreen):
    """Own and watched models: stake, submission for the open round, newest scores; enter opens a model's page."""

    title_text = "Models"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "w",
            "window",
            "risk",
            tooltip="risk over the newest 20, 60, 250 rounds, all, from a note on, or none",
        ),
    ]
    views = (
        ViewSpec(
            "submissions",
            SUBMISSIONS,
            submissions,
            TABLES | {"wallet", "submission_history"},
            NO_SUBMISSIONS,
            models=True,
            opens=True,
        ),
        ViewSpec("notes", NOTES, notes, frozenset({"notes"}), NO_NOTES, opens=True),
    )

    def __init__(self) -> None:
        super().__init__()
        self.window = ""

    @property
    def all_views(self) -> tuple[ViewSpec, ...]:
        """The models, with risk or without, submissions, and notes."""
        first = ViewSpec(
            "risk" if self.window else "models",
            RISKS if self.window else MODELS,
            partial(own_and_watched, self.window),
            TABLES | {"wallet", "notes", "field_rounds", "multipliers"},
            f"No models yet: NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY bring your own.\n\n{WATCH}",
            models=True,
            opens=True,
        )
        return (first, *self.views)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Risk stands beside models alone."""
        if action == "window":
            return self.is_mounted and self.shown == 0
        return super().check_action(action, parameters)

    def action_window(self) -> None:
        """The risk of another window of rounds; from a note on where there is one."""
        from numtui.reports.epochs import noted_rounds  # another file than the cache: not for the first frame

        noted = noted_rounds(self.app.settings, self.app.cache.tournament)
        windows = [window for window in WINDOWS if window != NOTE or noted or window == self.window]
        self.window = windows[(windows.index(self.window) + 1) % len(windows)]
        self.reload()

    def show_saved(self, view: SavedView) -> None:
        """Show a table as it was saved; the first one with risk or without."""
        if view.view in {"models", "risk"}:
            self.window = "" if view.view == "models" else self.window or ALL_ROUNDS
        super().show_saved(view)

    def open_row(self, key: str, row: Row) -> None:
        """The model's page; of a note its words."""
        if self.view.name == "notes":
            self.action_note()
        else:
            self.app.push_screen(model_page(key))

    def action_note(self) -> None:
        """A note on the model under the cursor; where notes are listed, other words of that one."""
        key = self.table.cursor_key
        if self.view.name != "notes" or key is None:
            super().action_note()
            return
        from numtui.tui.note_prompt import change  # first used when asked for

        change(self.app, key, self.reload)
