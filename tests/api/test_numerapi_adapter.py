"""The adapter: numerapi's own methods on our transport. POSTs are counted at a real server."""

from __future__ import annotations

import json
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.api.errors import (
    ApiError,
    GraphQLError,
    KeysMissing,
    MutationsForbidden,
    NotSent,
    Refused,
    ServerFault,
    TimedOut,
    UnknownOutcome,
)
from numtui.api.numerapi_adapter import NumerapiAdapter, amount_text, open_adapter
from numtui.api.settings import ApiSettings
from numtui.api.stake_transport import StakeTransport, change_in
from numtui.config import Credentials
from numtui.model import Tournament
from tests.api.scripted import SECRET, Dripping, FakeTime, Reply, ScriptedServer, answer

DONE = answer(
    {
        "v2ChangeStake": {
            "dueDate": "2026-12-01T13:00:00Z",
            "requestedAmount": "1,000.50",
            "status": "",
            "type": "decrease",
        }
    }
)
UNKNOWN = {
    "500": Reply(500),
    "502 with a page": Reply(502, b"<html>"),
    "429": Reply(429, headers={"Retry-After": "1"}),
    "401": Reply(401),
    "400 with an error": Reply(400, json.dumps({"errors": [{"message": "bad"}]}).encode()),
    "redirection": Reply(307, headers={"Location": "/"}),
    "time-out": Reply(fault="hang"),
    "dropped": Reply(fault="drop"),
    "cut off": Reply(body=DONE.body, fault="cut"),
    "half a body": Reply(body=DONE.body[:-9]),
    "web page": Reply(body=b"<html>"),
    "empty": Reply(body=b""),
    "a list": Reply(body=b"[]"),
    "null": Reply(body=b"null"),
    "nothing said": answer({"v2ChangeStake": None}),
    "data and an error": answer({"v2ChangeStake": {"status": ""}}, [{"message": "x", "path": ["v2ChangeStake", "id"]}]),
    "bad gzip": Reply(body=b"nonsense", headers={"Content-Encoding": "gzip"}),
    "an empty error": Reply(body=b'{"data": null, "errors": "x"}'),
    "a due date that is none": answer({"v2ChangeStake": {"dueDate": "soon", "requestedAmount": "1"}}),
}
AT = ["v2ChangeStake"]
ASKED = {"type": "increase", "requestedAmount": "1.5", "status": "", "dueDate": None}
UNPROVEN: dict[str, list[dict[str, Any]]] = {
    "an error without a path": [{"message": "Stake is locked"}],
    "an error at the field": [{"message": "Stake is locked", "path": AT}],
    "something went wrong": [{"message": "Something went wrong", "path": AT}],
    "internal": [{"message": "Internal server error", "path": AT}],
    "rate limit": [{"message": "rate limit exceeded: Stake is locked"}],
    "rate limit at the field": [{"message": "rate limit exceeded. Try again later.", "path": AT}],
    "own words elsewhere": [{"message": "Insufficient NMR available", "path": [*AT, "dueDate"]}],
    "own words without a path": [{"message": "Insufficient NMR available"}],
    "own words in the middle": [{"message": "Something: Insufficient NMR available", "path": AT}],
    "a field of the answer": [{"message": "Cannot query field 'x'", "path": [*AT, "id"]}],
    "validation at the field": [{"message": "Cannot query field 'x'", "path": AT}],
    "a scope of a part": [{"message": "Insufficient permission for stake", "path": [*AT, "status"]}],
    "proof and none": [{"message": "Insufficient NMR available", "path": AT}, {"message": "Internal server error"}],
    "no message": [{"path": AT}],
    "no errors": [],
}
UNKNOWN |= {f"{name}, {kind}": answer(data, errors) for name, errors in UNPROVEN.items()
            for kind, data in (("null", None), ("null field", {"v2ChangeStake": None}))}  # fmt: skip
