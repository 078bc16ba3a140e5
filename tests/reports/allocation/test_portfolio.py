"""The weights as a whole beside equal and today's ones, and what is known of one stake on an ensemble."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from numtui.analysis.allocation.figures import Figures, figures
from numtui.reports.allocation.portfolio import BOUND, portfolio_rows
from tests.reports.allocation.test_moving import of_stakes

STAKES: list[Decimal | None] = [Decimal(10), Decimal(20), Decimal(30), Decimal(40)]


def test_each_weighting_is_told_by_its_own_figures() -> None:
    found = of_stakes(STAKES, [0.7, 0.3, 0.0, 0.0])
    rows = {row.weighting: row for row in portfolio_rows(found)}
    assert [*rows] == ["chosen", "equal", "today", BOUND]
    for name, weights in (("chosen", [0.7, 0.3, 0, 0]), ("equal", [0.25] * 4), ("today", [0.1, 0.2, 0.3, 0.4])):
        told = rows[name]._asdict()
        own = figures(np.array(weights), found.returns, found.covariance, found.open_rounds)
        assert {field: told[field] for field in Figures._fields} == pytest.approx(own._asdict())
    assert rows["chosen"].variance_ratio == pytest.approx(1)
    equal, chosen = rows["equal"], rows["chosen"]
    assert equal.std is not None and chosen.std is not None
    assert equal.variance_ratio == pytest.approx((equal.std / chosen.std) ** 2)


def test_of_an_ensemble_only_a_bound_on_its_variance_is_known() -> None:
    found = of_stakes(STAKES, [0.7, 0.3, 0.0, 0.0])
    rows = {row.weighting: row for row in portfolio_rows(found)}
    bound, equal = rows[BOUND], rows["equal"]
    assert (bound.std, bound.variance_ratio) == pytest.approx((equal.std, equal.variance_ratio))
    assert all(getattr(bound, name) is None for name in Figures._fields if name != "std")
    assert f"has {bound.variance_ratio:.0%} of the variance of the weighted ones" in found.findings[-1]


def test_without_stakes_there_is_no_row_of_today() -> None:
    names = [row.weighting for row in portfolio_rows(of_stakes([None, *STAKES[1:]], [0.25] * 4))]
    assert names == ["chosen", "equal", BOUND]
