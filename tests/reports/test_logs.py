"""The log as a table: both files, the newest line first, whatever is in them."""

from __future__ import annotations

from pathlib import Path

from numtui.reports.logs import COLUMNS, NEWEST, TAIL, log_lines


def test_both_files_by_time_the_newest_first(tmp_path: Path) -> None:
    (tmp_path / "numtui.log").write_text(
        "2026-11-21 13:00:00,001 WARNING numtui.tui: first\n2026-11-21 13:00:02,001 ERROR numtui.tui: third\n"
        "Traceback (most recent call last):\n"
    )
    (tmp_path / "poller.log").write_text("numtui: before any time\n2026-11-21 13:00:01,9 INFO numtui.poller: second\n")
    table = log_lines(tmp_path)
    assert [row[1:] for row in table.rows] == [
        ("2026-11-21 13:00:02", None, "screens", "Traceback (most recent call last):"),
        ("2026-11-21 13:00:02", "error", "screens", "numtui.tui: third"),
        ("2026-11-21 13:00:01", "info", "poller", "numtui.poller: second"),
        ("2026-11-21 13:00:00", "warning", "screens", "numtui.tui: first"),
        (None, None, "poller", "before any time"),
    ]
    assert [row[0] for row in table.rows] == [1, 2, 3, 4, 5]
    assert all(len(row) == len(COLUMNS) for row in table.rows)


def test_without_a_file_there_is_nothing(tmp_path: Path) -> None:
    assert not list(log_lines(tmp_path).rows)


def test_a_long_or_broken_file_gives_its_end(tmp_path: Path) -> None:
    line = "2026-11-21 13:00:00,001 INFO numtui: " + "x" * 80 + "\n"
    count = 2 * TAIL // len(line)
    (tmp_path / "numtui.log").write_bytes(b"\xff\xfe\x00" + (line * count).encode() + b"\xff the end\n")
    rows = log_lines(tmp_path).rows
    assert len(list(rows)) == NEWEST
    assert "the end" in str(next(iter(rows))[4])
