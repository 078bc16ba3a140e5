"""The screens at 15,000 models: key to repaint, what is written to the terminal, memory."""

from __future__ import annotations

import os
from statistics import median

from tests.bench.board import BOARD, ON_BOARD, SHOWN, board
from tests.bench.figure import Figure
from tests.bench.terminal import Terminal, terminal

ROUNDS = 12
KEYS = {
    "down": "j",
    "up": "k",
    "page down": "\x04",
    "page up": "\x15",
    "last": "G",
    "first": "g",
    "columns": "\x1b[C",
    "sort": ">",
    "reverse": "S",
    "mark": " ",
}
FILTER = "model_01"  # typed a letter at a time
SCREENS = "0234571"


def keys(shown: Terminal) -> dict[str, list[tuple[float, int]]]:
    """Seconds to repaint and bytes, by key."""
    took: dict[str, list[tuple[float, int]]] = {name: [] for name in (*KEYS, "filter")}
    for _ in range(ROUNDS):
        for name, key in KEYS.items():
            took[name] += filter(None, [shown.press(key)])
    shown.press("/")
    for letter in FILTER:
        took["filter"] += filter(None, [shown.press(letter)])
    shown.press("\x1b", 0.3)
    return {name: times for name, times in took.items() if times}


def figures() -> dict[str, Figure]:
    """Over all keys, the filter's letters too; each key's figures are printed."""
    with board() as code, terminal(code) as shown:
        shown.until(SHOWN)
        shown.quiet(0.5)
        shown.press("2", 1.0)  # from whichever screen is the first
        os.write(shown.handle, BOARD.encode())
        shown.until(ON_BOARD)
        shown.quiet(0.5)
        took = keys(shown)
        for name, times in took.items():
            seconds = [one for one, _ in times]
            print(f"  {name:<10} median {median(seconds) * 1000:5.1f} ms, worst {max(seconds) * 1000:5.1f} ms")
        changes = [shown.press(key, 1.0) or (0.0, 0) for key in SCREENS]
        changes = [shown.press(key, 0.5) or (0.0, 0) for key in SCREENS]  # each has been read
        every = [seconds for times in took.values() for seconds, _ in times]
        return {
            "key_median_ms": Figure(median(every) * 1000),
            "key_worst_ms": Figure(max(every) * 1000),
            "page_down_bytes": Figure(median(count for _, count in took["page down"])),
            "screen_bytes": Figure(max(count for _, count in changes)),
            "tui_memory_mb": Figure(shown.resident()),
            "idle_bytes": Figure(shown.written_in(60)),
        }
