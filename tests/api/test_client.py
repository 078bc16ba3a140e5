"""The client against a real HTTP server that fails in each way the client must survive."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from email.utils import formatdate

import pytest

from numtui.api import documents
from numtui.api.client import ApiClient, RequestRecord
from numtui.api.errors import (
    ApiError,
    BadAnswer,
    GraphQLError,
    KeysMissing,
    Paused,
    RateLimited,
    Refused,
    ServerFault,
    TimedOut,
    Unreachable,
)
from numtui.api.records.public import Round
from numtui.api.settings import ApiSettings
from numtui.config import Credentials

from .scripted import SECRET, FakeTime, Received, Reply, ScriptedServer, answer

GOOD = answer({"rounds": [{"number": 1}]})
PASSING = {
    "500": Reply(500),
    "502 with a page": Reply(502, b"<html>Bad gateway</html>"),
    "429": Reply(429),
    "429 with seconds": Reply(429, headers={"Retry-After": "3"}),
    "429 with a date": Reply(
        429, headers={"Date": formatdate(1000, usegmt=True), "Retry-After": formatdate(1003, usegmt=True)}
    ),
    "200 rate limit": answer(None, [{"message": "API rate limit exceeded"}]),
    "time-out": Reply(fault="hang"),
    "dropped": Reply(fault="drop"),
    "cut off": Reply(body=GOOD.body, fault="cut"),
    "half a body, whole by its length": Reply(body=GOOD.body[:-5]),
    "web page": Reply(body=b"<!doctype html><p>maintenance"),
    "empty": Reply(body=b""),
    "neither data nor errors": Reply(body=b"{}"),
    "bad gzip": Reply(body=b"nonsense", headers={"Content-Encoding": "gzip"}),
}


async def numbers(client: ApiClient) -> list[int | None]:
    found = (await client.ask(documents.rounds(), {"tournament": 8})).part("rounds", list[Round])
    return [entry.number for entry in found or []]


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
async def test_a_passing_fault_is_got_over(client: ApiClient, server: ScriptedServer, fault: Reply) -> None:
    server.script = [fault, GOOD]
    assert await numbers(client) == [1]
    assert len(server.received) == 2
    assert (client.stats.requests, client.stats.errors, client.stats.retries) == (2, 1, 1)


async def test_a_length_that_is_too_short_is_got_over(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [Reply(body=GOOD.body, headers={"Content-Length": "10"}), GOOD]
    assert await numbers(client) == [1]


@pytest.mark.parametrize("fault", PASSING.values(), ids=PASSING.keys())
async def test_a_lasting_fault_ends_in_one_clear_line(
    client: ApiClient, server: ScriptedServer, settings: ApiSettings, fault: Reply
) -> None:
    server.script = [fault]
    with pytest.raises(ApiError) as caught:
        await client.ask(documents.rounds(), {"tournament": 8}, attempts=2)
    assert len(server.received) == 2
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) > 20


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply(500), ServerFault),
        (Reply(429), RateLimited),
        (answer(None, [{"message": "Rate limit"}]), RateLimited),
        pytest.param(Reply(fault="hang"), TimedOut, id="time-out"),
        (Reply(fault="drop"), Unreachable),
        (Reply(body=b"<html>"), BadAnswer),
        (Reply(401), Refused),
        (Reply(403, b"<html>"), Refused),
        (Reply(404, b"not here"), BadAnswer),
        (Reply(302, headers={"Location": "/elsewhere"}), BadAnswer),
    ],
)
async def test_each_fault_has_its_type(
    client: ApiClient, server: ScriptedServer, reply: Reply, kind: type[ApiError]
) -> None:
    server.script = [reply]
    with pytest.raises(kind):
        await client.ask(documents.rounds(), {"tournament": 8}, attempts=1)


@pytest.mark.parametrize("status", [401, 403])
async def test_only_a_key_that_was_sent_is_refused(client: ApiClient, server: ScriptedServer, status: int) -> None:
    server.script = [Reply(status)]
    for document, refused in ((documents.ACCOUNT, True), (documents.rounds(), False)):
        with pytest.raises(Refused, match=f"HTTP {status}") as caught:
            await client.ask(document)
        assert caught.value.is_key_refusal is refused
        assert str(caught.value).startswith("key refused") is refused


@pytest.mark.parametrize("reply", [Reply(401), Reply(404), Reply(302, headers={"Location": "/"})])
async def test_what_stays_wrong_is_not_asked_again(client: ApiClient, server: ScriptedServer, reply: Reply) -> None:
    server.script = [reply]
    with pytest.raises(ApiError):
        await numbers(client)
    assert len(server.received) == 1


async def test_pauses_double_and_retry_after_is_honoured(
    client: ApiClient, server: ScriptedServer, fake_time: FakeTime
) -> None:
    dated = {"Date": formatdate(5000, usegmt=True), "Retry-After": formatdate(5011, usegmt=True)}
    server.script = [Reply(500), Reply(429, headers={"Retry-After": "7"}), Reply(429, headers=dated), Reply(503), GOOD]
    assert await numbers(client) == [1]
    assert fake_time.slept == [0.5, 7.0, 11.0, 4.0]
    assert client.stats.rate_limited == 2


async def test_a_pause_beyond_the_budget_is_not_waited_for(
    client: ApiClient, server: ScriptedServer, fake_time: FakeTime
) -> None:
    server.script = [Reply(429, headers={"Retry-After": "3600"})]
    with pytest.raises(RateLimited) as caught:
        await numbers(client)
    assert caught.value.retry_after == 300  # more would stop us for good by a slip of the server
    with pytest.raises(RateLimited):  # nor is the next request sent before its time
        await numbers(client)
    assert len(server.received) == 1
    assert fake_time.slept == []
    fake_time.now += 300
    server.script = [GOOD]
    assert await numbers(client) == [1]


async def test_all_requests_wait_when_one_is_told_to(
    client: ApiClient, server: ScriptedServer, fake_time: FakeTime
) -> None:
    server.script = [Reply(429, headers={"Retry-After": "9"}), GOOD]
    with pytest.raises(RateLimited):
        await client.ask(documents.rounds(), attempts=1)
    assert await numbers(client) == [1]
    assert fake_time.slept == [9.0]


async def test_the_breaker_refuses_quickly_and_closes_by_itself(
    server: ScriptedServer, settings: ApiSettings, fake_time: FakeTime
) -> None:
    server.script = [Reply(500)]
    settings = replace(settings, breaker_failures=4, breaker_pause=60.0, attempts=2)
    async with ApiClient(settings, timing=fake_time.timing()) as client:
        for _ in range(2):
            with pytest.raises(ServerFault):
                await numbers(client)
        with pytest.raises(Paused):
            await numbers(client)
        assert len(server.received) == 4
        fake_time.now += 60.0
        server.script = [GOOD]
        assert await numbers(client) == [1]


async def test_an_alternative_is_asked_when_the_first_is_down(server: ScriptedServer, fake_time: FakeTime) -> None:
    server.script = [GOOD]
    dead = ScriptedServer()
    dead.stop()
    settings = ApiSettings((dead.url, server.url), breaker_failures=2)
    async with ApiClient(settings, timing=fake_time.timing()) as client:
        for _ in range(4):
            assert await numbers(client) == [1]
        assert client.stats.errors == 2  # then its breaker is open and it is not tried for a while
        assert fake_time.slept == []


async def test_unreachable_names_the_host_only(fake_time: FakeTime) -> None:
    settings = ApiSettings(("http://user:hidden@127.0.0.1:9/path",), attempts=1)
    async with ApiClient(settings, timing=fake_time.timing()) as client:
        with pytest.raises(Unreachable) as caught:
            await numbers(client)
    assert "127.0.0.1:9" in str(caught.value)
    assert "hidden" not in str(caught.value)


async def test_a_proxy_that_cannot_be_used_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "gopher://proxy:70")
    with pytest.raises(Unreachable, match="HTTPS_PROXY"):
        ApiClient(ApiSettings(("https://127.0.0.1:9",)))


async def test_a_proxy_is_not_asked_for_a_server_on_this_machine(
    server: ScriptedServer, settings: ApiSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    server.script = [GOOD]
    async with ApiClient(settings) as client:
        assert await numbers(client) == [1]


async def test_a_url_that_is_none_is_said_so(fake_time: FakeTime) -> None:
    async with ApiClient(ApiSettings(("not a url",)), timing=fake_time.timing()) as client:
        with pytest.raises(BadAnswer):
            await numbers(client)


async def test_the_key_goes_only_where_it_is_needed(client: ApiClient, server: ScriptedServer) -> None:
    await client.ask(documents.rounds())
    await client.ask(documents.ACCOUNT)
    public, account = (request.headers for request in server.received)
    assert "Authorization" not in public
    assert account["Authorization"] == f"Token PUBLIC${SECRET}"
    assert public["User-Agent"].startswith("numtui/")
    assert "gzip" in public["Accept-Encoding"]


async def test_without_a_key_nothing_is_sent(server: ScriptedServer, settings: ApiSettings) -> None:
    async with ApiClient(settings) as client:
        assert not client.has_keys
        with pytest.raises(KeysMissing, match="NUMERAI_PUBLIC_ID"):
            await client.ask(documents.ACCOUNT)
    assert server.received == []


@pytest.mark.parametrize("key", ["sécret", "two words", "line\nbreak"])
async def test_a_key_that_no_header_can_hold_is_refused(
    server: ScriptedServer, settings: ApiSettings, key: str
) -> None:
    async with ApiClient(settings, Credentials("PUBLIC", key)) as client:
        with pytest.raises(Refused) as caught:
            await client.ask(documents.ACCOUNT)
    assert key not in str(caught.value)
    assert server.received == []


@pytest.mark.parametrize(
    "reply",
    [
        answer(None, [{"message": f"invalid token PUBLIC${SECRET}"}]),
        answer({"account": None}, [{"message": f"key {SECRET} lacks x", "path": ["account"]}]),
        Reply(401, json.dumps({"errors": {"detail": SECRET}}).encode()),
        Reply(fault="drop"),
    ],
)
async def test_the_secret_is_in_no_error(client: ApiClient, server: ScriptedServer, reply: Reply) -> None:
    server.script = [reply]
    with pytest.raises(ApiError) as caught:
        (await client.ask(documents.ACCOUNT, attempts=1)).part("account", dict[str, object])
    assert SECRET not in repr(caught.value) + str(caught.value)


async def test_a_missing_scope_is_named(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer(None, [{"message": "Insufficient permission for web3_staking", "path": ["v3StakeConfig"]}])]
    with pytest.raises(Refused, match="lacks the scope web3_staking") as caught:
        (await client.ask(documents.STAKE_CONFIG, {"tournament": 8})).part("v3StakeConfig", dict[str, object])
    assert caught.value.scope == "web3_staking"


async def test_the_part_that_came_is_kept(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer({"a": [{"number": 4}], "b": None}, [{"message": "boom", "path": ["b"]}])]
    found = await client.ask(documents.rounds())
    assert [entry.number for entry in found.part("a", list[Round]) or []] == [4]
    with pytest.raises(GraphQLError) as caught:
        found.part("b", list[Round])
    assert caught.value.path == ("b",)
    assert found.part("c", list[Round]) is None


async def test_variables_that_are_none_are_left_out(client: ApiClient, server: ScriptedServer) -> None:
    await client.ask(documents.rounds(), {"tournament": 8, "limit": None})
    assert server.received[0].variables == {"tournament": 8}


async def test_a_field_the_server_lost_is_left_out_from_then_on(
    client: ApiClient, server: ScriptedServer, caplog: pytest.LogCaptureFixture
) -> None:
    def respond(request: Received) -> Reply:
        if request.query.count("stakeThreshold") > 1:
            return answer(None, [{"message": 'Cannot query field "stakeThreshold" on type "Round".'}])
        return GOOD

    server.respond = respond
    assert await numbers(client) == [1]
    assert await numbers(client) == [1]
    assert len(server.received) == 3
    assert server.received[-1].query.count("stakeThreshold") == 1  # of another type, which has it
    assert "Round.stakeThreshold" in caplog.text


async def test_a_schema_too_foreign_ends_in_an_error(client: ApiClient, server: ScriptedServer) -> None:
    server.script = [answer(None, [{"message": 'Cannot query field "rounds" on type "RootQueryType".'}])]
    with pytest.raises(GraphQLError, match="Cannot query"):
        await numbers(client)
    assert len(server.received) == 1


async def test_at_most_so_many_requests_at_once(
    server: ScriptedServer, settings: ApiSettings, fake_time: FakeTime
) -> None:
    most = 0
    under_way = 0

    class Counting(ApiClient):
        def _headers(self, document: documents.Document) -> dict[str, str]:
            nonlocal most, under_way
            under_way += 1
            most = max(most, under_way)
            return super()._headers(document)

    def record(_: RequestRecord) -> None:
        nonlocal under_way
        under_way -= 1

    async with Counting(replace(settings, concurrency=3), timing=fake_time.timing(), on_request=record) as client:
        await asyncio.gather(*(client.ask(documents.rounds()) for _ in range(12)))
    assert most == 3
    assert len(server.received) == 12


async def test_progress_is_told_with_compressed_sizes(
    server: ScriptedServer, settings: ApiSettings, fake_time: FakeTime
) -> None:
    packed = gzip.compress(GOOD.body)
    server.script = [Reply(500), Reply(body=packed, headers={"Content-Encoding": "gzip"})]
    records: list[RequestRecord] = []
    async with ApiClient(settings, timing=fake_time.timing(), on_request=records.append) as client:
        assert await numbers(client) == [1]
        assert client.stats.bytes == len(packed)
    assert [(record.name, record.status, record.error) for record in records] == [
        ("rounds", 500, "ServerFault"),
        ("rounds", 200, None),
    ]
