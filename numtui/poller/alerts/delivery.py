"""Delivery of what the outbox holds, by whichever process holds its lock.

An evaluation writes what there is to tell together with the states, so that neither is without the other. Delivery
notes that a message is being sent before it leaves, and its receipt after. It runs in a process of its own, which goes
on when the poller is killed: then nothing is lost and nothing told twice. Only where that process itself is killed in
the middle of a message nobody knows whether it arrived; it is sent once more under the same key, since an alarm that is
lost is worse than one that comes twice.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from filelock import FileLock

from numtui.analysis.alerts.quiet import quiet_at
from numtui.clock import Clock
from numtui.config import Settings, zone
from numtui.poller.alerts.channels import Channel, DeliveryFailed, channels_of, named
from numtui.poller.alerts.messages import Message
from numtui.store.database import open_writer
from numtui.store.queries.alerts import Waiting, outbox, resting_channels
from numtui.store.writes.alerts import begin_sending, mark_failed, mark_sent

log = logging.getLogger(__name__)

MOST_AT_ONCE = 5  # more are told in one summary
FIRST_RETRY = timedelta(minutes=1)  # doubled with each failure
LONGEST_RETRY = timedelta(hours=1)
GIVEN_UP_AFTER = timedelta(days=1)
LONGEST_WAIT = 600.0  # seconds for another process that delivers


@dataclass(slots=True)
class Delivered:
    """How many messages arrived and how many did not, and lines on the latter."""

    sent: int = 0
    failed: int = 0
    problems: tuple[str, ...] = ()


def deliver(settings: Settings, clock: Clock, say: Callable[[str], None] = lambda line: None) -> Delivered:
    """Sends everything that is due; nothing in the quiet time. StoreErrors; filelock.Timeout when another one hangs."""
    result = Delivered()
    path = settings.db.with_name(settings.db.name + ".deliver")
    with FileLock(path, timeout=LONGEST_WAIT, mode=0o600), closing(open_writer(settings.db)) as connection:
        channels = named(channels_of(settings.notify))
        now = clock.now().replace(microsecond=0)
        if _quiet(settings, now):
            return result
        waiting, resting = outbox(connection, now), resting_channels(connection, now)
        for name, group in groupby(sorted(waiting, key=lambda item: (item.channel, item.message)), lambda i: i.channel):
            rows = list(group)
            if name in resting:
                continue
            if name not in channels:
                mark_failed(
                    connection, [row.message for row in rows], "the channel was taken out of the settings", None
                )
                continue
            for batch in _batches(rows, settings):
                problem = _send(connection, channels[name], batch, clock)
                if problem is None:
                    result.sent += 1
                    continue
                result.failed += 1
                result.problems = (*result.problems, f"{name}: {problem}")
                say(f"an alert was not delivered by {name}: {problem}")
                break  # what fails once would fail for the others alike
    return result


def _send(connection: sqlite3.Connection, channel: Channel, batch: Sequence[Waiting], clock: Clock) -> str | None:
    """Sends one message; None with its receipt, else why it did not arrive."""
    messages = [row.message for row in batch]
    first, last = batch[0].change.entry, batch[-1].change.entry
    key = batch[0].batch or (f"numtui-{first}" if len(batch) == 1 else f"numtui-{first}-{last}")
    begin_sending(connection, messages, key)
    attempts = max(row.attempts for row in batch) + 1
    try:
        channel.send(Message(key, attempts, tuple(row.change for row in batch)))
    except DeliveryFailed as error:
        now = clock.now().replace(microsecond=0)
        old = now - min(row.time for row in batch) >= GIVEN_UP_AFTER
        again = None if old else now + min(FIRST_RETRY * 2 ** min(attempts - 1, 10), LONGEST_RETRY)
        mark_failed(connection, messages, str(error), again)
        log.warning("%s: %s", channel.name, error)
        return f"{error}{' (given up)' if again is None else ''}"
    mark_sent(connection, messages)
    return None


def _batches(rows: Sequence[Waiting], settings: Settings) -> Iterator[list[Waiting]]:
    """What goes out as one message: what was under way, what the quiet time held back, all where there are too many."""
    begun = [row for row in rows if row.batch is not None]
    for _, group in groupby(sorted(begun, key=lambda row: (row.batch or "", row.message)), lambda row: row.batch):
        yield list(group)
    fresh = [row for row in rows if row.batch is None]
    held = [row for row in fresh if _quiet(settings, row.time)]
    if len(fresh) > MOST_AT_ONCE or (len(held) > 1 and len(held) == len(fresh)):
        yield fresh
        return
    if len(held) > 1:
        yield held
        fresh = [row for row in fresh if row not in held]
    yield from ([row] for row in fresh)


def _quiet(settings: Settings, moment: datetime) -> bool:
    hours = None if settings.notify is None else settings.notify.quiet
    return quiet_at(moment, hours, zone(settings.time_zone) if settings.time_zone else UTC)
