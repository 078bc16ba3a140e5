"""What the poller does about alerts after each poll: it evaluates, rings, and has what changed delivered."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from typing import TextIO

from numtui.clock import Clock
from numtui.config import Settings
from numtui.poller.alerts.evaluation import evaluate
from numtui.poller.alerts.messages import line, ringing
from numtui.poller.supervisor import own_command
from numtui.reports.alerts.facts import Sources
from numtui.store.database import open_reader
from numtui.store.queries.alerts import outbox

log = logging.getLogger(__name__)

MOST_LINES = 5


@dataclass(slots=True)
class AlertWatch:
    """Evaluates the rules after a poll. `sources`: see there; `say` tells what changed and what is wrong."""

    sources: Callable[[Settings], Sources]
    say: Callable[[str], None]
    terminal: TextIO | None = None
    _said: set[str] = field(default_factory=set)
    _senders: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __call__(self, settings: Settings, clock: Clock) -> None:
        """One evaluation; what is due is delivered by a process that outlives this one. StoreErrors."""
        result = evaluate(settings, clock, self.sources(settings))
        for problem in result.problems:
            if problem not in self._said:
                self._said.add(problem)
                self.say(problem)
        for change in result.news[:MOST_LINES]:
            self.say(f"alert: {line(change)}")
        if len(result.news) > MOST_LINES:
            self.say(f"alert: and {len(result.news) - MOST_LINES} more")
        if result.news and self.terminal is not None and (settings.notify is None or settings.notify.bell):
            self.terminal.write(ringing(result.news))
            self.terminal.flush()
        self._deliver(settings, clock)

    def _deliver(self, settings: Settings, clock: Clock) -> None:
        self._senders = [sender for sender in self._senders if sender.poll() is None]
        if len(self._senders) > 1:
            return  # one delivers, the other waits to
        with closing(open_reader(settings.db)) as connection:
            if not outbox(connection, clock.now()):
                return
        sender = subprocess.Popen(
            own_command(settings, "alerts", "deliver"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # what ends the poller does not end it
        )
        self._senders.append(sender)

    def finish(self) -> None:
        """Waits until what is due is delivered, or has failed."""
        for sender in self._senders:
            sender.wait()


def terminal_of(stream: TextIO | None = None) -> TextIO | None:
    """The terminal that a bell can reach; None where words go to a file or a pipe."""
    found = sys.__stderr__ if stream is None else stream
    return found if found is not None and found.isatty() else None
