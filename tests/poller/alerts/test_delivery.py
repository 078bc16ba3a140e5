"""Delivery by a command and a local HTTP receiver: once a change, never a flood, retried, held back when quiet."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from numtui.clock import FixedClock
from numtui.config import Settings
from numtui.config_file import Notify
from numtui.poller.alerts.delivery import GIVEN_UP_AFTER, Delivered, deliver
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.alerts import delivery_troubles, outbox, outbox_size
from numtui.store.writes.alerts import begin_sending
from tests.poller.alerts.receiver import AT, Receiver, put, receiving, settings_in, shares

MINUTE = timedelta(minutes=1)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    pytest.importorskip("apprise", reason="the extra notify is not installed")
    with receiving() as receiver:
        yield receiver


def sent(settings: Settings, now: datetime = AT) -> Delivered:
    return deliver(settings, FixedClock(now))


def script(folder: Path, body: str) -> str:
    path = folder / "alert.py"
    path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def keeping(folder: Path) -> tuple[str, Path]:
    """A command that keeps each message as a line of a file."""
    kept = folder / "kept.jsonl"
    return script(folder, f"import sys; open({str(kept)!r}, 'a').write(sys.stdin.read())"), kept


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_command_gets_each_change_once_as_json(tmp_path: Path) -> None:
    command, kept = keeping(tmp_path)
    settings = settings_in(tmp_path, Notify(command=[command]))
    put(settings, shares("a; rm -rf \x1b[2J"))
    assert sent(settings).sent == 1
    assert sent(settings).sent == 0
    put(settings, shares("a; rm -rf \x1b[2J", share=0.2), AT + MINUTE)
    sent(settings, AT + MINUTE)
    fired, cleared = lines(kept)
    (alert,) = fired["alerts"]
    assert (alert["rule"], alert["state"], alert["tournament"]) == ("at_risk_share", "firing", "classic")
    assert (alert["model"], alert["nmr"], alert["value"]) == ("a; rm -rf \x1b[2J", "5", 0.5)
    assert cleared["alerts"][0]["state"] == "cleared"
    assert fired["key"] != cleared["key"]
    assert "\x1b" not in fired["text"] + fired["title"], "what people read is printable"


def test_apprise_delivers_to_a_receiver(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_in(tmp_path, Notify(urls=[receiver.url]))
    put(settings, shares("a"))
    assert sent(settings).sent == 1
    assert [(body["title"], body["type"]) for body in receiver.got] == [("numtui: at_risk_share classic a", "warning")]
    assert "holds 50% of all that is at risk" in receiver.got[0]["message"]


def test_300_firing_models_make_one_summary(tmp_path: Path, receiver: Receiver) -> None:
    command, kept = keeping(tmp_path)
    settings = settings_in(tmp_path, Notify(command=[command], urls=[receiver.url]))
    assert len(put(settings, shares(*(f"model_{i}" for i in range(300))))) == 300
    assert sent(settings).sent == 2, "one a channel"
    (summary,) = lines(kept)
    assert len(summary["alerts"]) == 300
    assert summary["title"] == "numtui: 300 alerts"
    (body,) = receiver.got
    assert "300 at_risk_share" in body["message"]
    assert "and 290 more" in body["message"]


def test_five_are_told_one_by_one_six_together(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_in(tmp_path, Notify(urls=[receiver.url]))
    put(settings, shares("a", "b", "c", "d", "e"))
    assert sent(settings).sent == 5
    put(settings, shares("a", "b", "c", "d", "e", *(f"f{i}" for i in range(6))))
    assert sent(settings).sent == 1


def test_what_fails_is_said_and_tried_again_later(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_in(tmp_path, Notify(urls=[receiver.url]))
    receiver.refusing = True
    put(settings, shares("a"))
    said: list[str] = []
    assert deliver(settings, FixedClock(AT), said.append).failed == 1
    assert said[0].startswith("an alert was not delivered by json-")
    with closing(open_reader(settings.db)) as connection:
        (trouble,) = delivery_troubles(connection)
        assert (trouble.waiting, trouble.attempts) == (1, 1)
    receiver.refusing = False
    assert sent(settings, AT + MINUTE / 2).sent == 0, "not yet"
    put(settings, shares("a", "b"), AT + MINUTE / 2)
    assert sent(settings, AT + MINUTE / 2).sent == 0, "nor others by the same way"
    assert sent(settings, AT + MINUTE).sent == 2
    assert len(receiver.got) == 2
    with closing(open_reader(settings.db)) as connection:
        assert delivery_troubles(connection) == []


def test_after_a_day_it_is_given_up_and_that_is_said(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_in(tmp_path, Notify(urls=[receiver.url]))
    receiver.refusing = True
    put(settings, shares("a"))
    sent(settings)
    said: list[str] = []
    deliver(settings, FixedClock(AT + GIVEN_UP_AFTER), said.append)
    assert "(given up)" in said[0]
    with closing(open_reader(settings.db)) as connection:
        assert (outbox_size(connection), delivery_troubles(connection)[0].given_up) == (0, 1)


@pytest.mark.parametrize("failing", ["fails", "hangs", "is not there"])
def test_a_command_that_fails(tmp_path: Path, failing: str) -> None:
    bodies = {"fails": "print('no luck'); raise SystemExit(3)", "hangs": "import time\ntime.sleep(600)"}
    command = script(tmp_path, bodies[failing]) if failing in bodies else str(tmp_path / "none")
    settings = settings_in(tmp_path, Notify(command=[command], timeout=1 if failing == "hangs" else 30))
    put(settings, shares("a"))
    (problem,) = sent(settings).problems
    words = {"fails": "exit code 3: no luck", "hangs": "longer than 1 s", "is not there": "No such file"}
    assert words[failing] in problem


def test_the_quiet_time_holds_back_and_sums_up(tmp_path: Path, receiver: Receiver) -> None:
    settings = settings_in(tmp_path, Notify(urls=[receiver.url], quiet="22:00..07:00"))
    night = AT.replace(hour=23)
    put(settings, shares("a"), night)
    put(settings, shares("a", "b"), night + MINUTE)
    put(settings, shares("a", "b", share=0.2), night + 2 * MINUTE)
    put(settings, shares("b"), night + 3 * MINUTE)
    assert sent(settings, night + 3 * MINUTE).sent == 0
    morning = night.replace(hour=7) + timedelta(days=1)
    assert sent(settings, morning - MINUTE).sent == 0
    assert sent(settings, morning).sent == 1
    (body,) = receiver.got
    assert body["title"] == "numtui: 1 alert, 1 over"


def test_the_quiet_time_is_in_the_users_zone(tmp_path: Path, receiver: Receiver) -> None:
    settings = replace(
        settings_in(tmp_path, Notify(urls=[receiver.url], quiet="22:00..07:00")), time_zone="America/New_York"
    )
    put(settings, shares("a"))
    assert sent(settings, AT.replace(hour=23)).sent == 1, "it is afternoon there"


def test_what_was_under_way_when_its_process_died_is_sent_again_under_its_key(tmp_path: Path) -> None:
    command, kept = keeping(tmp_path)
    settings = settings_in(tmp_path, Notify(command=[command]))
    put(settings, shares("a"))
    with closing(open_writer(settings.db)) as connection:
        (row,) = outbox(connection, AT)
        begin_sending(connection, [row.message], "numtui-1")
    sent(settings)
    assert [(line["key"], line["attempt"]) for line in lines(kept)] == [("numtui-1", 2)]


def test_secrets_are_nowhere(tmp_path: Path, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    settings = settings_in(tmp_path, Notify(urls=[receiver.url]))
    receiver.refusing = True
    put(settings, shares("a"))
    result = sent(settings)
    receiver.server.shutdown()
    receiver.server.server_close()
    result.problems += sent(settings, AT + MINUTE).problems
    words = "\n".join([*result.problems, caplog.text, repr(settings)])
    assert len(result.problems) == 2
    assert "hidden" not in words
    assert b"hidden" not in settings.db.read_bytes()


def test_a_channel_that_was_taken_out_is_given_up(tmp_path: Path, receiver: Receiver) -> None:
    put(settings_in(tmp_path, Notify(urls=[receiver.url])), shares("a"))
    assert sent(settings_in(tmp_path, None)).sent == 0
    with closing(open_reader(tmp_path / "cache.db")) as connection:
        assert outbox_size(connection) == 0
