"""Answers of which a part failed in a way that may pass: whole in the end, or a line and exit 3. And wrong keys."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo import DEMO_PUBLIC, DEMO_SECRET
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer

from .program import DONE, FAILED, UNREACHABLE, Program

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(Market(now=NOW, models=60, rounds=24)) as running:
        yield running


def program(server: DemoServer, folder: Path) -> Program:
    server.faults.clear()
    keys = {PUBLIC_ID: DEMO_PUBLIC, SECRET_KEY: DEMO_SECRET, "NUMTUI_CLOCK": f"fixed {NOW.isoformat()}"}
    return Program(folder, server.url, keys=False, environment=keys)


def test_every_third_answer_is_partial(server: DemoServer, tmp_path: Path) -> None:
    undisturbed = program(server, tmp_path / "calm").export("scores")
    troubled = program(server, tmp_path / "troubled")
    for number in range(1, 30):
        server.faults.add("graphql_error", after=2 * number)  # counted only by answers that no earlier fault struck
    ran = troubled.export("scores")
    assert len(server.faults.waiting) < 29, "no fault struck"
    assert ran.out == undisturbed.out
    assert ran.err == ""


def test_a_part_that_keeps_failing_ends_in_exit_3(server: DemoServer, tmp_path: Path) -> None:
    empty = program(server, tmp_path / "empty")
    server.faults.add("graphql_error", times=10_000, field="v2RoundModelPerformances")
    ran = empty("export", "scores")
    assert (ran.code, ran.out) == (UNREACHABLE, "")
    assert "Something went wrong" in ran.err.strip().splitlines()[-1]


def test_a_part_that_keeps_failing_leaves_the_cache_in_use(server: DemoServer, tmp_path: Path) -> None:
    full = program(server, tmp_path / "full")
    before = full.export("scores").out
    server.faults.add("graphql_error", times=10_000, field="v2RoundModelPerformances")
    ran = full("export", "scores", "--refresh")
    assert (ran.code, ran.out) == (DONE, before)
    assert "older" in ran.err


def test_a_wrong_key_is_said_once(server: DemoServer, tmp_path: Path) -> None:
    made = program(server, tmp_path / "wrong")
    wrong = Program(made.folder, made.url, keys=False, environment={**made.environment, SECRET_KEY: "WR0NG"})
    for command in (("poll", "--once"), ("export", "models"), ("doctor",)):
        ran = wrong(*command)
        assert ran.code == FAILED
        said = ran.out + ran.err
        assert said.count("check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY") == 1, ran
        assert "key refused (Your session is invalid or has expired.)" in said
        assert "WR0NG" not in said
