"""The newest leaderboards of models and of accounts: 15,000 rows that are read from the cache a page at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from decimal import Decimal

from numtui.filter import Filter, Order
from numtui.model import Column, Kind, Row, Table, Tournament
from numtui.store.queries.leaderboards import (
    arranged_entries,
    entry_count,
    entry_name,
    entry_number,
    entry_values,
    names_with_values,
)
from numtui.store.queries.payout_scores import newest_payout_scores

MODEL, ACCOUNT = "model", "account"

# The scores that each leaderboard has, by the names of the cache's columns; what the newest round pays comes before.
MODEL_SCORES = {
    Tournament.CLASSIC: "corr60 mmc60 v2_corr20 mmc corr20 bmc fnc_v3 tc fnc corj60 cort20"
    " canon_corr_ltm canon_mmc_ltm",
    Tournament.SIGNALS: "alpha mpc mmc fnc_v4 corr_v4 ic_v2 ric tc ic corr20d corr60 mmc20d sharpe today",
    Tournament.CRYPTO: "corr mmc",
}
ACCOUNT_SCORES = "corr60 mmc60 v2_corr20 corr mmc alpha mpc bmc tc fnc_v3 fnc_v4 corr_v4 corj60 cort20 ic_v2 ric"

PLACE = (
    Column("rank_change_1d", Kind.INT, "1d", "places won (+) or lost (-) in a day"),
    Column("rank_change_3m", Kind.INT, "3m", "places won or lost in three months"),
    Column("rank_change_1y", Kind.INT, "1y", "places won or lost in a year"),
)
MODEL_RETURNS = (
    Column("return_1d", Kind.FRACTION, "ret 1d", "return on stake of the last day"),
    Column("return_3m", Kind.FRACTION, "ret 3m", "return on stake of 13 weeks"),
    Column("return_1y", Kind.FRACTION, "ret 1y", "return on stake of 52 weeks"),
)
ACCOUNT_RETURNS = (
    Column("return_3m", Kind.FRACTION, "ret 3m", "return on stake of three months"),
    Column("return_1y", Kind.FRACTION, "ret 1y", "return on stake of a year"),
    Column("return_all", Kind.FRACTION, "ret all", "return on stake since the start"),
    Column("return_3m_nmr", Kind.NMR, "NMR 3m", "payouts less burns of three months"),
    Column("return_1y_nmr", Kind.NMR, "NMR 1y", "payouts less burns of a year"),
    Column("return_all_nmr", Kind.NMR, "NMR all", "payouts less burns since the start"),
)
TOURNAMENT = Column("tournament", Kind.TEXT, doc="classic, signals or crypto")

FIRST = 256  # rows
SMALL_PAGE = 500  # below SQLite's limit of variables


def columns(tournament: Tournament, kind: str, paid: Collection[str] = ()) -> tuple[Column, ...]:
    """The columns of a leaderboard: fixed ones, one a score (those `paid` first), rank changes, returns."""
    who = [Column("model", Kind.TEXT, doc="the model's name")] if kind == MODEL else []
    names = sorted(
        (MODEL_SCORES[tournament] if kind == MODEL else ACCOUNT_SCORES).split(), key=lambda name: name not in paid
    )
    scores = [Column(name, Kind.SCORE, doc=f"reputation: one-year mean of {name}") for name in names]
    return (
        Column("rank", Kind.INT, doc="rank now; empty for models that are not ranked"),
        *who,
        Column("account", Kind.TEXT, doc="the account's name, where it is known here"),
        Column("nmr_staked", Kind.NMR, "stake", "NMR staked"),
        Column("team", Kind.BOOL, doc="Numerai's own"),
        *scores,
        *PLACE,
        *(MODEL_RETURNS if kind == MODEL else ACCOUNT_RETURNS),
        Column("mine", Kind.BOOL, doc="the account's own"),
        Column("watched", Kind.BOOL, doc="marked to be watched"),
        TOURNAMENT,
    )


class LeaderboardRows:
    """A leaderboard as a `RowSource` over the cache: it holds one number a row, and reads the rows on demand.

    Of the numbers of a whole board it first reads those of the first rows; most orders are looked at no further.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        tournament: Tournament,
        kind: str,
        order: Order | None = None,
        row_filter: Filter | None = None,
    ) -> None:
        self.connection = connection
        self.tournament = tournament
        self.kind = kind
        self._arrangement = (order, row_filter)
        self._columns = columns(tournament, kind, newest_payout_scores(connection, tournament).values())
        first = FIRST if row_filter is None else None
        self._entries = arranged_entries(connection, tournament, kind, order, row_filter, limit=first)
        self._count = entry_count(connection, tournament, kind) if row_filter is None else len(self._entries)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of every row."""
        return self._columns

    def __len__(self) -> int:
        """The number of entries that pass the filter."""
        return self._count

    def page(self, start: int, stop: int) -> Sequence[Row]:
        """The rows from `start` to before `stop`; an entry that has gone meanwhile is left out."""
        rows: list[Row] = []
        entries = self._until(min(stop, self._count))
        for first in range(start, min(stop, len(entries)), SMALL_PAGE):
            rows += self._read(entries[first : min(first + SMALL_PAGE, stop)])
        return rows

    def key(self, position: int) -> str:
        """The name of the entry at `position`."""
        return entry_name(self.connection, self._until(position + 1)[position])

    def position(self, key: str) -> int | None:
        """The position of the entry named `key`; None when it is filtered out or gone."""
        entry = entry_number(self.connection, self.tournament, self.kind, key)
        if entry is None:
            return None
        for entries in (self._entries, self._until(self._count)):
            if entry in entries:
                return entries.index(entry)
        return None

    def without_values(self, places: Collection[int]) -> frozenset[int]:
        """Those of the columns at `places` that no entry has a value of."""
        names = {self._columns[place].name: place for place in places}
        valued = names_with_values(self.connection, self.tournament, self.kind, tuple(names))
        return frozenset(place for name, place in names.items() if name not in valued)

    def arranged(self, order: Order | None, row_filter: Filter | None) -> LeaderboardRows:
        """The same leaderboard in another order, with another filter."""
        return LeaderboardRows(self.connection, self.tournament, self.kind, order, row_filter)

    def _until(self, stop: int) -> Sequence[int]:
        """The entries, at least as far as before `stop`."""
        if stop > len(self._entries):
            self._entries = arranged_entries(self.connection, self.tournament, self.kind, *self._arrangement)
            self._count = len(self._entries)
        return self._entries

    def _read(self, entries: Sequence[int]) -> list[Row]:
        names = [column.name for column in self._columns]
        rows = {entry: self._typed(row) for entry, row in entry_values(self.connection, names, entries)}
        return [rows[entry] for entry in entries if entry in rows]

    def _typed(self, row: Row) -> Row:
        return tuple(map(_value, self._columns, row))


def leaderboard(connection: sqlite3.Connection, tournament: Tournament, kind: str = MODEL) -> LeaderboardRows:
    """The newest leaderboard of `kind` ('model' or 'account') in order of rank."""
    return LeaderboardRows(connection, tournament, kind)


def leaderboard_table(connection: sqlite3.Connection, tournament: Tournament, kind: str = MODEL) -> Table:
    """The whole leaderboard, as `export` gives it."""
    rows = leaderboard(connection, tournament, kind)
    return Table("leaderboard" if kind == MODEL else "accounts", rows.columns, rows.page(0, len(rows)))


def _value(column: Column, value: object) -> object:
    if value is None:
        return None
    if column.kind is Kind.NMR:
        return Decimal(str(value))
    if column.kind is Kind.BOOL:
        return bool(value)
    if column.name == "tournament":
        return Tournament(int(str(value))).label
    return value
