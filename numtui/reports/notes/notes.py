"""Notes as a table, the newest one of a model, and its tags and tier."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.notes.line import typed
from numtui.store.notes.records import Contents, Note

NOTE_COLUMNS = (
    Column("id", Kind.TEXT, doc="what the note is called; its beginning is enough where it is the only one"),
    Column("time", Kind.TIME, doc="when it was written"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
    Column("model", Kind.TEXT, doc="the model that it is about"),
    Column("round", Kind.INT, "from round", "the round from which it holds"),
    Column("text", Kind.TEXT, "note", "what was noted"),
    Column("tags", Kind.TEXT, doc="its tags; a model has those of all of its notes"),
    Column("epoch", Kind.BOOL, doc="true: the model's statistics count from this round on"),
    Column("tier", Kind.TEXT, doc="the model's tier now"),
    Column("edited", Kind.TIME, doc="when it was last changed"),
)


class NoteRow(NamedTuple):
    """A note as tables show it."""

    id: str
    time: datetime
    tournament: str | None
    model: str | None
    round: int | None
    text: str
    tags: str
    epoch: bool
    tier: str | None
    edited: datetime | None


def notes_table(
    contents: Contents,
    tournament: Tournament | None = None,
    *,
    models: Iterable[str] = (),
    tags: Iterable[str] = (),
) -> Table:
    """The notes of a tournament (None: of all), the newest first; only those on some `models` or with any of `tags`."""
    tiers = {f"{tier.tournament} {tier.model.casefold()}": tier.tier for tier in contents.tiers}
    names, words = {name.casefold() for name in models}, {tag.casefold() for tag in tags}
    rows = [
        NoteRow(
            note.id,
            note.time,
            note.tournament,
            note.model,
            note.round,
            note.text,
            " ".join(note.tags),
            note.epoch,
            tiers.get(f"{note.tournament} {(note.model or '').casefold()}"),
            note.edited,
        )
        for note in reversed(contents.notes)
        if (tournament is None or note.tournament in {None, tournament.label})
        and (not names or (note.model or "").casefold() in names)
        and (not words or words & set(note.tags))
    ]
    return Table("notes", NOTE_COLUMNS, rows)


def newest_note(contents: Contents, tournament: Tournament, model: str) -> Note | None:
    """The note on a model that was written last; None without any."""
    notes = [note for note in contents.notes if _is_about(note, tournament, model)]
    return notes[-1] if notes else None


def notes_on(contents: Contents, tournament: Tournament, model: str) -> dict[int, str]:
    """The notes on a model that name a round, as lines to type, by that round; several are joined."""
    by_round: dict[int, list[str]] = {}
    for note in contents.notes:
        if note.round is not None and _is_about(note, tournament, model):
            by_round.setdefault(note.round, []).append(typed(note))
    return {number: "; ".join(lines) for number, lines in by_round.items()}


def tags_by_model(contents: Contents, tournament: Tournament) -> dict[str, frozenset[str]]:
    """The tags of each model that has any, by its name in lower case: those of all of its notes."""
    tags: dict[str, frozenset[str]] = {}
    for note in contents.notes:
        if note.model is not None and note.tags and note.tournament == tournament.label:
            name = note.model.casefold()
            tags[name] = tags.get(name, frozenset()) | frozenset(note.tags)
    return tags


def models_tagged(contents: Contents, tournament: Tournament, tags: Iterable[str]) -> frozenset[str]:
    """The models that have any of these tags, by their names in lower case."""
    wanted = {tag.removeprefix("#").lower() for tag in tags}
    return frozenset(name for name, known in tags_by_model(contents, tournament).items() if wanted & known)


def tier_by_model(contents: Contents, tournament: Tournament) -> dict[str, str]:
    """The tier of each model that is in one, by its name in lower case."""
    return {tier.model.casefold(): tier.tier for tier in contents.tiers if tier.tournament == tournament.label}


def _is_about(note: Note, tournament: Tournament, model: str) -> bool:
    return note.tournament == tournament.label and (note.model or "").casefold() == model.casefold()
