"""Texts from outside (names, messages, error texts) as they may stand on a terminal, in a log or a file's name."""

from __future__ import annotations

import unicodedata

UNKNOWN = "?"
MARKS = 2  # combining marks that a letter may carry: more of them climb over the lines above


def printable(text: str, *, ascii_only: bool = False) -> str:
    """`text` in one line, without anything that a terminal would obey or that would make it read otherwise.

    Blanks of all kinds become spaces; controls, escapes, marks of direction and invisible letters a question mark; a
    flood of combining marks is cut. `ascii_only`: everything beyond ASCII becomes a question mark too.
    """
    if text.isascii():
        return text if text.isprintable() else "".join(map(_letter, text))
    if ascii_only:
        return "".join(_letter(letter) if letter.isascii() else UNKNOWN for letter in text)
    kept: list[str] = []
    marks = MARKS  # at the start there is nothing to carry one
    for letter in text:
        if unicodedata.category(letter)[0] == "M":
            marks += 1
            if marks <= MARKS:
                kept.append(letter)
        else:
            marks = 0
            kept.append(_letter(letter))
    return "".join(kept)


def printable_lines(text: str) -> str:
    """Lines of our own, each printable."""
    return text if text.isascii() and text.isprintable() else "\n".join(map(printable, text.split("\n")))


def _letter(letter: str) -> str:
    return letter if letter.isprintable() else " " if letter.isspace() else UNKNOWN
