"""Projected returns and payout factors of unresolved rounds."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numtui.analysis.drift.projection import (
    at_day,
    carry_forward,
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


def test_a_classic_round_by_hand() -> None:
    """0.75 x 0.02 + 2.25 x 0.01 = 0.0375, times factor 0.4 = 0.015; the second day is clipped at 0.05."""
    raw = weighted_scores(np.array([[0.02, 0.01], [0.2, 0.2]]), np.array([0.75, 2.25]))
    assert raw == pytest.approx([0.0375, 0.6])
    assert project(raw, np.array(0.4), np.array(0.05)) == pytest.approx([0.015, 0.05])


def test_multipliers_chosen_by_each_model() -> None:
    raw = weighted_scores(np.full((2, 1, 3, 2), 0.01), np.array([[[[1.0, 0.0]]], [[[1.0, 2.0]]]]))
    assert project(raw, np.array(1.0), np.array(0.25))[:, 0, 0] == pytest.approx([0.01, 0.03])


def test_a_score_that_pays_nothing_is_never_missed() -> None:
    assert weighted_scores(np.array([0.02, NAN]), np.array([1.0, 0.0])) == pytest.approx(0.02)
    assert np.isnan(weighted_scores(np.array([0.02, NAN]), np.array([1.0, 0.5])))


@given(arrays(np.float64, (2, 3, 4, 2), elements=maybe), st.floats(0, 1), st.floats(0.01, 1), st.floats(0, 1e6))
def test_returns_hold_the_payout_formula(scores: np.ndarray, factor: float, clip: float, stake: float) -> None:
    value = project(weighted_scores(scores, np.array([0.5, 2.0])), np.array(factor), np.array(clip))
    known = ~np.isnan(scores).any(axis=3)
    assert np.array_equal(~np.isnan(value), known)
    assert np.nanmax(np.abs(value), initial=0.0) <= clip
    for index in np.argwhere(known)[:3]:
        exact = payout(stake, factor, clip, [float(s) for s in scores[tuple(index)]], [0.5, 2.0])
        assert float(exact) == pytest.approx(value[tuple(index)] * stake, rel=1e-9, abs=1e-9)


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


def test_clip_is_symmetric() -> None:
    raw = np.linspace(-1, 1, 21)
    assert project(raw, np.array(1.0), np.array(0.05)) == pytest.approx(-project(-raw, np.array(1.0), np.array(0.05)))
