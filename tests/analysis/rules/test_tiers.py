"""Rules by what the user noted: stakes and multipliers of tiers, and rules limited to tiers and tags."""

from __future__ import annotations

from decimal import Decimal

import pytest

from numtui.analysis.rules.config import Noted, Sources, parse_rules
from numtui.analysis.rules.portfolio import Book, Holding, RuleError

NOTED = Noted({"fox": "core", "owl": "test"}, {"fox": frozenset({"lgbm"}), "elk": frozenset({"lgbm", "old"})})
BOOK = Book(tuple(Holding(name, Decimal(10)) for name in ("Fox", "owl", "elk")), Decimal(100))


def proposed(**item: object) -> dict[str, Decimal]:
    rules = parse_rules([item], Sources(noted=NOTED))
    return {proposal.model: proposal.proposed for proposal in rules.propose(BOOK)}


def test_each_tier_has_its_stake() -> None:
    assert proposed(rule="tiers", stakes={"core": "25", "test": "0"}) == {"Fox": Decimal(25), "owl": Decimal(0)}
    assert proposed(rule="tiers", stakes={"core": "10"}) == {}


def test_a_total_is_dealt_by_the_multipliers_of_tiers() -> None:
    dealt = proposed(rule="tiers", multipliers={"core": 3, "test": "1"}, total="40")
    assert dealt == {"Fox": Decimal(30)}, "owl has its 10 already, and elk is in no tier"
    assert proposed(rule="tiers", multipliers={"other": 1}) == {}


def test_any_rule_can_be_limited_to_tiers_and_tags() -> None:
    assert proposed(rule="hold", stake="4", tiers=["core"]) == {"Fox": Decimal(4)}
    assert proposed(rule="hold", stake="4", tags=["old"]) == {"elk": Decimal(4)}
    assert proposed(rule="hold", stake="4", tags=["lgbm"], models=["elk"]) == {"elk": Decimal(4)}
    assert proposed(rule="hold", stake="4", tiers=["nobody's"]) == {}


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"rule": "tiers"}, "give stakes"),
        ({"rule": "tiers", "stakes": {"core": "1"}, "multipliers": {"core": 1}}, "give stakes"),
        ({"rule": "tiers", "stakes": {"core": 1}}, "NMR as a string"),
        ({"rule": "tiers", "stakes": {"core": "1"}, "total": "5"}, "give stakes"),
        ({"rule": "hold", "stake": "1", "tiers": "core"}, "tiers must be a list of tiers"),
        ({"rule": "hold", "stake": "1", "tags": []}, "tags must be a list of tags"),
    ],
)
def test_what_is_not_understood_is_named(item: dict[str, object], reason: str) -> None:
    with pytest.raises(RuleError, match=reason):
        parse_rules([item], Sources(noted=NOTED))
