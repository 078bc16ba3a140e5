"""The header line: whatever else there is no room for, the time to the close and the stake rule are whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from textual.app import App, ComposeResult

from numtui.model import Tournament
from numtui.reports.header import Header
from numtui.tui.widgets.header import HeaderLine

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
HEADER = Header(
    tournament=Tournament.CLASSIC,
    round=1407,
    closes_at=NOW + timedelta(hours=2, minutes=25),
    data_time=NOW - timedelta(minutes=4),
    state="live",
    simulated=False,
    allow_stake=False,
    progress=None,
    message=None,
)


class OneLine(App[None]):
    def compose(self) -> ComposeResult:
        yield HeaderLine()


@pytest.mark.parametrize("allowed", [False, True])
@pytest.mark.parametrize("firing", [0, 1, 36])
@pytest.mark.parametrize("profile", [None, "work"])
async def test_the_close_is_never_cut(allowed: bool, firing: int, profile: str | None) -> None:
    header = HEADER._replace(allow_stake=allowed, firing=firing, profile=profile)
    async with OneLine().run_test(size=(80, 24)) as pilot:
        line = pilot.app.query_one(HeaderLine)
        line.show(header, NOW)
        said = line.said.plain
        assert len(said) == line.room == 80
        assert "round 1407, closes in 2h 25m" in said
        assert said.rstrip().endswith("STAKE ALLOWED" if allowed else "READ-ONLY")
        assert "live" in said and "Classic" in said
        assert ("alert" in said) is bool(firing) and ("work" in said) is bool(profile)


async def test_with_room_it_says_all() -> None:
    async with OneLine().run_test(size=(120, 40)) as pilot:
        line = pilot.app.query_one(HeaderLine)
        line.show(HEADER._replace(firing=36), NOW)
        assert line.said.plain.startswith(" numtui  Classic  36 alerts (6)  round 1407, closes in 2h 25m ")
        assert line.said.plain.endswith(" data 4m old, live  READ-ONLY ")


@pytest.mark.parametrize(
    ("opens", "said"),
    [(timedelta(hours=22, minutes=3), ", next in 22h 03m"), (-timedelta(minutes=5), ", next is due"), (None, "")],
)
@pytest.mark.parametrize("width", [80, 120])
async def test_once_closed_it_says_when_the_next_round_opens(opens: timedelta | None, said: str, width: int) -> None:
    header = HEADER._replace(closes_at=None, opens_next=None if opens is None else NOW + opens, firing=36)
    async with OneLine().run_test(size=(width, 24)) as pilot:
        line = pilot.app.query_one(HeaderLine)
        line.show(header, NOW)
        said = said.replace("in 22h", "opens in 22h") if width > 80 else said
        assert f"round 1407 closed{said} " in line.said.plain
        assert line.said.plain.rstrip().endswith("live  READ-ONLY")


@pytest.mark.parametrize(("width", "alerts"), [(80, False), (120, True)])
async def test_needs_are_counted_and_alerts_beside_them_where_there_is_room(width: int, alerts: bool) -> None:
    async with OneLine().run_test(size=(width, 24)) as pilot:
        line = pilot.app.query_one(HeaderLine)
        line.show(HEADER._replace(needs=16, firing=31), NOW)
        said = line.said.plain
        assert "Classic  16 needs (0)  " in said and "round 1407, closes in 2h 25m" in said
        assert ("31 alerts (6)" in said) is alerts
        line.show(HEADER._replace(needs=0, firing=31), NOW)
        assert "need" not in line.said.plain and "31 alerts (6)" in line.said.plain
