"""What a backtest is asked for, as texts and plain numbers: commands, screens and saved presets share it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from numtui.errors import USAGE, NumtuiError

ACTUAL = "actual"
USUAL = "usual"  # on the screen: a grid around the multipliers that are paid now
COMPOUNDS = ("v2", "v3")
MODES = ("total", "average")

Mode = Literal["total", "average"]


class BacktestError(NumtuiError, ValueError):
    """A backtest that cannot be made as asked; its text is one line that says why and what to write instead."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True)
class Options:
    """How a backtest is made.

    `grid`: axes as text (`canon_corr=0,0.5,1`); without any, the cells of `terms`: a preset's name, or `actual` for the
    multipliers that each model had in each round. `factor` and `clip` None: those of `terms`, which are each round's
    own under `actual`. `stake` NMR a round; `compound` v2 or v3 lets it grow, empty keeps it. `unresolved` takes
    unresolved rounds at their newest scores. `length` and `gap` are rounds of a walk forward, None: as the analysis
    proposes.
    """

    grid: tuple[str, ...] = ()
    terms: str = ACTUAL
    stake: Decimal = Decimal(1)
    factor: Decimal | None = None
    clip: Decimal | None = None
    mode: Mode = "total"
    matched: bool = False
    unresolved: bool = False
    compound: str = ""
    length: int | None = None
    gap: int | None = None


class StoppedError(Exception):
    """A computation that nobody waits for any more."""


LEAST, MOST = Decimal("1e-12"), Decimal("1e12")  # far beyond any stake, factor or clip, and safe to compute with


def number_option(text: str, what: str) -> Decimal:
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


def number_or_actual(text: str, what: str) -> Decimal | None:
    """A positive number, or None for `actual`. BacktestError as `number_option`."""
    if text.strip().casefold() == ACTUAL:
        return None
    try:
        return number_option(text, what)
    except BacktestError as error:
        raise BacktestError(f"{error}, or {ACTUAL}") from None
