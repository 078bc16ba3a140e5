"""Notes, tiers of models, epochs and saved choices: read, changed, exported and taken over, each call by itself."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from numtui.config import Settings
from numtui.model import Tournament
from numtui.store.notes.file import NotesFile, delete_record, put_record, take_over
from numtui.store.notes.old_cache import clear_old, old_rows
from numtui.store.notes.records import (
    Contents,
    Kept,
    KeptEpoch,
    Note,
    NotesError,
    Preset,
    Record,
    Tier,
    contents_of,
    label_of,
    line_of,
    record_of,
)


class Imported(NamedTuple):
    """What an import did: records that are new here, newer than those here, and the same as here or older."""

    new: int
    newer: int
    same: int


class Notes:
    """What the user wrote down, in a state folder; what an old `cache` holds of it is taken over first.

    Any call raises NotesError or a StoreError where the file cannot be used.
    """

    def __init__(self, state_dir: Path, cache: Path | None = None) -> None:
        self.file = NotesFile(state_dir)
        self._cache = cache

    @classmethod
    def of(cls, settings: Settings) -> Notes:
        """Those of a session."""
        return cls(settings.state_dir, settings.db)

    def contents(self) -> Contents:
        """Everything."""
        self._take_over()
        return contents_of(self.file.records())

    def add(
        self,
        text: str,
        now: datetime,
        *,
        tournament: Tournament | None = None,
        model: str | None = None,
        round_number: int | None = None,
        tags: Iterable[str] = (),
        epoch: bool = False,
    ) -> Note:
        """A new note. NotesError for a text, a tag or a round that cannot be used."""
        self._take_over()
        with self.file.changing() as (connection, records):
            taken = {record.id for record in records if isinstance(record, Note)}
            note = checked(
                Note(
                    id=next(word for word in iter(lambda: secrets.token_hex(4), "") if word not in taken),
                    time=whole_seconds(now),
                    text=text.strip(),
                    tournament=None if tournament is None else label_of(tournament),
                    model=model,
                    round=round_number,
                    tags=tags_of(tags),
                    epoch=epoch,
                )
            )
            put_record(connection, note)
        return note

    def edit(self, identity: str, now: datetime, **changes: object) -> Note:
        """Other fields of a note, named by its id or the beginning of it. NotesError as `add`, or for no such note."""
        self._take_over()
        if isinstance(tags := changes.get("tags"), list | tuple):
            changes["tags"] = tags_of(tags)
        with self.file.changing() as (connection, records):
            old = note_named(contents_of(records).notes, identity)
            note = checked(msgspec.structs.replace(old, edited=whole_seconds(now), **changes))
            put_record(connection, note)
        return note

    def remove(self, identity: str) -> Note:
        """Takes a note away, named by its id or the beginning of it. NotesError where there is none."""
        self._take_over()
        with self.file.changing() as (connection, records):
            note = note_named(contents_of(records).notes, identity)
            delete_record(connection, Note, note.key)
        return note

    def set_tier(self, tournament: Tournament, model: str, tier: str | None, now: datetime) -> None:
        """The tier of a model; None: it is in none any more. NotesError for a tier that is no word."""
        record = Tier(tournament=label_of(tournament), model=model, tier=tier or "", time=whole_seconds(now))
        if tier is None:
            self._delete(record)
        else:
            self._put(checked(record))

    def put_epoch(self, tournament: Tournament, name: str, first: int | None, last: int | None) -> None:
        """A range of rounds under a name, in the place of one of that name."""
        self._put(checked(KeptEpoch(tournament=label_of(tournament), name=name, first=first, last=last)))

    def delete_epoch(self, tournament: Tournament, name: str) -> bool:
        """Takes an epoch away; False when there is none of that name."""
        return self._delete(KeptEpoch(tournament=label_of(tournament), name=name))

    def put_preset(self, screen: str, name: str, value: str) -> None:
        """Choices of a screen under a name, as JSON text, in the place of those of that name."""
        self._put(checked(Preset(screen=screen, name=name, value=value)))

    def delete_preset(self, screen: str, name: str) -> bool:
        """Takes saved choices away; False when there are none of that name."""
        return self._delete(Preset(screen=screen, name=name, value=""))

    def take(self, records: Iterable[Record]) -> Imported:
        """Records of an export, all or none. Of two of one id (or name) the one that was changed last stays; records
        without a time go before those here."""
        self._take_over()
        new = newer = same = 0
        with self.file.changing() as (connection, present):
            known = {(type(record), record.key): record for record in present}
            for record in records:
                place = (type(record), record.key)
                here = known.get(place)
                if here is not None and (here == record or _is_older(record, here)):
                    same += 1
                    continue
                new, newer = new + (here is None), newer + (here is not None)
                known[place] = record
                put_record(connection, record)
        return Imported(new, newer, same)

    def _put(self, record: Record) -> None:
        self._take_over()
        with self.file.changing() as (connection, _):
            put_record(connection, record)

    def _delete(self, record: Record) -> bool:
        self._take_over()
        with self.file.changing() as (connection, _):
            return delete_record(connection, type(record), record.key)

    def _take_over(self) -> None:
        """What an old cache holds is written here, on the disk before it is cleared there."""
        if self._cache is None or not (rows := old_rows(self._cache)):
            return
        with self.file.changing() as (connection, records):
            known = {(type(record), record.key) for record in records}
            for row in rows:
                if take_over(connection, row.mark) and (type(row.record), row.record.key) not in known:
                    put_record(connection, row.record)
        clear_old(self._cache)


def note_named(notes: Iterable[Note], identity: str) -> Note:
    """The note of an id, or of the beginning of one. NotesError when there is none, or more than one."""
    named = [note for note in notes if note.id == identity]
    named = named or [note for note in notes if identity and note.id.startswith(identity)]
    if len(named) != 1:
        which = "there is no note" if not named else f"{len(named)} notes begin with"
        raise NotesError(f"{which} {identity!r}: `numtui notes` lists them with their ids")
    return named[0]


def checked(record: Kept) -> Kept:
    """The record, where it can be read again. NotesError says what cannot be used."""
    try:
        record_of(line_of(record))
    except ValueError as error:
        raise NotesError(f"this cannot be kept: {error}") from None
    return record


def tags_of(words: Iterable[str]) -> tuple[str, ...]:
    """Tags in lower case, each once, in the order of the alphabet."""
    return tuple(sorted({word.strip().removeprefix("#").lower() for word in words} - {""}))


def whole_seconds(time: datetime) -> datetime:
    """The time in UTC, without the part of a second."""
    return time.astimezone(UTC).replace(microsecond=0)


def _is_older(record: Record, here: Record) -> bool:
    if isinstance(record, Note | Tier) and isinstance(here, Note | Tier):
        return record.changed < here.changed
    return False
