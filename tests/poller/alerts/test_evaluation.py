"""Rules on the cache of a simulated tournament: what they find is what the reports show, and history stays."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from numtui.alert_rules import RULES, AlertRule, checked_rule
from numtui.analysis.alerts.states import State, acknowledged
from numtui.config import Settings
from numtui.demo import DEMO_STAKERS
from numtui.model import Tournament
from numtui.poller.alerts.evaluation import Evaluation, evaluate, findings
from numtui.poller.alerts.watch import AlertWatch
from numtui.reports.alerts.facts import Sources
from numtui.reports.alerts.rules_in_force import AlertRuleError
from numtui.reports.alerts.table import alerts_table, history_table, listed_rules
from numtui.reports.stake.status import tournament_status
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.alerts import alerts, checks
from numtui.store.queries.firing import firing_count
from numtui.store.repair import rebuild
from numtui.store.writes.alerts import USER, add_rule, put_changes
from tests.poller.site import NOW, MakeSite, Site

ALL = tuple(checked_rule({"rule": name, **({"below": "-1"} if name == "payout" else {})}) for name in RULES)


def look(site: Site, settings: Settings, *rules: AlertRule) -> Evaluation:
    return evaluate(replace(settings, alerts=rules), site.clock, Sources())


@pytest.fixture
def polled(site: Site) -> Settings:
    settings = site.settings()
    assert site.poll(settings) == 0
    return settings


def test_every_kind_is_known_or_says_why_not(site: Site, polled: Settings) -> None:
    result = look(site, polled, *ALL)
    assert {check.kind for check in result.checks} == set(RULES)
    known = {check.kind for check in result.checks if check.unknown is None}
    assert set(RULES) - known == {"scores_late", "price_move", "stake_rule"}, "of these there is no data yet"
    assert all(check.reason for check in result.checks if check.unknown is not None or check.not_known)
    with closing(open_reader(polled.db)) as connection:
        rows = list(listed_rules(connection, replace(polled, alerts=ALL)).rows)
    assert [row[0] for row in rows] == [rule.kind for rule in ALL]
    assert all(row[6] is not None for row in rows), "each was evaluated"


def test_findings_are_the_figures_of_the_reports(site: Site, polled: Settings) -> None:
    rule = checked_rule({"rule": "at_risk_share", "above": 0.01, "tournament": "signals"})
    (check,) = look(site, polled, rule).checks
    with closing(open_reader(polled.db)) as connection:
        status = tournament_status(connection, Tournament.SIGNALS, site.clock.now())
    assert {finding.model: finding.nmr for finding in check.findings} == {
        model.state.name: model.figures.at_risk for model in status.models
    }


def test_a_staked_model_without_a_submission_is_told_of(site: Site, polled: Settings) -> None:
    result = look(site, polled, checked_rule({"rule": "no_submission", "minutes": 10_080}))
    with closing(open_reader(polled.db)) as connection:
        missing = {
            model.state.name
            for item in Tournament
            for model in tournament_status(connection, item, site.clock.now()).models
            if model.submitted is False and model.staked
        }
    assert missing
    assert {row.model for row in result.news} == missing
    assert look(site, polled, checked_rule({"rule": "no_submission", "minutes": 10_080})).news == ()


def test_a_failing_api_fires_and_clears(make_site: MakeSite) -> None:
    site = make_site()
    settings, rule = site.settings(), checked_rule({"rule": "api_failing", "minutes": 30, "tournament": "classic"})
    site.poll(settings)
    dead = replace(settings, api_urls=("http://127.0.0.1:9",), connect_timeout=0.5)
    for minutes, firing in ((5, 0), (40, 1)):
        site.clock.at = NOW + timedelta(minutes=minutes)
        assert site.poll(dead) == 3
        assert look(site, settings, rule).firing == firing
    site.clock.at += timedelta(minutes=5)
    site.poll(settings)
    assert look(site, settings, rule).firing == 0


def test_prices_are_kept_by_the_hour(make_site: MakeSite) -> None:
    site = make_site()
    settings = site.settings()
    rule = checked_rule({"rule": "price_move", "percent": 0.000001, "hours": 48})
    site.poll(settings)
    for hours in (5, 10, 20):
        site.clock.at = NOW + timedelta(hours=hours)
        site.poll(settings)
    (check,) = look(site, settings, rule).checks
    assert check.unknown is None
    assert "within 48 h" in check.findings[0].text


def test_claims_of_a_strategy_that_is_not_named_are_not_known(site: Site, polled: Settings) -> None:
    checks = look(site, polled, checked_rule({"rule": "claim_due"})).checks
    assert {check.tournament for check in checks if check.unknown and "[staker]" in check.unknown} == {
        Tournament.CLASSIC,
        Tournament.CRYPTO,
    }


def test_claims_are_kept_without_their_proofs(site: Site) -> None:
    stakers = {Tournament.from_label(label): address for label, address in DEMO_STAKERS.items()}
    settings = site.settings(staker=stakers)
    site.poll(settings)
    result = look(site, settings, checked_rule({"rule": "claim_due", "days": 60}))
    atomic = [check for check in result.checks if check.tournament is not Tournament.SIGNALS]
    assert all(check.unknown is None for check in atomic)
    assert any(check.findings for check in atomic)
    assert all(finding.nmr and finding.deadline for check in atomic for finding in check.findings)


def test_a_model_of_no_such_name_is_refused(site: Site, polled: Settings) -> None:
    wrong = replace(polled, alerts=(checked_rule({"rule": "drawdown", "models": ["demo_drifd"]}),))
    with pytest.raises(AlertRuleError, match=r"no model demo_drifd: did you mean demo_drift\?"):
        evaluate(wrong, site.clock, Sources(), strict=True)
    (problem,) = evaluate(wrong, site.clock, Sources()).problems
    assert "did you mean demo_drift" in problem


def test_rules_of_the_screen_count_and_a_broken_one_is_said(site: Site, polled: Settings) -> None:
    with closing(open_writer(polled.db)) as connection:
        add_rule(connection, '{"rule": "at_risk_share", "above": 0.01}', NOW)
        add_rule(connection, '{"rule": "of a newer program"}', NOW)
    result = look(site, polled)
    assert result.firing > 0
    assert "left out" in result.problems[0]


def test_nothing_is_written_by_a_test_of_the_rules(site: Site, polled: Settings) -> None:
    found = findings(replace(polled, alerts=ALL), site.clock, Sources(), "key_refused")
    assert [check.kind for check in found] == ["key_refused"]
    with closing(open_reader(polled.db)) as connection:
        assert (checks(connection), alerts(connection)) == ([], [])


def test_the_poller_evaluates_after_each_poll(site: Site, polled: Settings) -> None:
    from tests.poller.alerts.receiver import SHARE

    said: list[str] = []
    watch = AlertWatch(lambda settings: Sources(), said.append)
    watch(replace(polled, alerts=(SHARE,)), site.clock)
    assert [line.split(":")[0] for line in said] == ["alert"] * len(said)
    assert said


def test_what_the_user_did_and_the_history_outlive_damage(site: Site, polled: Settings) -> None:
    rule = checked_rule({"rule": "at_risk_share", "above": 0.01, "tournament": "signals"})
    look(site, polled, rule)
    with closing(open_writer(polled.db)) as connection:
        first = alerts(connection)[0]
        change = acknowledged(first, NOW)
        assert change is not None
        put_changes(connection, [change], NOW, who=USER)
        before = [*alerts_table(connection).rows], [*history_table(connection).rows]
    assert next(iter(before[1]))[3] == USER
    polled.db.with_name(polled.db.name + "-wal").unlink(missing_ok=True)
    rebuild(polled.db, NOW)
    with closing(open_reader(polled.db)) as connection:
        assert ([*alerts_table(connection).rows], [*history_table(connection).rows]) == before
        assert firing_count(connection) == sum(row[1] == State.FIRING for row in before[0])
