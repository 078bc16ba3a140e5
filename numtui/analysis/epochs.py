"""Named ranges of rounds, built in and the user's own, and the changes of score definition that a range crosses.

The built-in ranges follow the table of payout terms in domain.md; those of dates ("≈") were worked out from the round
calendar: a round on each of Tuesday to Saturday, the same numbers in all tournaments.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from numtui.model import Tournament

Ends = tuple[int | None, int | None]  # first and last round, None where that end is open
Definition = tuple[str, str]  # a score's name and version

RANGE = re.compile(r"(\d*)\.\.(\d*)|(\d+)")


@dataclass(frozen=True, slots=True)
class Epoch:
    """A named range of rounds: both ends belong to it, None leaves one open; `meaning` is a line for the reader."""

    name: str
    first: int | None
    last: int | None
    meaning: str = ""

    @property
    def ends(self) -> Ends:
        """First and last round."""
        return self.first, self.last


BUILT_IN: dict[Tournament, tuple[Epoch, ...]] = {
    Tournament.CLASSIC: (
        Epoch("daily", 474, None, "every daily round is paid"),
        Epoch("tc", 474, 649, "corr20v2 and tc, chosen by the user"),
        Epoch("tc-free", 474, 588, "any tc with any corr20v2"),
        Epoch("tc-2x", 589, 649, "tc only with 2x corr20v2"),
        Epoch("terms-2024", 650, 1171, "0.5 corr20v2 + 2 mmc (the end ≈)"),
        Epoch("terms-2026", 1172, 1342, "0.75 corr20v2 + 2.25 mmc (the start ≈)"),
        Epoch("atomic", 1343, None, "3 corr60 + 15 mmc60, 60 days, Atomic staking"),
    ),
    Tournament.SIGNALS: (
        Epoch("daily", 474, None, "every daily round is paid"),
        Epoch("tc", 474, 713, "corr20, then fncv4, and tc, chosen by the user (the end ≈)"),
        Epoch("terms-2024", 714, 1084, "1 fncv4 + 2 mmc (both ends ≈)"),
        Epoch("alpha", 1085, None, "0.3 alpha + 0.8 mpc, 60 days (the start ≈)"),
        Epoch("terms-2025", 1085, 1171, "0.3 alpha + 0.8 mpc, clip 0.017 (both ends ≈)"),
        Epoch("terms-2026", 1172, None, "0.3 alpha + 0.8 mpc, clip 0.035 (the start ≈)"),
    ),
    Tournament.CRYPTO: (
        Epoch("terms-2024", None, 933, "1 corr + 2 mmc (the end ≈)"),
        Epoch("terms-2025", 934, 1171, "1 mmc (both ends ≈)"),
        Epoch("terms-2026", 1172, 1291, "0.05 corr + 0.5 mmc (both ends ≈)"),
        Epoch("atomic", 1292, None, "0.1 corr + 1 mmc, Atomic staking (the start ≈)"),
    ),
}


def parse_range(text: str) -> Ends | None:
    """The ends of `843..1100`, `843..`, `..1100`, `..` (all rounds) or `843`; None where `text` is no range.

    ValueError for a range that runs backwards.
    """
    match = RANGE.fullmatch(text.strip())
    if match is None:
        return None
    first, last, single = match.groups()
    if single:
        return int(single), int(single)
    ends = (int(first) if first else None, int(last) if last else None)
    check_order(text, ends)
    return ends


def check_order(what: str, ends: Ends) -> None:
    """ValueError where the first round comes after the last; `what` names the range in it."""
    first, last = ends
    if first is not None and last is not None and first > last:
        raise ValueError(f"{what!r}: the first round, {first}, comes after the last, {last}")


def check_epoch(name: str, ends: Ends) -> None:
    """ValueError where an epoch of the user's could not be asked for again: no name, one like a range, no range."""
    if not name or name != name.strip() or ".." in name or name.isdigit():
        raise ValueError(f"{name!r} cannot name an epoch: give a word or some, not a range of rounds")
    check_order(name, ends)


def known_epochs(tournament: Tournament, epochs: Mapping[str, Ends]) -> tuple[Epoch, ...]:
    """The built-in epochs of a tournament, then the user's own (name -> ends); the user's hides a built-in one."""
    built_in = tuple(epoch for epoch in BUILT_IN[tournament] if epoch.name not in epochs)
    return built_in + tuple(Epoch(name, *ends, meaning="yours") for name, ends in epochs.items())


def resolve(text: str, tournament: Tournament, epochs: Mapping[str, Ends]) -> Ends:
    """First and last round of an epoch's name (any case) or of a range such as `843..1100`, either end open.

    `epochs` are the user's own, name -> ends. ValueError lists the names when there is none such.
    """
    ends = parse_range(text)
    if ends is not None:
        return ends
    known = known_epochs(tournament, epochs)
    wanted = text.strip()
    exact = [epoch for epoch in known if epoch.name == wanted]
    found = exact or [epoch for epoch in known if epoch.name.casefold() == wanted.casefold()]
    if not found:
        names = ", ".join(epoch.name for epoch in known)
        raise ValueError(f"no epoch {wanted!r} for {tournament.label}: write a range such as 843..1100, or {names}")
    check_order(found[0].name, found[0].ends)
    return found[0].ends


def definition_changes(
    definitions: Mapping[str, Mapping[int, Collection[Definition]]], ends: Ends = (None, None)
) -> tuple[str, ...]:
    """Plain sentences on scores that do not mean the same throughout a range of rounds, by label and round.

    `definitions`: label -> round -> the (name, version) pairs that the label stands for in that round; a round without
    any says nothing. Empty when every label keeps its meaning.
    """
    return tuple(line for label in sorted(definitions) for line in _changes(label, definitions[label], ends))


def _changes(label: str, rounds: Mapping[int, Collection[Definition]], ends: Ends) -> Iterator[str]:
    first, last = ends
    before: frozenset[Definition] = frozenset()
    for number in sorted(rounds):
        now = frozenset(rounds[number])
        if not now or (first is not None and number < first) or (last is not None and number > last):
            continue
        if before and now != before:
            yield f"{label} changes from {_change_text(before, now)} at round {number}"
        elif len(now) > 1 and now != before:
            yield f"{label} stands for {_named(now)} at once from round {number}"
        before = now


def _change_text(before: frozenset[Definition], now: frozenset[Definition]) -> str:
    """`version v4 to v5` where only the version differs, else `corr20 v2 to corr60 v1`."""
    if len(before) == len(now) == 1:
        ((old_name, old), (new_name, new)) = *before, *now
        if old_name == new_name:
            return f"version {old} to {new}"
    return f"{_named(before)} to {_named(now)}"


def _named(definitions: frozenset[Definition]) -> str:
    return " and ".join(f"{name} {version}" for name, version in sorted(definitions))
