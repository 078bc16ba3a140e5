"""The Models screen: own models come first, with their total above."""

from __future__ import annotations

from contextlib import closing

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.store.database import open_writer
from numtui.tui.app import make_app

from ..filled import OWN, WATCHED
from ..shown import line, press, settled, table


async def test_own_models_stand_before_watched_ones(settings: Settings, clock: FixedClock) -> None:
    with closing(open_writer(settings.db)) as connection:
        connection.execute("UPDATE models SET name = 'aardvark' WHERE name = ?", (WATCHED[0],))
    app = make_app(settings, clock, start_poller=False, screen="models")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        source = table(app).source
        assert [source.key(place) for place in range(len(source))] == [*OWN, "aardvark", WATCHED[1]]
        # 120 NMR times 1 to 5; 12 unresolved rounds of 1.875 NMR times 1 to 5.
        assert line(app, 2).split("   ")[:3] == [" total 5 own models", "stake 1,800.00", "at risk 337.50"]
        await press(pilot, "$")
        assert "1,800.00" not in line(app, 2)


async def test_a_rule_stands_below_the_own_models_while_they_come_first(settings: Settings, clock: FixedClock) -> None:
    def ruled() -> list[int]:
        lines = [table(app).render_line(1 + place) for place in range(len(table(app).source))]
        return [
            place for place, strip in enumerate(lines) if all(each.style and each.style.underline for each in strip)
        ]

    app = make_app(settings, clock, start_poller=False, screen="models")
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert ruled() == [len(OWN) - 1]
        await press(pilot, "j", "j", "space")
        assert ruled() == [len(OWN) - 1]
        await press(pilot, "greater_than_sign")
        assert ruled() == [], "sorted, they do not come first"
