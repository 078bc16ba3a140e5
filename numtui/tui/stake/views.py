"""The tables of the stake screen, each read from the cache, the journal or the settings file."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial

from numtui.analysis.rules.portfolio import RuleError
from numtui.analysis.staking_system import System
from numtui.config import ConfigError
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.reports.backtest.weights import backtest_weights
from numtui.reports.epochs import first_rounds
from numtui.reports.row_source import TableRows
from numtui.reports.stake.cached_snapshot import NoAccount, cached_snapshot
from numtui.reports.stake.history import history_table
from numtui.reports.stake.payouts import payouts
from numtui.reports.stake.prices import price_facts
from numtui.reports.stake.status import AccountStatus, account_status, remarks
from numtui.reports.stake.summary import ACCOUNT_COLUMNS, SUMMARY_COLUMNS, account_row, account_table, summary_row
from numtui.reports.stake.table import STATUS_COLUMNS, status_table
from numtui.stake.errors import JournalFailed, PlanError
from numtui.stake.journal.journal import Journal, every_journal, journal_table, locks_of
from numtui.stake.plan.table import PLAN_COLUMNS, plan_table
from numtui.stake.rules.inputs import own_model_names, plan_by_rule
from numtui.stake.rules.settings import configured_rules, noted_of
from numtui.store.queries.stakes.account import nmr_price, wallet
from numtui.tui.data import ReadRequest
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.table.layout import Layout

TABLES = frozenset(
    {
        *("stakes", "wallet", "prices", "positions", "latest", "models", "rounds", "payouts", "score_configs"),
        *("transactions", "submissions", "pipeline"),
    }
)
REMARKS = 4  # lines above the table, so that rows are left at 80x24
NO_ACCOUNT = (
    "No account is known here: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY and start numtui again.\n\n"
    "Wallet, stakes and payouts come with a key that may read the user's information."
)
SYSTEM_WORDS = {
    System.LEGACY: "legacy",
    System.ATOMIC: "Atomic (v3)",
    System.UNDECIDED: "undecided: read-only",
}
STAKES = Layout(
    fixed=("model",),
    first=("stake", "at_risk", "worst_case", "pending", "due", "per_round", "rounds", "submission", "locked"),
    hidden=("tournament", "system", "submitted"),
    results=("pending", "pending_payout"),
)
PAYOUTS = Layout(
    fixed=("round", "model"),
    first=("payout", "settled", "date", "fiat", "price", "source"),
    hidden=("tournament", "entry", "fiat_currency", "currency"),
    results=("payout", "payout_value", "fiat"),
)
HISTORY = Layout(fixed=("time",), first=("type", "model", "amount", "source", "round", "due"), hidden=("entry",))
PLAN = Layout(
    fixed=("model",),
    first=("action", "before", "after", "change", "state", "worst_before", "worst_after", "due", "per_round", "reason"),
    hidden=("tournament",),
    results=("change",),
)
JOURNAL = Layout(
    fixed=("entry",),
    first=("time", "model", "action", "requested", "outcome", "note", "intent", "before", "after", "tournament"),
)


def facts_of(status: AccountStatus, tournament: Tournament, value: object, currency: str) -> Table:
    """The account and the tournament in one row, shown above the tables, then remarks for the owner."""
    status_of = next(item for item in status.tournaments if item.tournament is tournament)
    account, totals = account_row(status), summary_row(status, status_of)
    account = account._replace(
        held_increases=account.held_increases or None, held_withdrawals=account.held_withdrawals or None
    )
    totals = totals._replace(system=SYSTEM_WORDS[status_of.system])
    if status_of.system is not System.ATOMIC:
        totals = totals._replace(committed=None, idle=None)  # the same as stake and available
    columns = [*ACCOUNT_COLUMNS, *SUMMARY_COLUMNS[1:], Column("price", Kind.FIAT, f"1 NMR in {currency}")]
    said = [*account_table(status).notes, *remarks(status_of)][:REMARKS]
    lines = tuple(Column(f"remark_{number}", Kind.TEXT, "!") for number, _ in enumerate(said))
    row: Row = (*account, *totals[1:], value, *said)
    return Table("stake", (*columns, *lines), [row])


def read_status(connection: sqlite3.Connection, request: ReadRequest) -> AccountStatus | None:
    """The account's status in the tournament on screen; None before an account was read."""
    account = wallet(connection)
    if account is None:
        return None
    locked, _ = locks_of(Journal(request.settings.state_dir, account.username))
    return account_status(connection, request.now, locked, (request.tournament,))


