"""The demo account's changes of stake: kept in a folder until reset, or in memory."""

from __future__ import annotations

import json
import threading
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from numtui.model import TIME_FORMAT, Tournament, time_of


@dataclass(frozen=True, slots=True)
class Change:
    """One request to change a model's stake; amounts are decimal strings, times as the API writes them."""

    id: str
    tournament: int
    model_id: str
    type: str  # "increase" or "decrease"
    amount: str
    requested_at: str
    effective_round: int  # an increase counts from this round on
    due_date: str | None  # when a decrease is released
    drain: bool = False
    cancelled: bool = False

    def effective_at(self, moment: datetime) -> bool:
        """Whether a decrease has been released by `moment` (an increase goes by its round)."""
        due = time_of(self.due_date)
        return not self.cancelled and due is not None and due <= moment

    @property
    def nmr(self) -> Decimal:
        """The amount."""
        return Decimal(self.amount)


class StakeState:
    """Changes, payout selections and the number of the newest round at the first start (`origin`).

    Kept in a file of `folder`, one a seed, as another seed is another account; without a folder in memory.
    """

    def __init__(self, folder: Path | None, seed: int, origin: int) -> None:
        self._file = None if folder is None else folder / f"stake-state-{seed}.json"
        self._lock = threading.Lock()
        self.origin = origin
        self.version = 0  # rises with every change
        self.changes: list[Change] = []
        self.take_profit: dict[str, bool] = {}
        if self._file is not None and self._file.exists():
            stored = json.loads(self._file.read_text(encoding="utf-8"))
            self.origin = min(stored["origin"], origin)
            self.changes = [Change(**change) for change in stored["changes"]]
            self.take_profit = stored["take_profit"]
        elif self._file is not None:
            self._write()

    def of_model(self, tournament: Tournament, model_id: str) -> list[Change]:
        """A model's changes, oldest first, the cancelled ones too."""
        return [c for c in self.changes if c.model_id == model_id and c.tournament == int(tournament)]

    def add(self, change: Change) -> None:
        """Keep a new change."""
        with self._lock:
            self.changes.append(change)
            self._changed()

    def cancel(self, change: Change) -> Change:
        """Mark a change as cancelled and return it so."""
        cancelled = replace(change, cancelled=True)
        with self._lock:
            self.changes[self.changes.index(change)] = cancelled
            self._changed()
        return cancelled

    def select_payout(self, model_id: str, take_profit: bool) -> None:
        """Keep a model's payout selection."""
        with self._lock:
            self.take_profit[model_id] = take_profit
            self._changed()

    def reset(self) -> None:
        """Forget every change."""
        with self._lock:
            self.changes.clear()
            self.take_profit.clear()
            self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._write()

    def _write(self) -> None:
        if self._file is None:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        stored = {
            "origin": self.origin,
            "changes": [asdict(change) for change in self.changes],
            "take_profit": self.take_profit,
        }
        part = self._file.with_suffix(".part")
        part.write_text(json.dumps(stored, indent=1), encoding="utf-8")
        part.replace(self._file)


def stamp(time: datetime) -> str:
    """A time as the API and the state file write it."""
    return time.strftime(TIME_FORMAT)
