"""A note as one typed line: `lgbm v5.2, 60-day target #lgbm @1290 !epoch`."""

from __future__ import annotations

from typing import NamedTuple

from numtui.store.notes.records import Note, NotesError

EPOCH = "!epoch"
HINT = f"#word is a tag, @1290 the round from which it holds; {EPOCH}: the model's statistics count from there"


class NoteLine(NamedTuple):
    """What a line says: its words, the round behind `@`, the words behind `#`, and whether it starts an epoch."""

    text: str
    round: int | None
    tags: tuple[str, ...]
    epoch: bool


def parse_note(line: str) -> NoteLine:
    """The note of a line. NotesError says what is missing."""
    words: list[str] = []
    tags: list[str] = []
    number: int | None = None
    epoch = False
    for word in line.split():
        if word == EPOCH:
            epoch = True
        elif word.startswith("#") and len(word) > 1:
            tags.append(word[1:])
        elif word.startswith("@") and word[1:].isdecimal() and len(word) < 10:
            number = int(word[1:])
        else:
            words.append(word)
    if not words:
        raise NotesError("a note needs words beside tags and rounds")
    if epoch and number is None:
        raise NotesError(f"{EPOCH} needs the round from which it counts, such as @1290")
    return NoteLine(" ".join(words), number, tuple(tags), epoch)


def typed(note: Note) -> str:
    """The line that a note can be typed as."""
    since = [] if note.round is None else [f"@{note.round}"]
    return " ".join([note.text, *(f"#{tag}" for tag in note.tags), *since, *([EPOCH] if note.epoch else [])])
