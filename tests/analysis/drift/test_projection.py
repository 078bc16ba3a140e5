"""Paths, factors and calendar totals of unresolved rounds."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numtui.analysis.drift.projection import (
    Factors,
    Terms,
    at_day,
    calendar_totals,
    carry_forward,
    drift_paths,
    known_factors,
    last_day,
    payout_nmr,
    project,
    weighted_scores,
)
from numtui.analysis.payout import payout

NAN = np.nan
score = st.floats(-0.2, 0.2).map(lambda x: round(x, 6))
maybe = st.one_of(score, st.just(NAN))


def factors(*values: float) -> Factors:
    return Factors(np.array(values), np.zeros(len(values), dtype=np.bool_))


def test_a_classic_round_by_hand() -> None:
    """0.75 x 0.02 + 2.25 x 0.01 = 0.0375, times factor 0.4 = 0.015, on 10 NMR = 0.15."""
    scores = np.array([[[[0.02, 0.01], [0.2, 0.2]]]])
    terms = Terms(np.array([[0.75, 2.25]]), factors(0.4), np.array([0.05]))
    paths = drift_paths(scores, terms, np.array([[10.0]]))
    assert paths.raw[0, 0] == pytest.approx([0.0375, 0.6])
    assert paths.value[0, 0] == pytest.approx([0.015, 0.05])
    assert paths.payout[0, 0] == pytest.approx([0.15, 0.5])
    assert paths.clipped[0, 0].tolist() == [False, True]


def test_multipliers_chosen_by_each_model() -> None:
    scores = np.full((2, 1, 3, 2), 0.01)
    terms = Terms(np.array([[[1.0, 0.0]], [[1.0, 2.0]]]), factors(1.0), np.array([0.25]))
    assert drift_paths(scores, terms, np.ones((2, 1))).value[:, 0, 0] == pytest.approx([0.01, 0.03])


def test_a_score_that_pays_nothing_is_never_missed() -> None:
    assert weighted_scores(np.array([0.02, NAN]), np.array([1.0, 0.0])) == pytest.approx(0.02)
    assert np.isnan(weighted_scores(np.array([0.02, NAN]), np.array([1.0, 0.5])))


def test_shapes_that_do_not_fit_are_refused() -> None:
    terms = Terms(np.ones((1, 1)), factors(1.0), np.ones(1))
    with pytest.raises(ValueError, match="at_risk"):
        drift_paths(np.zeros((2, 1, 3, 1)), terms, np.ones((3, 1)))


@given(arrays(np.float64, (2, 3, 4, 2), elements=maybe), st.floats(0, 1), st.floats(0.01, 1), st.floats(0, 1e6))
def test_paths_hold_the_payout_formula(scores: np.ndarray, factor: float, clip: float, stake: float) -> None:
    terms = Terms(np.tile([0.5, 2.0], (3, 1)), factors(*[factor] * 3), np.full(3, clip))
    paths = drift_paths(scores, terms, np.full((2, 3), stake))
    known = ~np.isnan(scores).any(axis=3)
    assert np.array_equal(~np.isnan(paths.value), known)
    assert np.nanmax(np.abs(paths.value), initial=0.0) <= clip
    for index in np.argwhere(known)[:3]:
        exact = payout(stake, factor, clip, [float(s) for s in scores[tuple(index)]], [0.5, 2.0])
        assert float(exact) == pytest.approx(paths.payout[tuple(index)], rel=1e-9, abs=1e-9)


@given(st.decimals(0, 10**6, places=18), score)
def test_the_decimal_payout_is_exact(stake: Decimal, value: float) -> None:
    single = payout_nmr(stake, value)
    assert single == payout(stake, 1, 1, [value], [1])
    assert payout_nmr(stake + 1, value) - single == Decimal(repr(value))


def test_unknown_factors_are_the_newest_of_their_system() -> None:
    """Systems: 0 Classic legacy, 1 Classic Atomic, 2 Signals without any known factor."""
    factor = np.array([0.5, 0.4, NAN, NAN, 1.0, NAN, NAN])
    system = np.array([0, 0, 0, 1, 1, 2, 0])
    atomic = system == 1
    filled = known_factors(factor, system, atomic)
    assert filled.factor[:5] == pytest.approx([0.5, 0.4, 0.4, 1.0, 1.0])
    assert np.isnan(filled.factor[5])
    assert filled.factor[6] == pytest.approx(0.4)
    assert filled.estimated.tolist() == [False, False, True, True, False, False, True]


def test_the_last_known_day() -> None:
    values = np.array([[0.1, NAN, 0.3, NAN], [NAN] * 4])
    assert last_day(values).tolist() == [3, 0]
    assert at_day(values, last_day(values))[0] == 0.3
    assert np.isnan(at_day(values, last_day(values))[1])
    assert carry_forward(values)[0].tolist() == [0.1, 0.1, 0.3, 0.3]


def test_totals_by_calendar_day_by_hand() -> None:
    """Round 0 resolves on day 12, so it counts on 10 and 11; round 1 begins on 11 and has no score on 12."""
    paid = np.array([[[1.0, 2.0, 3.0], [10.0, 20.0, NAN]], [[5.0, 6.0, 7.0], [NAN, NAN, NAN]]])
    at_risk = np.array([[100.0, 50.0], [200.0, 70.0]])
    scored_on = np.array([[10, 11, 12], [11, 13, 0]])
    totals = calendar_totals(paid, at_risk, scored_on, np.array([12, 0]))
    assert totals.ordinal.tolist() == [10, 11, 12, 13]
    assert totals.payout.tolist() == [6.0, 8.0 + 10.0, 10.0, 20.0]
    assert totals.at_risk.tolist() == [300.0, 350.0, 50.0, 50.0]
    assert totals.rounds.tolist() == [1, 2, 1, 1]


@given(arrays(np.float64, (3, 4, 5), elements=maybe), st.integers(0, 4))
def test_payouts_sum_to_the_total(value: np.ndarray, resolved: int) -> None:
    """The total of a day is the sum of what stands on it, round by round and model by model."""
    scored_on = np.arange(4)[:, None] + np.arange(100, 105)
    resolved_on = np.where(np.arange(4) < resolved, scored_on[:, -1], 0)
    stake = np.arange(12.0).reshape(3, 4)
    paid = value * stake[:, :, None]
    totals = calendar_totals(paid, stake, scored_on, resolved_on)
    for ordinal, total in zip(totals.ordinal, totals.payout, strict=True):
        expected = 0.0
        for m, r in np.ndindex(3, 4):
            seen = paid[m, r, (scored_on[r] <= ordinal) & ~np.isnan(paid[m, r])]
            if seen.size and not 0 < resolved_on[r] <= ordinal:
                expected += seen[-1]
        assert total == pytest.approx(expected)


def test_clip_is_symmetric() -> None:
    raw = np.linspace(-1, 1, 21)
    assert project(raw, np.array(1.0), np.array(0.05)) == pytest.approx(-project(-raw, np.array(1.0), np.array(0.05)))
