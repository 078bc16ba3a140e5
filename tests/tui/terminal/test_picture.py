"""What is written less shows the same: beside it a terminal of pyte that gets everything."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys

import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.style import Style

from numtui.tui.terminal.pen import PLAIN, Pen, change, pen_after
from numtui.tui.terminal.picture import Picture

WIDTH, HEIGHT = 12, 4
COLOURS = st.sampled_from([None, "default", "red", "bright_blue", "color(17)", "color(203)", "#102030", "#fea62b"])
FLAGS = st.booleans()
STYLES = st.builds(Style, color=COLOURS, bgcolor=COLOURS, bold=FLAGS, italic=FLAGS, underline=FLAGS, reverse=FLAGS)
WORDS = st.text(" ab█世", min_size=1, max_size=5)
RUNS = st.tuples(
    st.integers(1, HEIGHT), st.integers(1, WIDTH - 1), st.lists(st.tuples(WORDS, STYLES), min_size=1, max_size=3)
)
UPDATES = st.lists(st.lists(RUNS, max_size=4), max_size=6)


def written(y: int, x: int, segments: list[tuple[str, Style]]) -> str:
    """What Textual writes for segments, no further than the row goes."""
    text, left = f"\x1b[{y};{x}H", WIDTH - x + 1
    for words, style in segments:
        fitting = ""
        for char in words:
            width = 2 if char == "世" else 1
            if left >= width:
                fitting, left = fitting + char, left - width
        text += style.render(fitting, color_system=ColorSystem.TRUECOLOR)
    return text


def looks(screen: pyte.Screen) -> list[object]:
    """What one sees of each cell: of a space only the background, unless it is underlined or reversed."""
    cells = [screen.buffer[y][x] for y in range(HEIGHT) for x in range(WIDTH)]
    return [
        cell.bg if cell.data == " " and not (cell.underscore or cell.reverse) else cell._replace(blink=False)
        for cell in cells
    ]


def terminals() -> tuple[pyte.Screen, pyte.Stream, pyte.Screen, pyte.Stream]:
    whole, less = pyte.Screen(WIDTH, HEIGHT), pyte.Screen(WIDTH, HEIGHT)
    return whole, pyte.Stream(whole), less, pyte.Stream(less)


@given(UPDATES)
def test_the_same_cells_in_no_more_bytes(updates: list[list[tuple[int, int, list[tuple[str, Style]]]]]) -> None:
    whole, whole_stream, less, less_stream = terminals()
    picture = Picture()
    for update in updates:
        text = "".join(written(*run) for run in update)
        short = picture.less(text)
        assert len(short) <= len(text)
        whole_stream.feed(text)
        less_stream.feed(short)
        assert looks(less) == looks(whole)


@given(UPDATES, st.integers(0, 5))
def test_what_is_not_understood_is_written_as_it_is_and_forgets(
    updates: list[list[tuple[int, int, list[tuple[str, Style]]]]], place: int
) -> None:
    """A screen is cleared between two updates by a sequence that the picture does not know."""
    whole, whole_stream, less, less_stream = terminals()
    picture = Picture()
    for number, update in enumerate(updates):
        text = "\x1b[2J" if number == place else "".join(written(*run) for run in update)
        whole_stream.feed(text)
        less_stream.feed(picture.less(text))
        assert looks(less) == looks(whole)


def test_only_what_differs_is_written() -> None:
    picture = Picture()
    row = "\x1b[2;1Habcdefghij\x1b[31m1\x1b[mklmnop"
    assert picture.less(row) == row
    assert picture.less(row) == ""
    assert picture.less(row.replace("m1", "m2")) == "\x1b[2;11H\x1b[31m2\x1b[m"
    picture.forget()
    assert picture.less(row) == row


def test_the_cursor_is_left_where_it_was_sent() -> None:
    picture = Picture()
    picture.less("\x1b[1;1Hab")
    assert picture.less("\x1b[1;1Hab\x1b[3;4H") == "\x1b[3;4H"


@pytest.mark.parametrize("codes", ["58;5;1", "38;9", "38;2;1", "999"])
def test_styles_that_are_not_understood_are_written_as_they_are(codes: str) -> None:
    assert pen_after(PLAIN, codes) is None
    raw = f"\x1b[{codes}mtext\x1b[0m"
    assert Picture().less(raw) == raw


def test_the_shortest_change_is_taken() -> None:
    bold = Pen(frozenset("1"), "31", "48;2;1;2;3")
    assert change(bold, bold) == ""
    assert change(bold, PLAIN) == "\x1b[m"
    assert change(bold, bold._replace(background="")) in {"\x1b[49m", "\x1b[0;1;31m"}
    assert change(bold, bold._replace(attributes=frozenset())) == "\x1b[0;31;48;2;1;2;3m"


APP = """
from textual.app import App
from textual.widgets import Static
from numtui.tui.terminal.picture import Picture, picture_driver
class Shown(App):
    def get_driver_class(self):
        driver = super().get_driver_class()
        return picture_driver(driver, Picture()) if {less} else driver
    def compose(self):
        yield Static("[bold red]one[/] two [on blue]three[/]")
    def on_mount(self):
        self.call_after_refresh(self.exit)
Shown().run()
"""


def shown(less: bool) -> bytes:
    """What an app writes to a real terminal."""
    ours, its = pty.openpty()
    code = APP.format(less=less)
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
