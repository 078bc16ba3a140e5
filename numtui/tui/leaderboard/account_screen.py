"""The page of an account: its models on the leaderboard, as far as the cache knows whose they are."""

from __future__ import annotations

import sqlite3
from functools import partial

from numtui.model import Row, Table
from numtui.reports.leaderboard import MODEL, leaderboard
from numtui.reports.row_source import TableRows
from numtui.tui.data import ReadRequest
from numtui.tui.leaderboard.screen import MODELS, TABLES
from numtui.tui.screens.page_screen import PageScreen
from numtui.tui.screens.pages import model_page
from numtui.tui.screens.view import ViewData, ViewSpec

EMPTY = """Which models {} has is not known here: the leaderboard does not say whose its models are.

It is known of your own and of watched ones; o leads to the account's page on numer.ai."""


def models_of(account: str, connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The rows of the leaderboard that are known to be this account's."""
    board = leaderboard(connection, request.tournament, MODEL)
    place = [column.name for column in board.columns].index("account")
    rows = [row for row in board.page(0, len(board)) if row[place] == account]
    return ViewData(TableRows(Table("models", board.columns, rows), "model"))


class AccountScreen(PageScreen):
    """The models of one account; enter opens a model's page."""

    def __init__(self, account: str) -> None:
        super().__init__()
        self.account = self.title_text = account
        load = partial(models_of, account)
        self.views = (ViewSpec("models", MODELS, load, TABLES, EMPTY.format(account), models=True, opens=True),)

    def open_row(self, key: str, row: Row) -> None:
        """A model's page."""
        self.app.push_screen(model_page(key))
