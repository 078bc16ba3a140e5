"""Rules of the settings file: strict, with the name that was meant."""

from __future__ import annotations

from typing import Any

import pytest

from numtui.alert_rules import RULES, checked_rule, checked_rules, content, identities, parameters
from tests.analysis.alerts.cases import CASES


def test_every_rule_has_a_case() -> None:
    assert set(RULES) == set(CASES)


@pytest.mark.parametrize("name", RULES)
def test_a_rule_comes_back_as_its_table(name: str) -> None:
    rule = CASES[name].rule
    assert checked_rule(content(rule)) == rule
    assert rule.__doc__


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"rule": "no_submision"}, "there is no alert rule 'no_submision': did you mean 'no_submission'?"),
        ({"rule": ["drawdown"]}, "there is no alert rule"),
        ({"above": 1}, "it says no rule"),
        ({"rule": "drawdown", "abov": 0.2}, "drawdown has no 'abov': did you mean 'above'?"),
        ({"rule": "drawdown", "minutes": 2}, "drawdown has no 'minutes': there are above, models, tags, tournament"),
        ({"rule": "drawdown", "above": 25}, "above = 25 is not allowed, but a share"),
        ({"rule": "drawdown", "above": True}, "above = true is not allowed"),
        ({"rule": "drawdown", "above": "0.2"}, "above = '0.2' is not allowed"),
        ({"rule": "drawdown", "tournament": "clasic"}, "tournament = 'clasic' is not allowed, but classic"),
        ({"rule": "drawdown", "models": "m"}, "models = 'm' is not allowed, but a list"),
        ({"rule": "payout"}, "payout needs above or below"),
        ({"rule": "payout", "above": "NaN"}, "numbers of NMR"),
        ({"rule": "key_refused", "models": ["m"]}, "key_refused is about all of them: leave out models"),
    ],
)
def test_what_is_refused(table: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=r"^alert 2: ") as refused:
        checked_rules([{"rule": "key_refused"}, table])
    assert words in str(refused.value)


def test_an_identity_outlives_its_level() -> None:
    before = checked_rules([{"rule": "payout", "above": "5"}, {"rule": "payout", "below": "-5"}, {"rule": "drawdown"}])
    after = checked_rules([{"rule": "payout", "above": "6"}, {"rule": "payout", "below": "-5"}, {"rule": "drawdown"}])
    assert [*identities(before)] == [*identities(after)] == ["payout", "payout #2", "drawdown"]
    scoped = checked_rule({"rule": "drawdown", "models": ["a"], "tournament": "crypto", "tags": ["big"]})
    assert [*identities([scoped])] == ["drawdown crypto a tag:big"]


def test_parameters_are_the_rules_own() -> None:
    assert [*parameters(RULES["percentile"])] == ["below", "rounds"]
