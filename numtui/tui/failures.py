"""Failures while a screen reads, copies or writes: one line for the user, and a traceback in the log for a fault."""

from __future__ import annotations

import logging
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from numtui.errors import NumtuiError

log = logging.getLogger(__name__)

OUTSIDE = (sqlite3.Error, OSError)
"""What the cache or a file raises: no fault of the program."""

READ_ERRORS = (NumtuiError, *OUTSIDE, ValueError, LookupError, ArithmeticError)
"""What ends a read or an action and no more; the last three are faults of the program, and said as such."""

_LOGGED: set[str] = set()  # what fails every second is logged once


@contextmanager
def caught(tell: Callable[[Exception], object]) -> Iterator[None]:
    """A block whose failures are given to `tell`, which says `failure_line`; the screens go on."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  a fault must not end the program with its screens: it is told and logged
        tell(error)


def failure_line(error: Exception) -> str:
    """The failure as one line for the screen. A fault of the program is called one, and logged with its traceback."""
    text = " ".join(str(error).split())
    if isinstance(error, NumtuiError):
        return text or type(error).__name__
    named = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if isinstance(error, OUTSIDE):
        return f"the cache could not be read: {text or named}"
    _log_once(error)
    return f"a fault of numtui: {named}; see the log"


def _log_once(error: Exception) -> None:
    key = f"{type(error).__name__} {error} {traceback.extract_tb(error.__traceback__)[-1:]}"
    if key not in _LOGGED:
        _LOGGED.add(key)
        log.error("a fault of numtui", exc_info=error)
