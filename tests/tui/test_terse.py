"""Terse writing shows the same cells: read back by Rich's decoder, which knows nothing of how it was written."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.ansi import AnsiDecoder
from rich.color import ColorSystem
from rich.console import Console
from rich.style import Style

from numtui.tui.terse import PLAIN, Pen, change, pen_after, terse

COLOURS = st.sampled_from([None, "default", "red", "bright_blue", "color(17)", "color(203)", "#102030", "#fea62b"])
FLAGS = st.booleans()
STYLES = st.builds(
    Style, color=COLOURS, bgcolor=COLOURS, bold=FLAGS, dim=FLAGS, italic=FLAGS, underline=FLAGS, reverse=FLAGS
)
SEGMENTS = st.lists(st.tuples(st.text(" ab█", min_size=1, max_size=4), STYLES), max_size=8)
CONSOLE = Console()

Cell = tuple[str, object]


def written(segments: list[tuple[str, Style]]) -> str:
    """What Textual writes for segments."""
    return "".join(style.render(text, color_system=ColorSystem.TRUECOLOR) for text, style in segments)


def look(text: str, style: Style) -> list[Cell]:
    """What one sees of a text: of a space only the background, unless it is underlined or reversed."""
    known = (None if colour is None or colour.is_default else colour for colour in (style.color, style.bgcolor))
    colours = [colour and (colour.number, colour.triplet) for colour in known]
    flags = tuple(bool(flag) for flag in (style.bold, style.dim, style.italic, style.underline, style.reverse))
    blank = not (style.underline or style.reverse)
    return [(char, colours[1] if char == " " and blank else (*colours, *flags)) for char in text]


def read_back(text: str) -> list[Cell]:
    line = AnsiDecoder().decode_line(text)
    return [cell for at, char in enumerate(line.plain) for cell in look(char, line.get_style_at_offset(CONSOLE, at))]


@given(SEGMENTS)
def test_the_same_cells_in_no_more_bytes(segments: list[tuple[str, Style]]) -> None:
    raw = written(segments)
    short, pen = terse(raw)
    assert pen == PLAIN
    assert len(short) <= len(raw)
    assert read_back(short) == [cell for text, style in segments for cell in look(text, style)]


@given(SEGMENTS, st.integers(0, 200))
def test_the_pen_goes_on_from_one_writing_to_the_next(segments: list[tuple[str, Style]], cut: int) -> None:
    """Cut between two segments in the midst of a style, as a driver that writes in pieces may do."""
    raw = written(segments)
    ends = [at + 1 for at, char in enumerate(raw) if char == "m"] or [len(raw)]
    first, pen = terse(raw[: ends[cut % len(ends)]])
    second, last = terse(raw[ends[cut % len(ends)] :], pen)
    assert last == PLAIN
    assert read_back(first + second) == [cell for text, style in segments for cell in look(text, style)]


def test_moves_need_no_style_and_texts_between_them_keep_theirs() -> None:
    style = Style(color="#fea62b", bgcolor="#102030")
    raw = f"\x1b[1;1H{written([('ab', style)])}\r\n\x1b[2;1H{written([('cd', style)])}\x1b[?2026l"
    text, _ = terse(raw)
    assert text == "\x1b[1;1H\x1b[38;2;254;166;43;48;2;16;32;48mab\r\n\x1b[2;1Hcd\x1b[m\x1b[?2026l"


@pytest.mark.parametrize("codes", ["58;5;1", "38;9", "38;2;1", "999"])
def test_what_is_not_understood_is_written_as_it_is(codes: str) -> None:
    assert pen_after(PLAIN, codes) is None
    raw = f"\x1b[{codes}mtext\x1b[0m"
    assert terse(raw) == (raw, PLAIN)
    assert terse(raw, Pen(frozenset("1"))) == ("\x1b[m" + raw, PLAIN)


def test_the_shortest_change_is_taken() -> None:
    bold = Pen(frozenset("1"), "31", "48;2;1;2;3")
    assert change(bold, bold) == ""
    assert change(bold, PLAIN) == "\x1b[m"
    assert change(bold, bold._replace(background="")) in {"\x1b[49m", "\x1b[0;1;31m"}
    assert change(bold, bold._replace(attributes=frozenset())) == "\x1b[0;31;48;2;1;2;3m"


APP = """
from textual.app import App
from textual.widgets import Static
from numtui.tui.terse import terse_driver
class Shown(App):
    def get_driver_class(self):
        return terse_driver(super().get_driver_class()) if {terse} else super().get_driver_class()
    def compose(self):
        yield Static("[bold red]one[/] two [on blue]three[/]")
    def on_mount(self):
        self.call_after_refresh(self.exit)
Shown().run()
"""


def shown(terse_writing: bool) -> bytes:
    """What an app writes to a real terminal."""
    ours, its = pty.openpty()
    code = APP.format(terse=terse_writing)
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=its, stdout=its, stderr=its, env=os.environ | {"TERM": "xterm"}
    ):
        os.close(its)
        seen = b""
        while select.select([ours], [], [], 20)[0]:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # the program has ended
                break
            seen += part
    os.close(ours)
    return seen


def test_a_terminal_gets_the_same_words_in_fewer_bytes() -> None:
    short, whole = shown(True), shown(False)
    for word in (b"one", b"two", b"three"):
        assert word in short
    assert len(short) < len(whole)
