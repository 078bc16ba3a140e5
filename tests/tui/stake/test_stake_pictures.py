"""Pictures of every state of the stake dialogs and of the views that need the simulated account."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from numtui.model import Tournament
from numtui.tui.app import make_app
from tests.tui.shown import press, settled
from tests.tui.staking import Bench, filled_in, reviewed, sent, shows, space, typed, waited
from tests.tui.staking import bench as bench  # noqa: PLC0414  a fixture
from tests.tui.staking import staking_origin as staking_origin  # noqa: PLC0414  likewise

Way = Callable[[Pilot[Any], Bench], Awaitable[object]]


async def form(pilot: Pilot[Any], _: Bench) -> None:
    await press(pilot, "s")
    await typed(pilot, "40")


async def review_increase(pilot: Pilot[Any], _: Bench) -> None:
    await reviewed(pilot)


async def review_release(pilot: Pilot[Any], _: Bench) -> None:
    await reviewed(pilot, "20.5")


async def review_drain(pilot: Pilot[Any], _: Bench) -> None:
    await reviewed(pilot, change="D")


async def ready(pilot: Pilot[Any], _: Bench) -> None:
    await filled_in(pilot, await reviewed(pilot))


async def wrong(pilot: Pilot[Any], _: Bench) -> None:
    await filled_in(pilot, await reviewed(pilot), amount="41")
    await space(pilot)


async def done(pilot: Pilot[Any], _: Bench) -> None:
    await sent(pilot, "20.5")


async def unknown(pilot: Pilot[Any], bench: Bench) -> None:
    bench.server.faults.add("502", mutations_only=True)
    await sent(pilot)


async def still_unknown(pilot: Pilot[Any], bench: Bench) -> None:
    await unknown(pilot, bench)
    await press(pilot, "r")
    await waited(pilot, "result")


async def found_out(pilot: Pilot[Any], bench: Bench) -> None:
    bench.server.faults.add("lost_answer", mutations_only=True)
    await sent(pilot)
    await press(pilot, "r")
    await waited(pilot, "result")


async def stopped(pilot: Pilot[Any], bench: Bench) -> None:
    await filled_in(pilot, await reviewed(pilot))
    bench.change_elsewhere("demo_signal_a", "1")
    await space(pilot)
    await waited(pilot, "result")


async def claims(pilot: Pilot[Any], _: Bench) -> None:
    await press(pilot, "t", "v")
    await shows(pilot, "demo_coin_a")
    await settled(pilot)


async def plan_by_rules(pilot: Pilot[Any], bench: Bench) -> None:
    bench.settings.config_file.write_text('[[rules]]\nrule = "hold"\nstake = "20"\n')
    await press(pilot, "a", "a", "a")
    await shows(pilot, "release")


WAYS: tuple[Way, ...] = (
    form, review_increase, review_release, review_drain, ready, wrong, done, unknown, still_unknown, found_out,
    stopped, claims, plan_by_rules,
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_state(snap_compare: Callable[..., bool], bench: Bench, way: Way, size: tuple[int, int]) -> None:
    settings = replace(bench.settings, allow_stake=True, tournament=Tournament.SIGNALS)
    app = make_app(settings, bench.clock, start_poller=False, screen="stake")

    async def before(pilot: Pilot[Any]) -> None:
        await settled(pilot)
        await way(pilot, bench)
        await settled(pilot)

    assert snap_compare(app, terminal_size=size, run_before=before)
