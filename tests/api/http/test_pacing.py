"""Requests counted by field against the limits a minute: none is exceeded in any minute, and no time is lost below."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest

from numtui import demo
from numtui.api import documents
from numtui.api.client import ApiClient
from numtui.api.http.pacing import MINUTE, PUBLISHED, Pace, fields_in
from numtui.api.queries import Queries
from numtui.api.settings import ApiSettings
from numtui.clock import FixedClock
from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.poller import service
from tests.api.loops import run_leaping

PLAIN = {name.lower(): limit for name, limit in PUBLISHED.items()}


class Counted:
    """When each field was asked for, by the event loop's time."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)

    def add(self, query: str) -> None:
        now = asyncio.get_running_loop().time()
        for name, count in fields_in(query).items():
            self.times[name] += [now] * count

    def most_a_minute(self, name: str) -> int:
        """The most in any window of 60 s."""
        times, most, first = self.times[name], 0, 0
        for last, at in enumerate(times):
            while times[first] < at - MINUTE:
                first += 1
            most = max(most, last - first + 1)
        return most

    def check(self) -> None:
        for name, limit in PLAIN.items():
            assert self.most_a_minute(name) <= limit, name


class Field:
    """An API without a network, behind httpx: boards of so many rows, histories of any model. Counts its fields."""

    def __init__(self, counted: Counted, models: int, accounts: int) -> None:
        self.counted, self.rows = counted, {"models": models, "accounts": accounts}

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        body = msgspec.json.decode(request.content)
        self.counted.add(body["query"])
        await asyncio.sleep(0.1)
        variables, data = body["variables"], {}
        for alias, count in self.rows.items():
            if f"{alias}: " in body["query"]:
                first = variables[alias]
                data[alias] = [{"id": f"{i}"} for i in range(first, min(first + variables["limit"], count))]
        data |= {name: [{"roundNumber": 1}] for name in variables if name[0] == "m" and name[1:].isdigit()}
        return httpx.Response(200, json={"data": data})


def sync(models: int, boards: tuple[int, int], limits: dict[str, int]) -> tuple[Counted, float]:
    """Fetches boards and so many histories of each tournament, as a first sync does; the fields and the seconds."""

    async def main() -> tuple[Counted, float]:
        counted, loop = Counted(), asyncio.get_running_loop()
        api = Field(counted, *boards)
        settings = ApiSettings(("https://api.test",), limits=limits)
        async with ApiClient(settings) as client:
            client._http = httpx.AsyncClient(transport=httpx.MockTransport(api))
            queries = Queries(client)
            started = loop.time()
            for tournament in Tournament:
                await queries.idle(tournament, auth=False)
                await queries.rounds(tournament)
                pages = [page async for page in queries.leaderboard_pages(tournament)]
                assert sum(len(page.models) for page in pages) == boards[0]
                assert sum(len(page.accounts) for page in pages) == boards[1]
                keys = [f"{tournament.label}{i}" for i in range(models)]
                found = [key async for key, _ in queries.performances(tournament, keys, days=True)]
                assert len(found) == models
            return counted, loop.time() - started

    return run_leaping(main())


def test_a_first_sync_of_100_models_keeps_the_limits_and_loses_no_time() -> None:
    counted, paced = sync(100, (15_000, 5_000), dict(PUBLISHED))
    counted.check()
    assert counted.most_a_minute("v2roundmodelperformances") == 300, "one of each model, all within a minute"
    _, free = sync(100, (15_000, 5_000), {})
    assert paced == pytest.approx(free, abs=0.05)


def test_a_sync_beyond_the_limits_is_slowed_to_them() -> None:
    counted, paced = sync(400, (15_000, 5_000), dict(PUBLISHED))
    counted.check()
    assert counted.most_a_minute("v2roundmodelperformances") > 400
    free_counted, _ = sync(400, (15_000, 5_000), {})
    assert free_counted.most_a_minute("v2roundmodelperformances") == 1200, "the check can fail"
    assert paced < 1200 / 500 * 60 * 3


@pytest.mark.parametrize("together", [1, 3, 20])
def test_no_minute_has_more_than_the_limit(together: int) -> None:
    """Requests as fast as they may go, in bursts after pauses of any length."""

    async def main() -> Counted:
        counted, pace = Counted(), Pace(PUBLISHED)
        query = documents.submission_scores(together).text
        for burst in range(6):
            for _ in range(400 // together):
                await pace.wait(query)
                counted.add(query)
            await asyncio.sleep(17.0 * burst)
        return counted

    counted = run_leaping(main())
    assert 240 <= counted.most_a_minute("submissionscores") <= 300


def test_every_limited_field_is_counted_in_our_documents() -> None:
    counted: Counter[str] = Counter()
    for document in documents.every_document():
        counted |= fields_in(document.text)
    for name in PUBLISHED:
        assert counted[name.lower()] > 0, name
    assert fields_in(documents.performances(3, True, False).text)["v2roundmodelperformances"] == 3
    assert fields_in(documents.rounds().text)["rounds"] == 1, "the operation's own name is none"
    assert fields_in("query X { pipeline_status(a: 1) { date } }")["pipelinestatus"] == 1


def test_different_fields_do_not_wait_for_each_other() -> None:
    async def main() -> float:
        pace, loop = Pace({"rounds": 5, "v3UserProfile": 5}), asyncio.get_running_loop()
        waiting: list[Awaitable[None]] = [pace.wait("query { rounds(a: 1) }") for _ in range(50)]
        group = asyncio.gather(*waiting)
        await asyncio.sleep(0)
        started = loop.time()
        await pace.wait("query { v3UserProfile(a: 1) }")
        waited = loop.time() - started
        group.cancel()
        return waited

    assert run_leaping(main()) < 0.1


def test_a_real_first_sync_of_100_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over HTTP into SQLite, by the server's own counts. It takes less than a minute, so all counts fall into one."""
    now = datetime(2026, 11, 20, 18, tzinfo=UTC)
    monkeypatch.setenv(PUBLIC_ID, demo.DEMO_PUBLIC)
    monkeypatch.setenv(SECRET_KEY, demo.DEMO_SECRET)
    with DemoServer(Market(now=now, models=120, account_models=100, rounds=8)) as server:
        settings = Settings(tmp_path / "cache.db", tmp_path, tmp_path / "none.toml", (server.url,))
        poller = service.Service(settings, FixedClock(now), once=True, say=lambda line: None)
        assert asyncio.run(poller.run()) == 0
    assert server.log.fields["v2RoundModelPerformances"] >= 100
    for name, count in server.log.fields.items():
        assert count <= PUBLISHED.get(name, count), name
