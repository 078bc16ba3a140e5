import numpy as np
import pandas as pd
import pytest

from numtui.analysis.arrays import Floats
from numtui.analysis.backtest.backtest import ScoreHistory, payouts
from numtui.analysis.backtest.walk_forward import WalkChoice, WalkPlan, walk_forward
from numtui.analysis.backtest.walk_forward import _shrinkage as shrinkage

CELLS = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [0.5, 2.0]])
SMALL = WalkPlan(length=20, gap=5, test=5, lag=5, block=5)


def market(seed: int, skill: float, *, models: int = 10, rounds: int = 100, mean: float = 0.0) -> ScoreHistory:
    """Overlapping returns (sums of 5 days) with a common factor; `skill` spreads the models' means."""
    rng = np.random.default_rng(seed)

    def overlapping(*shape: int) -> Floats:
        days = rng.normal(size=(*shape[:-1], shape[-1] + 5)).cumsum(axis=-1)
        sums: Floats = (days[..., 5:] - days[..., :-5]) * 0.01
        return sums

    values = overlapping(2, rounds) + overlapping(models, 2, rounds) + mean
    values += skill * rng.normal(size=(models, 1, 1)) * 0.01
    names = tuple(f"m{i}" for i in range(models))
    return ScoreHistory(names, np.arange(500, 500 + rounds), ("a", "b"), values.transpose(0, 2, 1))


def test_windows_end_with_the_last_round_and_keep_the_gap() -> None:
    walk = walk_forward(market(0, 1.0, rounds=53), CELLS, SMALL)
    assert walk.train[:, 0].tolist() == [503, 508, 513, 518, 523]
    assert walk.train[-1].tolist() == [523, 542]
    assert walk.test[-1].tolist() == [548, 552]
    assert np.all(walk.test[:, 0] - walk.train[:, 1] == 6)
    assert np.all(walk.test[1:, 0] > walk.test[:-1, 1])


def test_a_gap_shorter_than_the_resolution_lag_is_refused() -> None:
    with pytest.raises(ValueError, match="gap of 4 rounds is shorter than the 5"):
        WalkPlan(length=20, gap=4, test=5, lag=5, block=5)
    with pytest.raises(ValueError, match="at least one round"):
        WalkPlan(test=0)


def test_each_fold_against_pandas() -> None:
    data = market(1, 0.5)
    walk = walk_forward(data, CELLS, SMALL)
    earned = payouts(data, CELLS)
    for fold, ((a, b), (c, d)) in enumerate(zip(walk.train - 500, walk.test - 500, strict=True)):
        before = pd.DataFrame(earned[:, a : b + 1].mean(axis=1))
        after = pd.DataFrame(earned[:, c : d + 1].mean(axis=1))
        over_models = before.rank().corrwith(after.rank()).mean()
        over_cells = before.rank(axis=1).corrwith(after.rank(axis=1), axis=1).mean()
        flat_before, flat_after = pd.Series(before.to_numpy().ravel()), pd.Series(after.to_numpy().ravel())
        over_both = flat_before.rank().corr(flat_after.rank())
        assert walk.models.correlations[fold] == pytest.approx(over_models)
        assert walk.cells.correlations[fold] == pytest.approx(over_cells)
        assert walk.both.correlations[fold] == pytest.approx(over_both)
        assert walk.both.chosen[fold] == pytest.approx(flat_after[int(flat_before.argmax())])
        assert walk.both.best[fold] == pytest.approx(after.to_numpy().max())
        assert walk.both.equal[fold] == pytest.approx(after.to_numpy().mean())
        by_cell = [after.to_numpy()[before.to_numpy()[:, cell].argmax(), cell] for cell in range(4)]
        assert walk.models.chosen[fold] == pytest.approx(np.mean(by_cell))


def scopes_above_zero(skill: float, name: str) -> int:
    """In how many of 10 seeds the interval lies above 0."""
    choices: list[WalkChoice] = [getattr(walk_forward(market(seed, skill), CELLS, SMALL), name) for seed in range(10)]
    return sum(choice.correlation.low is not None and choice.correlation.low > 0 for choice in choices)


@pytest.mark.parametrize("name", ["models", "both"])
def test_skill_is_found_where_it_is_and_not_where_it_is_not(name: str) -> None:
    assert scopes_above_zero(1.5, name) >= 9
    assert scopes_above_zero(0.0, name) <= 2


def test_regrets_are_against_the_best_the_mean_and_nothing() -> None:
    walk = walk_forward(market(2, 1.5, mean=0.01), CELLS, SMALL)
    for choice in (walk.models, walk.cells, walk.both):
        assert np.all(choice.best >= choice.chosen - 1e-15)
        assert np.all(choice.best >= choice.equal - 1e-15)
        assert choice.regret_best.mean == pytest.approx(float(np.mean(choice.best - choice.chosen)))
        assert choice.regret_equal.mean == pytest.approx(float(np.mean(choice.equal - choice.chosen)))
        assert choice.regret_nothing.mean == pytest.approx(-float(np.mean(choice.chosen)))
    assert walk.models.regret_equal.mean < 0, "with skill the choice beats the mean of all"


def test_models_that_never_change_are_fully_predictable() -> None:
    steady = np.linspace(-0.01, 0.02, 6)[:, None, None] * np.ones((6, 100, 2))
    walk = walk_forward(ScoreHistory(tuple("abcdef"), np.arange(100), ("a", "b"), steady), CELLS, SMALL)
    np.testing.assert_allclose(walk.models.correlations, 1)
    assert walk.models.correlation.low == pytest.approx(1)
    assert walk.models.shrinkage == pytest.approx(0)
    assert walk.models.regret_best.mean == pytest.approx(0)
    assert "past leads lasted" in walk.verdict
    assert "trust 100%" in walk.verdict


