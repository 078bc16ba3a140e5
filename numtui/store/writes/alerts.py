"""Writing alerts: an evaluation with what it has to tell, what the user did, deliveries and their receipts.

Plain sqlite3, so that the screens can use it too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from numtui.analysis.alerts.findings import Check
from numtui.analysis.alerts.states import Alert, Change, State
from numtui.store.database import placeholders, transaction
from numtui.store.writes.upsert import mark_changed

POLLER, USER = "poller", "you"
KEPT = 10_000  # changes in the history


def put_changes(
    connection: sqlite3.Connection,
    changes: Iterable[Change],
    now: datetime,
    *,
    who: str = POLLER,
    channels: Sequence[str] = (),
    tell: Container[State] = (State.FIRING, State.CLEARED),
) -> list[int]:
    """Writes alerts, the history of those whose state changed, and what `channels` have to tell of it: all or nothing.

    Told are changes to one of the states `tell`, where the poller found them; their entries are returned.
    """
    told: list[int] = []
    with transaction(connection):
        count = 0
        for change in changes:
            count += 1
            number = _put_alert(connection, change.alert)
            if not change.moved:
                continue
            entry = _put_history(connection, number, change.alert, now, who)
            if change.told and who == POLLER and change.alert.state in tell:
                told.append(entry)
        connection.executemany(
            "INSERT INTO alert_outbox (entry, channel, state, time) VALUES (?, ?, 'waiting', ?)",
            [(entry, channel, now) for entry in told for channel in channels],
        )
        if told:
            _prune(connection)
        mark_changed(connection, "alerts", count)
    return told


def put_checks(connection: sqlite3.Connection, checks: Iterable[Check], now: datetime) -> None:
    """What the last evaluation of each rule found; of rules that are gone nothing stays."""
    rows = [
        (check.rule, int(check.tournament or 0), check.kind, now, check.ok, check.past, check.not_known, check.reason)
        for check in checks
    ]
    with transaction(connection):
        connection.execute("DELETE FROM alert_checks")
        connection.executemany(f"INSERT INTO alert_checks VALUES ({placeholders(range(8))})", rows)
        mark_changed(connection, "alert_checks")


def begin_sending(connection: sqlite3.Connection, messages: Iterable[int], batch: str) -> None:
    """Notes, before they leave, that these messages are being sent under the key `batch`."""
    with transaction(connection):
        connection.executemany(
            "UPDATE alert_outbox SET state = 'sending', batch = ?, attempts = attempts + 1 WHERE message = ?",
            [(batch, message) for message in messages],
        )


def mark_sent(connection: sqlite3.Connection, messages: Iterable[int]) -> None:
    """The receipt of these messages."""
    _end(connection, messages, "sent", None, None)


def mark_failed(connection: sqlite3.Connection, messages: Iterable[int], problem: str, again: datetime | None) -> None:
    """Why these messages did not arrive, and when they are tried again; None: they are given up."""
    _end(connection, messages, "given up" if again is None else "waiting", again, problem)


def _end(
    connection: sqlite3.Connection, messages: Iterable[int], state: str, again: datetime | None, problem: str | None
) -> None:
    with transaction(connection):
        connection.executemany(
            "UPDATE alert_outbox SET state = ?, batch = NULL, not_before = ?, problem = ? WHERE message = ?",
            [(state, again, problem, message) for message in messages],
        )
        mark_changed(connection, "alert_outbox")


def add_rule(connection: sqlite3.Connection, content: str, now: datetime) -> int:
    """A rule made on screen, as JSON text; returns its number."""
    with transaction(connection):
        cursor = connection.execute("INSERT INTO alert_rules (time, content) VALUES (?, ?)", (now, content))
        mark_changed(connection, "alert_rules")
        return int(cursor.lastrowid or 0)


def delete_rule(connection: sqlite3.Connection, rule: int) -> bool:
    """Takes a rule that was made on screen away; False where there is none of that number."""
    with transaction(connection):
        count = connection.execute("DELETE FROM alert_rules WHERE rule = ?", (rule,)).rowcount
        return mark_changed(connection, "alert_rules", count) > 0


def _put_alert(connection: sqlite3.Connection, alert: Alert) -> int:
    identity = alert.identity
    row = connection.execute(
        """INSERT INTO alerts (rule, kind, tournament, model, subject, state, since, changed, until, calm, text, value,
            nmr, deadline) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (rule, tournament, model, subject) DO UPDATE SET state = excluded.state, since = excluded.since,
            changed = excluded.changed, until = excluded.until, calm = excluded.calm, text = excluded.text,
            value = excluded.value, nmr = excluded.nmr, deadline = excluded.deadline
          RETURNING alert""",
        (
            identity.rule, alert.kind, int(identity.tournament or 0), identity.model or "", identity.subject,
            str(alert.state), alert.since, alert.changed, alert.until, alert.calm, alert.text, alert.value, alert.nmr,
            alert.deadline,
        ),
    ).fetchone()  # fmt: skip
    return int(row[0])


def _put_history(connection: sqlite3.Connection, number: int, alert: Alert, now: datetime, who: str) -> int:
    identity = alert.identity
    cursor = connection.execute(
        """INSERT INTO alert_history (alert, time, state, who, kind, tournament, model, subject, text, value, nmr,
          deadline, until) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            number, now, str(alert.state), who, alert.kind, int(identity.tournament or 0), identity.model or "",
            identity.subject, alert.text, alert.value, alert.nmr, alert.deadline, alert.until,
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def _prune(connection: sqlite3.Connection) -> None:
    """Takes the oldest changes out of the history, but for those that are still to be delivered."""
    connection.execute(
        """DELETE FROM alert_history WHERE entry <= (SELECT max(entry) FROM alert_history) - ?
          AND entry NOT IN (SELECT entry FROM alert_outbox WHERE state IN ('waiting', 'sending'))""",
        (KEPT,),
    )
    connection.execute("DELETE FROM alert_outbox WHERE entry NOT IN (SELECT entry FROM alert_history)")
