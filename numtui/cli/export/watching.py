"""Following a cache that another process writes to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from numtui.store.database import open_reader

LOOK_EVERY = 2.0  # seconds between two looks


def changes(db: Path, *, every: float = LOOK_EVERY) -> Iterator[None]:
    """Once at once, then whenever the cache in `db` was written to, without an end. StoreErrors."""
    with closing(open_reader(db)) as connection:
        seen: int | None = None
        while True:
            (version,) = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen = version
                yield
            time.sleep(every)
