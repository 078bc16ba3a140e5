"""The prompt of a note: made on any row about a model or a round, changed where notes are listed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from numtui.reports.notes.line import HINT, parse_note, typed
from numtui.store.notes.notes import Notes, note_named
from numtui.tui.failures import READ_ERRORS, failure_line
from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.line_prompt import LinePrompt

GONE = "-"  # typed in the place of a note: it is taken away


def check_line(line: str) -> None:
    """ValueError for a line that is no note."""
    try:
        parse_note(line)
    except READ_ERRORS as error:
        raise ValueError(str(error)) from None


def ask(app: MonitorApp, model: str | None, number: int | None, done: Callable[[], object]) -> None:
    """Ask for a note on a model, on a round, or on both, and keep it."""
    tournament = app.cache.tournament

    def keep(line: str) -> str:
        said = parse_note(line)
        note = Notes.of(app.settings).add(
            said.text,
            app.clock.now(),
            tournament=tournament,
            model=model,
            round_number=said.round,
            tags=said.tags,
            epoch=said.epoch,
        )
        return f"Noted as {note.id}."

    first = "" if number is None else f"@{number} "
    question = f"Note on {subject(model, number)}:"
    _prompt(app, LinePrompt(question, first, HINT, check_line, enter="keeps it", select=False), keep, done)


def change(app: MonitorApp, identity: str, done: Callable[[], object]) -> None:
    """Ask for other words of a note, or take it away."""
    notes = Notes.of(app.settings)
    try:
        note = note_named(notes.contents().notes, identity)
    except READ_ERRORS as error:
        app.notify(failure_line(error), severity="error")
        return

    def keep(line: str) -> str:
        if line == GONE:
            notes.remove(note.id)
            return f"{note.id} is taken away."
        said = parse_note(line)
        notes.edit(note.id, app.clock.now(), **said._asdict())
        return f"{note.id} is changed."

    def check(line: str) -> None:
        if line != GONE:
            check_line(line)

    hint = f"{HINT};\n{GONE} alone takes it away"
    prompt = LinePrompt(
        f"Note on {subject(note.model, note.round)}:", typed(note), hint, check, enter="keeps it", select=False
    )
    _prompt(app, prompt, keep, done)


def subject(model: str | None, number: int | None) -> str:
    """What a note is about, in words."""
    return ", ".join([*([] if model is None else [model]), *([] if number is None else [f"round {number}"])])


def _prompt(app: MonitorApp, prompt: LinePrompt, keep: Callable[[str], str], done: Callable[[], object]) -> None:
    """Show the prompt; what is typed is kept in a thread, for another session may be writing."""

    async def write(line: str) -> None:
        try:
            said = await asyncio.to_thread(keep, line)
        except READ_ERRORS as error:
            app.notify(failure_line(error), severity="error")
        else:
            app.notify(said)
            done()

    def take(line: str | None) -> None:
        if line is not None:
            app.run_worker(write(line))

    app.push_screen(prompt, take)
