"""The field: percentiles by brute force, burns, and planted pairs among many models of simulated markets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from numtui.analysis.arrays import Floats
from numtui.analysis.field.character import unusual_stretches
from numtui.analysis.field.relatives import critical, discoveries, p_value, related_pairs
from numtui.analysis.field.rounds import (
    Field,
    burn_rounds,
    equal_weighted,
    percentiles,
    stake_weighted,
    strong_models,
)

OPEN = 24
NAN = np.nan


def small() -> Field:
    value = np.array([[0.1, 0.2, -0.1], [0.1, NAN, -0.2], [0.3, 0.1, -0.3], [-0.2, 0.4, 0.5], [NAN, 0.2, 0.0]])
    stake = np.array([[1.0, 1, 1], [0, 0, 5], [2, 0, 1], [1, 3, 2], [4, 0, 0]])
    return Field(np.arange(3), value, stake)


@pytest.mark.parametrize("staked", [False, True])
def test_percentiles_by_brute_force(staked: bool) -> None:
    field = small()
    found = percentiles(field, np.arange(5), staked=staked)
    for m in range(5):
        for r in range(3):
            mine = field.value[m, r]
            others = [
                field.value[k, r]
                for k in range(5)
                if k != m and not np.isnan(field.value[k, r]) and (not staked or field.stake[k, r] > 0)
            ]
            if np.isnan(mine) or not others:
                assert np.isnan(found[m, r])
            else:
                share = sum((other < mine) + (other == mine) / 2 for other in others) / len(others)
                assert found[m, r] == pytest.approx(share)


def test_the_field_by_hand() -> None:
    field = small()
    assert stake_weighted(field) == pytest.approx([(0.1 + 0.6 - 0.2) / 4, (0.2 + 1.2) / 4, (-0.1 - 1 - 0.3 + 1) / 9])
    assert equal_weighted(field) == pytest.approx([0.2 / 3, 0.3, -0.1 / 4])
    assert burn_rounds(field).tolist() == [False, False, True]
    assert strong_models(field.value, field).tolist() == [3]


def test_nothing_at_risk_is_no_burn_and_has_no_return() -> None:
    field = Field(np.arange(1), np.array([[-0.1], [0.2]]), np.zeros((2, 1)))
    assert np.isnan(stake_weighted(field)).all() and np.isnan(equal_weighted(field)).all()
    assert not burn_rounds(field).any()


def market(seed: int, *, models: int = 40, rounds: int = 200, days: int = 20) -> Floats:
    """Scores [N, R] of overlapping rounds: a common move, a family of each model's own, and chance."""
    rng = np.random.default_rng(seed)

    def overlapping(count: int) -> Floats:
        daily = rng.normal(size=(count, rounds + days - 1)).cumsum(axis=1)
        padded = np.concatenate([np.zeros((count, 1)), daily], axis=1)
        moves: Floats = (padded[:, days:] - padded[:, :-days]) / np.sqrt(days)
        return moves

    common, own = overlapping(1), overlapping(models)
    beta = rng.uniform(0.5, 1.2, (models, 1))
    result: Floats = 0.01 * (beta * common + 0.7 * own) + 0.003
    return result


def test_planted_pairs_are_found_and_hardly_any_other() -> None:
    """Over 100 markets: a mirror and a copy with a little noise among 40 models."""
    found = false = 0
    for seed in range(100):
        score = market(seed)
        noise = np.random.default_rng(seed + 1000).normal(size=(2, score.shape[1]))
        score[1] = -score[0] + 0.0002 * noise[0]
        score[3] = score[2] + 0.0002 * noise[1]
        pairs = related_pairs(score, np.arange(12), np.arange(40), OPEN)
        named = {(pair.first, pair.second): pair.relation for pair in pairs}
        found += named.get((0, 1)) == "mirror" and named.get((2, 3)) == "copy"
        close = {pair for pair, relation in named.items() if relation != "relative"}
        false += bool(close - {(0, 1), (2, 3)})
    assert found >= 95
    assert false < 5


def test_without_a_relation_hardly_a_pair_is_told() -> None:
    """Independent models around no common move: of 100 markets some 5 tell any pair at all."""
    told = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        score = rng.normal(size=(20, 200))
        told += bool(related_pairs(score, np.arange(10), np.arange(20), OPEN))
    assert told <= 12


def test_p_values_are_those_of_student() -> None:
    for loadings, r in ((4, 0.3), (9, -0.8), (30, 0.5)):
        t = abs(r) * np.sqrt((loadings - 1) / (1 - r * r))
        assert p_value(r, loadings) == pytest.approx(2 * stats.t.sf(t, loadings - 1))
        assert p_value(critical(loadings), loadings) == pytest.approx(0.05)
    assert p_value(1.0, 5) == 0.0


def test_discoveries_are_those_of_scipy() -> None:
    p = np.random.default_rng(1).uniform(size=200) ** 3
    assert discoveries(p).tolist() == (stats.false_discovery_control(p) <= 0.05).tolist()
    assert not discoveries(np.array([])).size


def test_models_that_were_lucky_by_chance_alone_are_hardly_ever_out_of_character() -> None:
    told = 0
    for seed in range(100):
        told += bool(unusual_stretches(market(seed), np.arange(40), OPEN))
    assert told <= 12


def test_a_model_that_broke_is_told() -> None:
    found = 0
    for seed in range(40):
        score = market(seed, rounds=400)
        score[5, -60:] -= 0.04
        stretches = unusual_stretches(score, np.arange(40), OPEN)
        found += any(stretch.model == 5 and not stretch.good for stretch in stretches)
    assert found >= 36


def test_too_few_rounds_tell_nothing() -> None:
    assert unusual_stretches(market(0, rounds=30), np.arange(5), OPEN) == []


def test_small_stakes_weigh_as_large_ones() -> None:
    field = small()
    tiny = Field(field.numbers, field.value, field.stake / 1000)
    assert stake_weighted(tiny) == pytest.approx(stake_weighted(field))
    assert burn_rounds(tiny).tolist() == burn_rounds(field).tolist()


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_copy_that_missed_rounds_is_one_all_the_same(sign: float) -> None:
    """Few waves of 60-day rounds: gaps filled with the mean would leave it in doubt among so many."""
    rng = np.random.default_rng(8)
    score = 0.4 * rng.normal(0, 0.02, 166) + rng.normal(0.01, 0.02, (4000, 166))
    score[1] = sign * score[0]
    score[0, [20, 90, 140]] = np.nan
    score[1, [7, 100]] = np.nan
    (pair,) = [pair for pair in related_pairs(score, np.array([0]), np.arange(4000), 64) if pair.second == 1]
    assert pair.relation == ("copy" if sign > 0 else "mirror")
    assert pair.correlation == pytest.approx(sign)
    apart = score.copy()
    apart[0, :83], apart[1, 83:] = np.nan, np.nan
    assert all(pair.second != 1 for pair in related_pairs(apart, np.array([0]), np.arange(4000), 64))


def test_rounds_that_lack_the_score_hide_no_pair() -> None:
    """A range that begins before a score did: nobody has it there."""
    rng = np.random.default_rng(9)
    score = rng.normal(0.01, 0.02, (400, 260))
    score[1] = -score[0]
    score[:, :60] = np.nan
    (pair,) = related_pairs(score, np.array([0]), np.arange(400), 24)
    assert (pair.second, pair.relation) == (1, "mirror")
    assert related_pairs(np.full((4, 30), np.nan), np.array([0]), np.arange(4), 24) == []
