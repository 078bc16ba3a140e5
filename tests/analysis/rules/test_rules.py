"""Rules against examples worked out by hand, and what holds for every book."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.rules.portfolio import Book, Holding, Rule, RuleError
from numtui.analysis.rules.rules import (
    CapShare,
    CapWorstCase,
    Combination,
    Hold,
    Only,
    ShrunkBacktest,
    Stop,
    TakeProfit,
    TopUp,
    Weights,
    capped_total,
    moved,
    targets,
)
from numtui.money import MINIMUM, WEI

D = Decimal


def book(*holdings: Holding, available: str = "0") -> Book:
    return Book(holdings, D(available))


def proposed(rule: Rule, *holdings: Holding) -> dict[str, D]:
    return {step.model: step.proposed for step in rule.propose(book(*holdings))}


def test_hold_releases_only_the_excess() -> None:
    steps = Hold(D(100)).propose(book(Holding("a", D("112.5")), Holding("b", D(80)), Holding("c", D(100))))
    assert [(step.model, step.current, step.proposed) for step in steps] == [("a", D("112.5"), D(100))]
    assert steps[0].reason == "hold 100: 12.5 above it"


def test_top_up_waits_for_the_drawdown() -> None:
    # 75 of 100 is a fall of 25 %; 76 is one of 24 %
    rule = TopUp(D("0.25"))
    assert proposed(rule, Holding("a", D(75), peak=D(100)), Holding("b", D(76), peak=D(100))) == {"a": D(100)}
    assert rule.propose(book(Holding("a", D(75), peak=D(100))))[0].reason == "top up: 25 % below its peak 100"


def test_take_profit_and_stop_at_their_marks() -> None:
    # base 50: +20 % is 60, -7 % is 46.5
    rising = [Holding("a", D(60), base=D(50)), Holding("b", D("59.99"), base=D(50))]
    assert proposed(TakeProfit(D("0.2")), *rising) == {"a": D(50)}
    falling = [Holding("a", D("46.5"), base=D(50)), Holding("b", D("46.51"), base=D(50))]
    assert proposed(Stop(D("0.07")), *falling) == {"a": D(0)}


def test_rules_of_history_propose_nothing_without_one() -> None:
    assert proposed(Combination((TopUp(), TakeProfit(), Stop())), Holding("a", D(10))) == {}


def test_cap_share_measures_against_what_remains() -> None:
    # 60, 20, 20 at most 40 % each: T = (20 + 20) / (1 - 0.4) = 66.67, of which 40 % is 26.67
    steps = CapShare(D("0.4")).propose(book(Holding("a", D(60)), Holding("b", D(20)), Holding("c", D(20))))
    assert [(step.model, step.proposed) for step in steps] == [("a", D("26.666666666666666666"))]
    # two of three are above 35 %: T = 10 / (1 - 0.7) = 33.33, 35 % of it is 11.67
    two = proposed(CapShare(D("0.35")), Holding("a", D(60)), Holding("b", D(30)), Holding("c", D(10)))
    assert two == {"a": D("11.666666666666666666"), "b": D("11.666666666666666666")}


def test_cap_share_says_when_it_cannot_be_had() -> None:
    with pytest.raises(RuleError, match="2 staked models cannot all stay at or below 40 %"):
        CapShare(D("0.4")).propose(book(Holding("a", D(1)), Holding("b", D(1))))
    assert CapShare(D("0.4")).propose(book(Holding("a", D(0)))) == []


def test_cap_worst_case_lowers_all_alike() -> None:
    # worst cases 30 + 10 = 40 against 20: half of each
    holdings = [
        Holding("a", D(25), worst_case=D(30)),
        Holding("b", D(10), worst_case=D(10)),
        Holding("c", D(5)),
    ]
    assert proposed(CapWorstCase(D(20)), *holdings) == {"a": D("12.5"), "b": D(5)}
    assert proposed(CapWorstCase(D(40)), *holdings) == {}


def test_weights_deal_out_what_the_named_models_hold() -> None:
    holdings = [Holding("a", D(10)), Holding("b", D(20)), Holding("c", D(7))]
    assert proposed(Weights({"a": D(2), "b": D(1)}), *holdings) == {"a": D(20), "b": D(10)}
    dealt = proposed(Weights({"a": D(1), "b": D(2)}, total=D(100)), *holdings)
    assert dealt == {"a": D("33.333333333333333333"), "b": D("66.666666666666666666")}


@pytest.mark.parametrize(
    ("weights", "said"),
    [
        ({"a": D(0)}, "at least one weight"),
        ({"a": D(-1), "b": D(2)}, "at or above 0"),
        ({"a": D("NaN")}, "at or above 0"),
        ({"zzz": D(1)}, "not yours here: zzz"),
    ],
)
def test_weights_that_make_no_sense_are_refused(weights: dict[str, D], said: str) -> None:
    with pytest.raises(RuleError, match=said):
        Weights(weights).propose(book(Holding("a", D(1)), Holding("b", D(1))))


def test_shrunk_backtest_worked_example() -> None:
    holdings = [Holding("a", D(10)), Holding("b", D(30))]
    evidence = {"a": D(3), "b": D(1)}
    # 0.75/0.25 halfway to 0.5/0.5 is 0.625/0.375; halfway to the present 0.25/0.75 it is 0.5/0.5
    assert proposed(ShrunkBacktest(evidence, D("0.5")), *holdings) == {"a": D(25), "b": D(15)}
    assert proposed(ShrunkBacktest(evidence, D("0.5"), "current"), *holdings) == {"a": D(20), "b": D(20)}
    assert proposed(ShrunkBacktest(evidence, D(1), "current"), *holdings) == {}
    assert proposed(ShrunkBacktest(evidence, D(0)), *holdings) == {"b": D(10), "a": D(30)}


def test_a_combination_goes_in_order_and_gives_every_reason() -> None:
    # +30 % over base 100 goes back to 100, which still is over the fixed 90
    steps = Combination((TakeProfit(), Hold(D(90)))).propose(book(Holding("a", D(130), base=D(100))))
    assert [(step.current, step.proposed) for step in steps] == [(D(130), D(90))]
    assert steps[0].reason == "take profit: 30 % above its base 100; hold 90: 10 above it"


def test_a_rule_can_be_kept_to_some_models() -> None:
    rule = Only(frozenset({"b"}), Hold(D(1)))
    assert proposed(rule, Holding("a", D(5)), Holding("b", D(5))) == {"b": D(1)}


def test_a_rest_below_the_minimum_becomes_nothing_and_small_changes_are_not_made() -> None:
    assert proposed(Hold(D("0.005")), Holding("a", D(1))) == {"a": D(0)}
    assert proposed(Hold(D("0.995")), Holding("a", D(1))) == {}


nmr = st.integers(0, 10**26).map(lambda wei: D(wei) * WEI)
shares = st.integers(1, 100).map(lambda part: D(part) / 100)
holdings = st.builds(Holding, st.just("x"), nmr, st.none() | nmr, st.none() | nmr, nmr)
books = st.builds(
    lambda found, free: Book(
        tuple(Holding(f"m{i}", h.stake, h.base, h.peak, h.worst_case) for i, h in enumerate(found)), free
    ),
    st.lists(holdings, max_size=6),
    nmr,
)
rules = st.one_of(
    st.builds(Hold, nmr),
    st.builds(TopUp, shares),
    st.builds(TakeProfit, shares),
    st.builds(Stop, shares),
    st.builds(CapWorstCase, nmr),
)


@given(books, st.lists(rules, max_size=4).map(lambda found: Combination(tuple(found))))
def test_what_every_combination_keeps_to(seen: Book, rule: Combination) -> None:
    stakes = {one.model: one.stake for one in seen.holdings}
    for step in rule.propose(seen):
        assert step.current == stakes[step.model]
        assert step.proposed == 0 or step.proposed >= MINIMUM
        assert step.proposed == step.proposed.quantize(WEI)
        assert step.reason
    wanted = targets(seen, rule)
    assert set(wanted) == set(stakes)


@given(st.lists(st.integers(10**18, 10**26).map(lambda wei: D(wei) * WEI), min_size=1, max_size=8), shares)
def test_the_capped_total_is_the_fixed_point(stakes: list[D], share: D) -> None:
    total = capped_total(stakes, share)
    if total is None:
        assert share * len(stakes) < 1
        return
    left = sum(min(stake, share * total) for stake in stakes)
    assert abs(left - total) <= total * D("1e-25")
    assert total <= sum(stakes)


@given(st.lists(st.integers(10**18, 10**26).map(lambda wei: D(wei) * WEI), min_size=4, max_size=8))
def test_capping_again_changes_nothing(stakes: list[D]) -> None:
    seen = Book(tuple(Holding(f"m{i}", stake) for i, stake in enumerate(stakes)))
    wanted = targets(seen, CapShare(D("0.25")))
    again = Book(tuple(Holding(model, stake) for model, stake in wanted.items() if stake > 0))
    if len(again.holdings) >= 4:
        assert CapShare(D("0.25")).propose(again) == []


def test_a_holding_without_stake_has_no_worst_case_to_scale() -> None:
    gone = moved(Holding("a", D(0), worst_case=D(3)), D(10))
    assert (gone.stake, gone.base, gone.peak, gone.worst_case) == (D(10), D(10), D(10), D(0))
    half = moved(Holding("a", D(20), worst_case=D(3)), D(10))
    assert half.worst_case == D("1.5")
    small = moved(Holding("a", D("0.5"), worst_case=D("0.6")), D(1))
    assert small.worst_case == D("1.2")
    same = Holding("a", D(20), base=D(5))
    assert moved(same, D(20)) is same
