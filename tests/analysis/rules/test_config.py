"""Rules read from plain tables: what they become, and the one line that says what is wrong."""

from __future__ import annotations

from decimal import Decimal

import pytest

from numtui.analysis.rules.config import Evidence, Sources, parse_rules
from numtui.analysis.rules.portfolio import RuleError
from numtui.analysis.rules.rules import (
    CapShare,
    CapWorstCase,
    Hold,
    Only,
    ShrunkBacktest,
    Stop,
    TakeProfit,
    TopUp,
    Weights,
)

D = Decimal


def test_every_rule_is_read() -> None:
    sources = Sources(lambda name: {name: D(1)}, lambda: Evidence({"a": D(1)}, D("0.8")))
    parsed = parse_rules(
        [
            {"rule": "hold", "stake": "100"},
            {"rule": "top_up"},
            {"rule": "take_profit", "gain": 0.3},
            {"rule": "stop", "loss": "0.1", "models": ["a"]},
            {"rule": "cap_share", "share": 0.25},
            {"rule": "cap_worst_case", "limit": "50"},
            {"rule": "weights", "file": "w.json", "total": "10"},
            {"rule": "weights", "weights": {"a": 2, "b": "0.5"}},
            {"rule": "backtest"},
            {"rule": "backtest", "shrinkage": 0, "towards": "current"},
        ],
        sources,
    )
    assert parsed.rules == (
        Hold(D(100)),
        TopUp(D("0.25")),
        TakeProfit(D("0.3")),
        Only(frozenset({"a"}), Stop(D("0.1"))),
        CapShare(D("0.25")),
        CapWorstCase(D(50)),
        Weights({"w.json": D(1)}, D(10)),
        Weights({"a": D(2), "b": D("0.5")}),
        ShrunkBacktest({"a": D(1)}, D("0.8")),
        ShrunkBacktest({"a": D(1)}, D(0), "current"),
    )


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], "there are no rules"),
        ("hold", "there are no rules"),
        (["hold"], "rule 1 is not a table"),
        ([{"rule": "hodl"}], "rule 1: no rule 'hodl': hold, top_up"),
        (
            [{"rule": "stop"}, {"rule": "take_profit", "gian": 1}],
            "rule 2: take_profit: no option 'gian'; it takes gain",
        ),
        ([{"rule": "hold", "stake": 100.0}], "rule 1: hold: stake must be NMR as a string"),
        ([{"rule": "hold", "stake": "ten"}], "stake is not a number: 'ten'"),
        ([{"rule": "hold", "stake": "NaN"}], "stake is not a number: 'NaN'"),
        ([{"rule": "hold", "stake": "2_53"}], "stake is not a number: '2_53'"),
        ([{"rule": "hold", "stake": "\u0662"}], "stake is not a number"),
        ([{"rule": "hold", "stake": "1e3"}], "stake is not a number"),
        ([{"rule": "stop", "loss": "0.2_5"}], "loss is not a number"),
        ([{"rule": "stop", "loss": float("nan")}], "loss must be above 0"),
        ([{"rule": "weights", "weights": {"a": "2_5"}}], "the weight of a is not a number"),
        ([{"rule": "hold", "stake": "-1"}], "stake must be 0 or more"),
        ([{"rule": "hold"}], "stake must be NMR as a string"),
        ([{"rule": "top_up", "drawdown": 25}], "drawdown must be above 0 and at most 1: 25"),
        ([{"rule": "stop", "loss": True}], "loss must be a share"),
        ([{"rule": "stop", "loss": "some"}], "loss is not a number"),
        ([{"rule": "cap_share"}], "share must be a share such as 0.25"),
        ([{"rule": "weights"}], "weights needs file"),
        ([{"rule": "weights", "file": "a", "weights": {"a": 1}}], "not both"),
        ([{"rule": "weights", "file": "a"}], "cannot be read here"),
        ([{"rule": "weights", "weights": {"a": "x"}}], "the weight of a is not a number: 'x'"),
        ([{"rule": "weights", "weights": {"a": True}}], "the weight of a is not a number: True"),
        ([{"rule": "weights", "weights": {"a": [2]}}], "the weight of a is not a number: [2]"),
        ([{"rule": "backtest"}], "no backtest to take weights from"),
        ([{"rule": "stop", "models": "a"}], "models must be a list"),
    ],
)
def test_mistakes_are_named_in_one_line(items: object, said: str) -> None:
    with pytest.raises(RuleError) as caught:
        parse_rules(items)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("item", [{"towards": "elsewhere"}, {"shrinkage": 2}])
def test_backtest_options_are_checked(item: dict[str, object]) -> None:
    with pytest.raises(RuleError, match=next(iter(item))):
        parse_rules([{"rule": "backtest", **item}], Sources(evidence=lambda: Evidence({"a": D(1)}, D(0))))
