"""The columns of a table that fit side by side: whole ones only, so that no row is garbled."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import NamedTuple

from numtui.model import Column, Kind

GAP = 1  # between two columns
MAX_TEXT = 60
LEAST_TEXT = 12  # of a text that is cut off at the right end


class Layout(NamedTuple):
    """The columns of a view: fixed ones, their order, hidden ones, and how values are coloured.

    `fixed` stay at the left; `first` follow in this order (so the leading ones are what a narrow terminal shows);
    then the report's others as they come, without `hidden` ones. `changes` are columns of places won or lost, `results`
    amounts won or lost: their sign counts. `ruled`: a rule stands below own models, as long as they come first.
    """

    fixed: tuple[str, ...]
    first: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    results: tuple[str, ...] = ()
    ruled: bool = False

    def chosen(self, order: Sequence[str], hidden: Set[str]) -> Layout:
        """The layout with others than the fixed columns in the user's order, without those that the user hides."""
        return self._replace(first=tuple(order), hidden=(*({*self.hidden} - {*order}), *hidden))

    def places(
        self, columns: Sequence[Column], sparse: Set[int] = frozenset(), empty: Set[int] = frozenset()
    ) -> tuple[list[int], list[int]]:
        """The positions of the fixed columns and of the others, in the order of the screen.

        `sparse` ones are the last, `empty` ones not there.
        """
        by_name = {column.name: place for place, column in enumerate(columns)}
        fixed = [by_name[name] for name in self.fixed if name in by_name]
        away = {*fixed, *empty, *(by_name[name] for name in self.hidden if name in by_name)}
        leading = [by_name[name] for name in self.first if name in by_name and by_name[name] not in away]
        taken = {*away, *leading}
        others = leading + [place for place in range(len(columns)) if place not in taken]
        return fixed, sorted(others, key=lambda place: place in sparse)


class Shown(NamedTuple):
    """A column on screen: its position in the rows, where it starts, its width, whether it is fixed."""

    place: int
    x: int
    width: int
    fixed: bool


class Fit(NamedTuple):
    """The columns that are on screen, and how many others wait to the left and to the right."""

    shown: tuple[Shown, ...]
    left: int
    right: int


def fit(
    fixed: Sequence[int], others: Sequence[int], widths: Sequence[int], space: int, offset: int, *, elastic: Set[int]
) -> Fit:
    """The columns for `space` cells, the first `offset` of `others` scrolled away; an `elastic` last one is cut off."""
    shown: list[Shown] = []
    x = 0
    for place in fixed:
        if x + widths[place] > space and shown:
            break
        shown.append(Shown(place, x, min(widths[place], space - x), fixed=True))
        x += widths[place] + GAP
    count = 0
    for place in others[offset:]:
        width = min(widths[place], space - x) if place in elastic else widths[place]
        if x + width > space or width < min(widths[place], LEAST_TEXT):
            break
        shown.append(Shown(place, x, width, fixed=False))
        x += width + GAP
        count += 1
    return Fit(tuple(shown), offset, len(others) - offset - count)


def last_offset(fixed: Sequence[int], others: Sequence[int], widths: Sequence[int], space: int) -> int:
    """The largest useful offset: with it the last column is on screen."""
    left = space - sum(widths[place] + GAP for place in fixed)
    for offset in range(len(others) - 1, -1, -1):
        left -= widths[others[offset]] + GAP
        if left < -GAP:
            return min(offset + 1, len(others) - 1)
    return 0


def limit(column: Column, width: int) -> int:
    """A column's width, given that of its widest text."""
    return min(width, MAX_TEXT) if column.kind is Kind.TEXT else width
