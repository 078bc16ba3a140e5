"""Named ranges of rounds, where the models' own epochs begin, and scores that change their meaning within a range."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence

from numtui.analysis.epochs import Epoch, definition_changes, epochs_of, resolve_range, target_changes
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.backtest.query import ALL_ROUNDS, NOTE
from numtui.store.notes.notes import Notes
from numtui.store.notes.records import Contents
from numtui.store.queries.selection import Rounds, Starts, Window
from numtui.store.queries.terms import score_definitions


def kept_epochs(settings: Settings, tournament: Tournament) -> list[Epoch]:
    """The epochs that the user has kept, by name."""
    return list(_kept(Notes.of(settings).contents(), tournament))


def epochs(settings: Settings, tournament: Tournament) -> dict[str, Epoch]:
    """The epochs of a tournament by name: built-in ones, and the user's own.

    Own are those kept, those of the settings file, and of each model with a note that starts an epoch one of the
    model's name, from the newest such note on. ValueError for one of the settings file that is no range, or is named
    like a built-in one.
    """
    return epochs_of(tournament, _own_epochs(settings, tournament))


def epoch_named(settings: Settings, tournament: Tournament, text: str) -> Epoch:
    """The epoch of a name, or a range such as `843..1100`. ValueError lists the names when there is none such, and as
    `epochs`."""
    return resolve_range(text, tournament, _own_epochs(settings, tournament))


def first_rounds(settings: Settings, tournament: Tournament) -> Starts:
    """The round from which the statistics of each model count that has a note which starts an epoch: the newest one.

    Where a range names its first round, that one goes before it.
    """
    started = _of_notes(Notes.of(settings).contents(), tournament)
    return tuple((epoch.name, epoch.first or 0) for epoch in started)


def noted_rounds(settings: Settings, tournament: Tournament) -> Starts:
    """The newest round of each model that a note on it names, whether or not the note starts an epoch."""
    noted = _of_notes(Notes.of(settings).contents(), tournament, any_note=True)
    return tuple((epoch.name, epoch.first or 0) for epoch in noted)


def window_named(settings: Settings, tournament: Tournament, text: str) -> Window:
    """The rounds of each model that `20` means, `all`, or `note`: from its newest note with a round on, and all of a
    model without one. ValueError for anything else, and for `note` where no model has such a note."""
    if text == ALL_ROUNDS:
        return None
    if text == NOTE:
        noted = noted_rounds(settings, tournament)
        if not noted:
            raise ValueError(f"no note on a model of {tournament.label} names a round: `numtui notes add` writes one")
        return noted
    if not text.isdecimal() or int(text) < 1:
        raise ValueError(f"{text!r} is not a number of rounds, nor {ALL_ROUNDS} or {NOTE}")
    return int(text)


def counted_rounds(
    settings: Settings, tournament: Tournament, first: int | None, last: int | None, *, resolved: bool | None = None
) -> Rounds:
    """A range of rounds in which, as long as it names no first round, each model counts from its own epoch on."""
    starts = first_rounds(settings, tournament) if first is None else ()
    return Rounds(first, last, resolved, starts)


def rounds_named(settings: Settings, tournament: Tournament, text: str) -> Rounds:
    """The rounds of `all`, of an epoch's name or of a range, as `counted_rounds`. ValueError as `epoch_named`."""
    if text == ALL_ROUNDS:
        return counted_rounds(settings, tournament, None, None)
    epoch = epoch_named(settings, tournament, text)
    return counted_rounds(settings, tournament, epoch.first, epoch.last)


def _own_epochs(settings: Settings, tournament: Tournament) -> list[Epoch]:
    contents = Notes.of(settings).contents()
    return [
        *(epoch for epoch in _of_notes(contents, tournament) if epoch.name not in epochs_of(tournament)),
        *_kept(contents, tournament),
        *_of_file(tournament, settings.epochs.get(tournament, {})),
    ]


def _kept(contents: Contents, tournament: Tournament) -> Iterator[Epoch]:
    for kept in contents.epochs:
        if kept.tournament == tournament.label:
            yield Epoch(kept.name, tournament, kept.first, kept.last, "yours")


def _of_notes(contents: Contents, tournament: Tournament, *, any_note: bool = False) -> list[Epoch]:
    """By model the newest note that starts an epoch; `any_note`: that names a round."""
    newest: dict[str, Epoch] = {}
    for note in contents.notes:
        if (note.epoch or any_note) and note.model and note.round is not None and note.tournament == tournament.label:
            before = newest.get(note.model.casefold())
            if before is None or note.round >= (before.first or 0):
                newest[note.model.casefold()] = Epoch(note.model, tournament, note.round, None, note.text)
    return [newest[name] for name in sorted(newest)]


def _of_file(tournament: Tournament, ranges: Mapping[str, str]) -> Iterator[Epoch]:
    for name, text in ranges.items():
        if name in epochs_of(tournament):
            raise ValueError(f"the settings file names an epoch {name!r}, which is built in: choose another name")
        try:
            rounds = resolve_range(text, tournament)
        except ValueError as error:
            raise ValueError(f"the epoch {name!r} of the settings file: {error}") from None
        yield Epoch(name, tournament, rounds.first, rounds.last, "yours")


def changed_definitions(
    connection: sqlite3.Connection, tournament: Tournament, names: Collection[str], rounds: Sequence[int]
) -> tuple[str, ...]:
    """Sentences on scores (by displayName) that do not mean the same in all of these rounds: versions and targets."""
    wanted = sorted({name.partition("@")[0] for name in names})
    if not wanted or not rounds:
        return ()
    rows = score_definitions(connection, tournament, wanted, rounds[0], rounds[-1])
    renamed = {label for label in wanted if len({row.config_name for row in rows if row.name == label}) > 1}
    definitions: dict[int, set[str]] = {number: set() for number in rounds}
    lengths: dict[str, dict[int, int]] = {label: {} for label in wanted}
    for row in rows:
        if row.round in definitions:
            definition = f"{row.config_name} {row.version}" if row.name in renamed else row.version
            definitions[row.round].add(f"{row.name}@{definition}")
            if row.days:
                lengths[row.name][row.round] = row.days
    changes = [(change.round, change.sentence) for change in definition_changes(definitions, wanted)]
    for label in wanted:
        targets = target_changes(tournament, label, rounds[0], rounds[-1], lengths[label])
        changes += [(change.round, change.sentence(label)) for change in targets]
    return tuple(sentence for _, sentence in sorted(changes, key=lambda change: change[0]))
