"""The style that a terminal writes in, and the shortest way from one to another."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

SGR = re.compile(r"\x1b\[([0-9;]*)m")
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
