import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.bootstrap import Scheme
from numtui.analysis.tails import PATCH, MeanTails


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    rounds=st.integers(1, 120),
    shape=st.tuples(st.integers(1, 4 * PATCH), st.integers(1, 4)),
    clip=st.sampled_from([1e-4, 0.01, 0.05, 0.5, 100.0]),
    draws=st.sampled_from([1, 2, 3, 20, 21, 300]),
)
def test_tails_are_the_quantiles_of_all_draws(
    seed: int, rounds: int, shape: tuple[int, int], clip: float, draws: int
) -> None:
    """Whether the clip never bites, at times, or nearly always; equal cells, zeros, negative and tied ones too."""
    cells, scores = shape
    rng = np.random.default_rng(seed)
    multipliers = np.round(rng.normal(size=(cells, scores)), 1)
    base = np.round(rng.normal(0.01, 0.03, (rounds, scores)), 3)
    limit = np.where(rng.random(rounds) < 0.8, clip, 2 * clip)
    scheme = Scheme(block=7, draws=draws, seed=seed)
    means = np.clip(multipliers @ base.T, -limit, limit) @ scheme.weights(rounds)
    low, high = MeanTails(multipliers).of(base, limit, scheme)
    np.testing.assert_allclose(low, np.quantile(means, 0.05, axis=1), rtol=0, atol=1e-13)
    np.testing.assert_allclose(high, np.quantile(means, 0.95, axis=1), rtol=0, atol=1e-13)


@pytest.mark.parametrize("clip", [0.002, 0.01, 0.05, 1.0])
def test_a_large_grid_of_overlapping_rounds(clip: float) -> None:
    """As a grid of 30 x 30 x 3 multipliers over a year has it: only few draws are looked at, and none too few."""
    rng = np.random.default_rng(1)
    steps = rng.normal(size=(330, 3))
    base = np.array([np.convolve(column, np.ones(24), "valid") for column in steps.T]).T * [0.004, 0.002, 0.001] + 0.004
    axis = np.linspace(0, 3, 30)
    cells = np.array([(a, b, c) for a in axis for b in axis for c in (0.0, 0.5, 2.0)])
    limit = np.full(len(base), clip)
    scheme = Scheme()
    means = np.clip(cells @ base.T, -limit, limit) @ scheme.weights(len(base))
    low, high = MeanTails(cells).of(base, limit, scheme)
    np.testing.assert_allclose([low, high], np.quantile(means, [0.05, 0.95], axis=1), rtol=0, atol=1e-13)
