"""Notes on screen: made on a row, shown on the model's rounds, changed and taken away where they are listed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from textual.pilot import Pilot

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.store.notes.notes import Notes
from numtui.tui.app import NumtuiApp, make_app
from numtui.tui.screens.line_prompt import LinePrompt

from ..shown import press, settled, text, where


async def typed(pilot: Pilot[Any], app: NumtuiApp, key: str, line: str, *, clear: bool = True) -> None:
    """Press a key that asks for a line, and answer."""
    await press(pilot, key)
    await settled(pilot)
    assert isinstance(app.screen, LinePrompt)
    if clear:
        await press(pilot, "end", "ctrl+u")
    await press(pilot, *line, "enter")
    await settled(pilot)


def models_app(settings: Settings, clock: FixedClock) -> NumtuiApp:
    return make_app(settings, clock, start_poller=False, screen="models")


async def test_a_note_is_made_shown_changed_and_taken_away(settings: Settings, clock: FixedClock) -> None:
    app = models_app(settings, clock)
    notes = Notes.of(settings)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await typed(pilot, app, "n", "lgbm v5 #lgbm @1290 !epoch")
        (note,) = notes.contents().notes
        assert (note.text, note.tags, note.round, note.epoch) == ("lgbm v5", ("lgbm",), 1290, True)
        assert note.tournament == "classic"
        await press(pilot, "enter")
        await settled(pilot)
        assert "lgbm v5 #lgbm @1290 !epoch" in text(app)
        await typed(pilot, app, "n", "another", clear=False)
        (newest,) = (other for other in notes.contents().notes if other.text == "another")
        assert newest.model == note.model
        assert newest.round is not None, "the row's round is offered"
        await press(pilot, "escape", "a", "a")
        await settled(pilot)
        assert where(app) == "Models › notes"
        assert "lgbm v5" in text(app)
        await typed(pilot, app, "enter", "other words")
        assert "other words" in {note.text for note in notes.contents().notes}
        await typed(pilot, app, "n", "-")
        assert len(notes.contents().notes) == 1


async def test_a_line_that_is_no_note_is_refused(settings: Settings, clock: FixedClock) -> None:
    app = models_app(settings, clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        await typed(pilot, app, "n", "#tag !epoch")
        assert "a note needs words" in text(app)
        await typed_again(pilot, "words !epoch")
        assert "needs the round from which it counts" in text(app)
        await press(pilot, "escape")
        assert Notes.of(settings).contents().notes == ()


async def typed_again(pilot: Pilot[Any], line: str) -> None:
    await press(pilot, "end", "ctrl+u", *line, "enter")
    await settled(pilot)


async def test_a_note_of_another_session_is_seen(settings: Settings, clock: FixedClock) -> None:
    app = models_app(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "a", "a")
        await settled(pilot)
        assert "No notes yet" in text(app)
        Notes.of(settings).add("from elsewhere", clock.now() - timedelta(days=1), tournament=Tournament.CLASSIC)
        app.look()
        await settled(pilot)
        assert "from elsewhere" in text(app)


async def test_the_board_of_submissions(settings: Settings, clock: FixedClock) -> None:
    app = models_app(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "a")
        await settled(pilot)
        assert where(app) == "Models › submissions"
        assert "last 60 rounds" in text(app)


async def test_models_are_filtered_by_tag(settings: Settings, clock: FixedClock) -> None:
    app = models_app(settings, clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        await press(pilot, "slash", *"tag:lgbm")
        assert "nothing here has tags" in text(app)
        await press(pilot, "escape")
        Notes.of(settings).add("v5", clock.now(), tournament=Tournament.CLASSIC, model="aurora", tags=["LGBM"])
        Notes.of(settings).add("v4", clock.now(), tournament=Tournament.CLASSIC, model="borealis", tags=["lgbm-old"])
        app.look()
        await settled(pilot)
        await press(pilot, "slash", *"tag:lgbm", "enter")
        assert "1/1" in text(app)
        assert "aurora" in text(app)
        assert "borealis" not in text(app)
