"""What the terminal shows, so that only what differs is written to it.

Textual writes a widget anew whenever a part of it changes, and states every text's whole style. Over SSH that is most
of what a screen sends; this stands between Textual and the terminal and leaves out what the terminal shows already.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from textual.driver import Driver

from numtui.tui.terminal.pen import PLAIN, SGR, UNSEEN, Pen, change, pen_after

MOVE = re.compile(r"\x1b\[(\d+);(\d+)H")
PASSING = frozenset({"\x1b[?2026h", "\x1b[?2026l"})  # an update begins, an update ends: nothing is drawn
GAP = 6  # cells: to write so many once more takes no more bytes than to move over them

Row = dict[int, tuple[Pen, str]]  # by the column where words of one style begin; what is in no words is unknown


class Run(NamedTuple):
    """What is written from one place on, in one row."""

    words: tuple[tuple[int, Pen, str], ...]  # how many cells behind the place, the style, the words
    width: int  # in cells; 0 where characters do not take one cell each
    pen: Pen  # behind it


class Picture:
    """What the terminal shows as far as it is known, and the pens: the writer's, and the terminal's own."""

    def __init__(self) -> None:
        self._rows: dict[int, Row] = {}
        self._pen = self._shown = PLAIN

    def forget(self) -> None:
        """The terminal may show anything: it has another size, or another program wrote to it."""
        self._rows.clear()

    def less(self, text: str) -> str:
        """What makes of the terminal the same as `text` does.

        Text with other sequences than moves and styles is given back as it is, and the picture is forgotten.
        """
        if text in PASSING:
            return text
        before, *moved = MOVE.split(text)
        runs, pen = [], self._pen
        for run_text in moved[2::3]:
            run = run_of(pen, run_text.rstrip("\r\n"))
            if run is None or before:
                return self._as_it_is(text)
            runs.append(run)
            pen = run.pen
        if not runs:
            return self._as_it_is(text)
        written = [
            piece
            for y, x, run in zip(moved[::3], moved[1::3], runs, strict=True)
            if run.words
            for piece in self._row(int(y), int(x), run)
        ]
        if not runs[-1].words:
            written.append(f"\x1b[{moved[-3]};{moved[-2]}H")  # where the cursor is to stand
        self._pen = pen
        written.append(self._change(pen))
        return "".join(written)

    def _as_it_is(self, text: str) -> str:
        self.forget()
        before, self._pen = self._change(self._pen), PLAIN
        for codes in SGR.findall(text):
            self._pen = pen_after(self._pen, codes) or PLAIN
        self._shown = self._pen
        return before + text

    def _change(self, pen: Pen) -> str:
        codes, self._shown = change(self._shown, pen), pen
        return codes

    def _row(self, y: int, x: int, run: Run) -> Iterator[str]:
        """What row `y` needs to show `run` from column `x` on."""
        if not run.width:
            self._rows.pop(y, None)
            yield f"\x1b[{y};{x}H"
            for _, pen, words in run.words:
                yield from self._words(pen, words)
            return
        known = self._rows.get(y, {})
        self._rows[y] = written = _outside(known, x, x + run.width)
        skipped: list[tuple[Pen, str]] = []
        end = 0  # the column behind what was written last
        for offset, pen, words in run.words:
            column = x + offset
            new = written[column] = (pen, words)
            if known.get(column) == new:
                skipped.append(new)
                continue
            if not end or column - end > GAP:
                yield f"\x1b[{y};{column}H"
            else:
                for same in skipped:
                    yield from self._words(*same)
            skipped.clear()
            yield from self._words(pen, words)
            end = column + len(words)

    def _words(self, pen: Pen, words: str) -> Iterator[str]:
        blank = not words.strip(" ") and self._shown.attributes | pen.attributes <= UNSEEN
        yield self._change(self._shown._replace(background=pen.background) if blank else pen)
        yield words


def _outside(row: Row, begin: int, end: int) -> Row:
    """What is known of a row outside some columns."""
    kept: Row = {}
    for column, (pen, words) in row.items():
        if column < begin:
            kept[column] = (pen, words[: begin - column])
        if column + len(words) > end:
            kept[max(column, end)] = (pen, words[max(end - column, 0) :])
    return kept


@lru_cache(1024)
def run_of(pen: Pen, text: str) -> Run | None:
    """What a text with styles writes for a terminal with this pen; None where it holds what is not understood."""
    first, *parts = SGR.split(text)
    written: list[tuple[int, Pen, str]] = [(0, pen, first)] if first else []
    width, single = len(first), _single(first)
    for codes, words in zip(parts[::2], parts[1::2], strict=True):
        after = pen_after(pen, codes)
        if after is None or not words.isprintable():
            return None
        pen = after
        if words:
            written.append((width, pen, words))
            width += len(words)
            single = single and _single(words)
    return Run(tuple(written), width if single else 0, pen) if first.isprintable() else None


def _single(words: str) -> bool:
    """Whether each character takes one cell."""
    return words.isascii() or all(cell_len(char) == 1 for char in words)


def picture_driver(driver: type[Driver], picture: Picture) -> type[Driver]:
    """The same driver of a terminal, which writes only what the terminal does not show."""

    class PictureDriver(driver):  # type: ignore[valid-type,misc]  # whichever fits the terminal
        """A driver that knows what its terminal shows."""

        def write(self, data: str) -> None:
            """Write to the terminal."""
            if data := picture.less(data):
                super().write(data)

    return PictureDriver
