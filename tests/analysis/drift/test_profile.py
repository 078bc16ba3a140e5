"""What resolved rounds teach, and the revisions they saw."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from numtui.analysis.arrays import Floats
from numtui.analysis.drift.profile import (
    MIN_ROUNDS,
    DriftHistory,
    _field_weight,
    _moments,
    _plain_slopes,
    held_values,
    learn_profile,
    overlap_blocks,
    round_spacing,
)
from numtui.analysis.drift.revisions import learn_revisions
from tests.analysis.drift.markets import KINDS, Kind, market


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_the_form_of_a_score_is_recognised(power: float) -> None:
    """Independent market days: slope (d/D)^p."""
    history = market(3, Kind(power=power, skill=0.5), models=8, rounds=300, days=20)
    profile = learn_profile(history)
    assert profile is not None
    assert profile.form == pytest.approx(power, abs=0.15)
    assert profile.slope[0] == 0
    assert profile.slope[-1] == pytest.approx(1.0)
    assert profile.slope[10] == pytest.approx(0.5**power, abs=0.2)


def test_the_plain_regression_is_least_squares() -> None:
    history = market(5, Kind(), models=1, rounds=80, days=20)
    profile = learn_profile(history)
    assert profile is not None
    slope = np.polyfit(history.raw[0, :, 9], history.raw[0, :, -1], 1)[0]
    assert profile.plain_slope[10] == pytest.approx(slope)


def test_overlap_makes_few_rounds_of_many() -> None:
    assert overlap_blocks(100, 1) == pytest.approx(100)
    assert overlap_blocks(300, 60) == pytest.approx(5, rel=0.1)
    assert overlap_blocks(240, 20) == pytest.approx(12, rel=0.1)
    assert overlap_blocks(10, 60) >= 1


def test_overlap_blocks_hold_by_simulation() -> None:
    """The variance of the mean of 120 overlapping sums of 20 days is that of `overlap_blocks` independent ones."""
    days = np.random.default_rng(0).standard_normal((20_000, 139))
    total = np.concatenate([np.zeros((20_000, 1)), days.cumsum(axis=1)], axis=1)
    windows = total[:, 20:] - total[:, :-20]
    assert 20 / windows.mean(axis=1).var() == pytest.approx(overlap_blocks(120, 20), rel=0.03)


def test_a_better_model_is_believed_as_its_rounds_grow() -> None:
    history = market(1, Kind(skill=0.0, common=0.9), models=6, rounds=240, days=20)
    raw = history.raw.copy()
    raw[0] += 0.03 * np.arange(1, 21) / 20
    long, short = (
        learn_profile(DriftHistory(raw, history.scored_on)),
        learn_profile(DriftHistory(raw[:, -40:], history.scored_on[-40:])),
    )
    assert long is not None
    assert short is not None
    assert long.model_weight[0] > short.model_weight[0]
    assert long.intercept[0, 0] > long.intercept[1:, 0].max()


def test_held_values_carry_gaps_and_start_at_nothing() -> None:
    raw = np.array([[[np.nan, 0.2, np.nan, 0.4, np.nan], [np.nan] * 5]])
    value = held_values(raw)
    assert value[0, 0, :5].tolist() == [0.0, 0.0, 0.2, 0.2, 0.4]
    assert np.isnan(value[0, 0, 5])
    assert np.isnan(value[0, 1]).all()


def test_too_short_a_history_teaches_nothing() -> None:
    history = market(0, Kind(), models=3, rounds=120, days=60)
    assert learn_profile(DriftHistory(history.raw[:, : MIN_ROUNDS - 1], history.scored_on[: MIN_ROUNDS - 1])) is None
    assert learn_profile(history.until(28 + 60)) is None
    assert learn_profile(history.until(29 + 60)) is not None
    nothing = DriftHistory(np.full((2, 0, 20), np.nan), np.zeros((0, 20), dtype=np.int64))
    assert learn_profile(nothing) is None


def test_history_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="scored_on"):
        DriftHistory(np.zeros((2, 3, 4)), np.zeros((2, 4), dtype=np.int64))


@pytest.mark.parametrize("kind", KINDS)
def test_revisions_add_up_to_final_less_forecast(kind: Kind) -> None:
    """Along a round's own diagonal they sum to final - forecast, less the mean of the days: the same for two rounds."""
    history = market(2, kind, models=3, rounds=100, days=20)
    profile = learn_profile(history)
    assert profile is not None
    table = learn_revisions(history, profile)
    ages = np.arange(20)
    forecast = profile.intercept[:, None, :] + profile.slope * held_values(history.raw)

    def drawn(r: int, age: int) -> Floats:
        rows = np.searchsorted(table.ordinal, history.scored_on[r])
        total: Floats = table.table[rows, :, ages][age:].sum(axis=0)
        return total

    for age in (0, 7, 15):
        missed = history.raw[:, :, -1] - forecast[:, :, age]
        assert drawn(50, age) - drawn(31, age) == pytest.approx(missed[:, 50] - missed[:, 31])
    assert table.table.mean(axis=0) == pytest.approx(0, abs=1e-15)


