"""The question that a backtest answers, as commands, the screen and its presets ask it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from numtui.analysis.allocation.methods import Method
from numtui.errors import USAGE, NumtuiError
from numtui.model import Tournament
from numtui.store.queries.selection import Models

AllocationPart = Literal["weights", "walk", "frontier", "moving", "portfolio"]
Mode = Literal["average", "total", "sharpe", "per_risk"]

ACTUAL = "actual"
USUAL = "usual"  # on the screen: a grid around the multipliers that are paid now; windows as the analysis proposes
ALL_ROUNDS = "all"
NOTE = "note"  # in the place of a window: from a model's newest note on
COMPOUNDS = ("v2", "v3")
MODES: tuple[Mode, ...] = ("average", "total", "sharpe", "per_risk")
RATIOS = ("sharpe", "per_risk")  # the modes that no size of multipliers changes
BOTH, MINE, WATCHED, NAMED = "own and watched", "own", "watched", "chosen"  # models, as presets name their choice


OWN_AND_WATCHED = Models()


class BacktestError(NumtuiError, ValueError):
    """A backtest that cannot be made as asked; its text is one line that says why and what to write instead."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True)
class BacktestQuery:
    """How a backtest is made, and of what.

    `rounds` is a range (`843..1100`), an epoch or `all`: the reports take the range that it stands for. `grid`: axes as
    text (`canon_corr=0,0.5,1`); without any, the cells of `terms`: a preset's name, or `actual` for the multipliers
    that each model had in each round. `factor` and `clip` None: those of `terms`, which are each round's own under
    `actual`. `stake` NMR a round; `compound` v2 or v3 lets it grow, empty keeps it. `unresolved` takes unresolved
    rounds at their newest scores. `mode` is the figure that ranks: `per_risk` is mean over CVaR 5 %. `length` and `gap`
    are rounds of a walk forward, None: as the analysis proposes.
    """

    models: Models = OWN_AND_WATCHED
    rounds: str = ALL_ROUNDS
    grid: tuple[str, ...] = ()
    terms: str = ACTUAL
    stake: Decimal = Decimal(1)
    factor: Decimal | None = None
    clip: Decimal | None = None
    mode: Mode = "average"
    matched: bool = False
    unresolved: bool = False
    compound: str = ""
    length: int | None = None
    gap: int | None = None

    @classmethod
    def parse(
        cls,
        *,
        models: Models = OWN_AND_WATCHED,
        rounds: str = ALL_ROUNDS,
        grid: Sequence[str] = (),
        terms: str = ACTUAL,
        stake: str = "1",
        factor: str = ACTUAL,
        clip: str = ACTUAL,
        mode: str = "average",
        matched: bool = False,
        unresolved: bool = False,
        compound: str | None = "",
        length: str | int | None = None,
        gap: str | int | None = None,
        titles: Mapping[str, str] | None = None,
    ) -> BacktestQuery:
        """The query of texts as they are typed. BacktestError says what cannot be understood: a field by its name, or
        by what `titles` call it (`factor` -> `--payout-factor`)."""
        called = titles or {}
        known = next((name for name in MODES if name == mode), None)
        if known is None:
            raise BacktestError(f"mode: {mode!r} is none of {', '.join(MODES)}")
        if (compound or "") not in {"", *COMPOUNDS}:
            raise BacktestError(f"compound {compound}")
        return cls(
            models=models,
            rounds=rounds,
            grid=tuple(grid),
            terms=terms,
            stake=positive_number(stake, called.get("stake", "stake")),
            factor=_number_or_actual(factor, called.get("factor", "factor")),
            clip=_number_or_actual(clip, called.get("clip", "clip")),
            mode=known,
            matched=matched,
            unresolved=unresolved,
            compound=compound or "",
            length=_window(length, "length"),
            gap=_window(gap, "gap"),
        )

    @classmethod
    def from_json(cls, text: str) -> BacktestQuery:
        """The query of a preset as `to_json` wrote it. BacktestError when it is none."""
        try:
            content = json.loads(text)
            content.pop("tournament", None)
            which, names = content.pop("which", BOTH), tuple(content.pop("names"))
            grid, terms = split_terms(content.pop("terms", USUAL))
            models = Models(names, mine=which == MINE, watched=which == WATCHED)
            return cls.parse(models=models, grid=grid, terms=terms, **content)
        except (AttributeError, ValueError, TypeError, KeyError) as error:
            raise BacktestError(f"this preset cannot be read: {error}") from None

    def to_json(self, tournament: Tournament) -> str:
        """The query as a preset keeps it; what is chosen in one tournament means little in another."""
        content = {
            "which": self.which,
            "names": self.models.names,
            "rounds": self.rounds,
            "terms": self.terms_text,
            "mode": self.mode,
            "matched": self.matched,
            "compound": self.compound,
            "unresolved": self.unresolved,
            **self.amounts,
            "tournament": tournament.label,
        }
        return json.dumps(content)

    @property
    def which(self) -> str:
        """The choice of models in a word or three."""
        if self.models.names:
            return NAMED
        return BOTH if self.models.mine is self.models.watched else MINE if self.models.mine else WATCHED

    @property
    def terms_text(self) -> str:
        """Grid and terms as they are typed, such as `mmc=0,1 corr=1`, `usual` or `actual`."""
        axes = ["".join(axis.split()) for axis in self.grid]
        return " ".join(axes if axes and self.terms == ACTUAL else [*axes, self.terms])

    @property
    def amounts(self) -> dict[str, str]:
        """Stake, factor, clip and the windows of a walk forward as they are typed, by field."""
        return {
            "stake": f"{self.stake:f}",
            "factor": ACTUAL if self.factor is None else f"{self.factor:f}",
            "clip": ACTUAL if self.clip is None else f"{self.clip:f}",
            "length": USUAL if self.length is None else str(self.length),
            "gap": USUAL if self.gap is None else str(self.gap),
        }


