"""Grids of multipliers: `canon_corr=0,0.5,1` and `tc=0..3:0.5` as text, their cells in order as exact numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from itertools import product
from math import prod

import numpy as np

from numtui.analysis.arrays import Floats
from numtui.analysis.regimes import PayoutRegime

MAX_CELLS = 100_000
MOST = Decimal(1_000_000)  # far beyond any multiplier, and safe to compute with

Cell = tuple[Decimal, ...]


@dataclass(frozen=True)
class Axis:
    """A score (`name` or `name@version`) and the multipliers it takes, in the order given, without repetition."""

    score: str
    values: tuple[Decimal, ...]


@dataclass(frozen=True)
class Grid:
    """The cells of some axes, the last axis running fastest; the cell of all zeros, which pays nothing, is left out."""

    scores: tuple[str, ...]
    cells: tuple[Cell, ...]

    @property
    def array(self) -> Floats:
        """The cells as floats, [C, K]."""
        return np.array([[float(m) for m in cell] for cell in self.cells]).reshape(len(self.cells), len(self.scores))

    def index(self, cell: Sequence[Decimal]) -> int | None:
        """The position of a cell; None when the grid does not hold it."""
        wanted = tuple(cell)
        return self.cells.index(wanted) if wanted in self.cells else None


def parse_axis(text: str) -> Axis:
    """The axis of `SCORE=V,V,..`, a V being a number or a range `A..B:STEP`. ValueError says what is wrong."""
    score, sign, values = text.partition("=")
    score = score.strip()
    if not sign or not score or any(c.isspace() for c in score):
        raise ValueError(f"grid {text!r}: write SCORE=V,V,.. such as canon_corr=0,0.5,1 or tc=0..3:0.5")
    parts = [part.strip() for part in values.split(",")]
    if not all(parts):
        raise ValueError(f"grid {text!r}: a multiplier is missing")
    multipliers: dict[Decimal, None] = {}
    for part in parts:
        for value in _values(part, text):
            multipliers.setdefault(value)
            if len(multipliers) > MAX_CELLS:
                raise ValueError(f"grid {text!r}: more than {MAX_CELLS} cells")
    return Axis(score, tuple(multipliers))


def _values(part: str, text: str) -> Iterator[Decimal]:
    """The multipliers of one item: a number or a range."""
    if ".." not in part:
        yield _number(part, text)
        return
    ends, colon, step_text = part.partition(":")
    first_text, _, last_text = ends.partition("..")
    if not colon:
        raise ValueError(f"grid {text!r}: the range {part} needs a step, such as 0..3:0.5")
    first, last, step = (_number(value, text) for value in (first_text, last_text, step_text))
    if step <= 0:
        raise ValueError(f"grid {text!r}: the step of {part} must be above 0")
    if last < first:
        raise ValueError(f"grid {text!r}: the range {part} runs backwards")
    while first <= last:
        yield first
        first += step


def _number(part: str, text: str) -> Decimal:
    try:
        number = Decimal(part.strip())
    except InvalidOperation:
        raise ValueError(f"grid {text!r}: {part.strip()!r} is not a number") from None
    if not number.is_finite():
        raise ValueError(f"grid {text!r}: {part.strip()!r} is not a finite number")
    if abs(number) > MOST:
        raise ValueError(f"grid {text!r}: {part.strip()} is above {MOST:f}")
    return number


def make_grid(axes: Iterable[Axis], *, limit: int = MAX_CELLS) -> Grid:
    """The product of the axes. ValueError: no axis, a score named twice, too many cells, nothing but zeros."""
    known = tuple(axes)
    scores = tuple(axis.score for axis in known)
    if not known:
        raise ValueError("a grid needs at least one score")
    twice = sorted({score for score in scores if scores.count(score) > 1})
    if twice:
        raise ValueError(f"grid: {', '.join(twice)} is named twice; put all its multipliers into one --grid")
    size = prod(len(axis.values) for axis in known)
    if size > limit:
        raise ValueError(f"grid: {size} cells are more than {limit}")
    cells = tuple(cell for cell in product(*(axis.values for axis in known)) if any(cell))
    if not cells:
        raise ValueError("grid: all multipliers are 0")
    return Grid(scores, cells)


def parse_grid(texts: Iterable[str], *, limit: int = MAX_CELLS) -> Grid:
    """The grid of several axes as text (one `--grid` each). ValueError as `parse_axis` and `make_grid` say."""
    return make_grid([parse_axis(text) for text in texts], limit=limit)


def regime_grid(regime: PayoutRegime) -> Grid:
    """Every tuple of multipliers that the terms left to their users (one, where nothing was to choose)."""
    return allowed_cells(regime, make_grid([Axis(choice.score, choice.multipliers) for choice in regime.choices]))


def allowed_cells(regime: PayoutRegime, grid: Grid) -> Grid:
    """The cells of a grid that the regime's constraints allow. ValueError when they allow none."""
    cells = tuple(cell for cell in grid.cells if regime.allows(dict(zip(grid.scores, cell, strict=True))))
    if not cells:
        raise ValueError(f"the terms {regime.name} allow no cell of this grid")
    return replace(grid, cells=cells)


def exact_multiplier(value: Decimal) -> Decimal:
    """A multiplier without trailing zeros: 1 and 1.0 are one."""
    return value.normalize() + 0
