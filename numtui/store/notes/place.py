"""Where notes lie in the state folder, and whether they have changed: known without reading them."""

from __future__ import annotations

from pathlib import Path

FILE = "notes.db"
COPY = "notes.copy"  # written with every change


def notes_version(state_dir: Path) -> int:
    """A number that changes with every change of the notes; 0 where nothing was ever written."""
    try:
        return (state_dir / COPY).stat().st_mtime_ns
    except OSError:
        return 0
