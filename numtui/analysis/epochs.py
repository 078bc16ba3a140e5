"""Named ranges of rounds, and where the definition of a score changes within one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from numtui.model import Tournament


@dataclass(frozen=True)
class Epoch:
    """Rounds `first` to `last`, both included; None: open at that end. `tournament` None: every tournament.

    `approximate` marks bounds that were worked out from a date.
    """

    name: str
    tournament: Tournament | None
    first: int | None
    last: int | None
    note: str = ""
    approximate: bool = False

    def __contains__(self, number: object) -> bool:
        """True for a round number within the range."""
        if not isinstance(number, int):
            return False
        return (self.first is None or number >= self.first) and (self.last is None or number <= self.last)

    @property
    def text(self) -> str:
        """The range as `843..1100`, an open end left empty."""
        return f"{'' if self.first is None else self.first}..{'' if self.last is None else self.last}"


@dataclass(frozen=True)
class DefinitionChange:
    """From round `round` on, `name` is scored as `after`, before as `before` (versions; None: not there)."""

    round: int
    name: str
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """The change in words, for the reader of a table."""
        if self.before is None:
            return f"{self.name}@{self.after} begins with round {self.round}"
        if self.after is None:
            return f"{self.name}@{self.before} ends before round {self.round}"
        return f"{self.name} changes from {self.before} to {self.after} with round {self.round}"


@dataclass(frozen=True)
class TargetChange:
    """From round `round` on, what is scored over `days` days is scored on the target `after`, before on `before`."""

    round: int
    days: int
    before: str
    after: str

    def sentence(self, name: str) -> str:
        """The change of one score in words, for the reader of a table."""
        return (
            f"{name} is scored on {self.after} from round {self.round} on, on {self.before} before: same name, another "
            "score"
        )


# Classic's main target, behind labels and versions that stay: of 20 days, since the 60-day terms of 60.
TARGETS = (
    TargetChange(474, 20, "an older target", "Cyrus"),
    TargetChange(1172, 20, "Cyrus", "Ender20"),
    TargetChange(1343, 60, "another target", "Ender60"),
)
MAIN_SCORES = ("corr", "corr20", "v2_corr20", "corr60", "mmc", "mmc20", "mmc60", "bmc", "fnc", "fnc_v3")
ON_THE_TARGET = frozenset((*MAIN_SCORES, "canon_corr", "canon_mmc", "canon_bmc"))


def target_changes(
    tournament: Tournament, name: str, first: int, last: int, days: Mapping[int, int] | None = None
) -> list[TargetChange]:
    """The changes of the target behind a score (its displayName) within the rounds `first` to `last`.

    `days`: for rounds that state it, over how many days the score is scored there; else its name tells, or nothing.
    """
    if tournament is not Tournament.CLASSIC or name not in ON_THE_TARGET:
        return []
    stated = days or {}
    named = next((length for length in (20, 60) if name.endswith(str(length))), None)
    changes: list[TargetChange] = []
    for change in TARGETS:
        after = min((number for number in stated if number >= change.round), default=None)
        length = named if after is None else stated[after]
        if first < change.round <= last and length in {None, change.days}:
            changes.append(change)
    return changes


_CLASSIC, _SIGNALS, _CRYPTO = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO

BUILT_IN: tuple[Epoch, ...] = (
    Epoch("all", None, None, None, "every round"),
    Epoch("daily", _CLASSIC, 474, None, "every daily round is paid, from 2023-04-29"),
    Epoch("tc", _CLASSIC, 311, 649, "true contribution is paid"),
    Epoch("after-tc", _CLASSIC, 650, None, "true contribution is no longer paid"),
    Epoch("terms-2024", _CLASSIC, 650, 1171, "0.5 corr + 2 mmc, from 2024-01-02", approximate=True),
    Epoch("terms-2026", _CLASSIC, 1172, 1342, "0.75 corr + 2.25 mmc, from 2026-01-01", approximate=True),
    Epoch("atomic", _CLASSIC, 1343, None, "60-day rounds, Atomic staking, from 2026-08-28"),
    Epoch("daily", _SIGNALS, 474, None, "from 2023-04-29"),
    Epoch("tc", _SIGNALS, 474, 713, "true contribution is paid", approximate=True),
    Epoch("after-tc", _SIGNALS, 714, None, "true contribution is no longer paid", approximate=True),
    Epoch("terms-2024", _SIGNALS, 714, 1084, "1 fnc + 2 mmc, from 2024-03-30", approximate=True),
    Epoch("terms-2025", _SIGNALS, 1085, 1171, "0.3 alpha + 0.8 mpc, clip 0.017, from 2025-09-02", approximate=True),
    Epoch("terms-2026", _SIGNALS, 1172, 1362, "0.3 alpha + 0.8 mpc, clip 0.035, from 2026-01-01", approximate=True),
    Epoch("terms-2026-09", _SIGNALS, 1363, None, "0.5 neutral_corr + 2 neutral_mmc, clip 0.035, from 2026-09-25"),
    Epoch("terms-2024", _CRYPTO, 759, 928, "1 corr + 2 mmc, from June 2024", approximate=True),
    Epoch("terms-2025", _CRYPTO, 929, 1171, "1 mmc, from 2025-01-25", approximate=True),
    Epoch("terms-2026", _CRYPTO, 1172, 1291, "0.05 corr + 0.5 mmc, from January 2026", approximate=True),
    Epoch("atomic", _CRYPTO, 1292, None, "Atomic staking, from 2026-06-18", approximate=True),
)


def epochs_of(tournament: Tournament, kept: Iterable[Epoch] = ()) -> dict[str, Epoch]:
    """The epochs of a tournament by name: the built-in ones, and those `kept` by the user, which go before them."""
    return {
        epoch.name: epoch for epoch in (*BUILT_IN, *kept) if epoch.tournament is None or epoch.tournament == tournament
    }


def resolve_range(text: str, tournament: Tournament, kept: Iterable[Epoch] = ()) -> Epoch:
    """The epoch of a name, a round `843` or a range `843..1100` with either end open.

    ValueError says what is wrong and, for an unknown name, which names there are.
    """
    wanted = text.strip()
    named = epochs_of(tournament, kept)
    if wanted in named:
        return named[wanted]
    first_text, dots, last_text = wanted.partition("..")
    if not dots and not wanted.isdecimal():
        names = ", ".join(sorted(named))
        raise ValueError(f"no epoch {wanted!r} in {tournament.label}; there are {names}; or write rounds as 843..1100")
    first = _number(first_text, wanted)
    last = _number(last_text, wanted) if dots else first
    if first is not None and last is not None and last < first:
        raise ValueError(f"the range {wanted} runs backwards")
    return Epoch(wanted, tournament, first, last)


def _number(text: str, wanted: str) -> int | None:
    if not text.strip():
        return None
    if not text.strip().isdecimal():
        raise ValueError(f"{wanted!r} is not a range of rounds such as 843..1100")
    return int(text)


def definition_changes(
    definitions: Mapping[int, Iterable[str]], names: Iterable[str] | None = None
) -> list[DefinitionChange]:
    """The rounds of a range at which scores begin, end or change version.

    `definitions`: for each round its scores as `name@version` (an empty set: not known, passed over); `names` limits
    this to some scores, with or without version. In order of round and name.
    """
    wanted = None if names is None else {name.partition("@")[0] for name in names}
    changes: list[DefinitionChange] = []
    before: dict[str, str] | None = None
    for number in sorted(definitions):
        now = _versions(definitions[number], wanted)
        if now is None:
            continue
        if before is not None:
            differing = sorted(name for name in before.keys() | now if before.get(name) != now.get(name))
            changes += [DefinitionChange(number, name, before.get(name), now.get(name)) for name in differing]
        before = now
    return changes


def _versions(scores: Iterable[str], wanted: set[str] | None) -> dict[str, str] | None:
    """Versions by name, several of one name joined; None where the round's scores are not known."""
    known = sorted(set(scores))
    if not known:
        return None
    versions: dict[str, str] = {}
    for score in known:
        name, _, version = score.partition("@")
        if wanted is None or name in wanted:
            versions[name] = f"{versions[name]}+{version}" if name in versions else version
    return versions