UNKNOWN |= {
    "an object": answer({}),
    "an empty answer": answer({"v2ChangeStake": {}}),
    "another type": answer({"v2ChangeStake": ASKED | {"type": "decrease"}}),
    "another amount": answer({"v2ChangeStake": ASKED | {"requestedAmount": "15"}}),
    "no amount": answer({"v2ChangeStake": ASKED | {"requestedAmount": None}}),
    "a text": answer({"v2ChangeStake": "done"}),
    "a list of answers": answer({"v2ChangeStake": [ASKED]}),
    "validation beside data": answer({"v2ChangeStake": None}, [{"message": "Unknown argument 'x'"}]),
    "deep": Reply(body=b"[" * 100_000),
}
REFUSED = {
    "scope": answer(None, [{"message": "Insufficient permission for stake"}]),
    "scope at the field": answer(
        {"v2ChangeStake": None}, [{"message": "Insufficient permission for stake", "path": AT}]
    ),
    "session": answer(None, [{"message": "Your session is invalid or has expired.", "path": AT}]),
    "no such field": Reply(body=b'{"errors": [{"message": "Cannot query field \\"x\\" on type \\"Y\\"."}]}'),
    "argument": answer(None, [{"message": 'Unknown argument "a" on field "v2ChangeStake"'}]),
    "variable": answer(None, [{"message": 'Variable "$a" of required type', "path": []}]),
    "amount": answer({"v2ChangeStake": None}, [{"message": "Insufficient NMR available", "path": AT}]),
    "minimum": answer(None, [{"message": "The minimum amount is 0.01 NMR", "path": AT}]),
}


@pytest.fixture
def adapter(settings: ApiSettings, credentials: Credentials, fake_time: FakeTime) -> NumerapiAdapter:
    transport = StakeTransport(
        settings, credentials, allow_stake=True, sleep=fake_time.sleep_now, timing=fake_time.timing()
    )
    return open_adapter(Tournament.SIGNALS, transport)


