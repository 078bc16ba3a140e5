"""Faults of the program are told apart from what is wrong with the cache, and leave their traceback in the log."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.errors import NumtuiError
from numtui.tui.app import make_app
from numtui.tui.failures import failure_line
from numtui.tui.screens.report_screen import ReportScreen

from .shown import press, settled, text

FAULTS = [
    TypeError("no number: None"), AssertionError("never so"), AttributeError("no such"), ValueError("not a tournament"),
    IndexError("out of range"), ZeroDivisionError("by zero"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_a_fault_is_said_as_one_and_logged_with_its_traceback(
    settings: Settings,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    fault: Exception,
) -> None:
    def polls(*arguments: Any) -> Any:
        raise fault

    monkeypatch.setattr("numtui.tui.status.screen.polls", polls)
    monkeypatch.setattr("numtui.tui.failures._LOGGED", set())
    app = make_app(settings, clock, start_poller=False, screen="status")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert f"a fault of numtui: {type(fault).__name__}: {fault}; see the log" in text(app)
        assert "could not be read" not in text(app)
        await press(pilot, "1", "7")
        assert isinstance(app.screen, ReportScreen)
        assert app.is_running
    (record,) = [record for record in caplog.records if record.name == "numtui.tui.failures"]
    assert record.levelname == "ERROR"
    assert record.exc_info is not None
    assert "in polls" in caplog.text


def test_what_comes_from_outside_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    assert failure_line(NumtuiError("the disk is full")) == "the disk is full"
    assert failure_line(sqlite3.OperationalError("no such table: x")) == (
        "the cache could not be read: no such table: x"
    )
    assert failure_line(OSError("no room")) == "the cache could not be read: no room"
    assert caplog.records == []
