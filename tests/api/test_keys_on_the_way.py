"""Where a key may go: over HTTPS, or to this machine. What is inside a URL is shown nowhere."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import pytest

from numtui.api import documents
from numtui.api.client import ApiClient
from numtui.api.errors import Refused, Unreachable
from numtui.api.http import transport
from numtui.api.http.addresses import host_of, is_loopback, shows_keys, without_password
from numtui.api.settings import ApiSettings
from numtui.api.stake_transport import StakeTransport
from numtui.cli import doctor
from numtui.config import Credentials
from tests.e2e.program import DONE, FAILED, Program

from .scripted import SECRET, ScriptedServer, answer

INCREASE = 'mutation { v2ChangeStake(modelId: "m", tournamentNumber: 11, type: "increase", value: "1") { status } }'
KEY = Credentials("PUBLIC", SECRET)


class Wire:
    """What leaves the client, in place of a network."""

    def __init__(self, client: ApiClient) -> None:
        self.sent: list[httpx.Request] = []
        client._http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        return httpx.Response(200, json={"data": {"account": {"username": "me"}, "rounds": []}})


@pytest.mark.parametrize("url", ["http://api.test", "HTTP://192.168.1.5:8000/x", "http://127.0.0.1.evil.test"])
async def test_a_key_does_not_leave_this_machine_in_the_clear(url: str) -> None:
    settings = ApiSettings((url,))
    async with ApiClient(settings, KEY) as client:
        wire = Wire(client)
        with pytest.raises(Refused, match=r"the key was not sent: .*--insecure-keys") as caught:
            await client.ask(documents.ACCOUNT)
        assert wire.sent == []
        assert not caught.value.is_key_refusal
        await client.ask(documents.rounds())
        assert "authorization" not in wire.sent[0].headers
    async with ApiClient(replace(settings, insecure_keys=True), KEY) as client:
        wire = Wire(client)
        await client.ask(documents.ACCOUNT)
        assert SECRET in wire.sent[0].headers["authorization"]


@pytest.mark.parametrize(
    "url", ["https://api.test", "http://127.0.0.1:9", "http://127.8.8.8", "http://localhost:8000", "http://[::1]:8000"]
)
async def test_https_and_this_machine_get_the_key(url: str) -> None:
    async with ApiClient(ApiSettings((url,)), KEY) as client:
        wire = Wire(client)
        await client.ask(documents.ACCOUNT)
        assert SECRET in wire.sent[0].headers["authorization"]


async def test_an_alternative_in_the_clear_is_left_out_for_keys(server: ScriptedServer) -> None:
    server.script = [answer({"account": {"username": "me"}})]
    urls = ("http://api.test", server.url)
    async with ApiClient(ApiSettings(urls), KEY) as client:
        await client.ask(documents.ACCOUNT)
    assert len(server.received) == 1


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://api-tournament.numer.ai", "https://api-tournament.numer.ai"),
        ("https://me:hidden@api.test/graphql", "https://***@api.test/graphql"),
        ("https://me:hid@den@api.test:8/", "https://***@api.test:8/"),
        ("me:hidden@api.test", "the given address"),
        ("http://[::1", "the given address"),
        ("http://me:hidden@[::1", "the given address"),
    ],
)
def test_a_url_is_shown_without_a_password(url: str, text: str) -> None:
    assert without_password(url) == text
    assert "hid" not in host_of(url)


def test_this_machine_by_its_names() -> None:
    assert all(
        is_loopback(f"http://{host}/") for host in ("localhost", "LOCALHOST:1", "127.0.0.1", "127.9.9.9", "[::1]")
    )
    others = ("example.com", "localhost.example.com", "10.0.0.1", "0.0.0.0", "[::2]", "", "127.1.evil.test")
    assert not any(is_loopback(f"http://{host}/") for host in others)
    assert not shows_keys("https://example.com")
    assert shows_keys("ftp://example.com")


@pytest.mark.parametrize("document", [INCREASE, "query { account { username } }"])
def test_a_stake_change_does_not_leave_this_machine_in_the_clear(document: str) -> None:
    transport = StakeTransport(ApiSettings(("http://192.0.2.1",), connect_timeout=0.1), KEY, allow_stake=True)
    with pytest.raises(Refused, match="the key was not sent"):
        transport.send(document, {}, auth=True)


def test_a_loopback_server_is_not_asked_through_a_proxy(
    server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    client = ApiClient(ApiSettings(("http://127.8.8.8:1",)))
    assert client._http._transport_for_url(httpx.URL("http://127.8.8.8:1")) is client._http._transport


@pytest.mark.parametrize("command", [("doctor",), ("info",), ("poll", "--once"), ("export", "rounds")])
def test_no_command_shows_the_password_of_a_url(
    server: ScriptedServer, tmp_path: Path, command: tuple[str, ...]
) -> None:
    server.script = [answer({"rounds": [], "pipeline": None, "open": [], "newest": []})]
    url = server.url.replace("http://", "http://someone:hidden-word@")
    program = Program(tmp_path, url, keys=False)
    program("poll", "--once")
    ran = program("--log-level", "debug", *command)
    assert "hidden-word" not in ran.out + ran.err


async def test_a_password_is_in_no_failure() -> None:
    async with ApiClient(ApiSettings(("http://someone:hidden@127.0.0.1:9",), attempts=1)) as client:
        with pytest.raises(Unreachable) as caught:
            await client.ask(documents.rounds())
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("sent", [True, False])
def test_doctor_says_what_happens_to_a_key_in_the_clear(
    server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bool
) -> None:
    """As if the server here were on another machine."""
    monkeypatch.setattr(doctor, "shows_keys", lambda url: True)
    if not sent:
        monkeypatch.setattr(transport, "shows_keys", lambda url: True)
    token = {"accountUsername": "me", "scopes": []}
    server.script = [answer({"rounds": [], "open": [], "newest": [], "apiTokenInfo": token})]
    ran = Program(tmp_path, server.url)("doctor")
    assert ("unencrypted" in ran.out) is sent
    assert ("the key was not sent" in ran.out) is not sent
    assert ran.code == (DONE if sent else FAILED)
