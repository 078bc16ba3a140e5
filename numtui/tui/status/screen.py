"""Status: what the poller did, what the cache holds, what runs here."""

from __future__ import annotations

import sqlite3

from numtui.reports.logs import log_lines
from numtui.reports.row_source import TableRows
from numtui.reports.status import facts, polls
from numtui.tui.data import ReadRequest
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

POLLS = Layout(
    fixed=("poll",),
    first=("tournament", "kind", "state", "started", "seconds", "requests", "errors", "rate_limited", "bytes"),
)
LOG = Layout(fixed=("line",), first=("time", "level", "source", "message"))
NO_LOG = (
    "Nothing was logged. Problems go to files in the state folder while the screens are open: numtui info names it."
)
FACTS = Layout(fixed=("what",), first=("value",))


def all_polls(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The newest polls."""
    return ViewData(TableRows(polls(connection), "poll"))


def cache_facts(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Size and content of the cache, and versions."""
    return ViewData(TableRows(facts(connection, request.settings), "what"))


def logged(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The newest lines of the logs."""
    return ViewData(TableRows(log_lines(request.settings.state_dir), "line"))


class StatusScreen(ReportScreen):
    """Polls with requests, errors and rate limits; the cache's size and content; versions; the logs."""

    title_text = "Status"
    views = (
        ViewSpec("polls", POLLS, all_polls, frozenset({"polls"}), "No poll has been made into this cache yet."),
        ViewSpec("cache", FACTS, cache_facts, frozenset({"polls", "leaderboard", "score_paths", "models"}), ""),
        ViewSpec("log", LOG, logged, frozenset({"polls"}), NO_LOG),
    )
