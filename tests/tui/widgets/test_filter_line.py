"""What is wrong with a filter, in the room there is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.tui.app import make_app
from numtui.tui.widgets.filter_line import FilterLine, cut_at_word
from tests.tui.shown import press, settled, text

ERROR = "no column 'nosuch'; there are rank, model, stake"


def test_what_fits_stays_as_it_is() -> None:
    assert cut_at_word(ERROR, len(ERROR), "…") == ERROR


@pytest.mark.parametrize("width", range(5, len(ERROR)))
@pytest.mark.parametrize("dots", ["…", ".."])
def test_a_line_is_cut_at_a_word_and_says_so(width: int, dots: str) -> None:
    found = cut_at_word(ERROR, width, dots)
    assert len(found) <= width
    assert found.endswith(f" {dots}")
    kept = found.removesuffix(f" {dots}")
    assert ERROR.startswith(f"{kept} ")


def test_a_word_longer_than_the_line_is_cut_within() -> None:
    assert cut_at_word("stake>manymanymany: no number", 10, "..") == "stake>ma.."
    assert cut_at_word("日本語日本語 x", 8, "…") == "日本語 …"
    assert cut_at_word("anything", 0, "…") in {"", "…"}


@pytest.mark.parametrize("ascii_only", [False, True])
async def test_the_columns_of_a_wrong_filter_are_cut_with_a_sign(
    settings: Settings, clock: FixedClock, ascii_only: bool
) -> None:
    app = make_app(replace(settings, ascii=ascii_only), clock, start_poller=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", *"mmx60>1")
        said = next(line for line in text(app).splitlines() if "no column 'mmx60'" in line)
        assert said.rstrip().endswith(", .." if ascii_only else ", …")
        assert "there are mmc60, " in said  # what was meant comes first
        await pilot.resize_terminal(120, 40)
        await settled(pilot)
        wider = next(line for line in text(app).splitlines() if "no column 'mmx60'" in line)
        assert len(wider[wider.index("no column") :]) > len(said[said.index("no column") :])


async def test_a_second_filter_takes_the_place_of_the_first_unless_an_arrow_keeps_it(
    settings: Settings, clock: FixedClock
) -> None:
    app = make_app(settings, clock, start_poller=False)
    async with app.run_test(size=(120, 30)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", *"model_0", "enter", "slash", *"rank>20")
        assert app.screen.query_one(FilterLine).text == "rank>20"
        await press(pilot, "enter", "slash", "right", *"0", "enter")
        assert app.screen.query_one(FilterLine).text == "rank>200"
