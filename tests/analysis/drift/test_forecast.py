"""Forecasts of open rounds: arithmetic, edges, and that nothing is known before it happened."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numtui.analysis.drift.draws import Interval
from numtui.analysis.drift.fan import forecast_fan
from numtui.analysis.drift.forecast import Forecast, OpenRounds, RoundGroup, forecast
from numtui.analysis.drift.profile import DriftHistory, learn_profile
from numtui.analysis.drift.projection import at_day, last_day
from numtui.analysis.drift.revisions import learn_revisions
from tests.analysis.drift.markets import Kind, market


def group(history: DriftHistory, *, factor: float = 1.0, clip: float = 1.0, stake: float = 1.0) -> RoundGroup:
    """What is open in `history`, with the profile it gives."""
    profile = learn_profile(history)
    day = last_day(history.raw)
    unresolved = (day < history.raw.shape[2]).any(axis=0)
    count = int(unresolved.sum())
    rounds = OpenRounds(
        at_day(history.raw, day)[:, unresolved],
        day[:, unresolved],
        np.full(count, factor),
        np.full(count, clip),
        np.full((history.raw.shape[0], count), stake),
    )
    return RoundGroup(rounds, profile, learn_revisions(history, profile) if profile is not None else None)


def simulated(seed: int = 0, models: int = 3, days: int = 20, until: int = 100) -> DriftHistory:
    return market(seed, Kind(), models=models, rounds=120, days=days).until(until)


def ordered(values: Interval) -> bool:
    rows = np.stack([values.p05, values.p25, values.p75, values.p95])
    return bool(np.all((np.diff(rows, axis=0) >= 0) | np.isnan(rows[1:])))


@given(
    seed=st.integers(0, 50),
    models=st.integers(1, 4),
    factor=st.floats(0.1, 1),
    clip=st.floats(0.005, 1),
    missing=st.floats(0, 0.4),
)
@settings(max_examples=40, deadline=None)
def test_forecasts_are_within_the_clip_whatever_is_missing(
    seed: int, models: int, factor: float, clip: float, missing: float
) -> None:
    history = simulated(seed % 5, models)
    raw = history.raw.copy()
    raw[np.random.default_rng(seed).random(raw.shape) < missing * (np.arange(20) < 19)] = np.nan
    one = group(DriftHistory(raw, history.scored_on), factor=factor, clip=clip, stake=2.0)
    made = forecast([one], draws=200)
    values = made.returns[0]
    assert np.isfinite(values.expected).all()
    assert ordered(values)
    assert ordered(made.models)
    assert np.abs(values.p05).max() <= clip
    assert np.abs(values.p95).max() <= clip
    assert np.all((values.burn_probability >= 0) & (values.burn_probability <= 1))
    assert made.left_out == 0
    assert made.models.expected == pytest.approx((values.expected * one.rounds.at_risk).sum(axis=1))
    assert made.portfolio.expected == pytest.approx(made.models.expected.sum())
    width = made.models.p95 - made.models.p05
    assert made.portfolio.p95 - made.portfolio.p05 <= width.sum() * (1 + 1e-9)


def test_the_same_seed_gives_the_same_forecast() -> None:
    one = group(simulated())
    first, again, other = (forecast([one], draws=100, seed=s) for s in (1, 1, 2))
    assert np.array_equal(first.returns[0].p05, again.returns[0].p05)
    assert not np.array_equal(first.returns[0].p05, other.returns[0].p05)


def test_units_returns_scale_with_the_factor_and_payouts_with_the_stake() -> None:
    plain, half = (forecast([group(simulated(), factor=f)], draws=100) for f in (1.0, 0.5))
    assert half.returns[0].expected == pytest.approx(0.5 * plain.returns[0].expected)
    rich = forecast([group(simulated(), stake=100.0)], draws=100)
    assert rich.portfolio.p05 == pytest.approx(100 * plain.portfolio.p05)
    assert rich.returns[0].p05 == pytest.approx(plain.returns[0].p05)


def test_buckets_share_out_the_portfolio() -> None:
    one = group(simulated())
    weeks = np.arange(one.rounds.factor.size) // 5
    made = forecast([one], [weeks], draws=200)
    assert made.buckets.expected.size == weeks.max() + 1
    assert made.buckets.expected.sum() == pytest.approx(float(made.portfolio.expected))
    assert made.cumulated.expected == pytest.approx(np.nancumsum(made.buckets.expected))
    for whole, last in zip(made.portfolio.columns(), made.cumulated.columns(), strict=True):
        assert last[-1] == pytest.approx(float(whole))  # quantiles too: of the same draws


def test_uncertainty_shrinks_as_a_round_ages() -> None:
    values = forecast([group(simulated(models=5))]).returns[0]
    width = (values.p95 - values.p05).mean(axis=0)
    assert width[0] < width[5] < width[-1]


@pytest.mark.parametrize("shape", ["level", "line"])
def test_constant_returns_give_no_width(shape: str) -> None:
    """Every round of a model has the same path: nothing is uncertain, and the forecast is that path's end."""
    scored_on = simulated().scored_on
    level = np.array([0.013, -0.021, 0.0])
    path = np.ones(20) if shape == "level" else np.arange(1, 21) / 20
    raw = np.where(scored_on > 0, (level[:, None] * path)[:, None, :], np.nan)
    made = forecast([group(DriftHistory(raw, scored_on))])
    values = made.returns[0]
    assert np.abs(values.p95 - values.p05).max() <= 1e-15
    assert values.expected == pytest.approx(np.tile(level[:, None], values.expected.shape[1]), abs=1e-12)
    assert made.portfolio.p95 - made.portfolio.p05 == pytest.approx(0, abs=1e-12)
    assert np.array_equal(values.burn_probability[:2].round(), np.tile([[0.0], [1.0]], values.expected.shape[1]))


