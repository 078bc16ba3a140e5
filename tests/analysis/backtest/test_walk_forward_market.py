"""The question put to the demo's markets, the same way as to a cache: skill where it is, and none where it is not."""

from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
import pytest

from numtui.analysis.backtest.backtest import ScoreHistory
from numtui.analysis.backtest.walk_forward import Walk, WalkPlan, walk_forward
from numtui.demo.market.market import Market
from numtui.model import Tournament

SEEDS = range(5)
ROUNDS = range(843, 1243)  # 20-day scores throughout, all resolved
SCORES = ("canon_corr", "canon_mmc")
GRID = np.array([[corr, mmc] for corr in (0.0, 0.5, 1.0) for mmc in np.arange(0.0, 3.5, 0.5) if corr or mmc])


@lru_cache(maxsize=32)
def walk(seed: int, skill: float) -> Walk:
    market = Market(seed=seed, now=datetime(2026, 11, 21, 18, tzinfo=UTC), models=120, skill=skill)
    finals = [market.finals(Tournament.CLASSIC, score, None, ROUNDS) for score in SCORES]
    values = np.stack(finals, axis=2)
    names = tuple(market.arena(Tournament.CLASSIC).population.names)
    return walk_forward(ScoreHistory(names, np.array(ROUNDS), SCORES, values, factor=0.2, clip=0.05), GRID, WalkPlan())


def test_skill_is_found_over_models_in_at_least_four_of_five_seeds() -> None:
    estimates = [walk(seed, 1.0).models.correlation for seed in SEEDS]
    assert sum(estimate.low is not None and estimate.low > 0 for estimate in estimates) >= 4
    assert 0.1 < np.mean([estimate.mean for estimate in estimates]) < 0.6


@pytest.mark.parametrize("scope", ["models", "both"])
def test_without_skill_the_interval_holds_zero_in_at_least_four_of_five_seeds(scope: str) -> None:
    estimates = [getattr(walk(seed, 0.0), scope).correlation for seed in SEEDS]
    assert sum(estimate.low <= 0 <= estimate.high for estimate in estimates) >= 4
    assert abs(np.mean([estimate.mean for estimate in estimates])) < 0.15


def test_with_skill_the_choice_earns_more_than_equal_weights_and_without_it_no_more() -> None:
    gains = {skill: [-walk(seed, skill).models.regret_equal.mean for seed in SEEDS] for skill in (0.0, 1.0)}
    assert np.mean(gains[1.0]) > 0.001
    assert abs(np.mean(gains[0.0])) < 0.001
