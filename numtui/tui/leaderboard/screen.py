"""The leaderboard: models, or accounts; and what the tournament paid."""

from __future__ import annotations

import sqlite3

from numtui.model import Row
from numtui.reports.leaderboard import ACCOUNT, MODEL, leaderboard
from numtui.reports.row_source import TableRows
from numtui.store.queries.selection import Rounds
from numtui.tui.data import ReadRequest
from numtui.tui.screens.pages import account_page, model_page, round_page
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

TABLES = frozenset({"leaderboard", "models", "wallet", "score_configs"})
HIDDEN = ("tournament", "mine", "watched", "team")
CHANGES = ("rank_change_1d", "rank_change_3m", "rank_change_1y")
MODELS = Layout(
    fixed=("rank", "model"),
    first=("nmr_staked", "corr60", "mmc60", "alpha", "mpc", "corr", "mmc", "return_3m", "return_1y", "rank_change_1d"),
    hidden=HIDDEN,
    changes=CHANGES,
)
ACCOUNTS = Layout(
    fixed=("rank", "account"),
    first=("nmr_staked", "return_3m", "return_1y", "return_1y_nmr", "return_all", "rank_change_1d"),
    hidden=HIDDEN,
    changes=CHANGES,
    results=("return_3m_nmr", "return_1y_nmr", "return_all_nmr"),
)


TOURNAMENT = Layout(
    fixed=("round",),
    first=("at_stake", "paid", "burnt", "payout", "return_on_stake", "value", "value_equal", "burn_round"),
    hidden=("tournament",),
    results=("payout", "return_on_stake"),
)
NO_FIELD = """What the tournament paid and burnt is known of rounds that are here with everybody in them.
They are large, and fetched when asked for. In your shell:

    numtui export tournament --rounds 1300.."""


def models(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The leaderboard of models."""
    return ViewData(leaderboard(connection, request.tournament, MODEL))


def accounts(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The leaderboard of accounts."""
    return ViewData(leaderboard(connection, request.tournament, ACCOUNT))


def tournament(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """What the tournament paid and burnt, by round."""
    from numtui.reports.field.tournament import tournament_table  # numpy: in the thread

    return ViewData(TableRows(tournament_table(connection, request.tournament, Rounds()), "round"))


class LeaderboardScreen(ReportScreen):
    """All models or accounts of the tournament, and what it paid by round; enter opens what a row is about."""

    title_text = "Leaderboard"
    views = (
        ViewSpec(
            "models",
            MODELS,
            models,
            TABLES,
            "The leaderboard of this tournament has not been fetched yet; r asks for it.",
            live=True,
            models=True,
            opens=True,
        ),
        ViewSpec(
            "accounts",
            ACCOUNTS,
            accounts,
            TABLES,
            "The leaderboard of accounts has not been fetched yet; r asks for it.",
            live=True,
            opens=True,
        ),
        ViewSpec("tournament", TOURNAMENT, tournament, frozenset({"field_rounds"}), NO_FIELD, opens=True),
    )

    def open_row(self, key: str, row: Row) -> None:
        """The page of a model or an account, or a round by model."""
        match self.view.name:
            case "models":
                self.app.push_screen(model_page(key))
            case "accounts":
                self.app.push_screen(account_page(key))
            case _:
                self.app.push_screen(round_page(int(key)))
