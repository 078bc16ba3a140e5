from datetime import date
from decimal import Decimal

import pytest

from numtui.analysis.backtest.grid import allowed_cells, parse_grid, regime_grid
from numtui.analysis.regimes import PRESETS, PayoutRegime, regime_named, regime_of_round, round_payout
from numtui.analysis.staking_system import PayoutTerms, StatedRound
from numtui.model import Tournament

CLASSIC, SIGNALS, CRYPTO = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO


def fixed(terms: PayoutRegime) -> dict[str, str]:
    return {choice.score: " ".join(str(m) for m in choice.multipliers) for choice in terms.choices}


@pytest.mark.parametrize(
    ("tournament", "number", "scores", "clip", "threshold"),
    [  # the announced terms, line by line
        (CLASSIC, 300, {"corr20": "1", "mmc": "0 0.5 1 2"}, "0.25", 300_000),
        (CLASSIC, 394, {"corr20": "1", "tc": "0 0.5 1 2"}, "0.25", 300_000),
        (CLASSIC, 400, {"corr20": "1", "tc": "0 0.5 1 2"}, "0.25", 360_000),
        (CLASSIC, 474, {"v2_corr20": "0 0.5 1", "tc": "0 0.5 1 1.5 2 2.5 3"}, "0.05", 72_000),
        (CLASSIC, 649, {"v2_corr20": "0 0.5 1 1.5 2", "tc": "0 0.5 1"}, "0.05", 72_000),
        (CLASSIC, 650, {"v2_corr20": "0.5", "mmc": "2"}, "0.05", 72_000),
        (CLASSIC, 1342, {"v2_corr20": "0.75", "mmc": "2.25"}, "0.05", 72_000),
        (CLASSIC, 1343, {"corr60": "3", "mmc60": "15"}, "1", None),
        (SIGNALS, 498, {"corr20": "0 0.5 1", "tc": "0 0.5 1 1.5 2 2.5 3"}, "0.05", 36_000),
        (SIGNALS, 499, {"fnc_v4": "0 0.5 1", "tc": "0 0.5 1 1.5 2 2.5 3"}, "0.05", 36_000),
        (SIGNALS, 714, {"fnc_v4": "1", "mmc": "2"}, "0.05", 36_000),
        (SIGNALS, 1085, {"alpha": "0.3", "mpc": "0.8"}, "0.017", 36_000),
        (SIGNALS, 1362, {"alpha": "0.3", "mpc": "0.8"}, "0.035", 36_000),
        (SIGNALS, 1363, {"neutral_corr": "0.5", "neutral_mmc": "2"}, "0.035", 36_000),
        (CRYPTO, 800, {"corr": "1", "mmc": "2"}, "0.05", 10_000),
        (CRYPTO, 928, {"corr": "1", "mmc": "2"}, "0.05", 10_000),
        (CRYPTO, 929, {"mmc": "1"}, "0.05", 10_000),
        (CRYPTO, 1291, {"corr": "0.05", "mmc": "0.5"}, "0.05", 10_000),
        (CRYPTO, 1292, {"corr": "0.1", "mmc": "1"}, "1", None),
    ],
)
def test_terms_in_force(
    tournament: Tournament, number: int, scores: dict[str, str], clip: str, threshold: int | None
) -> None:
    terms = regime_of_round(tournament, number)
    assert terms is not None
    assert fixed(terms) == scores
    assert terms.clip == Decimal(clip)
    assert terms.threshold == (None if threshold is None else Decimal(threshold))
    assert terms.atomic is (threshold is None)


def test_regimes_begin_with_their_round_and_day() -> None:
    begun = [(each.tournament, each.first_round, each.since) for each in PRESETS if each.since is not None]
    assert begun == [  # as announced
        (CLASSIC, 311, date(2022, 4, 9)),
        (CLASSIC, 395, date(2023, 1, 8)),
        (CLASSIC, 474, date(2023, 4, 29)),
        (CLASSIC, 589, date(2023, 10, 7)),
        (CLASSIC, 650, date(2024, 1, 2)),
        (CLASSIC, 1172, date(2026, 1, 1)),
        (CLASSIC, 1343, date(2026, 8, 28)),
        (SIGNALS, 474, date(2023, 4, 29)),
        (SIGNALS, 714, date(2024, 3, 30)),
        (SIGNALS, 1085, date(2025, 9, 2)),
        (SIGNALS, 1172, date(2026, 1, 1)),
        (SIGNALS, 1363, date(2026, 9, 25)),
        (CRYPTO, 929, date(2025, 1, 25)),
        (CRYPTO, 1292, date(2026, 6, 18)),
    ]