@dataclass(frozen=True, slots=True)
class AllocationQuery:
    """How models are weighed: by a method, each within a floor and a cap (shares of the whole). `part`: what is told of
    it; `min_change`: the least change of a stake, NMR, on the way to the weights."""

    method: Method = "mean_cvar"
    floor: float = 0.0
    cap: float = 1.0
    min_change: Decimal = Decimal(0)
    part: AllocationPart = "weights"


def split_terms(text: str) -> tuple[tuple[str, ...], str]:
    """Grid and terms of a text such as `mmc=0,1 corr=1`, `usual` or a preset's name. BacktestError for two names."""
    words = text.split()
    names = [word for word in words if "=" not in word]
    if len(names) > 1:
        raise BacktestError(f"terms: one name, not {' and '.join(names)}; a multiplier is SCORE=V,V,..")
    return tuple(word for word in words if "=" in word), names[0] if names else ACTUAL


def preset_tournament(text: str) -> str | None:
    """The tournament of a preset as it was kept; None where it does not say, or cannot be read."""
    try:
        return str(json.loads(text)["tournament"])
    except (ValueError, TypeError, KeyError):
        return None


class StoppedError(Exception):
    """A computation that nobody waits for any more."""


LEAST, MOST = Decimal("1e-12"), Decimal("1e12")  # far beyond any stake, factor or clip, and safe to compute with


def positive_number(text: str, what: str) -> Decimal:
    """A positive number of a size that occurs. BacktestError names `what` it should have been."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise BacktestError(f"{what}: {text!r} is not a number") from None
    if not number.is_finite() or number <= 0:
        raise BacktestError(f"{what}: {text} must be above 0")
    if not LEAST <= number <= MOST:
        raise BacktestError(f"{what}: {text} is not between {LEAST:f} and {MOST:f}")
    return number


def _number_or_actual(text: str, what: str) -> Decimal | None:
    """A positive number, or None for `actual`. BacktestError as `positive_number`."""
    if text.strip().casefold() == ACTUAL:
        return None
    try:
        return positive_number(text, what)
    except BacktestError as error:
        raise BacktestError(f"{error}, or {ACTUAL}") from None


def _window(value: str | int | None, name: str) -> int | None:
    """Rounds of a window of the walk forward; None: the usual. BacktestError."""
    if value is None or value == USUAL:
        return None
    text = str(value)
    if not text.isdecimal() or int(text) < 1:
        raise BacktestError(f"{name}: {text!r} is not a number of rounds, nor {USUAL}")
    return int(text)