def test_a_change_goes_through_numerapis_own_method(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    server.script = [DONE]
    request = adapter.decrease("model-id", Decimal("10005E-1"))
    assert request.requested_amount == Decimal("1000.5")
    assert request.due_date == datetime(2026, 12, 1, 13, tzinfo=UTC)
    (received,) = server.received
    assert received.variables == {
        "value": "1000.5",
        "type": "decrease",
        "modelId": "model-id",
        "tournamentNumber": 11,
    }
    assert received.headers["Authorization"] == f"Token PUBLIC${SECRET}"


@pytest.mark.parametrize("reply", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_an_unclear_answer_is_one_post_and_unknown(
    adapter: NumerapiAdapter, server: ScriptedServer, reply: Reply
) -> None:
    server.script = [reply, DONE]
    with pytest.raises(UnknownOutcome) as caught:
        adapter.increase("model-id", "1.5")
    assert len(server.received) == 1
    assert SECRET not in str(caught.value)
    assert "try again" not in str(caught.value).lower()


@pytest.mark.parametrize("reply", REFUSED.values(), ids=REFUSED.keys())
def test_an_error_in_the_answer_is_one_post_and_refused(
    adapter: NumerapiAdapter, server: ScriptedServer, reply: Reply
) -> None:
    server.script = [reply, DONE]
    with pytest.raises(Refused):
        adapter.stake_increase("1.5", "model-id")
    assert len(server.received) == 1


def test_the_refusal_says_why(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    server.script = [REFUSED["amount"]]
    with pytest.raises(Refused, match="Insufficient NMR available"):
        adapter.increase("model-id", "1")


@pytest.mark.parametrize("fault", ["drip", "drip headers"])
def test_an_answer_that_never_ends_is_unknown_in_time(
    settings: ApiSettings, credentials: Credentials, fault: str
) -> None:
    """A byte now and then keeps every read within its time-out, and the request going for ever."""
    with Dripping(headers=fault == "drip headers") as dripping:
        quick = replace(settings, urls=(dripping.url,), connect_timeout=0.2, read_timeout=0.4, attempts=1)
        adapter = open_adapter(Tournament.SIGNALS, StakeTransport(quick, credentials, allow_stake=True))
        began = time.monotonic()
        with pytest.raises(UnknownOutcome, match=r"not complete within 0\.6 s"):
            adapter.increase("model-id", "1.5")
        with pytest.raises(TimedOut, match=r"not complete within 0\.6 s"):
            adapter.get_models()
        assert time.monotonic() - began < 5
        assert dripping.connections == 2
        assert dripping.cut.wait(5), "the connection is ended, not left to drip"


def test_an_interruption_reaches_who_waits_for_an_answer(settings: ApiSettings, credentials: Credentials) -> None:
    with Dripping(headers=True) as dripping:
        slow = replace(settings, urls=(dripping.url,), read_timeout=30.0)
        adapter = open_adapter(Tournament.SIGNALS, StakeTransport(slow, credentials, allow_stake=True))
        # Tests that a shell runs in its background begin with interruptions ignored.
        before = signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
            began = time.monotonic()
            with pytest.raises(KeyboardInterrupt):
                adapter.increase("model-id", "1.5")
            assert time.monotonic() - began < 5
        finally:
            signal.signal(signal.SIGINT, before)


def test_no_connection_is_not_sent(credentials: Credentials, settings: ApiSettings) -> None:
    dead = ScriptedServer()
    dead.stop()
    transport = StakeTransport(replace(settings, urls=(dead.url,)), credentials, allow_stake=True)
    with pytest.raises(NotSent, match="not sent"):
        open_adapter(Tournament.SIGNALS, transport).increase("model-id", "1")


def test_without_a_usable_proxy_nothing_is_sent(
    adapter: NumerapiAdapter, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "gopher://proxy:70")
    with pytest.raises(NotSent, match="proxy"):
        adapter.increase("model-id", "1")
    assert server.received == []


def test_a_change_never_goes_to_an_alternative(
    credentials: Credentials, settings: ApiSettings, server: ScriptedServer
) -> None:
    dead = ScriptedServer()
    dead.stop()
    transport = StakeTransport(replace(settings, urls=(dead.url, server.url)), credentials, allow_stake=True)
    with pytest.raises(NotSent):
        open_adapter(Tournament.SIGNALS, transport).increase("model-id", "1")
    assert server.received == []


@pytest.mark.parametrize("tournament", list(Tournament))
def test_read_only_no_change_leaves_the_process(
    settings: ApiSettings, credentials: Credentials, server: ScriptedServer, tournament: Tournament
) -> None:
    adapter = open_adapter(tournament, StakeTransport(settings, credentials, allow_stake=False))
    changes: list[Callable[[], object]] = [
        lambda: adapter.increase("m", "1"),
        lambda: adapter.decrease("m", "1"),
        lambda: adapter.stake_change("1", "increase", "m"),
        lambda: adapter.release_all("m", "1"),
        lambda: adapter.cancel_release("m"),
        lambda: adapter.stake_drain("m"),
        lambda: adapter.set_link("m", "text", "link"),
        lambda: adapter.raw_query("mutation { v2ChangeStake(value: 1) { id } }", authorization=True),
    ]
    for change in changes:
        with pytest.raises(MutationsForbidden):
            change()
    assert server.received == []


def test_numerapis_drain_is_never_used(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    with pytest.raises(MutationsForbidden, match="release_all"):
        adapter.stake_drain("model-id")
    assert server.received == []


def test_draining_names_the_real_amount(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    server.script = [answer({"releaseStake": {"id": "1", "drain": True, "dueDate": "2026-12-01T13:00:00Z"}})]
    request = adapter.release_all("model-id", Decimal("14.630000000000000000"))
    assert (request.drain, request.due_date) == (True, datetime(2026, 12, 1, 13, tzinfo=UTC))
    assert server.received[0].variables == {"modelId": "model-id", "amount": "14.630000000000000000"}
    assert "drain: true" in server.received[0].query


def test_a_pending_release_can_be_taken_back(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    server.script = [answer({"cancelPendingStakeRelease": {"id": "1", "status": "cancelled"}})]
    assert adapter.cancel_release("model-id").status == "cancelled"
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "document",
    [
        "mutation { setUserBio(value: 1) }",
        "mutation { a: v2ChangeStake(value: 1) { id } b: releaseStake(amount: 1) { id } }",
        "query A { rounds { number } } mutation B { v2ChangeStake(value: 1) { id } }",
        "mutation A { v2ChangeStake(value: 1) { id } } mutation B { releaseStake(amount: 1) { id } }",
        "mutation { ...F } fragment F on Mutation { v2ChangeStake(value: 1) { id } }",
        "mutation { harmless: v2ChangeStake(value: 1) { id } }",
        "subscription { anything }",
        "not graphql {",
        "",
    ],
)
def test_nothing_but_one_stake_change_passes(adapter: NumerapiAdapter, server: ScriptedServer, document: str) -> None:
    with pytest.raises(MutationsForbidden):
        adapter.raw_query(document, {}, authorization=True)
    assert server.received == []


@pytest.mark.parametrize(
    ("document", "change"),
    [
        ("{ rounds { number } }", None),
        ("query mutation { rounds { number } }", None),
        ("# mutation { v2ChangeStake }\nquery { rounds { mutation: number } }", None),
        ("  #query\n  mutation { v2ChangeStake(value: 1) { id } }", "v2ChangeStake"),
        ("mutation X($a: String!) { releaseStake(amount: $a) { id } }", "releaseStake"),
        ("fragment F on Q { x } mutation { cancelPendingStakeRelease { id } }", "cancelPendingStakeRelease"),
    ],
)
def test_a_change_is_told_by_its_grammar(document: str, change: str | None) -> None:
    assert change_in(document) == change


def test_reads_through_the_adapter_are_tried_again(
    adapter: NumerapiAdapter, server: ScriptedServer, fake_time: FakeTime
) -> None:
    server.script = [Reply(500), Reply(429, headers={"Retry-After": "3"}), answer({"model": {"name": "a"}})]
    assert adapter.modelid_to_modelname("id") == "a"
    assert fake_time.slept == [0.5, 3.0]


def test_a_read_that_fails_says_so(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    server.script = [Reply(500)]
    with pytest.raises(ServerFault):
        adapter.get_models()
    server.script = [answer({"model": None}, [{"message": "no such model", "path": ["model"]}])]
    with pytest.raises(GraphQLError, match="no such model"):
        adapter.modelid_to_modelname("id")


def test_between_rounds_numerapi_still_sees_its_value_error(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    server.script = [answer({"rounds": None}, [{"message": "Current round not open for submissions"}])]
    assert adapter.check_round_open() is False


def test_a_change_without_a_key_is_not_sent(settings: ApiSettings, server: ScriptedServer) -> None:
    adapter = open_adapter(Tournament.CLASSIC, StakeTransport(settings, None, allow_stake=True))
    with pytest.raises(KeysMissing):
        adapter.increase("m", "1")
    assert server.received == []


@pytest.mark.parametrize("wrong", ["0", "-1", "NaN", "Infinity", "much", ""])
def test_a_wrong_amount_is_not_sent(adapter: NumerapiAdapter, server: ScriptedServer, wrong: str) -> None:
    for change in (adapter.increase, adapter.decrease, adapter.release_all):
        with pytest.raises(ValueError, match="amount"):
            change("m", wrong)
    assert server.received == []


@given(st.decimals(min_value="1e-18", max_value="1e9", places=18).filter(lambda amount: amount > 0))
def test_amounts_are_sent_to_the_last_digit(amount: Decimal) -> None:
    text = amount_text(amount)
    assert Decimal(text) == amount
    assert set(text) <= set("0123456789.")


def test_making_an_adapter_touches_neither_logging_nor_environment(
    settings: ApiSettings, credentials: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("NUMERAI_PUBLIC_ID=from-the-file\n", encoding="utf-8")
    monkeypatch.delenv("NUMERAI_PUBLIC_ID", raising=False)
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    for tournament in Tournament:
        adapter = open_adapter(tournament, StakeTransport(settings, credentials, allow_stake=False))
        assert adapter.tournament_id == int(tournament)
        assert SECRET not in repr(vars(adapter))
    assert (list(root.handlers), root.level) == before
    assert "NUMERAI_PUBLIC_ID" not in os.environ


def test_every_error_is_one_of_ours(adapter: NumerapiAdapter, server: ScriptedServer) -> None:
    for reply in (*UNKNOWN.values(), *REFUSED.values()):
        if reply.fault == "hang":
            continue
        server.script = [reply]
        with pytest.raises(ApiError):
            adapter.release_all("m", "1")