def facts(connection: sqlite3.Connection, request: ReadRequest) -> Table | None:
    """The row above the tables, read from the cache; None before an account was read."""
    status = read_status(connection, request)
    if status is None:
        return None
    return facts_of(status, request.tournament, nmr_price(connection, request.settings.fiat), request.settings.fiat)


def current_stakes(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The stakes of own models."""
    try:
        status = read_status(connection, request)
    except JournalFailed as error:
        raise OSError(str(error)) from error
    table = Table("stakes", STATUS_COLUMNS, []) if status is None else status_table(status)
    return ViewData(TableRows(table, "model"), facts(connection, request))


def all_payouts(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """Pending and settled payouts."""
    table = payouts(connection, request.tournament, currency=request.settings.fiat)
    number, model = table.column("round"), table.column("model")
    rows = TableRows(keyed(table, [f"{row[model]} {row[number]}" for row in table.rows]), "entry")
    return ViewData(rows, price_facts(connection, request.settings.fiat, request.now, request.tournament))


def movements(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The movements of NMR, the newest first."""
    table = history_table(connection, request.tournament)
    return ViewData(TableRows(keyed(table, [str(number) for number, _ in enumerate(table.rows)]), "entry"))


def keyed(table: Table, keys: Sequence[str]) -> Table:
    """The table with the key of each row as its last column."""
    rows = [(*row, key) for row, key in zip(table.rows, keys, strict=True)]
    return Table(table.name, (*table.columns, Column("entry", Kind.TEXT, doc="what a row is known by")), rows)


def planned(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The plan that the rules of the settings file lead to; without one, the reason above the table."""
    try:
        snapshot = cached_snapshot(connection, request.tournament, request.now)
        names = own_model_names(connection)
        starts = first_rounds(request.settings, request.tournament)
        evidence = partial(backtest_weights, connection, request.tournament, starts)
        noted = noted_of(request.settings, request.tournament)
        rule = configured_rules(request.settings.config_file, evidence, names, noted)
        plan, proposals = plan_by_rule(connection, snapshot, rule)
    except (RuleError, PlanError, NoAccount, ConfigError) as error:
        return ViewData(TableRows(Table("plan", PLAN_COLUMNS, []), "model"), lines_above([str(error)]))
    said = [f"{proposal.model}: {proposal.reason}" for proposal in proposals] or [
        "the rules leave every stake as it is"
    ]
    return ViewData(TableRows(plan_table(plan), "model"), lines_above(said))


def lines_above(said: Sequence[str]) -> Table:
    """Lines to show above a table, as a table of one row."""
    columns = tuple(Column(f"line_{number}", Kind.TEXT, "!") for number, _ in enumerate(said[:REMARKS]))
    return Table("lines", columns, [tuple(said[:REMARKS])])


def written(_connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The journal, the newest first."""
    try:
        entries = every_journal(request.settings.state_dir)
    except JournalFailed as error:
        raise OSError(str(error)) from error
    return ViewData(TableRows(journal_table(entries[::-1]), "entry"))


VIEWS = (
    ViewSpec("stakes", STAKES, current_stakes, TABLES, NO_ACCOUNT, models=True, opens=True),
    ViewSpec(
        "payouts",
        PAYOUTS,
        all_payouts,
        TABLES,
        "The API names no pending or settled payout of this account.",
        opens=True,
    ),
    ViewSpec(
        "history",
        HISTORY,
        movements,
        TABLES,
        "The API names no change of a stake and no movement of the wallet.",
        opens=True,
    ),
    ViewSpec(
        "plan by rules",
        PLAN,
        planned,
        TABLES,
        "There is no plan.\n\nRules that you set yourself in the settings file propose stakes; they never act.\n"
        "`numtui stake rules` tests them on your history, `numtui stake plan --rules` writes a plan.",
        opens=True,
    ),
    ViewSpec("journal", JOURNAL, written, TABLES, "Nothing was ever asked of a stake from here.", opens=True),
)