def test_a_model_without_a_history_borrows_revisions() -> None:
    history = market(4, Kind(), models=3, rounds=100, days=20)
    raw = history.raw.copy()
    raw[2, :90] = np.nan
    gappy = DriftHistory(raw, history.scored_on)
    profile = learn_profile(gappy)
    assert profile is not None
    table = learn_revisions(gappy, profile)
    assert not np.isnan(table.table).any()
    assert table.table[:, 2].std() > 0
    assert profile.rounds_of_model.tolist() == [100, 100, 10]


def test_weekly_rounds_are_seen_as_such() -> None:
    history = market(6, Kind(), models=3, rounds=400, days=20)
    weekly = DriftHistory(history.raw[:, ::5], history.scored_on[::5])
    profile = learn_profile(weekly)
    assert profile is not None
    assert profile.spacing == 5
    assert profile.blocks == pytest.approx(400 / 20, rel=0.2)
    assert not np.isnan(learn_revisions(weekly, profile).table).any()


def slopes_of_one_model(spacing: int, seed: int = 5) -> tuple[DriftHistory, Floats, Floats]:
    """A history of one model, and the slopes regressed on it with their errors, `spacing` days from round to round."""
    history = market(seed, Kind(), models=1, rounds=80, days=20)
    value = held_values(history.raw)
    resolved = ~np.isnan(value[:, :, -1])
    plain, error = _plain_slopes(_moments(value, resolved), 80, spacing)
    return history, plain, error


def test_the_error_of_a_slope_is_that_of_least_squares_where_rounds_do_not_overlap() -> None:
    history, plain, error = slopes_of_one_model(spacing=20)
    for age in (1, 7, 12, 19):
        fit = stats.linregress(history.raw[0, :, age - 1], history.raw[0, :, -1])
        assert plain[age] == pytest.approx(fit.slope)
        assert error[age] == pytest.approx(fit.stderr)


def test_overlapping_rounds_make_the_error_of_a_slope_larger() -> None:
    """By the sum over lags of the three tents: of the rounds at hand, of the days before an age, and of those after."""
    _, _, apart = slopes_of_one_model(spacing=20)
    _, _, error = slopes_of_one_model(spacing=1)
    for age in (3, 10, 16):
        overlap = sum(
            max(1 - abs(lag) / 80, 0) * max(1 - abs(lag) / age, 0) * max(1 - abs(lag) / (20 - age), 0)
            for lag in range(-80, 81)
        )
        assert error[age] == pytest.approx(apart[age] * np.sqrt(78 / (80 / overlap - 2)))


def test_models_that_move_together_count_as_one_and_independent_ones_as_many() -> None:
    """Four models that are one have the error of one; of four that share nothing it is about half of that."""
    one, _, _ = slopes_of_one_model(spacing=20)
    alike = np.repeat(one.raw, 4, axis=0)
    apart = market(5, Kind(common=0.0), models=4, rounds=80, days=20).raw
    errors = []
    for raw in (one.raw, alike, apart):
        value = held_values(raw)
        errors.append(_plain_slopes(_moments(value, ~np.isnan(value[:, :, -1])), 80, 20)[1][5:15].mean())
    single, copies, independent = errors
    assert copies == pytest.approx(single)
    assert independent == pytest.approx(single / 2, rel=0.25)


def test_the_field_is_believed_by_how_far_its_mean_lies_from_zero() -> None:
    """z^2 / (1 + z^2): hardly at all without any skill, nearly whole with much of it."""
    value = held_values(market(2, Kind(skill=0.0), models=6, rounds=200, days=20).raw)
    moments = _moments(value, ~np.isnan(value[:, :, -1]))
    near, far = (_field_weight(moments, np.array([mean]), 20.0) for mean in (1e-6, 1.0))
    assert 0 <= near < 0.01
    assert 0.99 < far < 1
    flat = _moments(np.zeros((2, 30, 21)), np.ones((2, 30), dtype=np.bool_))
    assert _field_weight(flat, np.zeros(21), 20.0) == 1.0, "what does not vary is sure"


@pytest.mark.parametrize("step", [1, 5])
def test_the_spacing_of_rounds_is_told_by_their_first_days(step: int) -> None:
    """Whatever the gaps in them, and where a round has no score yet."""
    days = np.arange(1, 200)
    scored_on = np.stack([days[start : start + 20] for start in range(0, 150, step)])
    scored_on[3, 4] = scored_on[2, 10] = 0
    scored_on = np.concatenate([scored_on, np.zeros((2, 20), dtype=np.int64)])
    assert round_spacing(scored_on) == step
