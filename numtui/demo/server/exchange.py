"""One HTTP request and its answer at the level where connections can be cut."""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

GZIP_FROM = 1_000  # bytes
GZIP_LEVEL = 1
WITH_GZIP_HEADER = 31  # zlib's window bits


@dataclass(frozen=True, slots=True)
class Exchange:
    """The parts of an ASGI call; `send` must be uvicorn's own, whose connection `drop` closes."""

    scope: Scope
    receive: Receive
    send: Send

    @property
    def request(self) -> Request:
        """The request."""
        return Request(self.scope, self.receive)

    async def respond(self, payload: bytes, status: int, headers: dict[str, str], *, truncated: bool = False) -> int:
        """Answer, compressed where the client takes it; `truncated` closes after half of it. The bytes sent."""
        if len(payload) >= GZIP_FROM and "gzip" in self.request.headers.get("accept-encoding", ""):
            payload = await asyncio.to_thread(_gzip, payload)
            headers = headers | {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        if not truncated:
            await Response(payload, status, headers)(self.scope, self.receive, self.send)
            return len(payload)
        headers = headers | {"Content-Length": str(len(payload))}
        raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        half = payload[: len(payload) // 2]
        await self.send({"type": "http.response.start", "status": status, "headers": raw})
        await self.send({"type": "http.response.body", "body": half, "more_body": True})
        self._transport().close()
        return len(half)

    def drop(self) -> int:
        """Close the connection without an answer: 0 bytes sent."""
        self._transport().abort()
        return 0

    def _transport(self) -> asyncio.WriteTransport:
        cycle = getattr(self.send, "__self__")  # noqa: B009 -- uvicorn's request cycle; ASGI has no word for its socket
        transport = cycle.transport
        assert isinstance(transport, asyncio.WriteTransport)
        return transport


def _gzip(payload: bytes) -> bytes:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, WITH_GZIP_HEADER)
    return compressor.compress(payload) + compressor.flush()
