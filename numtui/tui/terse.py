"""Fewer bytes for the same picture: colours and attributes are written only where they change.

Textual states every text's whole style and takes it back behind it. Over SSH that is most of what a screen sends; this
stands between Textual and the terminal and leaves out what the terminal knows already.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from textual.driver import Driver

SGR = re.compile(r"\x1b\[([0-9;]*)m")
MOVES = re.compile(r"(?:\r\n|\x1b\[\d+;\d+H)+")  # no style shows in them
UNSEEN = frozenset("123")  # bold, dim and italic spaces look as others do


class Pen(NamedTuple):
    """The style that a terminal writes in: codes of its attributes, foreground and background; "" is its own colour."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""


PLAIN = Pen()


@lru_cache(4096)
def pen_after(pen: Pen, codes: str) -> Pen | None:
    """The pen behind a sequence of these codes; None where one of them is not known here."""
    words = iter(codes.split(";"))
    for word in words:
        number = int(word or 0)
        if number == 0:
            pen = PLAIN
        elif number <= 9:
            pen = pen._replace(attributes=pen.attributes | {word})
        elif number in {38, 48}:
            kind = next(words, "")
            parts = [next(words, "") for _ in range({"2": 3, "5": 1}.get(kind, 0))]
            if not all(parts) or not parts:
                return None
            colour = ";".join((word, kind, *parts))
            pen = pen._replace(foreground=colour) if number == 38 else pen._replace(background=colour)
        elif 30 <= number <= 39 or 90 <= number <= 97:
            pen = pen._replace(foreground="" if number == 39 else word)
        elif 40 <= number <= 49 or 100 <= number <= 107:
            pen = pen._replace(background="" if number == 49 else word)
        else:
            return None
    return pen


@lru_cache(4096)
def change(old: Pen, new: Pen) -> str:
    """The shortest sequence that makes `new` of `old`."""
    if old == new:
        return ""
    anew = ["0" if new != PLAIN else "", *sorted(new.attributes), new.foreground, new.background]
    if old.attributes - new.attributes:
        codes = [anew]
    else:
        colours = [(old.foreground, new.foreground, "39"), (old.background, new.background, "49")]
        differing = [colour or own for before, colour, own in colours if before != colour]
        codes = [anew, [*sorted(new.attributes - old.attributes), *differing]]
    return min((f"\x1b[{';'.join(filter(None, words))}m" for words in codes), key=len)


def terse(text: str, pen: Pen = PLAIN) -> tuple[str, Pen]:
    """The same writing in fewer bytes, for a terminal that has this pen; and the pen that it has then."""
    first, *parts = SGR.split(text)
    written, shown = [first], pen
    for place in range(0, len(parts), 2):
        after = pen_after(pen, parts[place])
        if after is None:
            return change(pen, PLAIN) + text, PLAIN
        pen, words = after, parts[place + 1]
        if words and pen is not shown and not MOVES.fullmatch(words):
            seen = pen
            if not words.strip(" ") and shown.attributes | pen.attributes <= UNSEEN:
                seen = shown._replace(background=pen.background)
            written.append(change(shown, seen))
            shown = seen
        written.append(words)
    written.append(change(shown, pen))
    return "".join(written), pen


def terse_driver(driver: type[Driver]) -> type[Driver]:
    """The same driver of a terminal, with terse writing."""

    class TerseDriver(driver):  # type: ignore[valid-type,misc]  # whichever fits the terminal
        """A driver that leaves out what the terminal knows."""

        _pen = PLAIN

        def write(self, data: str) -> None:
            """Write to the terminal."""
            data, self._pen = terse(data, self._pen)
            super().write(data)

    return TerseDriver
