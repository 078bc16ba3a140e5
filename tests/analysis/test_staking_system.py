"""Which staking system is in force, and what a round pays by where its configuration leaves something out."""

from __future__ import annotations

from decimal import Decimal

import pytest

from numtui.analysis.regimes import round_payout
from numtui.analysis.staking_system import (
    PayoutTerms,
    StatedRound,
    System,
    newest_round,
    system_in_force,
    system_of_round,
)
from numtui.model import Tournament

D = Decimal
CLASSIC, SIGNALS, CRYPTO = Tournament.CLASSIC, Tournament.SIGNALS, Tournament.CRYPTO
NOTHING = PayoutTerms(None, None)
ONE = PayoutTerms(D(1), D(1))


def low(clip: str = "0.05", factor: str | None = None) -> PayoutTerms:
    return PayoutTerms(D(clip), None if factor is None else D(factor))


@pytest.mark.parametrize(
    ("v3_staking", "payouts", "system"),
    [
        (True, (NOTHING, NOTHING), System.ATOMIC),
        (True, (), System.ATOMIC),
        (True, (low(),), System.ATOMIC),
        (False, (ONE, ONE), System.LEGACY),
        (False, (), System.LEGACY),
        (False, (NOTHING,), System.LEGACY),
        (None, (ONE, ONE), System.ATOMIC),
        (None, (low(), low()), System.LEGACY),
        (None, (NOTHING, NOTHING), System.UNDECIDED),
        (None, (ONE, NOTHING), System.UNDECIDED),
        (None, (ONE, low()), System.UNDECIDED),
        (None, (low("0"),), System.UNDECIDED),
        (None, (low("-0.05"),), System.UNDECIDED),
        (None, (), System.UNDECIDED),
    ],
)
def test_the_flag_of_the_round_goes_before_its_configurations(
    v3_staking: bool | None, payouts: tuple[PayoutTerms, ...], system: System
) -> None:
    assert system_of_round(StatedRound(1350, v3_staking, payouts)) is system


def test_the_newest_round_that_states_anything_says_the_system() -> None:
    old, new = StatedRound(1342, None, (low(),)), StatedRound(1343, True)
    announced = StatedRound(1344)
    assert newest_round([announced, old, new]) == new
    assert system_in_force([old, announced, new]) is System.ATOMIC
    assert system_in_force([old, announced]) is System.LEGACY
    silent = StatedRound(1345, None, (NOTHING,))
    assert system_in_force([old, new, silent]) is System.UNDECIDED, "its configurations leave out what would tell"
    assert (newest_round([announced]), system_in_force([])) == (None, System.UNDECIDED)


@pytest.mark.parametrize(
    ("tournament", "stated", "atomic", "clip", "factor"),
    [
        (CLASSIC, StatedRound(1350, True, (NOTHING, NOTHING)), True, "1", "1"),
        (CLASSIC, StatedRound(1350, None, (NOTHING, NOTHING)), True, "1", "1"),  # its regime is Atomic
        (CLASSIC, StatedRound(1350, False, (NOTHING,)), False, "0.05", None),  # the regime of its system
        (SIGNALS, StatedRound(1400, None, (NOTHING, NOTHING)), False, "0.035", None),
        (SIGNALS, StatedRound(1400, None, (low("0.017"), low("0.035"))), False, "0.017", None),
        (SIGNALS, StatedRound(1400, True, (NOTHING,)), True, "1", "1"),  # moved over since
        (SIGNALS, StatedRound(1100, None, ()), False, "0.017", None),
        (CRYPTO, StatedRound(1300, False, (ONE,)), False, "1", "1"),
        (CLASSIC, StatedRound(1000, None, (low("0.05", "0.4"), low("0.05", "0.3"))), False, "0.05", "0.3"),
        (CLASSIC, StatedRound(1000, None, (low("0.05", "0.4"),), D("0.39")), False, "0.05", "0.39"),
        (CLASSIC, StatedRound(343, None, ()), False, "0.25", "0"),  # a Friday of 2022, not paid
        (CLASSIC, StatedRound(344, None, ()), False, "0.25", None),
        (CLASSIC, StatedRound(473, None, ()), False, "0.25", "0"),
        (CLASSIC, StatedRound(474, None, ()), False, "0.05", None),
        (CLASSIC, StatedRound(100, None, ()), False, None, None),
        (CLASSIC, StatedRound(100, True, ()), True, "1", "1"),
    ],
)
def test_what_is_left_out_follows_from_the_system_and_the_regime(
    tournament: Tournament, stated: StatedRound, atomic: bool, clip: str | None, factor: str | None
) -> None:
    found = round_payout(tournament, stated)
    expected = tuple(None if text is None else D(text) for text in (clip, factor))
    assert (found.atomic, found.clip, found.factor) == (atomic, *expected)
