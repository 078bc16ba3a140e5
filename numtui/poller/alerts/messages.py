"""Messages: what a change of an alert, or a summary of many, says to people and to programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from numtui.analysis.alerts.states import State
from numtui.format import counted
from numtui.model import time_text
from numtui.money import decimal_text
from numtui.printable import printable
from numtui.store.queries.alerts import HistoryRow

LISTED = 10  # lines of a summary


@dataclass(frozen=True, slots=True)
class Message:
    """What is delivered. `key` is the same at each try, so that who gets it twice can tell; `attempt` counts from 1."""

    key: str
    attempt: int
    changes: tuple[HistoryRow, ...]

    @property
    def newest(self) -> tuple[HistoryRow, ...]:
        """The last change of each alert: what fired and cleared meanwhile is told as cleared."""
        last = {change.alert: change for change in self.changes}
        return tuple(sorted(last.values(), key=lambda change: (change.state is State.CLEARED, change.entry)))

    @property
    def title(self) -> str:
        """A line: the alert, or how many of them."""
        changes = self.newest
        if len(changes) == 1:
            return f"numtui: {about(changes[0])}{' is over' if changes[0].state is State.CLEARED else ''}"
        firing = sum(change.state is State.FIRING for change in changes)
        over = len(changes) - firing
        parts = (
            [counted(firing, "alert"), *([f"{over} over"] if over else [])]
            if firing
            else [f"{counted(over, 'alert')} over"]
        )
        return f"numtui: {', '.join(parts)}"

    @property
    def text(self) -> str:
        """The lines below the title."""
        changes = self.newest
        if len(changes) == 1:
            return line(changes[0])
        kinds = Counter(change.kind for change in changes)
        lines = [f"{number} {kind}" for kind, number in kinds.most_common()] if len(changes) > LISTED else []
        lines += [line(change) for change in changes[:LISTED]]
        if len(changes) > LISTED:
            lines.append(f"and {len(changes) - LISTED} more: `numtui alerts` lists them")
        return "\n".join(lines)

    def to_json(self) -> str:
        """The message for a command: one object on one line."""
        content: dict[str, Any] = {
            "key": self.key,
            "attempt": self.attempt,
            "title": self.title,
            "text": self.text,
            "alerts": [_content(change) for change in self.newest],
        }
        return json.dumps(content, ensure_ascii=False)


def trial(now: datetime) -> Message:
    """A message that says that messages arrive."""
    change = HistoryRow(
        0, 0, now, State.FIRING, "you", "test", None, None, "", "messages arrive", None, None, None, None
    )
    return Message("numtui-test", 1, (change,))


def ringing(news: Sequence[HistoryRow]) -> str:
    """The bell, and a notification as terminals show it (OSC 9) with the title of what changed."""
    title = Message("", 1, tuple(news)).title
    return f"\a\x1b]9;{title}\x1b\\"


def about(change: HistoryRow) -> str:
    """What a change is about: rule, tournament, model."""
    tournament = "" if change.tournament is None else change.tournament.label
    return printable(" ".join(word for word in (change.kind, tournament, change.model or "") if word))


def line(change: HistoryRow) -> str:
    """A change in a line: what it is about, what is the matter, until when."""
    over = "over: " if change.state is State.CLEARED else ""
    ahead = change.deadline is not None and change.deadline > change.time and not over
    until = f", until {time_text(change.deadline)}" if ahead else ""
    return f"{over}{about(change)}: {printable(change.text)}{until}"


def _content(change: HistoryRow) -> dict[str, Any]:
    return {
        "id": change.alert,
        "rule": change.kind,
        "state": str(change.state),
        "time": time_text(change.time),
        "tournament": None if change.tournament is None else change.tournament.label,
        "model": change.model,
        "subject": change.subject or None,
        "text": change.text,
        "value": change.value,
        "nmr": None if change.nmr is None else decimal_text(change.nmr),
        "deadline": time_text(change.deadline),
    }
