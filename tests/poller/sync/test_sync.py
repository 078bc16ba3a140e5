"""First syncs, idle polls and scoring runs against the simulated tournament."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from numtui import demo
from numtui.model import Tournament
from tests.poller.site import NOW, MakeSite, Site, differences, dump, later, one

WATCHED = {Tournament.CLASSIC: ("integration_test", "amber_badger")}


def test_a_first_sync_brings_what_the_market_has(site: Site) -> None:
    settings = site.settings(watch=WATCHED)
    assert site.poll(settings) == 0
    market = site.server.market
    tables = dump(settings)
    assert len(tables["rounds"]) == sum(len(market.rounds(tournament)) for tournament in Tournament)
    mine = {name for _, name, *_, mine, _ in tables["models"] if mine}
    assert mine == set(demo.DEMO_MODELS)
    assert {name for _, name, *_, watched in tables["models"] if watched} == set(WATCHED[Tournament.CLASSIC])
    for tournament, name in ((Tournament.CLASSIC, "demo_anchor"), (Tournament.SIGNALS, "demo_signal_a")):
        model = market.model(tournament, name)
        display = "mmc60" if tournament is Tournament.CLASSIC else "mpc"
        expected = {
            (number, day + 1): value
            for path in market.score_paths(model, display)
            for number, values in zip(path.rounds, path.values, strict=True)
            for day, value in enumerate(values)
            if value == value  # noqa: PLR0124  not NaN
        }
        got = {
            (number, day): value
            for _, owner, number, score, _, day, value, *_ in tables["scores"]
            if owner == name and score == display
        }
        assert got.keys() == expected.keys()
        assert all(got[key] == pytest.approx(expected[key], abs=1e-12) for key in expected)
    boards = {(tournament, kind) for tournament, kind, *_ in tables["leaderboard"]}
    assert len(boards) == 6
    assert one(settings, "SELECT count(*) FROM leaderboard WHERE tournament = 8 AND kind = 'model'") == 60
    assert one(settings, "SELECT count(*) FROM snapshots WHERE complete = 1") == 6
    assert one(settings, "SELECT count(*) FROM pipeline WHERE ingested IS NOT NULL") == 3
    assert one(settings, "SELECT count(*) FROM polls WHERE state = 'done' AND kind = 'first'") == 3


def test_latest_is_the_newest_day_and_every_unresolved_day_has_a_date(site: Site) -> None:
    settings = site.settings()
    site.poll(settings)
    newest = "SELECT model, round, score, max(day) FROM scores GROUP BY 1, 2, 3"
    assert one(settings, f"SELECT count(*) FROM ({newest}) EXCEPT SELECT count(*) FROM latest") is None
    assert one(settings, f"SELECT count(*) FROM ({newest} EXCEPT SELECT model, round, score, day FROM latest)") == 0
    undated = """SELECT count(*) FROM scores s JOIN models m USING (model) JOIN rounds r
      ON r.tournament = m.tournament AND r.round = s.round WHERE r.resolved = 0 AND NOT EXISTS (
      SELECT 1 FROM score_dates d WHERE d.tournament = m.tournament AND d.round = s.round AND d.day = s.day)"""
    assert one(settings, undated) == 0
    assert one(settings, "SELECT count(*) FROM score_dates") != 0


def test_requests_of_a_hundred_models(make_site: MakeSite) -> None:
    site = make_site(account_models=100, models=300, rounds=12)
    assert site.poll() == 0
    assert one(site.settings(), "SELECT count(*) FROM models WHERE mine AND synced_time IS NOT NULL") == 100
    assert one(site.settings(), "SELECT sum(requests) FROM polls WHERE kind = 'first'") <= 70  # type: ignore[operator]
    assert site.requests() <= 150
    assert site.poll() == 0
    assert site.requests() == 3
    assert one(site.settings(), "SELECT count(*) FROM polls WHERE kind = 'idle' AND requests = 1") == 3


def test_an_idle_poll_is_one_request_a_tournament_and_changes_nothing(site: Site) -> None:
    settings = site.settings(watch=WATCHED)
    site.poll(settings)
    before = dump(settings)
    versions = one(settings, "SELECT group_concat(name || version) FROM changes WHERE name <> 'polls'")
    site.requests()
    for _ in range(2):
        assert site.poll(settings) == 0
        assert site.requests() == 3
    assert differences(before, dump(settings)) == {}
    assert versions == one(settings, "SELECT group_concat(name || version) FROM changes WHERE name <> 'polls'")


def test_days_without_a_run_stay_idle(site: Site) -> None:
    site.poll()
    site.requests()
    for days in (1.0, 2.0):  # Saturday's run is ingested, then Sunday and Monday are quiet
        site.clock.at = later(days)
        assert site.poll() == 0
        count = site.requests()
    assert count == 3, "a Sunday"
    site.clock.at = later(2.6)
    site.poll()
    assert site.requests() == 3, "a Monday morning"


def test_a_new_open_round_is_noticed_with_its_terms(site: Site) -> None:
    site.clock.at = NOW.replace(hour=11) + timedelta(days=1)  # Saturday, before the opening
    site.poll()
    newest = one(site.settings(), "SELECT max(round) FROM rounds")
    site.requests()
    site.clock.at += timedelta(hours=2, minutes=10)
    site.poll()
    assert one(site.settings(), "SELECT max(round) FROM rounds") == newest + 1  # type: ignore[operator]
    assert one(site.settings(), "SELECT count(*) FROM score_configs WHERE round = ?", newest + 1) != 0  # type: ignore[operator]
    assert site.requests() == 6, "three idle questions, and the new round's terms"


def test_a_changed_stake_and_a_new_submission_are_noticed(site: Site) -> None:
    site.clock.at = NOW.replace(hour=13, minute=2)  # the round has just opened
    site.poll()
    settings = site.settings()
    first = {row[0]: row[2] for row in dump(settings)["submissions"]}
    model = site.server.market.model(Tournament.SIGNALS, "demo_signal_a")
    site.change_stake(model.id, "5")
    site.clock.at += timedelta(minutes=40)
    site.requests()
    assert site.poll() == 0
    second = {row[0]: row[2] for row in dump(settings)["submissions"]}
    assert any(second[name] == number + 1 for name, number in first.items()), "submitted for the open round by now"  # type: ignore[operator]
    pending = one(settings, "SELECT pending_amount FROM stakes JOIN models USING (model) WHERE name = 'demo_signal_a'")
    assert float(str(pending)) == 5
    site.requests()
    site.poll()
    assert site.requests() == 3


def test_scoring_runs_end_where_a_first_sync_of_that_day_ends(site: Site) -> None:
    settings = site.settings(watch=WATCHED)
    site.poll(settings)
    for days in (0.95, 4, 5, 6):  # Saturday, Tuesday, Wednesday, Thursday: a run each, seen the same evening
        site.clock.at = later(days)
        assert site.poll(settings) == 0
    fresh = site.settings("fresh", watch=WATCHED)
    assert site.poll(fresh) == 0
    result = differences(dump(settings, "pipeline", "score_dates"), dump(fresh, "pipeline", "score_dates"))
    assert result == {}
    assert one(settings, "SELECT count(*) FROM pipeline WHERE ingested = max(scored, resolved)") == 5 * 3


def test_scores_that_outlive_their_round_are_followed_to_their_last_day(make_site: MakeSite) -> None:
    """Before Classic 1343 rounds resolved after 20 days, and their 60-day scores went on."""
    site = make_site(rounds=95)
    settings, fresh = site.settings(), site.settings("fresh")
    site.poll(settings)
    outliving = """SELECT count(*) FROM latest l JOIN models m USING (model) JOIN rounds r USING (tournament, round)
      WHERE m.tournament = 8 AND r.resolved = 1 AND l.resolved = 0 AND r.resolve_time < '2026-10-20'"""
    assert one(settings, outliving) != 0
    site.clock.at = later(1)
    site.poll(settings)
    site.poll(fresh)
    scores = ("scores", "latest")
    left, right = dump(settings), dump(fresh)
    assert differences({name: left[name] for name in scores}, {name: right[name] for name in scores}) == {}


def test_a_scoring_run_asks_for_unsettled_rounds_and_newest_days_only(make_site: MakeSite) -> None:
    site = make_site(rounds=90, account_models=6)
    site.poll()
    first = one(site.settings(), "SELECT sum(rows) FROM polls")
    site.clock.at = later(0.95)
    site.poll()
    run = one(site.settings(), "SELECT sum(rows) FROM polls WHERE kind = 'scored'")
    assert run is not None
    assert run < first / 20  # type: ignore[operator]
    asked = one(site.settings(), "SELECT max(rounds) FROM polls WHERE kind = 'scored' AND tournament = 8")
    unsettled = one(site.settings(), "SELECT count(*) FROM rounds WHERE tournament = 8 AND resolved = 0")
    models = one(site.settings(), "SELECT count(*) FROM models WHERE tournament = 8 AND mine")
    assert asked <= models * (unsettled + 1), "the one that has resolved in this run, and none before it"  # type: ignore[operator]


def test_several_missed_runs_leave_no_hole_in_the_days(site: Site) -> None:
    settings = site.settings()
    site.poll(settings)
    site.clock.at = later(12)
    assert site.poll(settings) == 0
    fresh = site.settings("fresh")
    site.poll(fresh)
    assert differences(dump(settings, "pipeline", "score_dates"), dump(fresh, "pipeline", "score_dates")) == {}


def test_a_run_seen_before_it_resolves_is_seen_again(site: Site) -> None:
    site.clock.at = NOW.replace(hour=15)  # before the day's scores
    settings = site.settings()
    site.poll(settings)
    for hour, minute in ((16, 5), (16, 50), (18, 0), (23, 0)):
        site.clock.at = NOW.replace(hour=hour, minute=minute)
        assert site.poll(settings) == 0
    fresh = site.settings("fresh")
    site.poll(fresh)
    assert differences(dump(settings, "pipeline", "score_dates"), dump(fresh, "pipeline", "score_dates")) == {}


def test_a_newly_watched_model_gets_its_full_history(site: Site) -> None:
    site.poll()
    settings = site.settings(watch={Tournament.CRYPTO: ("nobody_at_all",), Tournament.CLASSIC: ("amber_badger",)})
    assert site.poll(settings) == 0
    count = one(settings, "SELECT count(*) FROM scores JOIN models USING (model) WHERE name = 'amber_badger'")
    assert count != 0
    assert "no model of that name in crypto: nobody_at_all" in " ".join(site.said)
    site.requests()
    assert site.poll(settings) == 0
    assert site.requests() == 3, "who does not exist is not asked for at each poll"


def test_without_keys_the_public_part_is_here(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMERAI_PUBLIC_ID")
    monkeypatch.delenv("NUMERAI_SECRET_KEY")
    assert site.poll() == 0
    settings = site.settings()
    assert one(settings, "SELECT count(*) FROM leaderboard") != 0
    assert one(settings, "SELECT count(*) FROM models WHERE mine") == 0
    assert one(settings, "SELECT count(*) FROM pipeline WHERE ingested IS NOT NULL") == 3
    site.requests()
    site.poll()
    assert site.requests() == 3


def test_with_wrong_keys_the_public_part_is_here_and_it_is_said(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMERAI_SECRET_KEY", "wrong")
    assert site.poll() == 1
    assert one(site.settings(), "SELECT count(*) FROM leaderboard") != 0
    message = str(one(site.settings(), "SELECT message FROM polls WHERE state = 'failed'"))
    assert message.startswith("key refused (")
    assert message.count("NUMERAI_SECRET_KEY") == 1, "whole, and not doubled"
    assert "wrong" not in message
    assert str(site.said).count("NUMERAI_SECRET_KEY") == 1, "nor once a tournament"
    assert str(site.said).count("; key refused") == 3


def test_a_model_that_leaves_the_account_is_no_longer_mine(site: Site, make_site: MakeSite) -> None:
    site.poll()
    other = make_site(account_models=9)
    settings = site.settings(api_urls=(other.server.url,))
    site.poll(settings)
    assert one(settings, "SELECT count(*) FROM models WHERE mine") == 9
    for table in ("stakes", "submissions"):
        assert one(settings, f"SELECT count(*) FROM {table}") != 0
        assert one(settings, f"SELECT count(*) FROM {table} JOIN models USING (model) WHERE NOT mine") == 0


def test_other_keys_show_another_account(site: Site) -> None:
    settings = site.settings()
    site.poll(settings)
    with closing(sqlite3.connect(settings.db, isolation_level=None)) as connection:  # as if it had been another's
        connection.execute("UPDATE meta SET value = 'somebody_else' WHERE key = 'account'")
        connection.execute("INSERT INTO payouts (tournament, model_id, round, settled) VALUES (8, 'theirs', 1, 1)")
        connection.execute("UPDATE wallet SET username = 'somebody_else'")
    assert site.poll(settings) == 0
    assert one(settings, "SELECT count(*) FROM payouts WHERE model_id = 'theirs'") == 0
    assert one(settings, "SELECT count(*) FROM payouts") != 0
    assert one(settings, "SELECT group_concat(username) FROM wallet") == demo.DEMO_ACCOUNT
    assert "removed" in " ".join(site.said)
    assert one(settings, "SELECT count(*) FROM models WHERE mine") == 12
