"""The facts about no model: scoring runs, how polls end, whether the key is taken, the price of NMR."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta

from numtui.analysis.alerts.facts import ApiFact, KeyFact, PriceFact, ScoringFact, Unknown
from numtui.model import Tournament
from numtui.store.queries.polls import failing, scoring_runs
from numtui.store.queries.prices import hourly_prices
from numtui.store.queries.stakes.account import wallet

RUNS = 10  # scoring runs whose median says what is usual
FEWEST_RUNS = 3
LONGEST = timedelta(days=30)  # of prices
READS = "read_user_info"  # the scope that the account's own figures need
KEY_REFUSED = "key refused"  # how the line of a poll begins whose key the API does not take


def scoring_fact(connection: sqlite3.Connection, tournament: Tournament, now: datetime) -> ScoringFact | Unknown:
    """The newest scoring day and its usual time: the median time of day of the runs before it."""
    runs = scoring_runs(connection, tournament, now.date().isoformat(), RUNS + 1)
    times = sorted(run.scored - _midnight(run.date, run.scored) for run in runs if run.scored is not None)
    if len(times) < FEWEST_RUNS:
        return Unknown(f"fewer than {FEWEST_RUNS} scoring runs were seen here yet")
    newest = runs[0]
    day = date.fromisoformat(newest.date)
    usual = datetime(day.year, day.month, day.day, tzinfo=now.tzinfo) + times[len(times) // 2]
    return ScoringFact(day, usual, newest.scored is not None)


def _midnight(day: str, time: datetime) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), time.tzinfo)


def api_fact(connection: sqlite3.Connection, tournament: Tournament, _now: datetime) -> ApiFact | Unknown:
    """How the polls end of late. A refused key is none of the API's failures."""
    newest = failing(connection, tournament)
    if newest is None:
        return Unknown("no poll has ended here yet")
    if KEY_REFUSED in newest.message:
        return ApiFact(None, newest.message)
    return ApiFact(newest.since, newest.message)


def key_fact(connection: sqlite3.Connection) -> KeyFact | Unknown:
    """What the newest polls say of the key, and the scopes that it has."""
    said = [newest.message for item in Tournament if (newest := failing(connection, item)) is not None]
    refusals = [part.strip() for text in said for part in text.split(";") if KEY_REFUSED in part]
    if refusals:
        return KeyFact(refusals[0])
    account = wallet(connection)
    if account is None:
        return Unknown("no key was used with this cache yet")
    if account.scopes is not None and READS not in account.scopes:
        return KeyFact(f"the key lacks the scope {READS}")
    return KeyFact(None)


def price_fact(connection: sqlite3.Connection, fiat: str, now: datetime) -> PriceFact | Unknown:
    """The prices of the last month in the user's currency, else in dollars."""
    for currency in (fiat, "USD"):
        prices = hourly_prices(connection, currency, now - LONGEST)
        if prices:
            return PriceFact(currency, tuple((row.hour, row.price) for row in prices))
    return Unknown("no price of NMR is here yet")
