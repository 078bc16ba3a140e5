"""Models: own and watched ones, and one model's rounds."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from numtui.model import Row
from numtui.reports.models.model_rounds import model_rounds
from numtui.reports.models.models import models
from numtui.reports.row_source import TableRows
from numtui.store.queries.selection import Models
from numtui.store.queries.stakes.account import account_name
from numtui.tui.data import ReadRequest
from numtui.tui.models.views import (
    NO_NOTES,
    NO_SUBMISSIONS,
    NOTES,
    SUBMISSIONS,
    newest_note_on,
    noted_of,
    notes,
    submissions,
)
from numtui.tui.rounds.path_screen import DaysScreen
from numtui.tui.screens.noting import Subject
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
ROUNDS = Layout(
    fixed=("round",),
    first=("progress", "status", "at_risk", "pending", "settled"),
    results=("pending", "settled"),
)

WATCH = "f on a model of the leaderboard (1) watches it."


def own_and_watched(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Own and watched models."""
    tags, tiers = noted_of(request)
    table = models(connection, request.tournament, request.now, Models(), tags=tags, tiers=tiers)
    account = account_name(connection)
    name = request.tournament.label.capitalize()
    empty = "" if account is None else f"{account} has no model in {name}.\n\n{WATCH}"
    return ViewData(TableRows(table, "model"), empty=empty)


class ModelsScreen(ReportScreen):
    """Own and watched models: stake, submission for the open round, newest scores; enter opens a model's rounds."""

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
        """The model's rounds; of a note its words."""
        if self.view.name == "notes":
            self.action_note()
        else:
            self.app.push_screen(ModelScreen(key))

    def action_note(self) -> None:
        """A note on the model under the cursor; where notes are listed, other words of that one."""
        key = self.table.cursor_key
        if self.view.name != "notes" or key is None:
            super().action_note()
            return
        from numtui.tui.note_prompt import change  # first used when asked for

        change(self.app, key, self.reload)


class ModelScreen(ReportScreen):
    """One model's rounds; enter opens its days in one."""

    def __init__(self, model: str) -> None:
        super().__init__()
        self.model = model
        self.title_text = model

    @property
    def all_views(self) -> tuple[ViewSpec, ...]:
        """The rounds."""
        empty = (
            f"There are no rounds of {self.model} here.\n\n"
            "Histories are fetched for own and watched models: esc, then f watches it."
        )
        return (ViewSpec("rounds", ROUNDS, self._load, TABLES | {"notes"}, empty, opens=True),)

    def _load(self, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
        table = model_rounds(connection, request.tournament, self.model, request.now)
        return ViewData(TableRows(table, "round"), newest_note_on(request, self.model))

    @property
    def subject(self) -> Subject:
        """The model, and the round under the cursor."""
        return super().subject._replace(model=self.model)

    def open_row(self, key: str, row: Row) -> None:
        """The model's days in the round."""
        self.app.push_screen(DaysScreen(self.model, int(key), key))
