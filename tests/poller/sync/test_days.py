"""The second step of a sync: which days are fetched, in which order, and what is never fetched again."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing

import pytest

from numtui.model import Tournament
from numtui.poller.freshen import fetch_days
from numtui.store.queries import rounds as round_queries
from numtui.store.queries.scores.missing_days import missing_days
from numtui.store.queries.selection import Rounds
from tests.poller.site import MakeSite, Site, differences, dump, one

PATHS = "SELECT count(*) FROM score_paths JOIN models USING (model) WHERE tournament = 8"


@pytest.fixture
def few_usual(monkeypatch: pytest.MonkeyPatch) -> None:
    """The days of 5 resolved rounds are fetched unasked."""
    monkeypatch.setattr(round_queries, "NEWEST_RESOLVED", 5)


def test_the_newest_days_come_unasked_older_ones_when_asked(make_site: MakeSite, few_usual: None) -> None:
    site = make_site(rounds=90, account_models=4)
    settings = site.settings()
    assert site.poll(settings) == 0
    resolved = "SELECT round FROM rounds WHERE tournament = 8 AND resolved = 1 ORDER BY round DESC LIMIT 1 OFFSET 4"
    usual = one(settings, resolved)
    of_models = "FROM models WHERE tournament = 8 AND mine"
    assert one(settings, f"SELECT min(days_from) || '..' || max(days_from) {of_models}") == f"{usual}..{usual}"
    assert one(settings, f"{PATHS} AND round < ?", usual) == 0
    assert one(settings, f"{PATHS.replace('score_paths', 'latest')} AND round < ?", usual) != 0
    assert one(settings, "SELECT count(*) FROM polls WHERE kind = 'days' AND tournament = 8") == 2
    with closing(sqlite3.connect(settings.db)) as connection:
        models = [number for (number,) in connection.execute("SELECT model FROM models WHERE tournament = 8 AND mine")]
        missing = missing_days(connection, Tournament.CLASSIC, models, Rounds())
        assert missing is not None
        assert missing.last < usual  # type: ignore[operator]
        assert missing_days(connection, Tournament.CLASSIC, models, Rounds(first=int(str(usual)))) is None
    asyncio.run(fetch_days(settings, site.clock, first=0))
    whole = site.settings("whole")
    assert asyncio.run(site.service(whole, full=True).run()) == 0
    left, right = dump(settings)["scores"], dump(whole)["scores"]
    assert [row for row in left if row[0] == 8] == [row for row in right if row[0] == 8]
    site.requests()
    assert site.poll(whole) == 0
    assert site.requests() == 3, "nothing is fetched twice"


def test_a_scoring_run_between_the_steps_leaves_no_hole(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = site.settings()
    with monkeypatch.context() as stopped:
        stopped.setattr("numtui.poller.service.fill_days", nothing)
        assert site.poll(settings) == 0
    assert one(settings, "SELECT count(*) FROM score_paths") == 0
    assert one(settings, "SELECT count(*) FROM latest") != 0
    site.clock.at = site.clock.at.replace(day=21, hour=17)
    with monkeypatch.context() as stopped:
        stopped.setattr("numtui.poller.service.fill_days", nothing)
        assert site.poll(settings) == 0
    assert one(settings, "SELECT count(*) FROM score_paths") == 0, "the newest day alone would be a path with a hole"
    assert site.poll(settings) == 0
    fresh = site.settings("fresh")
    assert site.poll(fresh) == 0
    assert differences(dump(settings, "pipeline", "score_dates"), dump(fresh, "pipeline", "score_dates")) == {}


async def nothing(*_: object, **_options: object) -> AsyncIterator[object]:
    """No days."""
    return
    yield  # what makes it a generator


def test_a_cache_of_the_version_before_has_every_day(site: Site) -> None:
    settings = site.settings()
    assert site.poll(settings) == 0
    with closing(sqlite3.connect(settings.db, isolation_level=None)) as connection:
        connection.execute("UPDATE models SET days_from = 0 WHERE synced_time IS NOT NULL")  # as its migration does
    site.requests()
    asyncio.run(fetch_days(settings, site.clock, first=0))
    assert site.requests() == 0