def test_before_the_first_known_round_there_are_none() -> None:
    assert regime_of_round(CLASSIC, 221) is None


def test_names_are_unique_and_an_unknown_one_says_which_there_are() -> None:
    assert len({terms.name for terms in PRESETS}) == len(PRESETS)
    for name in ("classic-2020-mmc", "classic-2022-tc", "classic-2023-tc", "classic-2024", "signals-2025"):
        assert regime_named(name).name == name
    with pytest.raises(ValueError, match=r"no payout terms 'classic-1999'.*classic-atomic"):
        regime_named("classic-1999")


def test_the_names_of_one_tournament_are_told() -> None:
    with pytest.raises(ValueError, match="no payout terms 'signals-1999' in signals") as told:
        regime_named("signals-1999", SIGNALS)
    assert "there are actual, signals-2023, " in str(told.value)
    assert "classic" not in str(told.value) and "crypto" not in str(told.value)
    assert regime_named("classic-2024", SIGNALS).tournament is CLASSIC, "the caller says what is wrong with that"


def test_the_constraint_of_a_regime_is_enforced_in_its_grid() -> None:
    terms = regime_named("classic-2023-10")
    cells = regime_grid(terms).cells
    assert {corr for corr, tc in cells if tc} == {Decimal(2)}
    assert len(cells) == 6  # corr 0.5, 1, 1.5 and 2 without tc, then 2 with tc 0.5 and 1


def test_the_constraint_filters_a_grid_of_the_user_in_any_order_of_axes() -> None:
    terms = regime_named("classic-2023-10")
    filtered = allowed_cells(terms, parse_grid(["tc=0,1", "v2_corr20=1,2"]))
    assert filtered.cells == tuple((Decimal(tc), Decimal(corr)) for tc, corr in ((0, 1), (0, 2), (1, 2)))
    assert len(allowed_cells(terms, parse_grid(["tc=0,1,2"])).cells) == 2, "a score that is not there is not judged"
    with pytest.raises(ValueError, match="classic-2023-10 allow no cell"):
        allowed_cells(terms, parse_grid(["tc=1", "v2_corr20=1"]))


def test_fixed_terms_are_a_grid_of_one() -> None:
    grid = regime_grid(regime_named("classic-2026"))
    assert (grid.scores, grid.cells) == (("v2_corr20", "mmc"), ((Decimal("0.75"), Decimal("2.25")),))


def test_fallback_factor() -> None:
    terms = regime_named("classic-2024")
    assert terms.factor(Decimal(50_000)) == 1
    assert terms.factor(Decimal(144_000)) == Decimal("0.5")
    assert regime_named("classic-atomic").factor(Decimal(10**9)) == 1


@pytest.mark.parametrize(
    ("number", "v3", "terms"),
    [
        (1400, True, "classic-1343"),
        (1400, False, "classic-649"),  # a legacy round among Atomic ones
        (1300, False, "classic-649"),
        (1300, True, None),  # no Atomic terms were in force then
    ],
)
def test_the_regime_is_that_of_the_stated_system(number: int, v3: bool, terms: str | None) -> None:
    payout = round_payout(CLASSIC, StatedRound(number, v3, (PayoutTerms(None, None),)))
    legacy = regime_of_round(CLASSIC, number, atomic=False)
    atomic = regime_of_round(CLASSIC, number, atomic=True)
    assert payout.atomic is v3
    assert payout.regime == (atomic if v3 else legacy)
    assert (payout.regime is None) is (terms is None)


def test_the_scores_of_a_regime_are_those_it_pays() -> None:
    atomic = regime_of_round(CLASSIC, 1400, atomic=True)
    assert atomic is not None
    assert atomic.scores == ("corr60", "mmc60")
