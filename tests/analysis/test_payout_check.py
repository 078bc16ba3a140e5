from dataclasses import replace
from decimal import Decimal

import pytest

from numtui.analysis.payout import payout
from numtui.analysis.payout_check import PaidScore, Position, reconcile

D = Decimal
CORR = PaidScore("v2_corr20", 0.02, D("0.75"), D("0.0375"))
MMC = PaidScore("mmc", -0.01, D("2.25"), D("-0.05625"))
GOOD = Position("m", 900, D(10), D("0.25"), D("0.05"), (CORR, MMC))  # 10 x 0.25 x (0.015 - 0.0225) = -0.01875


def test_what_comes_out_is_not_reported() -> None:
    assert reconcile([GOOD, replace(GOOD, total=D("-0.01875"))]) == []
    assert reconcile([replace(GOOD, scores=(CORR, replace(MMC, settled=D("-0.0562500009"))))]) == []


@pytest.mark.parametrize("off", [D("1.1e-9"), D("-0.3")])
def test_a_difference_above_the_tolerance_is_reported_with_both_figures(off: Decimal) -> None:
    (found,) = reconcile([replace(GOOD, scores=(CORR, replace(MMC, settled=D("-0.05625") + off)))])
    assert (found.model, found.round, found.computed, found.settled) == ("m", 900, D("-0.01875"), D("-0.01875") + off)
    assert "differs by" in found.reason


def test_rows_that_each_state_the_whole_are_named() -> None:
    whole = D("-0.01875")
    (found,) = reconcile([replace(GOOD, scores=(replace(CORR, settled=whole), replace(MMC, settled=whole)))])
    assert "whole payout" in found.reason


def test_rows_that_do_not_sum_to_the_stated_total_are_named() -> None:
    (found,) = reconcile([replace(GOOD, total=D("-0.01875"), scores=(CORR, replace(MMC, settled=D("-0.05"))))])
    assert "sum to -0.0125, not" in found.reason


def test_rows_that_sum_to_twice_the_stated_total_are_named() -> None:
    twice = (replace(CORR, settled=D("0.01875")), MMC)  # -0.0375
    (discrepancy,) = reconcile([replace(GOOD, total=D("-0.01875"), scores=twice)])
    assert "sum to -0.03750, not" in discrepancy.reason


def test_what_is_missing_is_said() -> None:
    no_value = replace(GOOD, scores=(CORR, replace(MMC, value=None)))
    nothing_settled = replace(GOOD, scores=(replace(CORR, settled=None), replace(MMC, settled=None)))
    half = replace(GOOD, scores=(CORR, replace(MMC, settled=None)))
    nothing = replace(GOOD, scores=(), total=D("1"))
    reasons = [found.reason for found in reconcile([no_value, nothing_settled, half, nothing])]
    assert reasons[0] == "no final mmc"
    assert reasons[1] == "no settled payout is known"
    assert "row of mmc states none" in reasons[2]
    assert reasons[3] == "no payout score is known"


def test_no_stake_and_no_payout_is_no_discrepancy() -> None:
    rows = (replace(CORR, settled=None), replace(MMC, settled=None))
    assert reconcile([replace(GOOD, at_risk=D(0), scores=rows)]) == []


def test_a_score_with_multiplier_zero_may_be_missing() -> None:
    scores = (replace(CORR, settled=D("0.0375")), PaidScore("tc", None, D(0), None))
    assert payout(10, "0.25", "0.05", [0.02], ["0.75"]) == D("0.0375")
    assert reconcile([replace(GOOD, scores=scores)]) == []
