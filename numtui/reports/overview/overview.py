"""The overview of an account over its tournaments, from one reading of the cache."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Table, Tournament
from numtui.money import exact_sum
from numtui.reports.alerts.facts import Proposals
from numtui.reports.missing_days import days_to_come
from numtui.reports.overview.account_needs import account_needs
from numtui.reports.overview.days import PayoutDays, days_table, payout_days
from numtui.reports.overview.latest import Event, events, latest_first, latest_table
from numtui.reports.overview.models import Extremes, ModelRow, by_urgency, extremes, model_rows, models_table
from numtui.reports.overview.money import MoneyRow, money_row, money_table, total_row
from numtui.reports.overview.needs import Need, needs_table
from numtui.reports.overview.state import TournamentState, tournament_state
from numtui.reports.overview.weeks import WeekAhead, weeks_ahead, weeks_table
from numtui.reports.stake.status import account_status
from numtui.store.queries.stakes.account import nmr_price


class Totals(NamedTuple):
    """The account's NMR: free to stake, held for increases that wait, staked, at risk and pending; None where unknown.
    `price`: fiat of one NMR."""

    available: Decimal | None
    held: Decimal | None
    stake: Decimal | None
    at_risk: Decimal | None
    pending: Decimal | None
    price: Decimal | None

    @property
    def whole(self) -> Decimal | None:
        """All NMR that is known of: free, held and staked; None where the stake is unknown."""
        return None if self.stake is None else exact_sum((self.stake, self.available, self.held))


@dataclass(frozen=True, slots=True)
class Overview:
    """What needs the user, money by tournament, the account's totals, payouts by day, own models, what
    resolves by week, and what was last. `polled`: the first poll of each tournament has ended; `to_come`: days that
    forecasts are made of and that are not here yet."""

    account: str
    needs: tuple[Need, ...]
    totals: Totals
    money: tuple[MoneyRow, ...]
    days: PayoutDays
    models: tuple[ModelRow, ...]
    weeks: tuple[WeekAhead, ...]
    latest: tuple[Event, ...]
    polled: bool
    to_come: str

    @property
    def extremes(self) -> Extremes | None:
        """The models that will probably earn least and most; None of fewer than two."""
        return extremes(self.models)

    def table(self, part: str) -> Table:
        """A part, one of `PARTS`, as a table. KeyError for another."""
        match part:
            case "needs":
                return needs_table(self.needs)
            case "money":
                return money_table(self.money)
            case "models":
                return models_table(self.models)
            case "days":
                return days_table(self.days)
            case "weeks":
                return weeks_table(self.weeks)
            case "latest":
                return latest_table(self.latest)
        raise KeyError(part)


def overview(
    connection: sqlite3.Connection,
    now: datetime,
    *,
    fiat: str,
    locked_ids: frozenset[str] = frozenset(),
    tournaments: Sequence[Tournament] = tuple(Tournament),
    proposals: Proposals | None = None,
) -> Overview:
    """The overview of these tournaments; those without a model of the account are left out.

    `locked_ids`: models whose last change has an unknown outcome, by the journal; `proposals`: of the user's stake
    rules. NoAccount where the cache has none.
    """
    status = account_status(connection, now, locked_ids, tournaments)
    found = account_needs(connection, status, now, proposals)
    states = [tournament_state(connection, item, now) for item in status.tournaments if item.models]
    days = payout_days(states, now.date())
    money = tuple(money_row(state, now) for state in states)
    models = [row for state in states for row in model_rows(connection, state, found, days.ordinals)]
    happened = [event for state in states for event in events(connection, state, now)]
    total = total_row(money)
    return Overview(
        account=status.account,
        needs=tuple(found),
        totals=Totals(
            available=status.available,
            held=status.held_increases,
            stake=total.stake,
            at_risk=total.at_risk,
            pending=total.pending,
            price=nmr_price(connection, fiat),
        ),
        money=money,
        days=days,
        models=tuple(by_urgency(models)),
        weeks=weeks_ahead(states),
        latest=tuple(latest_first(happened)),
        polled=all(state.polled for state in states),
        to_come=_to_come(connection, states),
    )


def _to_come(connection: sqlite3.Connection, states: Sequence[TournamentState]) -> str:
    names = [state.label for state in states if state.polled and days_to_come(connection, state.status.tournament)]
    return f"days that forecasts of {', '.join(names)} learn from" if names else ""
