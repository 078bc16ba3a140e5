from decimal import Decimal

import numpy as np
import pytest

from numtui.analysis.backtest.backtest import Series
from numtui.analysis.backtest.leverage import alike, extreme, proportions

RAY = np.array([[0.25, 1.0], [0.5, 2.0], [1.0, 4.0]])


def series(scores: list[list[float]], clip: float = 1.0) -> Series:
    base = np.array(scores)
    return Series(base, np.full(len(base), clip), np.ones(len(base)))


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (("0.75", "2.25"), "1:3"),
        (("3", "15"), "1:5"),
        (("0.5", "2.0"), "1:4"),
        (("0", "2"), "0:1"),
        (("-1", "2"), "-1:2"),
        (("1", "-2"), "1:-2"),
        (("0.30612244897959184", "0.12244897959183673"), "5:2"),
        (("0.123456789", "1"), "0.123457:1"),
        (("7",), "1"),
    ],
)
def test_proportions(cell: tuple[str, ...], text: str) -> None:
    assert proportions(tuple(map(Decimal, cell))) == text


def test_cells_are_alike_up_to_a_positive_scale() -> None:
    cells = np.array([[0.5, 2.0], [1.0, 4.0], [-0.5, -2.0], [1.0, 3.9999], [0.1 * 3, 1.2]])
    assert alike(cells, 0).tolist() == [True, True, False, False, True]


def test_the_best_of_multiples_is_the_largest_of_gains_and_the_smallest_of_losses() -> None:
    gains, losses = series([[0.02, 0.01], [-0.01, 0.01]]), series([[-0.02, -0.01], [0.01, -0.01]])
    assert extreme(RAY, 2, gains) == "largest"
    assert extreme(RAY, 1, gains) is None
    assert extreme(RAY, 0, losses) == "smallest"
    assert extreme(RAY[:2], 1, gains) == "largest", "two cells are enough"


def test_a_best_cell_that_the_clip_made_is_no_leverage() -> None:
    """Beyond the clip more multipliers only make the loss greater."""
    clipped = series([[0.0, 0.2], [0.0, 0.2], [0.0, -0.01]], clip=0.05)
    assert extreme(RAY, 2, clipped) is None


def test_there_is_nothing_beside_a_single_cell_nor_without_rounds() -> None:
    assert extreme(RAY[:1], 0, series([[0.1, 0.1]])) is None
    assert extreme(RAY, 0, Series(np.empty((0, 2)), np.empty(0), np.empty(0))) is None
