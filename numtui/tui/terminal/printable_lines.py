"""The last filter before the terminal: no control character of any widget gets through."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from numtui.printable import UNKNOWN


class PrintableLines(LineFilter):
    """A filter that replaces what is not printable by question marks, with `ascii_only` also what is not ASCII."""

    def __init__(self, *, ascii_only: bool) -> None:
        super().__init__()
        self.ascii_only = ascii_only

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same segments where all is well, in the same width."""
        return [segment if self._harmless(segment) else self._cleaned(segment) for segment in segments]

    def _harmless(self, segment: Segment) -> bool:
        text = segment.text
        return segment.control is not None or (text.isprintable() and (text.isascii() or not self.ascii_only))

    def _cleaned(self, segment: Segment) -> Segment:
        return Segment("".join(map(self._letter, segment.text)), segment.style)

    def _letter(self, letter: str) -> str:
        if letter.isprintable() and (letter.isascii() or not self.ascii_only):
            return letter
        return UNKNOWN * cell_len(letter)
