"""Printable output: names and messages come from outside, and a terminal obeys what it is told."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

from numtui.printable import printable


class PrintableStream:
    """A text stream through which no control character but line ends and tabs gets."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write the text, printable."""
        if not (text.isascii() and text.isprintable()):
            parts = (printable_parts(line) for line in text.split("\n"))
            self._stream.write("\n".join(parts))
        else:
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def printable_parts(line: str) -> str:
    """A printable line; its tabs stay."""
    return "\t".join(map(printable, line.removesuffix("\r").split("\t")))


@contextmanager
def printable_streams() -> Iterator[None]:
    """In the block stderr, and stdout where it is a terminal, get printable texts only; pipes and files get all."""
    out, err = sys.stdout, sys.stderr
    sys.stderr = PrintableStream(err)
    if out is not None and out.isatty():
        sys.stdout = PrintableStream(out)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err
