"""Alerts: their states and history, what rules found last, what waits to be delivered, rules made on screen."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.alerts.findings import Identity
from numtui.analysis.alerts.states import Alert, State
from numtui.model import Tournament, time_of
from numtui.money import decimal_of


class HistoryRow(NamedTuple):
    """A change of an alert's state. `who`: the poller or you; `entry` counts up in the order of time."""

    entry: int
    alert: int
    time: datetime
    state: State
    who: str
    kind: str
    tournament: Tournament | None
    model: str | None
    subject: str
    text: str
    value: float | None
    nmr: Decimal | None
    deadline: datetime | None
    until: datetime | None


class CheckRow(NamedTuple):
    """The last evaluation of a rule in a tournament (None: it is about none): how many subjects are how.

    `reason`: why some, or all, are not known.
    """

    rule: str
    tournament: Tournament | None
    kind: str
    time: datetime
    ok: int
    past: int
    not_known: int
    reason: str | None


class Waiting(NamedTuple):
    """A change that is to be delivered by a channel. `batch`: the key of a try without receipt."""

    message: int
    channel: str
    state: str
    batch: str | None
    attempts: int
    time: datetime
    not_before: datetime | None
    change: HistoryRow


class Trouble(NamedTuple):
    """A channel by which deliveries fail: how many wait for it, how often it was tried, and what it said last."""

    channel: str
    waiting: int
    given_up: int
    attempts: int
    problem: str | None


class ScreenRule(NamedTuple):
    """A rule that was made on screen, as JSON text."""

    number: int
    content: str


_ALERT = "alert, rule, kind, tournament, model, subject, state, since, changed, until, calm, text, value, nmr, deadline"
_CHANGE = """h.entry, h.alert, h.time, h.state, h.who, h.kind, h.tournament, h.model, h.subject, h.text, h.value, h.nmr,
  h.deadline, h.until"""


def alerts(connection: sqlite3.Connection) -> list[Alert]:
    """Every alert that has ever fired: firing ones first, then acknowledged, snoozed, cleared, the newest first."""
    sql = f"""SELECT {_ALERT} FROM alerts ORDER BY CASE state WHEN 'firing' THEN 0 WHEN 'acknowledged' THEN 1
      WHEN 'snoozed' THEN 2 ELSE 3 END, deadline IS NULL, deadline, changed DESC, alert"""
    return [_alert(row) for row in connection.execute(sql)]


def alert_numbered(connection: sqlite3.Connection, number: int) -> Alert | None:
    """The alert of that number; None where there is none."""
    row = connection.execute(f"SELECT {_ALERT} FROM alerts WHERE alert = ?", (number,)).fetchone()
    return None if row is None else _alert(row)


def alert_history(connection: sqlite3.Connection, limit: int, alert: int | None = None) -> list[HistoryRow]:
    """The newest changes of states (of one alert, where it is named), the newest first."""
    sql = f"SELECT {_CHANGE} FROM alert_history h WHERE ?1 IS NULL OR h.alert = ?1 ORDER BY h.entry DESC LIMIT ?2"
    return [_change(row) for row in connection.execute(sql, (alert, limit))]


def history_since(connection: sqlite3.Connection, entry: int) -> list[HistoryRow]:
    """The changes after an entry, in the order of time."""
    sql = f"SELECT {_CHANGE} FROM alert_history h WHERE h.entry > ? ORDER BY h.entry"
    return [_change(row) for row in connection.execute(sql, (entry,))]


def checks(connection: sqlite3.Connection) -> list[CheckRow]:
    """The last evaluation of each rule, by rule and tournament."""
    sql = """SELECT rule, tournament, kind, time, ok, past, not_known, reason FROM alert_checks
      ORDER BY rule, tournament"""
    return [
        CheckRow(rule, _tournament(number), kind, _time(time), ok, past, unknown, reason)
        for rule, number, kind, time, ok, past, unknown, reason in connection.execute(sql)
    ]


def outbox(connection: sqlite3.Connection, now: datetime) -> list[Waiting]:
    """What is to be delivered at `now`, in the order of time: also what was being sent, without a receipt."""
    sql = f"""SELECT o.message, o.channel, o.state, o.batch, o.attempts, o.time, o.not_before, {_CHANGE}
      FROM alert_outbox o JOIN alert_history h USING (entry)
      WHERE o.state IN ('waiting', 'sending') AND (o.not_before IS NULL OR o.not_before <= ?) ORDER BY o.message"""
    return [
        Waiting(message, channel, state, batch, attempts, _time(time), time_of(not_before), _change(row))
        for message, channel, state, batch, attempts, time, not_before, *row in connection.execute(sql, (now,))
    ]


def resting_channels(connection: sqlite3.Connection, now: datetime) -> set[str]:
    """The channels that failed and are not to be tried again yet."""
    sql = "SELECT DISTINCT channel FROM alert_outbox WHERE state = 'waiting' AND not_before > ?"
    return {channel for (channel,) in connection.execute(sql, (now,))}


def outbox_size(connection: sqlite3.Connection) -> int:
    """How many deliveries wait, whenever they are due."""
    sql = "SELECT count(*) FROM alert_outbox WHERE state IN ('waiting', 'sending')"
    return int(connection.execute(sql).fetchone()[0])


def delivery_troubles(connection: sqlite3.Connection) -> list[Trouble]:
    """The channels by which something could not be delivered yet, or was given up."""
    sql = """SELECT channel, sum(state <> 'given up'), sum(state = 'given up'), max(attempts), max(problem)
      FROM alert_outbox WHERE state <> 'sent' AND problem IS NOT NULL GROUP BY channel ORDER BY channel"""
    return [Trouble(*row) for row in connection.execute(sql)]


def screen_rules(connection: sqlite3.Connection) -> list[ScreenRule]:
    """The rules that were made on screen, the oldest first."""
    return [ScreenRule(*row) for row in connection.execute("SELECT rule, content FROM alert_rules ORDER BY rule")]


def _alert(row: tuple[object, ...]) -> Alert:
    number, rule, kind, tournament, model, subject, state, since, changed, until, calm, text, value, nmr, deadline = row
    return Alert(
        identity=Identity(str(rule), _tournament(tournament), str(model) or None, str(subject)),
        kind=str(kind),
        state=State(str(state)),
        since=_time(since),
        changed=_time(changed),
        text=str(text),
        until=_maybe(until),
        calm=int(str(calm)),
        value=None if value is None else float(str(value)),
        nmr=decimal_of(None if nmr is None else str(nmr)),
        deadline=_maybe(deadline),
        number=int(str(number)),
    )


def _change(row: tuple[object, ...] | list[object]) -> HistoryRow:
    entry, alert, time, state, who, kind, tournament, model, subject, text, value, nmr, deadline, until = row
    return HistoryRow(
        entry=int(str(entry)),
        alert=int(str(alert)),
        time=_time(time),
        state=State(str(state)),
        who=str(who),
        kind=str(kind),
        tournament=_tournament(tournament),
        model=str(model) or None,
        subject=str(subject),
        text=str(text),
        value=None if value is None else float(str(value)),
        nmr=decimal_of(None if nmr is None else str(nmr)),
        deadline=_maybe(deadline),
        until=_maybe(until),
    )


def _tournament(number: object) -> Tournament | None:
    return None if not number else Tournament(int(str(number)))


def _maybe(text: object) -> datetime | None:
    return time_of(None if text is None else str(text))


def _time(text: object) -> datetime:
    time = _maybe(text)
    assert time is not None, "the column is NOT NULL"
    return time
