"""Leaving the screens when something other than a key asks for it: a signal, or a terminal that is gone."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import sys
import termios
import threading
from contextlib import suppress
from typing import Any

from textual.app import App

SIGNALS = (signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
SIGNALLED = 128  # the exit code is this and the signal's number, as a shell counts
# Mouse tracking, bracketed paste and the alternate screen off, the cursor on.
RESTORED = b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1049l\x1b[?25h"
GRACE = 5.0  # seconds until a program that should leave and does not is ended without its help


def leave_on_signals(app: App[Any]) -> None:
    """From now on SIGTERM, SIGQUIT and SIGHUP leave as the key q does; a second one ends the process as it always did.

    A signal that was ignored when the program started (nohup) stays ignored.
    """
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, _leave, app, number)


def _leave(app: App[Any], number: signal.Signals) -> None:
    loop = asyncio.get_running_loop()
    for each in SIGNALS:
        loop.remove_signal_handler(each)
    app.exit(return_code=SIGNALLED + number)
    threading.Thread(target=_end, args=(SIGNALLED + number,), name="last resort", daemon=True).start()


def _end(code: int) -> None:
    """End a program that was asked to leave and does not within GRACE: its terminal is put in order first."""
    threading.Event().wait(GRACE)
    with suppress(OSError, termios.error):
        os.write(2, RESTORED)
        if MODES is not None:
            termios.tcsetattr(0, termios.TCSANOW, MODES)
    os._exit(code)


def _terminal_modes() -> list[Any] | None:
    """The line discipline before Textual takes the terminal over; None without a terminal."""
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


MODES = _terminal_modes()  # this module is imported before the app starts


def leave_without_terminal(app: App[Any]) -> None:
    """From now on the program ends when its terminal is closed, also where SIGHUP does not say so.

    Textual reads the end of its input over and over. The thread sleeps until the kernel says that the line is down.
    """
    loop, terminal = asyncio.get_running_loop(), sys.__stdin__
    if terminal is not None and terminal.isatty():
        arguments = (app, loop, terminal.fileno())
        threading.Thread(target=_watch, args=arguments, name="terminal watch", daemon=True).start()


def _watch(app: App[Any], loop: asyncio.AbstractEventLoop, terminal: int) -> None:
    line = select.poll()
    line.register(terminal, 0)  # an error or the end of the line are told in any case
    line.poll()
    code = SIGNALLED + signal.SIGHUP
    with suppress(RuntimeError):  # the program has ended already
        loop.call_soon_threadsafe(lambda: app.exit(return_code=code))
    threading.Event().wait(GRACE)
    os._exit(code)  # its writes wait for a terminal that is not there
