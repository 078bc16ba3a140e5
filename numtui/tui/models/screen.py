"""Models: own and watched ones, their submissions, and notes."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from numtui.model import Row
from numtui.reports.models.models import models
from numtui.reports.models.own_first import own_first
from numtui.reports.row_source import TableRows
from numtui.store.queries.selection import Models
from numtui.store.queries.stakes.account import account_name
from numtui.tui.data import ReadRequest
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
        *["corr60", "mmc60", "alpha", "mpc", "corr", "mmc"],
        "submission_round",
    ),
    hidden=("mine", "watched", "team", "tournament", "submitted"),
    results=("pending",),
)
WATCH = "f on a model of the leaderboard (1) watches it."


def own_and_watched(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Own models, then watched ones, and what the own ones have in all."""
    tags, tiers = noted_of(request)
    table = models(connection, request.tournament, request.now, Models(), tags=tags, tiers=tiers)
    rows, total = own_first(table)
    account = account_name(connection)
    name = request.tournament.label.capitalize()
    empty = "" if account is None else f"{account} has no model in {name}.\n\n{WATCH}"
    return ViewData(TableRows(rows, "model"), total, empty)


class ModelsScreen(ReportScreen):
    """Own and watched models: stake, submission for the open round, newest scores; enter opens a model's page."""

    title_text = "Models"
    views: ClassVar[tuple[ViewSpec, ...]] = (
        ViewSpec(
            "models",
            MODELS,
            own_and_watched,
            TABLES | {"wallet", "notes"},
            f"No models yet: NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY bring your own.\n\n{WATCH}",
            models=True,
            opens=True,
        ),
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
