"""Staking v3 (Atomic): claims as the last poll read them, then claims, rounds and contracts as Numerai has them now. It
only shows."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from numtui.model import Table
from numtui.reports.row_source import TableRows
from numtui.reports.stake.claims import claims
from numtui.stake.atomic.claims import CLAIM_COLUMNS, cached_claims_table
from numtui.stake.plan.table import DASHBOARD
from numtui.store.errors import as_store_errors
from numtui.tui.failures import caught
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.view import ViewData, ViewSpec
from numtui.tui.stake.calls import Failure, Session, read_atomic
from numtui.tui.stake.views import keyed, lines_above
from numtui.tui.table.layout import Layout

HIDDEN = ("tournament", "entry")
CLAIMS = Layout(fixed=("round", "model"), first=("claimable", "payout", "burn", "deadline"), hidden=HIDDEN)
ROUNDS = Layout(fixed=("round",), first=("state", "opens", "closes", "resolves", "staked"), hidden=HIDDEN)
STAKES = Layout(fixed=("time",), first=("model", "round", "amount", "transaction"), hidden=HIDDEN)
PAYOUTS = Layout(fixed=("round", "model"), first=("payout", "settled"), hidden=HIDDEN, results=("payout",))
CONFIG = Layout(fixed=("name",), first=("value",), hidden=HIDDEN)
AS_POLLED = "Claims as of the last poll."
ASKING = "Asking Numerai."
OFFLINE = "This is an offline session: rounds and contracts are always read fresh."
EMPTY = Table("v3_claims", CLAIM_COLUMNS, [])


class Part(NamedTuple):
    """A table of the screen, and its text without rows."""

    name: str
    layout: Layout
    empty: str


PARTS = (
    Part("claims", CLAIMS, "There is nothing to claim."),
    Part("rounds", ROUNDS, "The API lists no round on the contract."),
    Part("contracts", CONFIG, "The API lists no contract."),
)


WITHOUT_SCOPE = (
    Part("stakes made", STAKES, "The API names no stake of your strategy contract."),
    Part("payouts", PAYOUTS, "The API names no payout of the last rounds."),
)


class V3Screen(ReportScreen):
    """The screen of claims with their deadlines, rounds on the contract, and addresses. It only shows."""

    title_text = "Atomic (v3)"

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, Table] = {}
        self.message = ASKING
        self.asked = self.fresh = False

    @property
    def all_views(self) -> tuple[ViewSpec, ...]:
        """The view of each table, with its text without rows."""
        return tuple(
            ViewSpec(part.name, part.layout, lambda *_: self._loaded(), frozenset(), self._empty(part))
            for part in self._parts
        )

    @property
    def _parts(self) -> tuple[Part, ...]:
        """The tables; those read without the scope only where they came."""
        return (*PARTS, *(part for part in WITHOUT_SCOPE if part.name in self.tables))

    def _empty(self, part: Part) -> str:
        return part.empty if part in WITHOUT_SCOPE else self.message or part.empty

    def reload(self) -> None:
        """Show the cache's claims and ask the API, once; the other views show the same answer."""
        self.seen = dict(self.app.versions)
        asks = not self.asked and not self.app.settings.offline
        if not self.asked:
            self.asked = True
            self.message = ASKING if asks else OFFLINE
            with caught(self.fail), as_store_errors(self.app.settings.db):
                known = claims(self.app.cache.reader, self.tournament).rows
                self.tables = {"claims": cached_claims_table(known)} if known else {}
        self.show(self.view, self._loaded())
        if asks:
            self.run_worker(self._ask(), exclusive=True, group="v3")

    async def _ask(self) -> None:
        session = Session(self.app.settings, self.app.clock)
        view = await asyncio.to_thread(read_atomic, session, self.tournament)
        if isinstance(view, Failure):
            self.message = view.message
        else:
            self.message, self.fresh = view.message or "", True
            tables = {"claims": view.claims, "rounds": view.rounds, "contracts": view.config}
            without = {"stakes made": view.stakes, "payouts": view.payouts}
            self.tables = tables | {name: table for name, table in without.items() if table is not None}
        self.show(self.view, self._loaded())

    def _loaded(self) -> ViewData:
        table = self.tables.get(self.view.name, EMPTY)
        rows = TableRows(keyed(table, [str(number) for number, _ in enumerate(table.rows)]), "entry")
        said = [f"Claims and stakes are made with your wallet at {DASHBOARD[self.tournament]}"]
        if table.rows:
            said += [words for words in ("" if self.fresh else AS_POLLED, self.message) if words]
        return ViewData(rows, lines_above(said))
