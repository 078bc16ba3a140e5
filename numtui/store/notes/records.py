"""What the user writes down, record by record: as JSON lines in exports, and as such lines in the file of notes."""

from __future__ import annotations

import zlib
from datetime import datetime
from typing import Annotated, Literal, NamedTuple, TypeVar, cast

import msgspec
from msgspec import Meta, Struct

from numtui.errors import FAILED, NumtuiError
from numtui.model import Tournament

Label = Literal["classic", "signals", "crypto"]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
Word = Annotated[str, Meta(pattern=r"^[^\s,]+$", min_length=1, max_length=40)]  # a tag or a tier
Time = Annotated[datetime, Meta(tz=True)]
Round = Annotated[int, Meta(ge=0, le=10**9)]


class NotesError(NumtuiError):
    """What keeps notes from being read or written as asked; its text is one line that says why."""

    exit_code = FAILED


class _Line(Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True, tag_field="kind"):
    """What all records have in common as lines."""


class Note(_Line, frozen=True, tag="note"):
    """A note. `round`: from which it holds; `epoch`: the model's statistics count from that round on.

    `model` None: about the round, or about the tournament; `tournament` None: about any.
    """

    id: Annotated[str, Meta(pattern=r"^[\w-]{1,40}$")]
    time: Time
    text: Annotated[str, Meta(min_length=1, max_length=4000)]
    tournament: Label | None = None
    model: Name | None = None
    round: Round | None = None
    tags: tuple[Word, ...] = ()
    epoch: bool = False
    edited: Time | None = None

    @property
    def key(self) -> str:
        """What it is known by."""
        return self.id

    @property
    def changed(self) -> datetime:
        """When it was last written."""
        return self.edited or self.time


class Tier(_Line, frozen=True, tag="tier"):
    """The tier of a model; what a tier means stands in the settings file."""

    tournament: Label
    model: Name
    tier: Word
    time: Time

    @property
    def key(self) -> str:
        """What it is known by: a model has one tier, in whatever case it is named."""
        return f"{self.tournament} {self.model.casefold()}"

    @property
    def changed(self) -> datetime:
        """When it was last set."""
        return self.time


class KeptEpoch(_Line, frozen=True, tag="epoch"):
    """A range of rounds under a name; None leaves an end open."""

    tournament: Label
    name: Name
    first: Round | None = None
    last: Round | None = None

    @property
    def key(self) -> str:
        """What it is known by."""
        return f"{self.tournament} {self.name}"


class Preset(_Line, frozen=True, tag="preset"):
    """The choices of a screen under a name, as JSON text."""

    screen: Name
    name: Name
    value: str

    @property
    def key(self) -> str:
        """What it is known by."""
        return f"{self.screen} {self.name}"


Record = Note | Tier | KeptEpoch | Preset
KINDS: dict[type[Record], str] = {Note: "note", Tier: "tier", KeptEpoch: "epoch", Preset: "preset"}
Kept = TypeVar("Kept", Note, Tier, KeptEpoch, Preset)

_encoder = msgspec.json.Encoder(order="deterministic")
_decoder = msgspec.json.Decoder(Record)


class Contents(NamedTuple):
    """Everything that is written down: notes by time, the rest by name."""

    notes: tuple[Note, ...] = ()
    tiers: tuple[Tier, ...] = ()
    epochs: tuple[KeptEpoch, ...] = ()
    presets: tuple[Preset, ...] = ()

    def records(self) -> tuple[Record, ...]:
        """All of it, in that order."""
        return (*self.notes, *self.tiers, *self.epochs, *self.presets)


def contents_of(records: list[Record]) -> Contents:
    """Records of any kind in any order, sorted."""
    notes = sorted((one for one in records if isinstance(one, Note)), key=lambda note: (note.time, note.id))
    return Contents(
        tuple(notes),
        tuple(sorted((one for one in records if isinstance(one, Tier)), key=lambda tier: tier.key)),
        tuple(sorted((one for one in records if isinstance(one, KeptEpoch)), key=lambda epoch: epoch.key)),
        tuple(sorted((one for one in records if isinstance(one, Preset)), key=lambda preset: preset.key)),
    )


def label_of(tournament: Tournament) -> Label:
    """The tournament as records have it."""
    return cast(Label, tournament.label)


def line_of(record: Record) -> str:
    """The record as one line of JSON."""
    return _encoder.encode(record).decode()


def record_of(line: str | bytes) -> Record:
    """The record of a line of JSON. ValueError says what is wrong with it."""
    try:
        record: Record = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(str(error) or "nested too deeply") from None
    if isinstance(record, Note) and record.epoch and (record.model is None or record.round is None):
        raise ValueError("a note that starts an epoch needs a model and a round")
    return record


def check_of(line: str) -> int:
    """The check sum of a line: a flipped bit in a text is no damage that SQLite would see."""
    return zlib.crc32(line.encode())


def read_lines(text: str) -> list[Record]:
    """The records of an exported file. NotesError names the first line that is none by its number."""
    records: list[Record] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            records.append(record_of(line))
        except ValueError as error:
            raise NotesError(f"line {number} is no note: {error}; nothing was taken over") from None
    return records
