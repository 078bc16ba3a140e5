"""Returns of legacy and Atomic rounds have one base where they are summed: the model's whole stake."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from numtui.calendar import ROUNDS_AT_ONCE
from numtui.model import Tournament
from numtui.reports.alerts.model_facts import return_facts
from numtui.reports.drift.compute import drift_of
from numtui.reports.page.comparison import comparison
from numtui.reports.page.returns import model_curve, settled_returns
from numtui.reports.terms import stake_shares
from numtui.store.database import open_reader
from numtui.store.queries.terms import round_payouts
from tests.export.conftest import Polled, polled_in
from tests.poller.site import NOW

MODEL = "demo_anchor"


@pytest.fixture(scope="module")
def polled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Polled]:
    with polled_in(tmp_path_factory.mktemp("shares")) as polled:
        yield polled


@pytest.fixture
def cache(polled: Polled) -> Iterator[sqlite3.Connection]:
    with closing(open_reader(polled.settings.db)) as connection:
        yield connection


@pytest.mark.parametrize("tournament", Tournament)
def test_an_atomic_round_has_a_part_of_the_stake_and_a_legacy_one_all(
    cache: sqlite3.Connection, tournament: Tournament
) -> None:
    payouts = round_payouts(cache, tournament)
    numbers = sorted(payouts)
    for number, share in zip(numbers, stake_shares(cache, tournament, numbers), strict=True):
        assert share == (1 / ROUNDS_AT_ONCE[tournament] if payouts[number].atomic else 1)


def test_curves_and_alerts_sum_returns_on_the_whole_stake(cache: sqlite3.Connection) -> None:
    returns = settled_returns(cache, Tournament.CLASSIC, (MODEL,), ())
    assert returns is not None
    known = ~np.isnan(returns.values[0])
    numbers = np.array(returns.rounds)[known].tolist()
    values = returns.values[0, known] * stake_shares(cache, Tournament.CLASSIC, numbers)
    curve = model_curve(cache, Tournament.CLASSIC, drift_of(cache, Tournament.CLASSIC), MODEL, ())
    assert [point.cumulated for point in curve.settled] == pytest.approx(values.cumsum().tolist())
    equity = np.concatenate([[1.0], (1 + values).cumprod()])
    losses = 1 - equity / np.maximum.accumulate(equity)
    assert curve.max_drawdown == pytest.approx(losses.max())
    facts = return_facts(cache, Tournament.CLASSIC, NOW)
    assert isinstance(facts, tuple) and not isinstance(facts, str)
    (fact,) = [row for row in facts if getattr(row, "model", None) == MODEL]
    assert fact.returns == pytest.approx(values.tolist())  # type: ignore[union-attr]  # a fact of returns
    (alone,) = comparison(cache, Tournament.CLASSIC, [MODEL]).models
    assert alone.curve[-1].cumulated == pytest.approx(values.sum())


def test_what_is_pending_goes_on_from_there_by_parts(cache: sqlite3.Connection) -> None:
    drift = drift_of(cache, Tournament.CLASSIC)
    curve = model_curve(cache, Tournament.CLASSIC, drift, MODEL, ())
    steps = np.diff([point.cumulated for point in curve.pending]).tolist()
    payouts = round_payouts(cache, Tournament.CLASSIC)
    atomic = [step for point, step in zip(curve.pending[1:], steps, strict=True) if payouts[point.round].atomic]
    assert atomic and max(map(abs, atomic)) < 1 / ROUNDS_AT_ONCE[Tournament.CLASSIC]