def test_models_that_are_all_alike_have_no_leads_to_trust() -> None:
    alike = np.zeros((4, 20))
    assert shrinkage(alike, alike) == 1


def test_leads_that_turn_round_are_said_and_shrunk_away() -> None:
    sign = np.where(np.arange(100) // 25 % 2 == 0, 1.0, -1.0)
    values = np.linspace(-0.01, 0.02, 6)[:, None, None] * sign[:, None] * np.ones((6, 100, 2))
    plan = WalkPlan(length=10, gap=15, test=10, lag=5, block=10)
    walk = walk_forward(ScoreHistory(tuple("abcdef"), np.arange(100), ("a", "b"), values), CELLS, plan)
    assert walk.models.correlation.mean < 0
    assert walk.models.shrinkage == 1


def test_thin_evidence_gives_no_interval_and_says_so() -> None:
    walk = walk_forward(market(0, 1.5, rounds=79), CELLS, SMALL)
    assert (len(walk.train), walk.blocks, walk.thin) == (10, 10, False)
    walk = walk_forward(market(0, 1.5, rounds=74), CELLS, SMALL)
    assert (len(walk.train), walk.blocks, walk.thin) == (9, 9, True)
    assert walk.models.correlation.low is None
    assert walk.models.shrinkage == 1
    assert walk.verdict == (
        "Too thin to tell: the 9 windows measured on hold 9 blocks of overlapping rounds, and it takes 10."
    )


def test_a_range_too_short_for_one_fold_is_thin_not_an_error() -> None:
    walk = walk_forward(market(0, 1.5, rounds=29), CELLS, SMALL)
    assert walk.train.shape == (0, 2)
    assert np.isnan(walk.both.correlation.mean)
    assert walk.thin


def test_models_with_too_few_rounds_in_a_window_are_left_out_there() -> None:
    data = market(3, 1.0)
    values = data.values.copy()
    values[0, :60] = np.nan
    whole = walk_forward(ScoreHistory(data.models[1:], data.rounds, data.scores, values[1:]), CELLS, SMALL)
    partial = walk_forward(ScoreHistory(data.models, data.rounds, data.scores, values), CELLS, SMALL)
    np.testing.assert_allclose(partial.models.correlations[:7], whole.models.correlations[:7])
    assert not np.allclose(partial.models.correlations[-3:], whole.models.correlations[-3:])


def test_one_model_leaves_only_its_cells_to_compare() -> None:
    walk = walk_forward(market(4, 0.0, models=1), CELLS, SMALL)
    assert np.isnan(walk.models.correlations).all()
    assert walk.models.verdict == "Too few models to compare: 1."
    np.testing.assert_allclose(walk.cells.correlations, walk.both.correlations)
    assert "models and multipliers" in walk.verdict


def test_inflation_allows_for_rounds_that_neighbouring_windows_share() -> None:
    assert SMALL.neighbours == pytest.approx(20 / 85)  # of 5 + 2 (4 + 3 + 2 + 1 over lags) by hand: 85 own, 20 shared
    assert WalkPlan(length=20, gap=5, test=5, lag=5, block=1).neighbours == 0
    assert WalkPlan(length=20, gap=5, test=5, lag=5, block=1).inflation(8) == 1
    assert SMALL.inflation(8) == pytest.approx(((1 + 2 * 20 / 85 * 7 / 8) / (1 - 2 * 20 / 85 / 8)) ** 0.5)


def test_a_walk_names_what_was_chosen_and_what_it_promised() -> None:
    data = market(5, 1.0)
    walk = walk_forward(data, CELLS, SMALL)
    earned = payouts(data, CELLS)
    for fold, (a, b) in enumerate(walk.train - 500):
        before = earned[:, a : b + 1].mean(axis=1)
        model, cell = walk.choices[fold]
        assert before[model, cell] == before.max() == pytest.approx(walk.promised[fold])
        c, d = walk.test[fold] - 500
        assert walk.both.chosen[fold] == pytest.approx(earned[model, c : d + 1, cell].mean())


def test_a_choice_does_not_look_ahead_at_who_will_still_be_there() -> None:
    """The best model stops after the first windows: it is chosen all the same, and then earns nothing."""
    steady = np.linspace(0.01, 0.02, 6)[:, None, None] * np.ones((6, 50, 2))
    steady[5, 25:] = np.nan
    walk = walk_forward(ScoreHistory(tuple("abcdef"), np.arange(50), ("a", "b"), steady), CELLS, SMALL)
    last_seen = [int(model) for model in walk.choices[:, 0]]
    assert last_seen[0] == 5
    assert walk.both.chosen[0] == 0
    assert walk.both.best[0] == pytest.approx(0.018 * 2.5)
    assert walk.both.regret_best.mean > 0
    assert last_seen[-1] == 4, "gone for most of the window to choose on"


def test_nothing_to_judge_is_no_choice() -> None:
    empty = ScoreHistory(("a",), np.arange(40), ("a", "b"), np.full((1, 40, 2), np.nan))
    walk = walk_forward(empty, CELLS, SMALL)
    assert np.all(walk.choices == -1)
    assert np.isnan(walk.promised).all()
    assert np.isnan(walk.both.chosen).all()
    nobody = walk_forward(ScoreHistory((), np.arange(40), ("a", "b"), np.empty((0, 40, 2))), CELLS, SMALL)
    assert nobody.choices.tolist() == [[-1, -1]] * 3
