"""Certificates: one that is not trusted is named so, with the way to trust it; so is a missing file of trusted ones."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from numtui.api.client import ApiClient
from numtui.api.errors import NotSent, Unreachable
from numtui.api.http.transport import TRUST_FILES
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.api.stake_transport import StakeTransport
from numtui.config import Credentials
from numtui.model import Tournament
from tests.e2e.program import DONE, UNREACHABLE, Program

from .scripted import SECRET, ScriptedServer, answer

CERTIFICATE = Path(__file__).with_name("untrusted.pem")  # made for these tests only, with its own key, for 127.0.0.1
CHANGE = 'mutation { v2ChangeStake(modelId: "m", tournamentNumber: 11, type: "increase", value: "1") { status } }'


@pytest.fixture
def secure() -> Iterator[ScriptedServer]:
    """A server with a certificate of its own, as a proxy that opens connections shows one."""
    server = ScriptedServer()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.script = [answer({"rounds": [{"number": 5}], "open": [], "newest": []})]
    yield server
    server.stop()


def url_of(server: ScriptedServer) -> str:
    return server.url.replace("http://", "https://")


@pytest.fixture(autouse=True)
def no_trust_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TRUST_FILES:
        monkeypatch.delenv(name, raising=False)


async def rounds(url: str) -> list[int | None]:
    async with ApiClient(ApiSettings((url,), attempts=1)) as client:
        return [one.number for one in await Queries(client).rounds(Tournament.CLASSIC)]


async def test_a_certificate_that_is_not_trusted_is_named(secure: ScriptedServer) -> None:
    with pytest.raises(Unreachable, match=r"certificate of 127\.0\.0\.1:\d+ is not trusted: .*SSL_CERT_FILE"):
        await rounds(url_of(secure))
    assert secure.received == []


@pytest.mark.parametrize("name", TRUST_FILES)
async def test_it_is_trusted_where_the_environment_says_so(
    secure: ScriptedServer, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, str(CERTIFICATE))
    assert await rounds(url_of(secure)) == [5]


@pytest.mark.parametrize("name", TRUST_FILES)
@pytest.mark.parametrize("content", [None, "", "no certificate"])
async def test_a_file_that_cannot_be_used_is_named(
    secure: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, content: str | None
) -> None:
    place = tmp_path / "trusted.pem"
    if content is not None:
        place.write_text(content)
    monkeypatch.setenv(name, str(place))
    with pytest.raises(Unreachable) as caught:
        await rounds(url_of(secure))
    words = "is not there" if content is None else "holds no certificates"
    assert f"{name} names {place}, which {words}" in str(caught.value)


def test_a_stake_change_says_the_same(secure: ScriptedServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keys = Credentials("PUBLIC", SECRET)
    transport = StakeTransport(ApiSettings((url_of(secure),)), keys, allow_stake=True)
    with pytest.raises(NotSent, match=r"certificate of .* is not trusted"):
        transport.send(CHANGE, {}, auth=True)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    with pytest.raises(NotSent, match=r"SSL_CERT_FILE names .*missing\.pem, which is not there"):
        transport.send(CHANGE, {}, auth=True)
    assert secure.received == []


def test_a_stake_change_trusts_what_numerapi_trusts(secure: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(CERTIFICATE))
    secure.script = [answer({"v2ChangeStake": {"status": "pending"}})]
    transport = StakeTransport(ApiSettings((url_of(secure),)), Credentials("PUBLIC", SECRET), allow_stake=True)
    transport.send(CHANGE, {}, auth=True)
    assert len(secure.received) == 1


def test_commands_say_it_in_one_sentence(secure: ScriptedServer, tmp_path: Path) -> None:
    ran = Program(tmp_path / "a", url_of(secure), keys=False)("export", "rounds")
    assert ran.code == UNREACHABLE
    assert ran.err.count("is not trusted") == 1
    lost = Program(tmp_path / "b", url_of(secure), keys=False, environment={"SSL_CERT_FILE": "/nowhere/ca.pem"})
    ran = lost("export", "rounds")
    assert ran.code == UNREACHABLE
    assert "SSL_CERT_FILE names /nowhere/ca.pem, which is not there" in ran.err
    assert "FileNotFoundError" not in ran.err
    named = Program(tmp_path / "c", url_of(secure), keys=False, environment={"SSL_CERT_FILE": str(CERTIFICATE)})
    assert named("doctor").code == DONE
