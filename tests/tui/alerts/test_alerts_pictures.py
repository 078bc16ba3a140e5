"""Pictures of the Alerts screen: what fires, the rules, and the form that makes one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import make_app
from tests.tui.alerts.test_alerts_screen import RULES, put
from tests.tui.shown import press, settled

Compare = Callable[..., bool]


@pytest.fixture
def pictured(snap_compare: Compare, settings: Settings, clock: FixedClock) -> Compare:
    put(settings, 0.5, 0.6)

    def compare(size: tuple[int, int], *keys: str, **changes: Any) -> bool:
        app = make_app(replace(settings, alerts=RULES, **changes), clock, start_poller=False, screen="alerts")

        async def before(pilot: Pilot[Any]) -> None:
            await settled(pilot)
            await press(pilot, *keys)

        return snap_compare(app, terminal_size=size, run_before=before)

    return compare


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_what_fires(pictured: Compare, size: tuple[int, int]) -> None:
    assert pictured(size)


def test_what_fires_without_colour_in_ascii(pictured: Compare) -> None:
    assert pictured((80, 24), no_color=True, ascii=True)


def test_history(pictured: Compare) -> None:
    assert pictured((80, 24), "x", "a")


def test_rules(pictured: Compare) -> None:
    assert pictured((80, 24), "a", "a")


def test_choice_of_a_rule(pictured: Compare) -> None:
    assert pictured((80, 24), "N", "j")


def test_form_of_a_rule(pictured: Compare) -> None:
    assert pictured((80, 24), "N", *["j"] * 4, "enter")
