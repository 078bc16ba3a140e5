"""What fails while a poller works: complete data in the end, or a clear record, and never less than was there."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from numtui import demo
from numtui.clock import VARIABLE, FixedClock, clock_to_text

from .site import NOW, Dump, MakeSite, Site, differences, dump, one

TRANSIENT = ("500", "502", "429", "rate_limit", "truncated", "html", "drop")


@pytest.mark.parametrize("kind", TRANSIENT)
def test_a_fault_that_passes_leaves_complete_data(site: Site, calm: Dump, kind: str) -> None:
    site.server.faults.add(kind, times=2, after=3, retry_after=0.01 if kind == "429" else None)
    assert site.poll(site.settings("struck")) == 0
    assert site.server.log.faults[kind] == 2
    assert differences(dump(site.settings("struck")), calm) == {}
    assert one(site.settings("struck"), "SELECT sum(retries) FROM polls") == 2


@pytest.mark.parametrize("field", ["rounds", "v2Leaderboard", "v2RoundModelPerformances", "pendingModelPayouts"])
def test_a_part_that_fails_is_recorded_and_fetched_next_time(site: Site, calm: Dump, field: str) -> None:
    settings = site.settings("struck")
    site.server.faults.add("graphql_error", times=40, field=field, after=int(field == "rounds"))
    assert site.poll(settings) == 1
    assert one(settings, "SELECT count(*) FROM polls WHERE state = 'failed' AND message IS NOT NULL") != 0
    assert one(settings, "SELECT count(*) FROM pipeline WHERE ingested IS NOT NULL") != 3
    site.server.faults.clear()
    assert site.poll(settings) == 0
    assert differences(dump(settings), calm) == {}


def test_one_model_that_fails_leaves_the_others(make_site: MakeSite) -> None:
    site = make_site(account_models=2)  # both of one tournament: no other asks for histories beside it
    settings = site.settings(concurrency=1)
    # Strikes the first alias of a request, in each of its tries: once more, and it would have come.
    site.server.faults.add("graphql_error", field="v2RoundModelPerformances", times=3)
    assert site.poll(settings) == 1
    assert one(settings, "SELECT count(*) FROM models WHERE mine AND synced_time IS NULL") == 1
    assert "scores of" in str(one(settings, "SELECT message FROM polls WHERE state = 'failed'"))
    before = site.requests()
    assert site.poll(settings) == 0
    assert one(settings, "SELECT count(*) FROM models WHERE mine AND synced_time IS NULL") == 0
    assert site.requests() < before / 3


@pytest.mark.parametrize("share", [0.05, 1.0])
def test_nulls_never_erase_and_are_made_good(site: Site, share: float) -> None:
    settings = site.settings()
    site.poll(settings)
    before = dump(settings)
    site.server.faults.add("nulls", times=6, share=share)
    site.poll(settings)
    site.server.faults.clear()
    assert site.poll(settings) == 0
    assert differences(before, dump(settings)) == {}


def test_nulls_in_a_first_sync_are_made_good(site: Site, calm: Dump) -> None:
    settings = site.settings("struck")
    site.server.faults.add("nulls", times=200, share=1.0)
    assert site.poll(settings) == 1
    site.server.faults.clear()
    assert site.poll(settings) == 0
    assert differences(dump(settings), calm) == {}


def test_unknown_words_and_fields_change_nothing_else(site: Site, calm: Dump) -> None:
    site.server.faults.add("unknown", times=1000)
    assert site.poll() == 0
    assert differences(dump(site.settings(), "stakes", "submissions", "transactions"), calm) == {}
    assert one(site.settings(), "SELECT count(*) FROM submissions") == len(calm["submissions"])


def test_a_dead_api_is_said_and_the_cache_stays(site: Site) -> None:
    settings = site.settings()
    site.poll(settings)
    before = dump(settings)
    dead = site.settings(api_urls=("http://127.0.0.1:9",), connect_timeout=0.2)
    assert site.poll(dead) == 3
    assert one(settings, "SELECT state FROM polls ORDER BY poll DESC LIMIT 1") == "failed"
    assert one(settings, "SELECT message FROM polls ORDER BY poll DESC LIMIT 1")
    assert differences(before, dump(settings)) == {}


def command(url: str, db: Path, *more: str) -> list[str]:
    common = ["--db", str(db), "--state-dir", str(db.parent / "state"), "--api-url", url]
    return [sys.executable, "-m", "numtui", *common, *more]


def environment() -> dict[str, str]:
    clock = clock_to_text(FixedClock(NOW))
    assert clock is not None
    return {
        **os.environ,
        VARIABLE: clock,
        "NUMERAI_PUBLIC_ID": demo.DEMO_PUBLIC,
        "NUMERAI_SECRET_KEY": demo.DEMO_SECRET,
    }


def test_a_killed_first_sync_resumes_and_ends_in_the_same_content(make_site: MakeSite, tmp_path: Path) -> None:
    url = make_site(account_models=30, latency_ms=200).server.url
    killed = tmp_path / "killed.db"
    synced = []
    for column, models in (("synced_time", 1), ("synced_time", 20), ("days_from", 1)):  # in the first step, the second
        poller = subprocess.Popen(command(url, killed, "poll", "--once"), env=environment())
        try:
            synced.append(wait_for_models(killed, column, models))
        finally:
            poller.send_signal(signal.SIGKILL)
            poller.wait()
    assert 0 < synced[0] < synced[1] < 30
    assert 0 < synced[2] < 30, "with their days"
    whole = tmp_path / "whole.db"
    for db in (killed, whole):
        done = subprocess.run(command(url, db, "poll", "--once"), env=environment(), check=False)
        assert done.returncode == 0
    settings = Site.settings_of(killed), Site.settings_of(whole)
    assert differences(dump(settings[0]), dump(settings[1])) == {}
    assert one(settings[0], "SELECT count(*) FROM polls WHERE state = 'interrupted'") in range(3, 10)
    assert one(settings[0], "PRAGMA integrity_check") == "ok"


def wait_for_models(db: Path, column: str, wanted: int) -> int:
    """Waits until a first sync has committed so many histories, or their days; how many there are then."""
    settings = Site.settings_of(db)
    for _ in range(2000):
        if db.exists():
            try:
                count = int(str(one(settings, f"SELECT count(*) FROM models WHERE {column} IS NOT NULL")))
            except sqlite3.OperationalError:  # the tables are being made
                count = 0
            if count >= wanted:
                return count
        time.sleep(0.02)
    raise AssertionError("nothing was synced")
