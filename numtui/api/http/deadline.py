"""A total time for a synchronous request, beside the time-outs of connecting and of each read: an answer that comes a
byte at a time would otherwise never end.

The request runs in a daemon thread, so that an interruption reaches the one who waits at once, and so that no request
keeps the program from ending.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
GLANCE = 0.2  # seconds; a signal that another thread took is seen between two waits


class PastDeadline(Exception):  # noqa: N818  it says when, not that something broke
    """The request was not through in its total time. It may have arrived."""


class RequestConnection:
    """The connection of one request, learned through httpx's `trace` extension, so that it can be cut off."""

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """httpx tells of each step; that of a connection returns its stream."""
        if event in ("connection.connect_tcp.complete", "connection.start_tls.complete"):
            self._socket = info["return_value"].get_extra_info("socket")

    def cut(self) -> None:
        """End the connection: a read that waits for it fails at once."""
        if self._socket is not None:
            with suppress(OSError):  # it has ended by itself
                self._socket.shutdown(socket.SHUT_RDWR)


def within_deadline(seconds: float, request: Callable[[RequestConnection], T]) -> T:
    """What `request` returns or raises; PastDeadline, and its connection cut, where that takes longer."""
    connection = RequestConnection()
    ended = threading.Event()
    results: list[T] = []
    failures: list[BaseException] = []

    def run() -> None:
        try:
            results.append(request(connection))
        except BaseException as error:  # noqa: BLE001  raised again in the thread that waits
            failures.append(error)
        finally:
            ended.set()

    threading.Thread(target=run, name="numtui-request", daemon=True).start()
    until = time.monotonic() + seconds
    while not ended.wait(max(0.0, min(GLANCE, until - time.monotonic()))):
        if time.monotonic() >= until:
            connection.cut()
            raise PastDeadline
    if failures:
        raise failures[0]
    return results[0]
