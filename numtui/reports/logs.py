"""What was logged: by the screens of this program and by the poller that they start, the newest line first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from numtui.model import Column, Kind, Row, Table

SCREENS_LOG, POLLER_LOG = "numtui.log", "poller.log"  # in the state folder
NEWEST = 500  # lines of each
TAIL = 200_000  # bytes of each that are read
COLUMNS = (
    Column("line", Kind.INT, "#", "number of the line, the newest first"),
    Column("time", Kind.TEXT, doc="when it was logged, in the time of this machine"),
    Column("level", Kind.TEXT, doc="debug, info, warning or error"),
    Column("source", Kind.TEXT, "by", "the screens or the poller"),
    Column("message", Kind.TEXT, doc="what was logged; a line of a traceback stands alone"),
)
LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d),\d+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)")


def log_lines(state_dir: Path) -> Table:
    """The newest lines of both files; none where there is no file. OSError where one cannot be read."""
    rows: list[tuple[str, str | None, str, str]] = []
    for source, name in (("screens", SCREENS_LOG), ("poller", POLLER_LOG)):
        rows += list(_rows(state_dir / name, source))[-NEWEST:]
    rows.sort(key=lambda row: row[0])
    numbered: list[Row] = [
        (place, time or None, level, source, message)
        for place, (time, level, source, message) in enumerate(reversed(rows), start=1)
    ]
    return Table("log", COLUMNS, numbered)


def _rows(path: Path, source: str) -> Iterator[tuple[str, str | None, str, str]]:
    """Time, level, source and message by line, the oldest first; a line without a time has that of the one before."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(size - TAIL, 0))
            text = file.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return
    lines = text.splitlines()
    time = ""
    for line in lines[1:] if size > TAIL else lines:
        match = LINE.match(line)
        if match is not None:
            time = match[1]
            yield time, match[2].lower(), source, match[3]
        elif line.strip():
            yield time, None, source, line.removeprefix("numtui: ")
