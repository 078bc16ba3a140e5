"""Each kind fires, clears, is acknowledged and snoozed, while the clock moves; nothing flaps."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.alert_rules import AlertRule, checked_rule
from numtui.analysis.alerts.checking import check_rules
from numtui.analysis.alerts.facts import BurnFact, Facts, ReturnsFact, SubmissionFact, TournamentFacts, Unknown
from numtui.analysis.alerts.findings import Identity
from numtui.analysis.alerts.levels import CALM
from numtui.analysis.alerts.states import Alert, Change, State, acknowledged, changes, snoozed, woken
from numtui.analysis.submissions import Submission
from numtui.model import Tournament
from tests.analysis.alerts.cases import AT, CASES, NMR

MINUTE = timedelta(minutes=1)


class Watch:
    """Evaluations of one rule, one after the other, with what was to be told."""

    def __init__(self, *rules: AlertRule) -> None:
        self.rules = rules
        self.known: dict[Identity, Alert] = {}
        self.told: list[State] = []

    def look(self, facts: Facts, now: datetime | None = None) -> None:
        moment = facts.now if now is None else now
        for change in changes(self.known, check_rules(self.rules, facts), moment):
            self.put(change)
            if change.told:
                self.told.append(change.alert.state)

    def put(self, change: Change | None) -> None:
        assert change is not None
        self.known[change.alert.identity] = change.alert

    @property
    def alert(self) -> Alert:
        (alert,) = self.known.values()
        return alert

    @property
    def state(self) -> str:
        return str(self.alert.state)


@pytest.mark.parametrize("name", CASES)
def test_each_kind_fires_and_clears(name: str) -> None:
    rule, fires, well = CASES[name]
    watch = Watch(rule)
    watch.look(well)
    assert not watch.known, "what never fired is ok"
    watch.look(fires)
    assert (watch.alert.state, watch.alert.since) == (State.FIRING, AT)
    assert watch.alert.text
    watch.look(fires, AT + MINUTE)
    assert watch.alert.since == AT
    watch.look(well, AT + 2 * MINUTE)
    assert watch.alert.state is State.CLEARED
    watch.look(fires, AT + 3 * MINUTE)
    assert (watch.alert.state, watch.alert.since) == (State.FIRING, AT + 3 * MINUTE)
    assert watch.told == [State.FIRING, State.CLEARED, State.FIRING], "each change once"


@pytest.mark.parametrize("name", CASES)
def test_each_kind_is_acknowledged_until_it_clears(name: str) -> None:
    rule, fires, well = CASES[name]
    watch = Watch(rule)
    watch.look(fires)
    watch.put(acknowledged(watch.alert, AT))
    watch.look(fires, AT + MINUTE)
    assert watch.state == "acknowledged"
    assert acknowledged(watch.alert, AT) is None
    watch.look(well, AT + 2 * MINUTE)
    assert watch.state == "cleared"
    watch.look(fires, AT + 3 * MINUTE)
    assert watch.state == "firing"
    assert watch.told == [State.FIRING, State.CLEARED, State.FIRING]


@pytest.mark.parametrize("name", CASES)
def test_each_kind_is_snoozed_until_its_time(name: str) -> None:
    rule, fires, well = CASES[name]
    watch, end = Watch(rule), AT + 10 * MINUTE
    watch.look(fires)
    watch.put(snoozed(watch.alert, AT, end))
    watch.look(well, AT + MINUTE)
    watch.look(fires, AT + 2 * MINUTE)
    assert (watch.alert.state, watch.alert.until) == (State.SNOOZED, end), "whatever it does meanwhile"
    watch.look(fires, AT + 9 * MINUTE)
    assert watch.told == [State.FIRING]
    watch.look(fires, end)
    assert (watch.alert.state, watch.alert.until) == (State.FIRING, None)
    assert watch.told == [State.FIRING, State.FIRING]


def test_what_the_user_ends_fires_again_without_being_told() -> None:
    rule, fires, _ = CASES["drawdown"]
    watch = Watch(rule)
    watch.look(fires)
    watch.put(snoozed(watch.alert, AT, AT + MINUTE))
    watch.put(woken(watch.alert, AT))
    watch.look(fires, AT + MINUTE)
    assert (watch.alert.state, watch.told) == (State.FIRING, [State.FIRING])
    assert woken(watch.alert, AT) is None


def burning(probability: float | None) -> Facts:
    return Facts(AT, (TournamentFacts(Tournament.CLASSIC, burns=(BurnFact("m", True, probability, None),)),))


def test_a_value_that_is_barely_back_clears_after_some_evaluations() -> None:
    watch = Watch(checked_rule({"rule": "burn_probability", "above": 0.5}))
    watch.look(burning(0.51))
    for _ in range(CALM - 1):
        watch.look(burning(0.49))
        assert watch.alert.state is State.FIRING
    watch.look(burning(0.51))
    assert watch.alert.calm == 0
    for _ in range(CALM):
        watch.look(burning(0.49))
    assert watch.alert.state is State.CLEARED
    watch.look(burning(0.51))
    watch.look(burning(0.45))
    assert watch.alert.state is State.CLEARED, "a tenth of the level is far enough"


@settings(deadline=None)
@given(st.lists(st.floats(0.46, 0.54), min_size=1, max_size=60))
def test_around_its_level_nothing_flaps(values: list[float]) -> None:
    watch = Watch(checked_rule({"rule": "burn_probability", "above": 0.5}))
    for value in values:
        watch.look(burning(value))
    changes_at_most = 1 + 2 * len(values) // (CALM + 1)  # CALM evaluations on the right side, one past the level
    assert len(watch.told) <= changes_at_most
    assert all(left is not right for left, right in zip(watch.told, watch.told[1:], strict=False))


def test_what_is_not_known_stays_as_it_is() -> None:
    watch = Watch(checked_rule({"rule": "burn_probability", "above": 0.5}))
    watch.look(burning(0.9))
    watch.look(burning(None))
    watch.look(Facts(AT, (TournamentFacts(Tournament.CLASSIC, burns=Unknown("no forecast")),)))
    assert watch.alert.state is State.FIRING
    (check,) = check_rules(watch.rules, burning(None))
    assert (check.ok, check.not_known, check.reason) == (0, 1, "its rounds have no forecast")


def test_what_it_was_about_is_over_or_its_rule_gone() -> None:
    rule, fires, _ = CASES["no_submission"]
    watch = Watch(rule)
    watch.look(fires)
    next_round = (SubmissionFact("m", True, 1301, AT + timedelta(days=1), Submission.NONE, None, NMR),)
    watch.look(replace(fires, tournaments=(replace(fires.tournaments[0], submissions=next_round),)))
    assert watch.alert.state is State.CLEARED
    watch.look(fires)
    watch.rules = ()
    watch.look(fires)
    assert watch.alert.state is State.CLEARED
    assert "taken out" in watch.alert.text
    assert watch.told == [State.FIRING, State.FIRING], "that is no news"


def test_a_missed_round_is_said_after_the_close() -> None:
    rule, fires, _ = CASES["no_submission"]
    watch = Watch(rule)
    watch.look(replace(fires, now=AT - timedelta(hours=5)))
    assert not watch.known, "there is time yet"
    watch.look(fires)
    assert watch.alert.text == "no submission for round 1300, 50 NMR staked"
    watch.look(replace(fires, now=AT + timedelta(hours=1)))
    assert watch.alert.text == "round 1300 missed: no submission, 50 NMR staked"
    assert watch.told == [State.FIRING]


def test_whom_a_rule_is_about() -> None:
    facts = tuple(ReturnsFact(name, own, (-0.5,)) for name, own in (("mine", True), ("Seen", False), ("other", False)))
    part = TournamentFacts(Tournament.CLASSIC, returns=facts, tags={"other": frozenset({"big"})})
    for table, models in (
        ({}, ["mine"]),
        ({"models": ["seen"]}, ["Seen"]),
        ({"tags": ["BIG"]}, ["other"]),
        ({"models": ["mine"], "tags": ["big"]}, ["mine", "other"]),
        ({"tags": ["small"]}, []),
        ({"tournament": "crypto"}, None),
    ):
        found = check_rules([checked_rule({"rule": "drawdown", **table})], Facts(AT, (part,)))
        assert [[finding.model for finding in check.findings] for check in found] == (
            [] if models is None else [models]
        )


def test_an_unstaked_model_is_only_told_of_where_it_is_named() -> None:
    fact = SubmissionFact("m", True, 1300, AT, Submission.NONE, None, NMR * 0)
    facts = Facts(AT, (TournamentFacts(Tournament.CLASSIC, submissions=(fact,)),))
    for table, past in (({}, 0), ({"models": ["m"]}, 1)):
        (check,) = check_rules([checked_rule({"rule": "no_submission", **table})], facts)
        assert check.past == past


def test_an_alert_that_goes_on_firing_has_not_changed() -> None:
    rule, fires, _ = CASES["drawdown"]
    watch = Watch(rule)
    watch.look(fires)
    began = watch.alert.changed
    watch.look(replace(fires, now=fires.now + 5 * MINUTE), fires.now + 5 * MINUTE)
    assert watch.alert.changed == watch.alert.since == began
