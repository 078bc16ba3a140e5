"""The payout regimes lie where the notes on Numerai's history put them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from numtui.demo.market.arena import Arena
from numtui.demo.market.terms import FIRST_ROUNDS, SIXTY_DAY_SCORES_FROM, choice, terms
from numtui.model import Tournament

C, S, K = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO


@pytest.mark.parametrize(
    ("tournament", "number", "pay", "clip", "threshold", "days"),
    [
        (C, 250, {"corr": (1, 1), "mmc": (0, 2)}, "0.25", 300_000, 20),
        (C, 311, {"corr20": (1, 1), "tc": (0, 2)}, "0.25", 300_000, 20),
        (C, 400, {"corr20": (1, 1), "tc": (0, 2)}, "0.25", 360_000, 20),
        (C, 474, {"v2_corr20": (0, 1), "tc": (0, 3)}, "0.05", 72_000, 20),
        (C, 589, {"v2_corr20": (0, 2), "tc": (0, 1)}, "0.05", 72_000, 20),
        (C, 650, {"v2_corr20": (0.5, 0.5), "mmc": (2, 2)}, "0.05", 72_000, 20),
        (C, 1171, {"v2_corr20": (0.5, 0.5), "mmc": (2, 2)}, "0.05", 72_000, 20),
        (C, 1172, {"v2_corr20": (0.75, 0.75), "mmc": (2.25, 2.25)}, "0.05", 72_000, 20),
        (C, 1342, {"v2_corr20": (0.75, 0.75), "mmc": (2.25, 2.25)}, "0.05", 72_000, 20),
        (C, 1343, {"corr60": (3, 3), "mmc60": (15, 15)}, "1", None, 60),
        (S, 498, {"corr20": (0, 2), "tc": (0, 3)}, "0.05", 36_000, 20),
        (S, 499, {"fnc_v4": (0, 2), "tc": (0, 3)}, "0.05", 36_000, 20),
        (S, 714, {"fnc_v4": (1, 1), "mmc": (2, 2)}, "0.05", 36_000, 20),
        (S, 1085, {"alpha": (0.3, 0.3), "mpc": (0.8, 0.8)}, "0.017", 36_000, 60),
        (S, 1172, {"alpha": (0.3, 0.3), "mpc": (0.8, 0.8)}, "0.035", 36_000, 60),
        (S, 1362, {"alpha": (0.3, 0.3), "mpc": (0.8, 0.8)}, "0.035", 36_000, 60),
        (S, 1363, {"neutral_corr": (0.5, 0.5), "neutral_mmc": (2, 2)}, "0.035", 36_000, 60),
        (K, 800, {"corr": (1, 1), "mmc": (2, 2)}, "0.05", 10_000, 20),
        (K, 1000, {"mmc": (1, 1)}, "0.05", 10_000, 20),
        (K, 1172, {"corr": (0.05, 0.05), "mmc": (0.5, 0.5)}, "0.05", 10_000, 20),
        (K, 1292, {"corr": (0.1, 0.1), "mmc": (1, 1)}, "1", None, 20),
    ],
)
def test_regimes(  # noqa: PLR0917 -- a row of the table
    tournament: Tournament,
    number: int,
    pay: dict[str, tuple[float, float]],
    clip: str,
    threshold: int | None,
    days: int,
) -> None:
    found = terms(tournament, number)
    assert {m.display: (float(min(m.choices)), float(max(m.choices))) for m in found.payout} == pay
    assert (found.clip, found.days) == (Decimal(clip), days)
    assert found.threshold == (None if threshold is None else Decimal(threshold))
    assert found.atomic == (threshold is None)
    assert all(found.spec(m.display) is not None for m in found.payout)


def test_sixty_day_scores_are_computed_long_before_they_pay() -> None:
    early = terms(C, SIXTY_DAY_SCORES_FROM)
    assert early.spec("corr60") is not None
    assert early.multiplier("corr60") is None


def test_neutral_scores_are_published_beside_the_others_long_before_they_pay() -> None:
    for number, there in ((911, False), (912, True), (1084, True), (1362, True), (1363, True)):
        published = terms(S, number)
        for display in ("neutral_corr", "neutral_mmc", "alpha", "mpc"):
            assert (published.spec(display) is not None) == there
    assert terms(S, 1362).multiplier("neutral_mmc") is None
    assert terms(S, 1363).multiplier("mpc") is None
    assert not terms(S, 1363).atomic


def test_weekday_rounds_were_unpaid_at_first() -> None:
    assert [terms(C, number).paid for number in range(340, 350)].count(True) == 2
    assert terms(C, 474).paid


def test_one_name_has_two_versions() -> None:
    assert {terms(C, n).spec("bmc").version for n in (1171, 1172)} == {"v1", "v2"}  # type: ignore[union-attr]  # both have it


@pytest.mark.parametrize("tournament", list(Tournament))
def test_chosen_multipliers_are_allowed_ones(tournament: Tournament) -> None:
    for number in range(FIRST_ROUNDS[tournament], 1400, 7):
        pay = terms(tournament, number).payout
        for row in range(12):
            chosen = choice(tournament, number, row)
            assert all(value in multiplier.choices for value, multiplier in zip(chosen, pay, strict=True))
            if tournament is C and 589 <= number < 650 and chosen[1] > 0:
                assert chosen[0] == 2


def test_no_round_before_the_first() -> None:
    with pytest.raises(ValueError, match="crypto has no round 700"):
        terms(K, 700)


def test_payout_factors_follow_the_stakes_at_risk() -> None:
    arena = Arena(0, C, models=15_000, account_models=12, skill=1, first=222)
    assert (arena.population.stake_units > 0).sum() == pytest.approx(4_600, rel=0.1)
    for number in (700, 900, 1200):
        plain = min(1.0, 72_000 / arena.total_at_risk(number))
        assert 0.1 < plain < 1
        assert plain * 0.99 - 1e-6 <= float(arena.factor(number)) <= plain + 1e-6
        assert arena.config_factor(number) == pytest.approx(float(arena.factor(number)), rel=0.01)
    assert arena.factor(1343) == 1
    assert arena.factor(341) == 0  # a Wednesday of the time when only Saturdays paid