def test_rounds_that_keep_their_first_score_give_no_width_once_scored() -> None:
    history = simulated()
    raw = np.where(np.isnan(history.raw), np.nan, history.raw[:, :, :1])
    one = group(DriftHistory(raw, history.scored_on))
    values = forecast([one]).returns[0]
    assert values.p05 == pytest.approx(one.rounds.raw)
    assert values.p95 == pytest.approx(one.rounds.raw)


def test_without_history_the_row_stays_and_has_no_forecast() -> None:
    new = group(market(0, Kind(), models=2, rounds=40, days=60).until(45), stake=3.0)
    assert new.profile is None
    made = forecast([new, group(simulated(models=2), stake=1.0)], draws=200)
    assert np.isnan(made.returns[0].expected).all()
    assert made.returns[0].expected.shape == new.rounds.raw.shape
    assert made.left_out == pytest.approx(3.0 * new.rounds.raw.size)
    assert np.isfinite(made.portfolio.p05)
    alone = forecast([new], draws=200)
    assert np.isnan(alone.portfolio.expected)
    assert np.isnan(alone.models.p95).all()


def test_missing_scores_and_no_stake() -> None:
    one = group(simulated())
    raw, day, stake = one.rounds.raw.copy(), one.rounds.day.copy(), one.rounds.at_risk.copy()
    raw[0, 0] = np.nan  # scored days exist, the value does not
    day[1, -1], stake[1, -1] = 0, 5.0  # no score yet but at risk
    day[2, -1], stake[2, -1] = 0, 0.0  # did not take part
    stake[0, 1] = 0.0  # scored without a stake
    rounds = OpenRounds(raw, day, one.rounds.factor, one.rounds.clip, stake)
    made = forecast([RoundGroup(rounds, one.profile, one.revisions)], draws=200)
    values = made.returns[0]
    assert np.isnan(values.expected[0, 0])
    assert made.left_out == pytest.approx(1.0)
    assert np.isfinite(values.expected[1, -1])
    assert one.profile is not None
    assert values.expected[1, -1] == pytest.approx(one.profile.intercept[1, 0])
    assert np.isnan(values.expected[2, -1])
    assert np.isfinite(values.expected[0, 1])
    paid = np.nansum(values.expected * stake, axis=1)
    assert made.models.expected == pytest.approx(paid)


def test_an_unknown_factor_is_left_out() -> None:
    one = group(simulated())
    factor = one.rounds.factor.copy()
    factor[0] = np.nan
    rounds = OpenRounds(one.rounds.raw, one.rounds.day, factor, one.rounds.clip, one.rounds.at_risk)
    made = forecast([RoundGroup(rounds, one.profile, one.revisions)], draws=100)
    assert np.isnan(made.returns[0].p05[:, 0]).all()
    assert made.left_out == pytest.approx(3.0)


def test_groups_share_their_days() -> None:
    """A portfolio split in two groups has the interval of the whole: the draws are the same days."""
    one = group(simulated(models=2))
    half = one.rounds.factor.size // 2
    parts = [
        RoundGroup(
            OpenRounds(
                one.rounds.raw[:, cut],
                one.rounds.day[:, cut],
                one.rounds.factor[cut],
                one.rounds.clip[cut],
                one.rounds.at_risk[:, cut],
            ),
            one.profile,
            one.revisions,
        )
        for cut in (slice(0, half), slice(half, None))
    ]
    whole, split = forecast([one], draws=300), forecast(parts, draws=300)
    assert split.portfolio.p05 == pytest.approx(whole.portfolio.p05)
    assert split.models.p95 == pytest.approx(whole.models.p95)


def test_groups_of_both_lengths_and_without_common_days() -> None:
    short, long = simulated(models=2), market(7, Kind(), models=2, rounds=150, days=60).until(160)
    assert _portfolio_width(short, long) > 0
    apart = DriftHistory(long.raw, np.where(long.scored_on > 0, long.scored_on + 10_000, 0))
    assert _portfolio_width(short, apart) > 0


def _portfolio_width(*histories: DriftHistory) -> float:
    made: Forecast = forecast([group(h) for h in histories], draws=200)
    assert all(np.isfinite(r.expected).all() for r in made.returns)
    return float(made.portfolio.p95 - made.portfolio.p05)


def test_groups_must_share_the_models() -> None:
    with pytest.raises(ValueError, match="same models"):
        forecast([group(simulated(models=2)), group(simulated(models=3))])
    with pytest.raises(ValueError, match="group"):
        forecast([])


@pytest.mark.parametrize("day", [0, 7, 19])
def test_the_fan_ends_in_the_forecast(day: int) -> None:
    history = simulated()
    one = group(history)
    assert one.profile is not None
    assert one.revisions is not None
    raw = 0.02 if day else np.nan
    rounds = OpenRounds(
        np.array([[raw], [np.nan], [np.nan]]), np.array([[day], [1], [1]]), np.ones(1), np.ones(1), np.ones((3, 1))
    )
    made = forecast([RoundGroup(rounds, one.profile, one.revisions)])
    fan = forecast_fan(one.profile, one.revisions, 0, day, raw, clip=1.0)
    assert fan is not None
    assert fan.day.tolist() == list(range(day, 21))
    assert fan.expected[0] == (raw if day else 0.0)
    assert fan.expected[-1] == pytest.approx(made.returns[0].expected[0, 0])
    assert fan.quantiles[-1, 0] == pytest.approx(made.returns[0].p05[0, 0])
    assert fan.quantiles[-1, 3] == pytest.approx(made.returns[0].p95[0, 0])
    assert forecast_fan(one.profile, one.revisions, 0, 20, 0.02) is None
