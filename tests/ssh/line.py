"""A line between two TCP ends that is slow, late and can go down: what passes it is counted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

BLOCK = 512  # bytes: at 56 kbit/s one takes 73 ms
SETTLE = 10.0  # seconds for the line's own thread to begin and to end


@dataclass
class Line:
    """A line to `target`, a port of this machine. `rate`: bytes a second each way (0: no limit); `delay`: seconds that
    each byte is under way."""

    target: int
    rate: float = 0.0
    delay: float = 0.0
    port: int = 0
    down: int = 0  # bytes that came from the target
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _loop: asyncio.AbstractEventLoop = field(init=False)

    def cut(self) -> None:
        """Both ends are reset, as when the network goes away."""
        self._loop.call_soon_threadsafe(self._abort)

    async def serve(self, listening: threading.Event, ended: asyncio.Event) -> None:
        """Listens until the line is no longer needed."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._accepted, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        listening.set()
        await ended.wait()
        server.close()

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    async def _accepted(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
        self._writers += [writer, far_writer]
        with suppress(OSError, asyncio.CancelledError):
            await asyncio.gather(self._carry(reader, far_writer), self._carry(far_reader, writer, counted=True))

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool = False
    ) -> None:
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        arriving = asyncio.ensure_future(self._arrive(under_way, writer))
        with suppress(OSError):
            while block := await reader.read(BLOCK if self.rate else 65536):
                if counted:
                    self.down += len(block)
                under_way.put_nowait((self._loop.time() + self.delay, block))
                if self.rate:
                    await asyncio.sleep(len(block) / self.rate)
        under_way.put_nowait((self._loop.time() + self.delay, b""))
        await arriving

    async def _arrive(self, under_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while True:
                due, block = await under_way.get()
                await asyncio.sleep(max(due - self._loop.time(), 0))
                if not block:
                    break
                writer.write(block)
                await writer.drain()
        writer.close()


@contextmanager
def line(target: int, rate: float = 0.0, delay: float = 0.0) -> Iterator[Line]:
    """A line that listens on `port` while the block runs."""
    made = Line(target, rate, delay)
    listening, ended = threading.Event(), asyncio.Event()
    thread = threading.Thread(target=lambda: asyncio.run(made.serve(listening, ended)), daemon=True)
    thread.start()
    assert listening.wait(SETTLE)
    try:
        yield made
    finally:
        made._loop.call_soon_threadsafe(ended.set)
        thread.join(SETTLE)
