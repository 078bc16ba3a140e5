"""Pollers and exports beside each other: one writes at a time, what hangs is ended, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from numtui.poller.freshen import freshen
from numtui.poller.lock import FetchLock, HungHolder, PollerLock
from numtui.poller.service import Service
from numtui.poller.sync import context

from .site import MakeSite, Site, one
from .test_faults import command, environment

HOLDER = """
import sys, time
from pathlib import Path
from numtui.poller import lock
held = getattr(lock, sys.argv[2])(Path(sys.argv[1]))
assert held.try_acquire()
held.beat(patience=1.0)
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def held_elsewhere(db: Path, kind: str = "PollerLock") -> Iterator[subprocess.Popen[bytes]]:
    """A process that holds a lock and shows no life after that."""
    holder = subprocess.Popen([sys.executable, "-c", HOLDER, str(db), kind], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    try:
        yield holder
    finally:
        holder.kill()
        holder.communicate()


def test_a_stopped_poller_is_ended_and_replaced(site: Site) -> None:
    settings = site.settings()
    with held_elsewhere(settings.db) as hung:
        hung.send_signal(signal.SIGSTOP)
        assert site.poll(settings) == 0
        assert hung.wait(timeout=5) in {-signal.SIGTERM, -signal.SIGKILL}
    assert one(settings, "SELECT count(*) FROM polls WHERE state = 'done' AND kind <> 'days'") == 3


def test_a_stopped_fetch_of_an_export_holds_no_poller_up(site: Site) -> None:
    settings = site.settings()
    with held_elsewhere(settings.db, "FetchLock") as hung:
        hung.send_signal(signal.SIGSTOP)
        assert site.poll(settings) == 0


def test_a_process_with_a_number_used_again_is_left_alone(site: Site) -> None:
    """The mark names a process that was born at another time: it is not the one that held the lock."""
    settings = site.settings()
    lock = PollerLock(settings.db)
    with held_elsewhere(settings.db) as holder:
        sign = Path(f"{settings.db.resolve()}.lock-holder")
        sign.write_text(sign.read_text().replace('"born": "', '"born": "9'))
        times = iter([0.0, 100.0, 200.0, 300.0])
        hung = HungHolder(lock, lambda: next(times))
        for _ in range(3):
            hung.look()
        assert holder.poll() is None


def test_once_beside_another_poller_takes_over_when_that_one_dies(site: Site) -> None:
    settings = site.settings()
    with held_elsewhere(settings.db) as other:
        begun = subprocess.Popen(
            command(site.server.url, settings.db, "poll", "--once"), env=environment(), stderr=subprocess.PIPE
        )
        assert begun.stderr is not None
        assert b"asking it to poll now" in begun.stderr.readline()
        other.kill()
        assert begun.wait(timeout=30) == 0
    assert one(settings, "SELECT count(*) FROM polls WHERE state = 'done' AND kind <> 'days'") == 3


async def test_once_beside_a_poller_whose_api_is_down_ends_with_3(site: Site) -> None:
    dead = site.settings(api_urls=("http://127.0.0.1:9",), connect_timeout=0.2)
    task = asyncio.create_task(Service(dead, site.clock).run())
    try:
        await asyncio.sleep(0.5)
        once = Service(dead, site.clock, once=True, wait=20, say=site.said.append)
        assert await asyncio.wait_for(once.run(), 20) == 3
    finally:
        task.cancel()
        await asyncio.wait([task])


async def test_once_has_a_time_limit(site: Site) -> None:
    settings = site.settings()
    lock = PollerLock(settings.db)
    assert lock.try_acquire()
    try:
        began = time.monotonic()
        assert await Service(settings, site.clock, once=True, wait=0.5, say=site.said.append).run() == 3
        assert time.monotonic() - began < 5
        assert "within" in site.said[-1]
    finally:
        lock.release()


def test_a_database_by_another_name_has_the_same_poller(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "link").symlink_to(real)
    (real / "alias.db").symlink_to(real / "cache.db")
    lock = PollerLock(real / "cache.db")
    assert lock.try_acquire()
    assert not PollerLock(tmp_path / "link" / "cache.db").try_acquire()
    assert not PollerLock(real / "alias.db").try_acquire()
    lock.release()


def test_a_number_used_again_keeps_no_dead_poll_working(site: Site) -> None:
    settings = site.settings()
    site.poll(settings)
    with sqlite3.connect(settings.db) as connection:
        connection.execute("UPDATE polls SET state = 'working', pid = ? WHERE poll = 1", (os.getppid(),))
    site.poll(settings)
    assert one(settings, "SELECT state FROM polls WHERE poll = 1") == "interrupted"


async def test_an_export_waits_for_the_fetch_under_way_and_asks_nothing_twice(site: Site) -> None:
    settings = site.settings()
    lock = FetchLock(settings.db)
    assert lock.try_acquire()
    task = asyncio.create_task(freshen(settings, site.clock, table="leaderboard"))
    await asyncio.sleep(0.5)
    assert site.requests() == 0
    lock.release()
    await asyncio.to_thread(site.poll, settings)
    site.requests()
    await asyncio.wait_for(task, 20)


async def test_a_poll_that_gets_nowhere_is_given_up(make_site: MakeSite, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(latency_ms=3000)
    monkeypatch.setattr(context, "STALLED_AFTER", 0.5)
    assert await Service(replace(site.settings()), site.clock, once=True, say=site.said.append).run() == 3
    assert "no progress" in site.said[-1]
    assert "no progress" in str(one(site.settings(), "SELECT message FROM polls"))


@pytest.mark.parametrize("stream", ["2>&-", "2>/dev/full"])
def test_words_that_cannot_be_written_cost_nothing_else(site: Site, stream: str) -> None:
    settings = site.settings()
    words = command(site.server.url, settings.db, "poll", "--once")
    done = subprocess.run(["sh", "-c", f'exec "$@" {stream}', "sh", *words], env=environment(), check=False)
    assert done.returncode == 0
    assert one(settings, "SELECT count(*) FROM polls WHERE state = 'done' AND kind <> 'days'") == 3
