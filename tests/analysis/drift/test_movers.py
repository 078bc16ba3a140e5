"""What changed between two scoring runs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numtui.analysis.drift.movers import RunScores, movers
from numtui.analysis.drift.projection import DriftTerms, Factors

NAN = np.nan
score = st.one_of(st.floats(-0.2, 0.2), st.just(NAN))


def terms(rounds: int, factor: float = 1.0, clip: float = 1.0) -> DriftTerms:
    known = Factors(np.full(rounds, factor), np.zeros(rounds, dtype=np.bool_))
    return DriftTerms(np.tile([3.0, 15.0], (rounds, 1)), known, np.full(rounds, clip))


def test_parts_by_hand() -> None:
    """3 x 0.01 from the first score, 15 x -0.02 from the second; the clip at 0.2 gives back what it took."""
    before = RunScores(np.array([[[0.01, 0.01]]]), np.array([[4]]))
    now = RunScores(np.array([[[0.02, -0.01]]]), np.array([[5]]))
    changes = movers(before, now, np.array([60]), terms(1), np.array([[10.0]]))
    assert changes.parts[0, 0] == pytest.approx([0.03, -0.3])
    assert changes.change[0, 0] == pytest.approx(-0.27)
    assert changes.payout[0, 0] == pytest.approx(-2.7)
    assert changes.remainder[0, 0] == pytest.approx(0.0)
    bounded = movers(before, now, np.array([60]), terms(1, clip=0.08), np.array([[10.0]]))
    assert bounded.change[0, 0] == pytest.approx(-0.16)
    assert bounded.remainder[0, 0] == pytest.approx(0.11)


def test_new_and_resolved_rounds() -> None:
    before = RunScores(np.array([[[NAN, NAN], [0.01, 0.01], [0.01, 0.02]]]), np.array([[0, 19, 20]]))
    now = RunScores(np.array([[[0.0, 0.01], [0.02, 0.01], [0.01, 0.02]]]), np.array([[1, 20, 20]]))
    changes = movers(before, now, np.full(3, 20), terms(3), np.ones((1, 3)))
    assert changes.new.tolist() == [[True, False, False]]
    assert changes.resolved.tolist() == [[False, True, False]]
    assert np.isnan(changes.change[0, 0])
    assert changes.largest(5)[1].tolist() == [1]


@given(arrays(np.float64, (2, 3, 4, 2), elements=score), st.floats(0.1, 1), st.floats(0.01, 1))
def test_parts_and_remainder_are_the_change(scores: np.ndarray, factor: float, clip: float) -> None:
    before, now = scores[0], scores[1]
    day = np.ones((3, 4), dtype=np.int64)
    changes = movers(
        RunScores(before, day),
        RunScores(now, day + 1),
        np.full(4, 20),
        terms(4, factor, clip),
        np.arange(12.0).reshape(3, 4),
    )
    whole = changes.parts.sum(axis=2) + changes.remainder
    assert np.allclose(whole, changes.change, equal_nan=True, atol=1e-12)
    m, r = changes.largest(100)
    money = np.abs(changes.payout[m, r])
    assert np.all(np.diff(money) <= 0)
    assert not np.isnan(changes.change[m, r]).any()
    assert m.size == np.count_nonzero(np.nan_to_num(changes.change))
