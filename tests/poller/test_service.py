"""The poller as a process: one a database, taken over, woken, ended; and what the screens start."""

from __future__ import annotations

import asyncio
import os
import pickle
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.poller.lock import PollerLock, ViewerLock, viewers
from numtui.poller.service import Service
from numtui.poller.supervisor import child_command, log_file, request_refresh, start_supervisor
from numtui.store.database import open_writer
from numtui.store.writes.models import set_watched
from tests.store.old_cache import add_note

from .site import NOW, MakeSite, Site, dump, one
from .test_faults import command, environment


async def until(holds: Callable[[], bool], seconds: float = 15) -> None:
    """Waits until something holds; fails when it does not in time."""
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not happen in time")


def polled(settings: Settings) -> int:
    return (
        int(str(one(settings, "SELECT count(*) FROM polls WHERE state = 'done' AND kind <> 'days'")))
        if settings.db.exists()
        else 0
    )


async def test_it_polls_again_when_asked_and_after_a_scoring_run_calls_the_hooks(site: Site) -> None:
    settings = site.settings()
    called: list[Tournament] = []

    def hook(_settings: Settings, _clock: Clock, tournament: Tournament) -> None:
        called.append(tournament)
        if tournament is Tournament.SIGNALS:
            raise RuntimeError("a hook's own trouble")

    await asyncio.to_thread(site.poll, settings)  # makes the tables
    service = Service(settings, site.clock, hooks=[hook], say=site.said.append)
    task = asyncio.create_task(service.run())
    try:
        await until(lambda: polled(settings) == 6)
        assert called == []
        site.clock.at = NOW.replace(day=21, hour=17)
        request_refresh(settings)
        await until(lambda: polled(settings) == 9)
        await until(lambda: len(called) == 3)
        assert any("a hook's own trouble" in line for line in site.said)
        with open_writer(settings.db) as connection:
            set_watched(connection, Tournament.CLASSIC, "amber_badger", True)
        synced = "SELECT synced_time FROM models WHERE name = 'amber_badger'"
        await until(lambda: one(settings, synced) is not None)
    finally:
        task.cancel()
        await asyncio.wait([task])
    assert one(settings, "SELECT value FROM meta WHERE key = 'open'") is None, "closed as sound"
    assert PollerLock(settings.db).is_free()


