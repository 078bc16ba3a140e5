"""What a service was seen to take of our names, in the cache by its URL."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from numtui.store.queries.meta import get_meta
from numtui.store.writes.meta import set_meta


@dataclass(frozen=True, slots=True)
class DialectMemory:
    """An api.dialect.Memory in `meta`: an idle poll need not find out anew."""

    connection: sqlite3.Connection
    url: str

    @property
    def key(self) -> str:
        """Where it stands in `meta`."""
        return f"dialect {self.url}"

    def load(self) -> str | None:
        """What was saved last; None when nothing was."""
        return get_meta(self.connection, self.key)

    def save(self, text: str) -> None:
        """Keeps `text`."""
        set_meta(self.connection, self.key, text)
