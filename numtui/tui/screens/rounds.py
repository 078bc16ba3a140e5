"""Rounds: the unresolved ones, one round by model, one model's days in it."""

from __future__ import annotations

import sqlite3
from typing import ClassVar

from numtui.model import Row
from numtui.reports.rounds import model_days, round_models, rounds
from numtui.reports.rows import TableRows
from numtui.reports.selection import Models, Rounds
from numtui.tui.data import Ask
from numtui.tui.screens.base import ReportScreen
from numtui.tui.screens.view import Loaded, View
from numtui.tui.widgets.columns import Layout

OWN_AND_WATCHED = Models()
MONEY = ("at_risk", "pending", "settled")
TABLES = frozenset({"rounds", "score_configs", "positions", "latest", "models"})
ROUNDS = Layout(
    fixed=("round",),
    first=("progress", "status", "at_risk", "pending", "close_time", "resolve_time", "open_time", "target"),
    hidden=("tournament", "day", "days", "settled"),
    results=("pending", "settled"),
)
MODELS = Layout(fixed=("model",), first=("at_risk", "pending", "day"), results=("pending", "settled"))
DAYS = Layout(fixed=("day", "date"))


def unresolved_rounds(connection: sqlite3.Connection, ask: Ask) -> Loaded:
    """The rounds that have not resolved."""
    table = rounds(connection, ask.tournament, ask.now, OWN_AND_WATCHED, Rounds(resolved=False))
    return Loaded(TableRows(table, "round"))


def resolved_rounds(connection: sqlite3.Connection, ask: Ask) -> Loaded:
    """The rounds that have resolved."""
    table = rounds(connection, ask.tournament, ask.now, OWN_AND_WATCHED, Rounds(resolved=True))
    return Loaded(TableRows(table, "round"))


class RoundsScreen(ReportScreen):
    """Every round with the money of own and watched models in it; enter opens it by model."""

    title_text = "Rounds"
    views: ClassVar[tuple[View, ...]] = (
        View("unresolved", ROUNDS, unresolved_rounds, TABLES, "No round of this tournament is unresolved.", opens=True),
        View(
            "resolved",
            Layout(
                ROUNDS.fixed,
                ("status", "at_risk", "settled", "resolve_time"),
                (*ROUNDS.hidden[:3], "pending"),
                results=ROUNDS.results,
            ),
            resolved_rounds,
            TABLES,
            "No round of this tournament has resolved.",
            opens=True,
        ),
    )

    def open_row(self, key: str, row: Row) -> None:
        """The round by model."""
        self.app.push_screen(RoundScreen(int(key)))


class RoundScreen(ReportScreen):
    """One round: own and watched models with scores, percentiles and money; enter opens a model's days."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number
        self.title_text = str(number)

    @property
    def all_views(self) -> tuple[View, ...]:
        """The round's models."""
        empty = f"No own or watched model has a score or a stake in round {self.number} here.\n\nf watches a model."
        return (View("models", MODELS, self._load, TABLES, empty, models=True, opens=True),)

    def _load(self, connection: sqlite3.Connection, ask: Ask) -> Loaded:
        return Loaded(TableRows(round_models(connection, ask.tournament, self.number, OWN_AND_WATCHED), "model"))

    def open_row(self, key: str, row: Row) -> None:
        """The model's days in this round."""
        self.app.push_screen(DaysScreen(key, self.number, key))


class DaysScreen(ReportScreen):
    """One model in one round, a row a scoring day."""

    def __init__(self, model: str, number: int, title: str) -> None:
        super().__init__()
        self.model, self.number = model, number
        self.title_text = title

    @property
    def all_views(self) -> tuple[View, ...]:
        """The days."""
        empty = f"{self.model} has no score in round {self.number} yet.\n\nThe first comes four days after the close."
        return (View("days", DAYS, self._load, frozenset({"scores", "latest", "models"}), empty),)

    def _load(self, connection: sqlite3.Connection, ask: Ask) -> Loaded:
        return Loaded(TableRows(model_days(connection, ask.tournament, self.model, self.number), "day"))