async def test_it_backs_off_while_the_api_is_down_and_recovers(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(site.settings(), poll_interval=0.05)
    site.server.faults.add("drop", times=5 * 4)
    service = Service(settings, site.clock, say=site.said.append)
    task = asyncio.create_task(service.run())
    try:
        await until(lambda: settings.db.exists() and polled(settings) >= 3)
    finally:
        task.cancel()
        await asyncio.wait([task])
    states = "SELECT group_concat(state, ' ') FROM (SELECT state FROM polls ORDER BY poll LIMIT 5)"
    assert str(one(settings, states)).startswith("failed failed failed failed done")


async def test_the_second_poller_waits_and_takes_over(site: Site) -> None:
    settings = site.settings()
    lock = PollerLock(settings.db)
    assert lock.try_acquire()
    task = asyncio.create_task(Service(settings, site.clock, say=site.said.append).run())
    await asyncio.sleep(0.1)
    assert "waiting to take over" in site.said[0]
    assert not settings.db.exists()
    lock.release()
    try:
        await until(lambda: settings.db.exists() and not PollerLock(settings.db).is_free(), seconds=9)
    finally:
        task.cancel()
        await asyncio.wait([task])


def test_a_killed_poller_leaves_no_lock_and_an_honest_record(make_site: MakeSite) -> None:
    site = make_site(latency_ms=400)
    settings, server = site.settings(), site.server
    poller = subprocess.Popen(command(server.url, settings.db, "poll"), env=environment())
    wait_for_work(settings)
    assert not PollerLock(settings.db).is_free()
    poller.kill()
    poller.wait()
    assert PollerLock(settings.db).is_free()
    assert one(settings, "SELECT state FROM polls") == "working"
    poller = subprocess.Popen(command(server.url, settings.db, "poll"), env=environment(), stderr=subprocess.PIPE)
    wait_for_work(settings, above=1)
    assert one(settings, "SELECT state FROM polls WHERE poll = 1") == "interrupted"
    poller.send_signal(signal.SIGTERM)
    assert poller.wait(timeout=10) == 130
    assert one(settings, "SELECT state FROM polls ORDER BY poll DESC") == "interrupted"
    assert one(settings, "SELECT value FROM meta WHERE key = 'open'") is None
    assert one(settings, "PRAGMA integrity_check") == "ok"


def wait_for_work(settings: Settings, above: int = 0) -> None:
    for _ in range(1000):
        if settings.db.exists() and settings.db.stat().st_size and tables(settings):
            number = one(settings, "SELECT max(poll) FROM polls WHERE state = 'working' AND step <> ''")
            if number is not None and int(str(number)) > above:
                return
        time.sleep(0.02)
    raise AssertionError("no poll began")


def tables(settings: Settings) -> bool:
    return bool(one(settings, "SELECT count(*) FROM sqlite_master WHERE name = 'polls'"))


async def test_once_beside_a_poller_has_that_one_poll(site: Site) -> None:
    settings = site.settings()
    task = asyncio.create_task(Service(settings, site.clock).run())
    try:
        await until(lambda: polled(settings) == 3)
        assert await Service(settings, site.clock, once=True, say=site.said.append).run() == 0
        assert polled(settings) == 6
        assert "asking it to poll now" in site.said[0]
    finally:
        task.cancel()
        await asyncio.wait([task])


def test_a_damaged_cache_is_rebuilt_by_the_poller(site: Site) -> None:
    settings = site.settings()
    site.poll(settings)
    before = dump(settings)
    with open_writer(settings.db) as connection:
        add_note(connection, "kept", NOW)
        root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'score_configs'").fetchone()[0]
    connection.close()
    with settings.db.open("r+b") as file:
        file.seek((root - 1) * 4096)
        file.write(b"\xa5" * 4096)
    assert site.poll(settings) == 0, "the idle poll stumbles over it, and begins anew"
    assert one(settings, "SELECT text FROM notes") == "kept"
    assert dump(settings) == before
    assert len(list(settings.db.parent.glob("*.damaged-*"))) >= 1
    assert any("the cache was damaged" in line for line in site.said)


def test_marks_of_viewers_end_with_their_processes(tmp_path: Path) -> None:
    db = tmp_path / "data" / "cache.db"
    mark = ViewerLock(db)
    mark.keep()
    assert viewers(db) == 1
    assert stat.S_IMODE(db.parent.stat().st_mode) == 0o700
    code = (
        "import sys; from pathlib import Path; from numtui.poller.lock import ViewerLock\n"
        f"mark = ViewerLock(Path({str(db)!r})); mark.keep(); print('here', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert other.stdout is not None
    other.stdout.readline()
    assert viewers(db) == 2
    other.kill()
    other.communicate()
    assert viewers(db) == 1
    assert len(list(db.parent.glob("*.viewer-*"))) == 1, "a dead viewer's mark is removed"
    next(db.parent.glob("*.viewer-*")).unlink()
    mark.keep()
    assert viewers(db) == 1, "a mark that was taken away is set again"
    mark.remove()
    assert viewers(db) == 0


def test_the_screens_start_a_poller_that_ends_with_the_last_of_them(site: Site) -> None:
    settings = site.settings("child", simulated=True)
    code = (
        "import sys, pickle; from numtui.poller.supervisor import start_supervisor\n"
        "supervisor = start_supervisor(pickle.load(sys.stdin.buffer))\n"
        "assert not {'httpx', 'sqlite_utils', 'pandas'} & set(sys.modules)\n"
        "print('here', flush=True); sys.stdin.read()"
    )
    viewer = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
    )
    assert viewer.stdin is not None
    assert viewer.stdout is not None
    viewer.stdin.write(pickle.dumps(settings))
    viewer.stdin.flush()
    assert viewer.stdout.readline() == b"here\n"
    supervisor = start_supervisor(settings)
    wait_until(lambda: settings.db.exists() and tables(settings) and polled(settings) == 3, 20)
    pid = int(str(one(settings, "SELECT max(pid) FROM polls")))
    viewer.kill()  # as SSH does it, without a word
    viewer.communicate()
    time.sleep(1.2)
    assert not PollerLock(settings.db).is_free(), "another viewer is there"
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: int(str(one(settings, "SELECT max(pid) FROM polls WHERE pid <> " + str(pid)) or 0)) > 0, 10)
    supervisor.close()
    wait_until(PollerLock(settings.db).is_free, 10)
    assert stat.S_IMODE(log_file(settings).stat().st_mode) == 0o600
    words = log_file(settings).read_text()
    assert "first poll done" in words
    assert "DEMO_SECRET" not in words


def wait_until(holds: Callable[[], bool], seconds: float) -> None:
    asyncio.run(until(holds, seconds))


def test_the_childs_command_says_all_settings(tmp_path: Path) -> None:
    config = tmp_path / "numtui.toml"
    config.touch()
    settings = Settings(
        db=tmp_path / "c.db",
        state_dir=tmp_path,
        config_file=config,
        api_urls=("http://one", "http://two"),
        tournament=Tournament.SIGNALS,
        poll_interval=7.5,
        simulated=True,
        profile="work",
    )
    words = " ".join(child_command(settings)[1:])
    assert words.startswith("-m numtui --db ")
    assert "--api-url http://one --api-url http://two --tournament signals --poll-interval 7.5" in words
    assert "--simulated" in words
    assert f"--config {config} --profile work" in words
    assert words.endswith("poll --child")
