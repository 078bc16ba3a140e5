"""An answer may take so long, be so large and say so much: a server that does more ends in one line, soon."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from email.utils import formatdate

import pytest

from numtui.api import documents
from numtui.api.answer import LONGEST_PAUSE, retry_after
from numtui.api.client import ApiClient
from numtui.api.errors import ApiError, BadAnswer, GraphQLError, RateLimited, TimedOut, one_line
from numtui.api.http import transport, unpacking
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.model import Tournament
from tests.api.scripted import FakeTime, Reply, ScriptedServer, answer

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n"
MEGABYTE = 2**20


class Dripping:
    """A server whose answers come a byte at a time, from the first byte of the head or after it, and never end."""

    def __init__(self, at_once: bytes, drip: bytes) -> None:
        self._at_once, self._drip = at_once, drip
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self.stopping = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection: socket.socket) -> None:
        with closing(connection), suppress(OSError):
            connection.recv(65_536)
            connection.sendall(self._at_once)
            for position in range(100_000):
                if self.stopping.wait(0.05):
                    return
                connection.sendall(self._drip[position : position + 1] or b" ")

    def stop(self) -> None:
        self.stopping.set()
        self._socket.close()


@pytest.fixture(params=[(HEAD, b""), (b"", HEAD), (HEAD.replace(b"5000", b"x" * 10)[:17], b"X-Long: " + b"y" * 9999)])
def dripping(request: pytest.FixtureRequest) -> Iterator[Dripping]:
    server = Dripping(*request.param)
    yield server
    server.stop()


async def test_an_answer_by_bytes_ends_at_the_total_time(dripping: Dripping) -> None:
    settings = ApiSettings((dripping.url,), read_timeout=30, total_timeout=0.4, attempts=1)
    async with ApiClient(settings) as client:
        started = time.monotonic()
        with pytest.raises(TimedOut, match=r"no whole answer from 127\.0\.0\.1:\d+ within 0\.4 s"):
            await client.ask(documents.rounds())
        assert time.monotonic() - started < 5
        assert client.stats.errors == 1


async def test_a_megabyte_that_unpacks_to_much_more_is_not_read(
    server: ScriptedServer, settings: ApiSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_UNPACKED", 8 * MEGABYTE)
    bomb = gzip.compress(bytes(300 * MEGABYTE), compresslevel=1)
    server.script = [Reply(body=bomb, headers={"Content-Encoding": "gzip"})]
    async with ApiClient(settings) as client:
        tracemalloc.start()
        with pytest.raises(BadAnswer, match="larger than any"):
            await client.ask(documents.rounds())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 150 * MEGABYTE
    assert len(server.received) == 1


async def test_an_answer_that_goes_on_and_on_is_not_read(
    client: ApiClient, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "MOST_BYTES", MEGABYTE)
    server.script = [Reply(body=b" " * (3 * MEGABYTE))]
    with pytest.raises(BadAnswer, match="larger than any"):
        await client.ask(documents.rounds())
    server.script = [answer({"rounds": [{"number": 5}]})]
    assert [one.number for one in await Queries(client).rounds(Tournament.CLASSIC)] == [5]


async def test_an_answer_that_is_packed_twice_is_not_unpacked(client: ApiClient, server: ScriptedServer) -> None:
    twice = gzip.compress(gzip.compress(answer({}).body))
    server.script = [Reply(body=twice, headers={"Content-Encoding": "gzip, gzip"})]
    with pytest.raises(BadAnswer, match="packed"):
        await client.ask(documents.rounds(), attempts=1)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        ("1" + "0" * 20, LONGEST_PAUSE),
        ("9" * 500, LONGEST_PAUSE),
        (formatdate(1_000_011, usegmt=True), 11.0),
        (formatdate(9_000_000, usegmt=True), LONGEST_PAUSE),
        (formatdate(900_000, usegmt=True), 0.0),
        ("-5", None),
        ("²", None),
        ("soon", None),
        ("inf", None),
        ("nan", None),
        ("1e9", None),
        ("Thu, 01 Jan 99999999999999999999 00:00:00 GMT", None),
        ("Mon, 01 Jan 2026 00:00:00 +9999", None),
        ("", None),
    ],
)
def test_a_retry_after_is_understood_or_left(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text, "date": formatdate(1_000_000, usegmt=True)}, 0.0) == seconds


async def test_a_retry_after_without_end_stops_nothing_for_good(
    client: ApiClient, server: ScriptedServer, fake_time: FakeTime
) -> None:
    server.script = [Reply(429, headers={"Retry-After": "1" + "0" * 20}), answer({"rounds": [{"number": 5}]})]
    with pytest.raises(RateLimited, match="300 s"):
        await client.ask(documents.rounds())
    fake_time.now += LONGEST_PAUSE
    assert [one.number for one in await Queries(client).rounds(Tournament.CLASSIC)] == [5]


@pytest.mark.parametrize("path", [["rounds"], ["x" * 100_000, "\x1b[2J"], []])
async def test_the_servers_words_are_one_short_printable_line(
    client: ApiClient, server: ScriptedServer, path: list[str]
) -> None:
    words = "no\nsuch \x1b]52;c;aGk=\x07 round \u202e " + "and so on " * 200_000
    server.script = [answer({"rounds": None}, [{"message": words, "path": path or ["rounds"]}, {"message": words}])]
    with pytest.raises(GraphQLError) as caught:
        (await client.ask(documents.rounds(), attempts=1)).part("rounds", list[dict[str, object]])
    line = str(caught.value)
    assert line.isprintable()
    assert len(line) < 420
    assert "no such" in line


def test_a_short_line_stays_as_it_is() -> None:
    assert one_line("Round not found") == "Round not found"
    assert one_line("a" * 300) == "a" * 300
    assert one_line("a" * 301) == "a" * 297 + "..."


DEEP = b"[" * 200_000 + b"]" * 200_000


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": ' + DEEP + b"}",
        b'{"data": {"rounds": ' + DEEP + b"}}",
        b'{"data": {"rounds": [{"unknown": ' + DEEP + b"}]}}",
        b'{"data": null, "errors": ' + DEEP + b"}",
        DEEP,
        b'{"data": {"rounds": [{"number": "\xff\xfe"}]}}',
        b'{"data": null, "errors": 1e400}',
        b"1e400",
    ],
    ids=["data", "part", "unknown field", "errors", "all", "no UTF-8", "errors beyond a float", "beyond a float"],
)
async def test_what_cannot_be_decoded_is_a_bad_answer(
    server: ScriptedServer, settings: ApiSettings, fake_time: FakeTime, body: bytes
) -> None:
    server.script = [Reply(body=body)]
    async with ApiClient(replace(settings, attempts=2), timing=fake_time.timing()) as client:
        with pytest.raises(ApiError) as caught:
            await Queries(client).rounds(Tournament.CLASSIC)
    assert isinstance(caught.value, BadAnswer)


@pytest.mark.parametrize(
    "number", ["1e400", "-1e400", "9223372036854775808", "-9223372036854775809", "9" * 400, "1e30"]
)
async def test_a_number_beyond_reason_is_missing(client: ApiClient, server: ScriptedServer, number: str) -> None:
    row = f'{{"number": {number}, "tournament": 8, "payoutFactor": {number}}}'
    server.script = [Reply(body=f'{{"data": {{"rounds": [{row}, {{"number": 6}}]}}}}'.encode())]
    first, second = await Queries(client).rounds(Tournament.CLASSIC)
    assert first.number is None
    assert first.tournament == 8
    assert second.number == 6
