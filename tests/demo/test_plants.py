"""What the simulated field holds to be found is there, and `export field` finds it."""

from __future__ import annotations

import numpy as np
import pytest

from numtui.analysis.field.relatives import related_pairs
from numtui.demo.market.arena import Arena
from numtui.demo.market.plants import COPY, ENSEMBLE, LINEAR, LUCKY, LUCKY_ROUNDS, MIRROR
from numtui.model import Tournament

ROUNDS = range(1_180, 1_340)


def arena(seed: int = 0, *, models: int = 15_000, skill: float = 1.0) -> Arena:
    return Arena(seed, Tournament.CLASSIC, models=models, account_models=12, skill=skill, first=600)


def finals(of: Arena, source: str, names: tuple[str, ...], rounds: range = ROUNDS) -> np.ndarray:
    rows = [of.population.row_by_name[name] for name in names]
    return of.values(source, 20, rounds, rows)[:, :, -1]


@pytest.mark.parametrize("source", ["corr", "mmc"])
def test_a_mirror_and_a_copy(source: str) -> None:
    market = arena()
    mirror, anchor = finals(market, source, MIRROR)
    np.testing.assert_allclose(mirror, -anchor, atol=1e-8)
    copy, flint = finals(market, source, COPY)
    np.testing.assert_allclose(copy, flint, atol=1e-8)


def test_a_linear_model_is_told_by_its_mmc() -> None:
    market = arena()
    names = (LINEAR, "demo_anchor", "integration_test")
    corr, mmc = (finals(market, source, names) for source in ("corr", "mmc"))
    together = [float(np.corrcoef(a, b)[0, 1]) for a, b in zip(corr, mmc, strict=True)]
    assert together[0] > 0.9 > max(together[1:]) + 0.2


def test_an_ensemble_is_the_mean_of_those_behind_it_and_steadier() -> None:
    market = arena()
    name, count = ENSEMBLE
    row = market.population.row_by_name[name]
    members = market.values("corr", 20, ROUNDS, range(row + 1, row + 1 + count))[:, :, -1]
    (whole,) = finals(market, "corr", (name,))
    np.testing.assert_allclose(whole, members.mean(axis=0), atol=1e-7)
    assert whole.std() < members.std(axis=1).mean()


def test_a_lucky_one_did_well_without_skill() -> None:
    market = arena()
    row = market.population.row_by_name[LUCKY]
    assert market.loadings.of("corr")[row, 0] == market.loadings.of("mmc")[row, 0] == 0
    lucky = finals(market, "mmc", (LUCKY,), LUCKY_ROUNDS).mean()
    everybody = market.values("mmc", 20, LUCKY_ROUNDS, slice(None))[:, :, -1].mean(axis=1)
    assert (everybody < lucky).mean() > 0.9


def test_the_account_holds_losers_as_well_as_winners() -> None:
    market = arena()
    names = tuple(market.population.names[: market.population.own])
    value = 0.75 * finals(market, "corr", names) + 2.25 * finals(market, "mmc", names)
    losers = int((value.mean(axis=1) < 0).sum())
    assert 2 <= losers <= len(names) // 2


def test_without_skill_or_room_nothing_is_planted() -> None:
    even = arena(skill=0.0)
    mirror, anchor = finals(even, "corr", MIRROR)
    assert not np.allclose(mirror, -anchor)
    small = arena(models=30)
    assert MIRROR[0] not in small.population.row_by_name
    assert np.isfinite(small.loadings.of("corr")).all()


def test_the_pairs_are_found_among_everybody() -> None:
    market = arena(models=1_500)
    names = market.population.names
    corr = market.values("corr", 20, ROUNDS, slice(None))[:, :, -1]
    own = np.array([names.index(MIRROR[1]), names.index(COPY[1])])
    found = related_pairs(corr, own, np.arange(len(names)), 24)
    told = {(names[pair.first], names[pair.second], pair.relation) for pair in found}
    either = {frozenset((first, second)): relation for first, second, relation in told}
    assert either[frozenset(MIRROR)] == "mirror"
    assert either[frozenset(COPY)] == "copy"
