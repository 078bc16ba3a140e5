"""The poller as a process: it ends on a signal, or when nobody watches any more, and writes its lines to stderr."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from numtui.clock import Clock
from numtui.config import Settings
from numtui.errors import INTERRUPTED
from numtui.poller import systemd
from numtui.poller.lock import viewers
from numtui.poller.memory import use_little_memory
from numtui.poller.service import LOOK_EVERY, Hook, Service, Watch
from numtui.poller.turns import LONGEST_WAIT


def poll(
    settings: Settings,
    clock: Clock,
    *,
    once: bool = False,
    child: bool = False,
    full: bool = False,
    wait: float = LONGEST_WAIT,
    hooks: Sequence[Hook] = (),
    watches: Sequence[Watch] = (),
) -> int:
    """Polls until it is interrupted (130), once, or as the screens' child until the last of them ends; the exit code.

    `full`: with the days of every round, not of the newest alone. `wait`: seconds at most for a poll of another process
    where one polls already.

    SIGINT and SIGTERM end it within a moment, with the poll under way recorded as interrupted. StoreErrors,
    ConfigErrors and OSErrors that keep it from beginning are raised.
    """
    use_little_memory()
    with suppress(asyncio.CancelledError):
        service = Service(settings, clock, once, child, wait, hooks, watches, say_to_stderr, full=full)
        return asyncio.run(_until_told(service))
    return INTERRUPTED


async def _until_told(service: Service) -> int:
    """Runs the service until it ends, a signal comes, or its last viewer has gone."""
    task = asyncio.ensure_future(service.run())
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    systemd.tell(systemd.READY)
    try:
        while service.child and not task.done():
            if not viewers(service.settings.db):
                task.cancel()
            await asyncio.wait([task], timeout=LOOK_EVERY)
        return await task
    finally:
        systemd.tell(systemd.STOPPING)


def say_to_stderr(line: str) -> None:
    """A line for the user. Where it cannot be written (a full disk, a closed stream), the work goes on without it."""
    try:
        sys.stderr.write(f"numtui: {line}\n")
        sys.stderr.flush()
    except (OSError, ValueError, AttributeError):  # the last: there is none at all
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115  for the rest of the process
