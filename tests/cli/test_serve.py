"""The screens in a browser: only with the token, only by this machine's name, and for reading only."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from numtui.cli.serve import served
from tests.cli.browser import CHROMIUM, PATIENCE, page
from tests.e2e.program import PROJECT
from tests.export.conftest import Polled, polled_in

TOKEN = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")
DRAWN = 40_000  # bytes of a picture with a screen in it; the empty page has a quarter


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    with polled_in(tmp_path_factory.mktemp("served")) as polled:
        yield polled


@pytest.fixture
def address(polled: Polled, tmp_path: Path) -> Iterator[str]:
    """The address that a server prints, started with changes of stakes allowed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    places = ["--db", str(polled.settings.db), "--state-dir", str(tmp_path), "--offline", "--allow-stake"]
    command = [sys.executable, "-m", "numtui", *places, "serve", "--port", str(port)]
    environ = {**os.environ, "NUMTUI_CLOCK": "fixed 2026-11-21T13:00:00+00:00"}
    with subprocess.Popen(command, cwd=PROJECT, env=environ, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            line = server.stderr.readline()
            found = TOKEN.search(line)
            assert found is not None, line
            _wait_for(port)
            yield found[0]
        finally:
            server.terminate()
            server.wait(20)


def _wait_for(port: int) -> None:
    limit = time.monotonic() + PATIENCE
    while time.monotonic() < limit:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)


def status(url: str, **headers: str) -> int:
    request = urllib.request.Request(url, headers={name.replace("_", "-"): value for name, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_only_who_has_the_token_is_answered(address: str) -> None:
    plain = address.partition("?")[0]
    token = address.partition("token=")[2]
    assert status(plain) == status(f"{plain}?token=x") == status(f"{plain}ws") == 403
    assert status(f"{plain}static/css/xterm.css") == 403
    assert status(plain, Cookie=f"numtui={token}") == 200
    assert status(plain, Cookie="numtui=other") == 403


def test_another_name_or_another_page_is_refused(address: str) -> None:
    plain, token = address.partition("?")[0], address.partition("token=")[2]
    cookie = f"numtui={token}"
    assert status(plain, Cookie=cookie, Host="evil.example") == 403
    assert status(plain, Cookie=cookie, Origin="http://evil.example") == 403
    assert status(plain, Cookie=cookie, Origin=plain.rstrip("/")) == 200


def test_the_server_listens_on_this_machine_alone() -> None:
    server = served("true", 8650, "token")
    assert server.host == "127.0.0.1"


@pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")
def test_a_browser_shows_the_screens_for_reading_only(address: str, tmp_path: Path) -> None:
    async def look() -> tuple[bytes, list[str]]:
        async with page(tmp_path / "browser") as browser:
            await browser.ask("Page.enable")
            await browser.ask("Page.navigate", url=address)
            picture = b""
            async with asyncio.timeout(PATIENCE):
                while len(picture) < DRAWN:
                    await asyncio.sleep(0.5)
                    picture = await browser.picture()
            return picture, children(tmp_path)

    picture, commands = asyncio.run(look())
    assert picture.startswith(b"\x89PNG")
    (command,) = commands
    assert command.endswith(" run")
    assert "--allow-stake" not in command


def children(state: Path) -> list[str]:
    """The screens that a server has started on this state folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            words = entry.read_bytes().decode().split("\0")[:-1]
            if str(state) in words and "serve" not in words:
                found.append(" ".join(words))
    return found
