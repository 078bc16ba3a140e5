"""A server whose scores go on for two days after the last day of their configuration."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from numtui.demo.server.resolvers import rounds as resolver
from tests.by_day import days_table
from tests.poller.site import MakeSite, one

AFTER = 2  # days
LATER = """FROM latest l JOIN models m USING (model)
  JOIN score_configs c ON c.tournament = m.tournament AND c.round = l.round AND c.score = l.score"""


def test_rows_after_the_last_day_are_kept_and_change_nothing(
    make_site: MakeSite, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stated = resolver._score_configs

    def shorter(*given: object) -> list[dict[str, object]]:
        configs = stated(*given)  # type: ignore[arg-type]  # whatever the resolver passes on
        return [one | {"totalScoreDays": one["totalScoreDays"] - AFTER} for one in configs]  # type: ignore[operator]

    monkeypatch.setattr(resolver, "_score_configs", shorter)
    site = make_site()
    settings = site.settings()
    assert site.poll(settings) == 0, site.said
    sql = f"SELECT count(*) {LATER} WHERE l.resolved = 1 AND l.day = c.total_score_days"
    assert one(settings, sql) != 0
    assert one(settings, f"SELECT count(*) {LATER} WHERE l.day > c.total_score_days") == 0
    with closing(sqlite3.connect(settings.db)) as cache:
        days_table(cache)
        kept = "SELECT max(s.day) FROM scores s WHERE s.model = l.model AND s.round = l.round AND s.score = l.score"
        rows = cache.execute(
            f"""SELECT l.value, s.value, ({kept}) - l.day {LATER}
              JOIN scores s ON s.model = l.model AND s.round = l.round AND s.score = l.score AND s.day = l.day
              WHERE l.resolved = 1 AND l.payout_settled IS NOT NULL"""
        ).fetchall()
    assert rows
    assert all(value == final and later == AFTER for value, final, later in rows)
    assert "after their last scoring day" in caplog.text
    site.clock.at += timedelta(days=1)
    assert site.poll(settings) == 0, site.said
    assert one(settings, f"SELECT count(*) {LATER} WHERE l.day > c.total_score_days") == 0
    caplog.clear()
    site.requests()
    assert site.poll(settings) == 0, site.said
    assert "after their last scoring day" not in caplog.text
