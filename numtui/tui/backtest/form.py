"""What the backtest screen is asked for: choices that can be typed, told in a line, and saved under a name."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace

from numtui.model import Tournament
from numtui.reports.backtest.options import (
    ACTUAL,
    COMPOUNDS,
    MODES,
    USUAL,
    BacktestError,
    Mode,
    Options,
    number_option,
    number_or_actual,
)
from numtui.store.queries.selection import Models

BOTH, MINE, WATCHED, NAMED = "own and watched", "own", "watched", "chosen"
WHICH = (BOTH, MINE, WATCHED)
ALL_ROUNDS = "all"
KIND = "backtest"  # of the presets in the cache
MONEY = ("stake", "factor", "clip", "length", "gap")
USUAL_WINDOW = "usual"
LONGEST = 34  # letters of a list of names or a grid in the line of choices


@dataclass(frozen=True, slots=True)
class Wish:
    """Texts as the user typed them. `which` is one of `WHICH`, or `chosen` with `names`; `rounds` a range, an epoch or
    `all`; `terms` axes such as `mmc=0,1 corr=1`, a preset's name, `usual` or `actual`; `length` and `gap` are rounds of
    the walk forward, or `usual`."""

    which: str = BOTH
    names: tuple[str, ...] = ()
    rounds: str = ALL_ROUNDS
    terms: str = USUAL
    stake: str = "1"
    factor: str = ACTUAL
    clip: str = ACTUAL
    mode: Mode = "total"
    matched: bool = False
    compound: str = ""
    unresolved: bool = False
    length: str = USUAL_WINDOW
    gap: str = USUAL_WINDOW

    @property
    def models(self) -> Models:
        """The choice of models for a report."""
        return Models(self.names, mine=self.which == MINE, watched=self.which == WATCHED)

    @property
    def options(self) -> Options:
        """The options for a report. BacktestError says what cannot be understood."""
        words = self.terms.split()
        axes = tuple(word for word in words if "=" in word)
        named = [word for word in words if "=" not in word]
        if len(named) > 1:
            raise BacktestError(f"terms: one name, not {' and '.join(named)}; a multiplier is SCORE=V,V,..")
        return Options(
            grid=axes,
            terms=named[0] if named else ACTUAL,
            stake=number_option(self.stake, "stake"),
            factor=number_or_actual(self.factor, "factor"),
            clip=number_or_actual(self.clip, "clip"),
            mode=self.mode,
            matched=self.matched,
            unresolved=self.unresolved,
            compound=self.compound,
            length=_window(self.length, "length"),
            gap=_window(self.gap, "gap"),
        )

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """What is shown of it: the key that changes it, and the choice."""
        who = self.which if self.which != NAMED else cut(", ".join(self.names))
        money = f"{self.stake} NMR, factor {self.factor}, clip {self.clip}"
        windows = [(name, getattr(self, name)) for name in ("length", "gap")]
        money += "".join(f", {name} {value}" for name, value in windows if value != USUAL_WINDOW)
        ways = [self.mode, "matched" if self.matched else "", f"compound {self.compound}" if self.compound else ""]
        which = f"rounds {self.rounds}{' and unresolved' if self.unresolved else ''}"
        return (("m", who), ("n", which), ("x", cut(self.terms)), ("o", ", ".join(filter(None, ways))), ("b", money))

    def next_models(self) -> Wish:
        """The next of the simple choices of models."""
        at = WHICH.index(self.which) if self.which in WHICH else -1
        return replace(self, which=WHICH[(at + 1) % len(WHICH)], names=())

    def next_mode(self) -> Wish:
        """Total, average, both over matched rounds, then the two ways of compounding."""
        every: list[tuple[Mode, bool, str]] = [
            *(("total", matched, "") for matched in (False, True)),
            *(("average", matched, "") for matched in (False, True)),
            *(("total", False, system) for system in COMPOUNDS),
        ]
        at = every.index((self.mode, self.matched, self.compound))
        mode, matched, compound = every[(at + 1) % len(every)]
        return replace(self, mode=mode, matched=matched, compound=compound)

    def with_money(self, text: str) -> Wish:
        """Stake, factor, clip and windows as `stake=10000 clip=0.05`; what is not named stays. BacktestError."""
        changes: dict[str, str] = {}
        for word in text.split():
            name, sign, value = word.partition("=")
            if name not in MONEY or not sign or not value:
                names = ", ".join(f"{known}=" for known in MONEY)
                raise BacktestError(f"{word!r}: write {names}, such as stake=100 factor=actual")
            changes[name] = value
        wish = replace(self, **changes)  # type: ignore[arg-type]  # texts of the fields named above
        _ = wish.options
        return wish

    @property
    def money(self) -> str:
        """These as they are typed."""
        return " ".join(f"{name}={getattr(self, name)}" for name in MONEY)

    def to_json(self, tournament: Tournament) -> str:
        """As a preset is kept; what is chosen in one tournament means little in another."""
        return json.dumps({**asdict(self), "tournament": tournament.label})


def tournament_of(text: str) -> str | None:
    """The tournament of a preset as it was kept; None where it does not say, or cannot be read."""
    try:
        return str(json.loads(text)["tournament"])
    except (ValueError, TypeError, KeyError):
        return None


def wish_of(text: str) -> Wish:
    """A preset as it was kept. BacktestError when it is none."""
    try:
        content = {name: value for name, value in json.loads(text).items() if name != "tournament"}
        wish = Wish(**{**content, "names": tuple(content["names"])})
        _ = wish.options
    except (AttributeError, ValueError, TypeError, KeyError) as error:
        raise BacktestError(f"this preset cannot be read: {error}") from None
    if wish.mode not in MODES or wish.compound not in {"", *COMPOUNDS}:
        raise BacktestError(f"this preset cannot be read: mode {wish.mode}")
    return wish


def _window(text: str, name: str) -> int | None:
    """Rounds of a window of the walk forward; None: the usual. BacktestError."""
    if text == USUAL_WINDOW:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise BacktestError(f"{name}: {text!r} is not a number of rounds, nor {USUAL_WINDOW}")
    return int(text)


def cut(text: str) -> str:
    """A text short enough for the line of choices."""
    return text if len(text) <= LONGEST else text[: LONGEST - 2] + ".."
