"""The tables of the Alerts screen, each of all tournaments."""

from __future__ import annotations

import sqlite3
from collections import Counter

from numtui.analysis.alerts.states import State
from numtui.model import Column, Kind, Row, Table
from numtui.reports.alerts.rules_in_force import rules_in_force
from numtui.reports.alerts.table import alerts_table, history_table, listed_rules
from numtui.reports.row_source import TableRows
from numtui.store.queries.alerts import checks, delivery_troubles
from numtui.tui.data import ReadRequest
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

TABLES = frozenset({"alerts", "alert_checks", "alert_outbox", "alert_rules"})
ALERTS = Layout(
    fixed=("alert",),
    first=("state", "model", "deadline", "text", "nmr", "rule", "tournament", "since", "until", "subject"),
    hidden=("value",),
)
HISTORY = Layout(
    fixed=("time",),
    first=("state", "model", "text", "who", "rule", "nmr", "tournament", "alert"),
    hidden=("value", "entry"),
)
RULES = Layout(fixed=("rule",), first=("levels", "past", "ok", "not_known", "reason", "source"), hidden=("key",))
REMARKS = 3  # lines above the table, so that rows are left at 80x24
NO_RULES = (
    "There are no rules yet: N makes one here, [[alerts]] in the settings file does too.\n\n"
    "A rule says what is to be told, such as a staked model without a submission."
)
NONE_FIRES = "Nothing fires. a shows the history, then the rules with what they found."


def current(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """What fires, is acknowledged or snoozed; above it how many, and what is not known or cannot be delivered."""
    table = alerts_table(connection, cleared=False)
    rules = rules_in_force(connection, request.settings).rules
    return ViewData(TableRows(table, "alert"), _facts(connection, table, len(rules)), "" if rules else NO_RULES)


def _facts(connection: sqlite3.Connection, table: Table, rules: int) -> Table:
    states = Counter(str(row[table.column("state")]) for row in table.rows)
    found = checks(connection)
    blind = sorted({check.kind for check in found if check.reason is not None and not check.ok + check.past})
    said = [f"not known: {', '.join(blind)}; see the rules (a)"] if blind else []
    said += [f"delivery by {row.channel} fails: {row.problem}" for row in delivery_troubles(connection)]
    lines = tuple(Column(f"line_{number}", Kind.TEXT, "!") for number, _ in enumerate(said[:REMARKS]))
    columns = (
        *(Column(str(state), Kind.INT, str(state)) for state in (State.FIRING, State.ACKNOWLEDGED, State.SNOOZED)),
        Column("rules", Kind.INT, "rules"),
        Column("evaluated", Kind.TIME, "evaluated"),
    )
    row: Row = (
        *(states[str(state)] for state in (State.FIRING, State.ACKNOWLEDGED, State.SNOOZED)),
        rules,
        max((check.time for check in found), default=None),
        *said[:REMARKS],
    )
    return Table("alerts", (*columns, *lines), [row])


def past(connection: sqlite3.Connection, _request: ReadRequest) -> ViewData:
    """The newest changes of states."""
    table = history_table(connection)
    rows = [(*row, str(number)) for number, row in enumerate(table.rows)]
    return ViewData(TableRows(Table(table.name, (*table.columns, Column("entry", Kind.KEY)), rows), "entry"))


def rules(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The rules in force, and what each found last."""
    return ViewData(TableRows(listed_rules(connection, request.settings), "key"))


VIEWS = (
    ViewSpec("alerts", ALERTS, current, TABLES, NONE_FIRES, opens=True),
    ViewSpec("history", HISTORY, past, TABLES, "No alert has fired yet.", opens=True),
    ViewSpec("rules", RULES, rules, TABLES, NO_RULES),
)
