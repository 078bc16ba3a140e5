"""Simulated scores have the numbers that real scores show."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from numtui.demo import DEMO_BURNING
from numtui.demo.market.arena import percentile
from numtui.demo.market.factors import Floats
from numtui.demo.market.market import Market
from numtui.model import Tournament

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
ROUNDS = range(1000, 1258)


@pytest.fixture(scope="module")
def market() -> Market:
    return Market(seed=0, now=NOW, models=400)


def _returns(market: Market) -> Floats:
    corr = market.paths(8, "v2_corr20", rounds=ROUNDS, hindsight=True)[:, :, -1]
    mmc = market.paths(8, "mmc", rounds=ROUNDS, hindsight=True)[:, :, -1]
    returns: Floats = 0.75 * corr + 2.25 * mmc
    return returns


def _autocorrelation(series: Floats) -> float:
    return float(np.corrcoef(series[1:], series[:-1])[0, 1])


def test_returns_vary_and_persist_as_real_ones_do(market: Market) -> None:
    returns = _returns(market)
    deviations = returns.std(axis=1, ddof=1)
    assert np.quantile(deviations, 0.03) >= 0.015
    assert np.quantile(deviations, 0.97) <= 0.04
    persistence = np.array([_autocorrelation(series) for series in returns])
    assert np.quantile(persistence, 0.1) >= 0.74
    assert np.quantile(persistence, 0.9) <= 0.90


def test_levels_are_those_of_the_recorded_scores(market: Market, shared_data: Path) -> None:
    lines = (shared_data / "classic_scores_843_1100.csv").read_text().splitlines()
    names = lines[0].split(",")
    table = [line.split(",") for line in lines[1:]]
    for display in ("canon_corr", "canon_mmc"):
        recorded = np.array([float(row[names.index(display)]) for row in table])
        simulated = market.paths(8, display, rounds=ROUNDS, hindsight=True)[:, :, -1]
        assert simulated.mean() == pytest.approx(recorded.mean(), abs=0.006)
        assert 0.6 < simulated.std() / recorded.std() < 1.6


@pytest.mark.parametrize(("display", "days"), [("mmc", 20), ("mmc60", 60)])
def test_early_days_foretell_little_and_late_ones_much(market: Market, display: str, days: int) -> None:
    paths = market.paths(8, display, rounds=ROUNDS, hindsight=True)[:200]
    assert paths.shape[2] == days
    centred = paths - paths.mean(axis=(0, 1))
    final = centred[:, :, -1]
    by_day = [float((centred[:, :, d] * final).mean() / (centred[:, :, d].std() * final.std())) for d in range(days)]
    assert by_day[days // 12] < 0.5
    assert by_day[int(days * 0.9)] > 0.9
    assert np.all(np.diff(by_day[:: days // 10]) > 0)


def test_percentiles_are_the_place_in_the_field() -> None:
    market = Market(seed=4, now=NOW, models=3000)
    arena = market.arena(8)
    one = range(1100, 1101)
    values = arena.values("corr", 20, one, slice(None))[:, 0, -1]
    mean, deviation = arena.field_moments("corr", 20, one)
    found = percentile(values, float(mean[0, -1]), float(deviation[0, -1]))
    order = np.argsort(values)
    assert np.all(np.diff(found[order]) >= 0)
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.abs(found[order] - (np.arange(len(values)) + 0.5) / len(values)).max() < 0.05


def test_models_share_a_factor_and_differ_in_skill(market: Market) -> None:
    corr = market.paths(8, "v2_corr20", rounds=ROUNDS, hindsight=True)[:100, :, -1]
    between = np.asarray(np.corrcoef(corr))[np.triu_indices(100, 1)]
    assert 0.4 < np.median(between) < 0.9
    returns = _returns(market)
    halves = returns[:, :129].mean(axis=1), returns[:, 129:].mean(axis=1)
    assert np.corrcoef(*halves)[0, 1] > 0.3
    names = market.arena(8).population.names
    assert returns[names.index(DEMO_BURNING[0])].mean() < -0.01


def test_without_skill_all_models_are_alike() -> None:
    market = Market(seed=0, now=NOW, models=400, skill=0)
    loadings = market.arena(8).loadings.of("mmc")
    assert np.all(loadings[:, 0] == 0)
    norms = np.linalg.norm(loadings, axis=1)
    assert norms == pytest.approx(norms[0])
    corr = market.arena(8).loadings.of("corr")
    assert corr[:, 1] == pytest.approx(corr[0, 1])
    halves = _returns(market)[:, :129].mean(axis=1), _returns(market)[:, 129:].mean(axis=1)
    assert abs(np.corrcoef(*halves)[0, 1]) < 0.3


def test_the_same_seed_is_the_same_market_and_the_clock_only_reveals() -> None:
    late = Market(seed=5, now=datetime(2027, 3, 1, tzinfo=UTC), models=50)
    early = Market(seed=5, now=NOW, models=50)
    other = Market(seed=6, now=NOW, models=50)
    seen = early.paths(8, "mmc60", rounds=range(1300, 1404))
    assert np.isnan(seen[:, -1]).all()
    assert not np.isnan(seen[0, 0]).any()
    known = ~np.isnan(seen)
    assert np.array_equal(seen[known], late.paths(8, "mmc60", rounds=range(1300, 1404))[known])
    assert not np.array_equal(seen[known], other.paths(8, "mmc60", rounds=range(1300, 1404))[known])


@pytest.mark.parametrize("tournament", list(Tournament))
def test_finals_are_the_newest_seen_values(market: Market, tournament: Tournament) -> None:
    display = "alpha" if tournament is Tournament.SIGNALS else "canon_mmc"
    numbers = range(1300, 1400)
    names = [model.name for model in market.account_models_of(tournament)]
    paths, finals = (
        market.paths(tournament, display, names, numbers),
        market.finals(tournament, display, names, numbers),
    )
    for model in range(len(names)):
        for number in range(len(numbers)):
            seen = paths[model, number][~np.isnan(paths[model, number])]
            assert np.isnan(finals[model, number]) if not len(seen) else finals[model, number] == seen[-1]
