"""Why no poller works: its reason reaches the screens in a line, and a command ends in one."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from numtui.poller.supervisor import LOG_SIZE, log_file, start_supervisor

from .site import Site
from .test_faults import command, environment


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    """A folder in which nothing can be made: /proc stands in for a read-only file system, even for root."""
    return Path("/proc/numtui/data") if os.geteuid() == 0 else tmp_path / "sealed"


def test_poll_once_where_nothing_can_be_written_ends_in_a_line(site: Site, sealed: Path) -> None:
    if not sealed.is_relative_to("/proc"):
        sealed.parent.chmod(0o500)
    words = command(site.server.url, sealed / "cache.db", "poll", "--once")
    words[words.index("--state-dir") + 1] = str(site.folder / "state")
    done = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("numtui: /proc/numtui") or "may not be" in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert "Errno" not in done.stderr


def test_the_keeper_says_that_the_database_cannot_be_written(site: Site, sealed: Path) -> None:
    supervisor = start_supervisor(site.settings(db=sealed / "cache.db"))
    try:
        assert supervisor.problem is not None
        assert str(sealed) in supervisor.problem
        assert "Errno" not in supervisor.problem
    finally:
        supervisor.close()


def test_a_log_that_cannot_be_written_costs_only_the_log(site: Site, sealed: Path) -> None:
    settings = site.settings(state_dir=sealed)
    supervisor = start_supervisor(settings)
    try:
        for _ in range(200):
            if settings.db.exists():
                break
            time.sleep(0.1)
        assert settings.db.exists()
    finally:
        supervisor.close()


def test_the_childs_last_words_are_the_problem(site: Site) -> None:
    settings = site.settings()
    settings.db.write_bytes(b"\xa5" * 9000)  # not a database
    supervisor = start_supervisor(settings)
    try:
        for _ in range(200):
            if supervisor.problem is not None:
                break
            time.sleep(0.1)
        assert supervisor.problem is not None
        assert "is not a database" in supervisor.problem
    finally:
        supervisor.close()


@pytest.mark.parametrize(("size", "kept"), [(LOG_SIZE, True), (LOG_SIZE + 1, False)])
def test_a_log_that_has_grown_long_begins_anew(site: Site, size: int, kept: bool) -> None:
    settings = site.settings()
    log = log_file(settings)
    log.parent.mkdir(parents=True, exist_ok=True)
    log.write_bytes(b"x" * size)
    start_supervisor(settings).close()
    assert (log.stat().st_size >= size) == kept
