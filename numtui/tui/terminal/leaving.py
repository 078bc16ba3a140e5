"""Running the screens so that a signal, or a terminal that is gone, always ends them as the key q does.

What Python and asyncio do on a signal they do once the main thread comes to it. That can be never: a write waits for a
terminal that takes nothing, a query does not return, Textual waits on its way out for a widget that is never mounted.
So the number of a signal goes to a socket at once, and a thread of its own reads it: it asks the app to leave, and ends
the program itself where that does not help.
"""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import termios
import threading
from contextlib import suppress
from typing import Any

from textual.app import App

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP)
SIGNALLED = 128  # the exit code is this and the signal's number, as a shell counts
# Mouse tracking, focus and size reports, bracketed paste, the keyboard protocol and the alternate screen off; line wrap
# and the cursor on.
RESTORED = (
    b"\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?1004l\x1b[?2048l\x1b[?2004l\x1b[<u\x1b[?7h\x1b[?1049l\x1b[?25h"
)
GRACE = 5.0  # seconds until a program that should leave and does not is ended without its help
CHECK = 0.02  # seconds: so often it is seen whether the screen stands
LAST_WRITE = 1.0  # seconds that the terminal has to take the last bytes


def run(app: App[Any]) -> None:
    """Run the app on the terminal. From before its first byte on a signal ends it, within GRACE and LAST_WRITE.

    SIGINT, SIGTERM, SIGQUIT and SIGHUP leave as the key q does; a second one ends the process at once, its terminal in
    order. The end of the terminal's line counts as SIGHUP. A signal that was ignored when the program started (nohup)
    stays ignored. This holds on behind the app, until the process has ended.
    """
    told, tell = socket.socketpair()
    tell.setblocking(False)
    modes = _terminal_modes()

    async def listened() -> None:
        loop = asyncio.get_running_loop()
        threading.Thread(target=_listen, args=(app, loop, told, modes), name="signals", daemon=True).start()
        if modes is not None:
            threading.Thread(target=_watch, args=(tell,), name="terminal watch", daemon=True).start()
        await app.run_async()

    signal.set_wakeup_fd(tell.fileno(), warn_on_full_buffer=False)
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: None)  # a signal that is caught goes to the socket
    asyncio.run(listened())


def _listen(app: App[Any], loop: asyncio.AbstractEventLoop, told: socket.socket, modes: list[Any] | None) -> None:
    """Ask the app to leave at the first signal; end the process at the second, or after GRACE."""
    code = SIGNALLED + _next(told)
    with suppress(RuntimeError):  # the app has ended already, the process has not
        loop.call_soon_threadsafe(app.call_later, _leave, app, code)  # behind its own mounting
    told.settimeout(GRACE)
    with suppress(TimeoutError):
        _next(told)
    writer = threading.Thread(target=_restore, args=(modes,), daemon=True)
    writer.start()
    writer.join(LAST_WRITE)  # a terminal that takes nothing is left as it is
    os._exit(code)


def _leave(app: App[Any], code: int) -> None:
    """Exit once the screen in front stands: Textual fails where it ends while widgets are mounted."""
    if all(node.is_mounted for node in (app.screen, *app.screen.query())):
        app.exit(return_code=code)
    else:
        asyncio.get_running_loop().call_later(CHECK, _leave, app, code)


def _next(told: socket.socket) -> int:
    """The number of the next signal that means to leave; others, as of a new size of the terminal, come too."""
    while (number := told.recv(1)[0]) not in SIGNALS:
        pass
    return number


def _restore(modes: list[Any] | None) -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTTOU])  # in the background it would stop the process
    with suppress(OSError, termios.error):
        if modes is not None:
            termios.tcsetattr(0, termios.TCSANOW, modes)
        os.write(2, RESTORED)


def _terminal_modes() -> list[Any] | None:
    """The line discipline before Textual takes the terminal over; None without a terminal."""
    try:
        return termios.tcgetattr(0)
    except termios.error:
        return None


def _watch(tell: socket.socket) -> None:
    """Tell that the terminal is closed, also where SIGHUP does not: Textual reads the end of its input over and over.

    The thread sleeps until the kernel says that the line is down.
    """
    line = select.poll()
    line.register(0, 0)  # an error or the end of the line are told in any case
    line.poll()
    tell.send(bytes([signal.SIGHUP]))
