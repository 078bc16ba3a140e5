"""What a stake is, which way a change goes, when it is due."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from numtui.analysis.stakes import change_due, missed_earnings, settled_stake, signed_change

D = Decimal
DUE, RESOLVES = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("settled", "stated", "pending", "stake"),
    [
        ("100", "103.5", "3.5", "100"),
        ("0", "103.5", "3.5", "0"),
        (None, "103.5", "3.5", "100"),
        (None, "96.5", "-3.5", "100"),
        (None, "103.5", None, "103.5"),
        (None, None, "3.5", None),
    ],
)
def test_a_stake_is_without_unsettled_earnings(
    settled: str | None, stated: str | None, pending: str | None, stake: str | None
) -> None:
    amounts = [None if text is None else D(text) for text in (settled, stated, pending, stake)]
    assert settled_stake(*amounts[:3]) == amounts[3]


def test_a_release_is_negative_and_leaves_as_the_newest_round_resolves() -> None:
    for kind in ("decrease", "Release", "drain"):
        assert signed_change(kind, D(5)) == signed_change(kind, D(-5)) == D(-5)
    assert signed_change("increase", D(5)) == D(5)
    assert change_due(DUE, D(-5), RESOLVES) == DUE
    assert change_due(None, D(-5), RESOLVES) == RESOLVES
    assert change_due(None, D(5), RESOLVES) is None


def test_what_is_out_misses_its_mean_in_each_round() -> None:
    assert missed_earnings(D("12.5"), 0.002, 10) == D("0.25")
    assert missed_earnings(D("12.5"), -0.002, 10) == D("-0.25"), "a loss spared"
    assert missed_earnings(D("12.5"), 0.002, 0) == 0
