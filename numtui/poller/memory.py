"""The poller's memory: a small server is its home, and a sync makes and drops objects by the million."""

from __future__ import annotations

import ctypes
import gc

GARBAGE_EVERY = 50_000  # new objects
ARENA_MAX = -8  # M_ARENA_MAX of glibc's mallopt


def use_little_memory() -> None:
    """Has garbage looked for less often in this process (hardly any is in circles), and its threads share one heap:
    what one frees the others use, instead of each keeping the most that it ever needed."""
    gc.freeze()
    gc.set_threshold(GARBAGE_EVERY)
    _call("mallopt", ARENA_MAX, 1)


def give_back() -> None:
    """Collects garbage and returns what is free to the system."""
    gc.collect()
    _call("malloc_trim", 0)


def _call(name: str, *arguments: int) -> None:
    """Calls a function of glibc; where there is none of that name nothing is done."""
    try:
        function = getattr(ctypes.CDLL(None), name)
    except (AttributeError, OSError, TypeError):  # another C library; no library of the process, as on Windows
        return
    function(*arguments)
