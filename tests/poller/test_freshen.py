"""What an export fetches first: what is missing or old, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from numtui.api.errors import Unreachable
from numtui.config import Settings
from numtui.model import Tournament
from numtui.poller.freshen import NoSuchModel, fetch_days, freshen
from tests.by_day import rows_by_day
from tests.poller.site import NOW, Site, one


def bring(site: Site, settings: Settings, table: str, *names: str, refresh: bool = False) -> int:
    """Calls ensure; returns how many requests it made."""
    site.requests()
    asyncio.run(freshen(settings, site.clock, table=table, names=names, refresh=refresh))
    return site.requests()


def bring_days(site: Site, settings: Settings, *names: str, first: int = 0) -> int:
    """Calls fetch_days; returns how many requests it made."""
    site.requests()
    asyncio.run(fetch_days(settings, site.clock, first=first, names=names))
    return site.requests()


def test_a_leaderboard_needs_no_histories(site: Site) -> None:
    settings = site.settings(tournament=Tournament.CRYPTO)
    assert 0 < bring(site, settings, "leaderboard") <= 4
    assert one(settings, "SELECT count(*) FROM leaderboard") != 0
    assert one(settings, "SELECT count(*) FROM scores") == 0
    assert bring(site, settings, "leaderboard") == 0, "younger than one poll interval"
    site.clock.at += timedelta(minutes=6)
    assert bring(site, settings, "leaderboard") == 1, "older: an idle question"
    assert bring(site, settings, "leaderboard", refresh=True) > 1
    assert bring(site, settings, "journal") == 0


def test_scores_of_own_models_then_of_anybody(site: Site) -> None:
    settings = site.settings(tournament=Tournament.SIGNALS)
    bring(site, settings, "scores")
    assert one(settings, "SELECT count(DISTINCT model) FROM latest") == 3
    assert one(settings, "SELECT count(*) FROM score_paths") == 0
    newest = one(settings, "SELECT max(round) FROM latest")
    assert isinstance(newest, int)
    assert 0 < bring_days(site, settings, first=newest) <= 4, "of unresolved rounds, and dates"
    assert one(settings, "SELECT count(DISTINCT model) FROM score_paths") == 3
    assert bring_days(site, settings, first=newest) == 0
    assert one(settings, "SELECT count(*) FROM leaderboard") == 0
    everybody = site.server.market.arena(Tournament.SIGNALS).population.row_by_name
    name = next(name for name in everybody if not name.startswith("demo"))
    assert bring(site, settings, "scores", name) <= 4
    assert bring_days(site, settings, name) > 0
    count = "SELECT sum(length(day_values)) FROM score_paths JOIN models USING (model) WHERE name = ?"
    before = one(settings, count, name)
    assert before is not None
    assert bring(site, settings, "scores", name) == 0
    assert bring_days(site, settings, name) == 0
    site.clock.at = NOW + timedelta(days=5)
    assert bring(site, settings, "scores", name) > 0
    assert bring_days(site, settings, name) == 0, "what is new came with its days"
    after = one(settings, count, name)
    assert after is not None
    assert after > before  # type: ignore[operator]
    assert one(settings, "SELECT watched + mine FROM models WHERE name = ?", name) == 0
    with closing(sqlite3.connect(settings.db)) as connection:
        gaps = rows_by_day(connection, "model, round, score", "GROUP BY 1, 2, 3 HAVING max(day) > count(*)")
    assert gaps == []


def test_a_poll_after_a_partial_fetch_is_still_a_first_one(site: Site) -> None:
    settings = site.settings()
    bring(site, settings, "leaderboard")
    assert site.poll(settings) == 0
    assert one(settings, "SELECT count(*) FROM models WHERE mine AND synced_time IS NOT NULL") == 12


def test_a_model_that_nobody_has_is_named(site: Site) -> None:
    with pytest.raises(NoSuchModel, match="no model nobody_at_all in classic"):
        bring(site, site.settings(), "scores", "nobody_at_all")


def test_with_a_dead_api_the_older_state_serves_or_the_reason_is_raised(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    settings = site.settings()
    dead = site.settings(api_urls=("http://127.0.0.1:9",), connect_timeout=0.2)
    with pytest.raises(Unreachable):
        bring(site, dead, "leaderboard")
    bring(site, settings, "leaderboard")
    site.clock.at += timedelta(days=2)
    bring(site, dead, "leaderboard")
    assert "the cache's older state is used" in caplog.text
    with pytest.raises(Unreachable):
        bring(site, dead, "rounds")
