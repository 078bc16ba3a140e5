"""The tables of the Models screen beside that of models: submissions for the open round, and notes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from numtui.model import Column, Kind, Table
from numtui.reports.models.submissions import BOARD_COLUMNS, board_facts, board_rows
from numtui.reports.row_source import TableRows
from numtui.store.notes.place import notes_version
from numtui.tui.data import ReadRequest
from numtui.tui.screens.view import ViewData
from numtui.tui.table.layout import Layout

SUBMISSIONS = Layout(
    fixed=("model",),
    first=("submission", "time", "staked", "stake", "last_60", "sent", "missed", "late", "failed", "unknown", "file"),
    hidden=("tournament", "submitted", "round", "closes", "seconds_left"),
)
NOTES = Layout(
    fixed=("model",),
    first=("round", "text", "tags", "epoch", "tier", "time", "tournament", "id"),
)
NO_SUBMISSIONS = "No models of your own: NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY bring them, and what they have sent."
NO_NOTES = (
    "No notes yet.\n\nn on a row about a model or a round makes one, with tags, and the round from which it holds;\n"
    "`numtui notes add MODEL TEXT` does the same."
)


def submissions(connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The board of submissions."""
    rows = board_rows(connection, request.tournament, request.now)
    return ViewData(TableRows(Table("submissions", BOARD_COLUMNS, rows), "model"), board_facts(rows))


def notes(_connection: sqlite3.Connection, request: ReadRequest) -> ViewData:
    """The notes of the tournament, the newest first."""
    from numtui.reports.notes.notes import notes_table  # another file than the cache: not for the first frame
    from numtui.store.notes.notes import Notes

    table = notes_table(Notes.of(request.settings).contents(), request.tournament)
    return ViewData(TableRows(table, "id"))


def noted_of(request: ReadRequest) -> tuple[Mapping[str, frozenset[str]] | None, Mapping[str, str] | None]:
    """Tags and tiers by model; None where none are noted, so that no empty columns stand there."""
    if not notes_version(request.settings.state_dir):
        return None, None
    from numtui.reports.notes.notes import tags_by_model, tier_by_model  # as above
    from numtui.store.notes.notes import Notes

    contents = Notes.of(request.settings).contents()
    tags, tiers = tags_by_model(contents, request.tournament), tier_by_model(contents, request.tournament)
    return (tags, tiers) if tags or tiers else (None, None)


def newest_note_on(request: ReadRequest, model: str) -> Table | None:
    """The note on a model that was written last, as facts above a table; None without any."""
    from numtui.reports.notes.line import typed  # as above
    from numtui.reports.notes.notes import newest_note, tier_by_model
    from numtui.store.notes.notes import Notes

    contents = Notes.of(request.settings).contents()
    note = newest_note(contents, request.tournament, model)
    tier = tier_by_model(contents, request.tournament).get(model.casefold())
    if note is None and tier is None:
        return None
    columns = (Column("tier", Kind.TEXT), Column("note", Kind.TEXT), Column("time", Kind.TIME, "of"))
    return Table("note", columns, [(tier, note and typed(note), note and note.time)])
