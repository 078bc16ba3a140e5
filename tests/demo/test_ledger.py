"""Payouts by hand, positions over the regimes, and what the API shows of them."""

from __future__ import annotations

from decimal import Decimal
from math import isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.demo import DEMO_NOT_SUBMITTED
from numtui.demo.market.ledger import ATOM, split_payout
from numtui.demo.market.market import Market
from numtui.model import Tournament

from .conftest import FRIDAY, Client

WEIGHTS = (Decimal("0.75"), Decimal("2.25"))


def test_a_worked_example() -> None:
    scores = (Decimal("0.02"), Decimal("0.004"))
    parts = split_payout(Decimal(100), Decimal("0.5"), WEIGHTS, scores, Decimal("0.05"))
    assert parts == (Decimal("0.75"), Decimal("0.45"))


def test_a_clipped_example_keeps_the_proportions() -> None:
    scores = (Decimal("0.1"), Decimal("0.1"))
    parts = split_payout(Decimal(100), Decimal(1), (Decimal(1), Decimal(3)), scores, Decimal("0.05"))
    assert parts == (Decimal("1.25"), Decimal("3.75"))


stakes = st.decimals("0", "100000", places=18)
factors = st.decimals("0", "1", places=6)
values = st.decimals("-0.2", "0.2", places=8)


@given(stakes, factors, values, values, st.sampled_from(["0.05", "0.25", "1"]))
def test_parts_sum_to_the_clipped_payout(at_risk: Decimal, factor: Decimal, a: Decimal, b: Decimal, clip: str) -> None:
    limit = Decimal(clip)
    parts = split_payout(at_risk, factor, WEIGHTS, (a, b), limit)
    share = factor * (WEIGHTS[0] * a + WEIGHTS[1] * b)
    assert sum(parts) == (at_risk * max(-limit, min(limit, share))).quantize(ATOM)


PERFORMANCES = """query($id: ID!, $t: Int, $days: Boolean = false) {
  v2RoundModelPerformances(modelId: $id, tournament: $t) {
  roundNumber atRisk roundPayoutFactor roundResolved roundResolveTime submissionId
  payoutMultipliers { displayName multiplier }
  submissionScores { displayName version day value payoutPending payoutSettled }
  intraRoundSubmissionScores @include(if: $days) { displayName day value percentile payoutPending payoutSettled } } }"""


def _performances(
    client: Client, market: Market, tournament: Tournament, name: str, days: bool = False
) -> list[dict[str, Any]]:
    model = market.model(tournament, name)
    data = client.data(PERFORMANCES, id=model.id, t=int(tournament), days=days)
    found: list[dict[str, Any]] = data["v2RoundModelPerformances"]
    return found


@pytest.mark.parametrize("tournament", list(Tournament))
def test_rows_of_payouts_sum_to_the_rounds_payout(client: Client, market: Market, tournament: Tournament) -> None:
    name = market.account_models_of(tournament)[0].name
    rows = _performances(client, market, tournament, name)
    assert [row["roundNumber"] for row in rows] == sorted((row["roundNumber"] for row in rows), reverse=True)
    paid = 0
    for row in rows:
        terms = market.terms(tournament, row["roundNumber"])
        if not row["submissionScores"]:
            continue
        multipliers = {m["displayName"]: Decimal(str(m["multiplier"])) for m in row["payoutMultipliers"]}
        values = {s["displayName"]: Decimal(repr(s["value"])) for s in row["submissionScores"]}
        share = Decimal(row["roundPayoutFactor"]) * sum(m * values[name] for name, m in multipliers.items())
        expected = (Decimal(row["atRisk"]) * max(-terms.clip, min(terms.clip, share))).quantize(ATOM)
        for kind in ("payoutPending", "payoutSettled"):
            given_ = [Decimal(s[kind]) for s in row["submissionScores"] if s[kind] is not None]
            if kind == "payoutPending" or row["roundResolved"]:
                assert sum(given_) == expected
                assert len(given_) == len(multipliers)
            else:
                assert given_ == []
        paid += expected != 0
    assert paid > 50


def test_day_rows_are_the_markets_paths(client: Client, market: Market) -> None:
    name = "demo_anchor"
    rows = _performances(client, market, Tournament.CLASSIC, name, days=True)
    numbers = [row["roundNumber"] for row in rows]
    for display in ("mmc60", "bmc", "canon_corr"):
        paths = market.paths(8, display, [name], range(numbers[-1], numbers[0] + 1))[0]
        for row in rows:
            served = {s["day"]: s["value"] for s in row["intraRoundSubmissionScores"] if s["displayName"] == display}
            known = paths[row["roundNumber"] - numbers[-1]]
            assert served == {day: value for day, value in enumerate(known.tolist(), 1) if not isnan(value)}


def test_history_spans_the_regimes(client: Client, market: Market) -> None:
    rows = _performances(client, market, Tournament.CLASSIC, "demo_breeze", days=True)
    by_number = {row["roundNumber"]: row for row in rows}
    assert len(rows) > 780
    assert {m["displayName"] for m in by_number[640]["payoutMultipliers"]} == {"v2_corr20", "tc"}
    assert {m["displayName"] for m in by_number[700]["payoutMultipliers"]} == {"v2_corr20", "mmc"}
    assert {m["displayName"] for m in by_number[1380]["payoutMultipliers"]} == {"corr60", "mmc60"}
    days = {s["day"] for s in by_number[1300]["intraRoundSubmissionScores"] if s["displayName"] == "corr60"}
    assert days == set(range(1, 61))


def test_nothing_at_risk_without_a_submission(client: Client, market: Market) -> None:
    rows = _performances(client, market, Tournament.CLASSIC, DEMO_NOT_SUBMITTED)
    assert rows[0]["roundNumber"] == 1403
    assert (rows[0]["submissionId"], rows[0]["atRisk"]) == (None, "0E-18")
    missed = [row for row in rows if row["submissionId"] is None]
    assert 5 < len(missed) < 40
    assert all(row["atRisk"] == "0E-18" and row["submissionScores"] == [] for row in missed)


def test_factors_are_unknown_until_the_first_score_and_agree_within_a_percent(client: Client, market: Market) -> None:
    rows = {row["roundNumber"]: row for row in _performances(client, market, Tournament.SIGNALS, "demo_signal_a")}
    found = client.data("{rounds(tournament: 11) {number payoutFactor roundScoreConfigs {isPayout payoutFactor}}}")
    unknown = 0
    for each in found["rounds"]:
        configs = [c["payoutFactor"] for c in each["roundScoreConfigs"] if c["isPayout"]]
        factor = rows[each["number"]]["roundPayoutFactor"]
        assert factor == each["payoutFactor"]
        if factor is None:
            unknown += 1
            assert set(configs) == {None}
        else:
            assert configs == pytest.approx([float(factor)] * len(configs), rel=0.01)
    assert 2 <= unknown <= 5
    newest = client.data("{rounds(tournament: 8, limit: 1) {payoutFactor}}")["rounds"][0]
    assert newest["payoutFactor"] == "1"


def test_pending_and_settled_payouts(client: Client, market: Market) -> None:
    entries = "actual {roundNumber} pending {roundNumber modelName payoutNmr}"
    found = client.data(f"{{pendingModelPayouts(tournament: 8) {{{entries}}}}}")
    pending = found["pendingModelPayouts"]["pending"]
    model = market.model(8, "demo_grove")
    positions = {p.number: p for p in market.ledger.positions(model)}
    mine = {row["roundNumber"]: Decimal(row["payoutNmr"]) for row in pending if row["modelName"] == model.name}
    scored = max(number for number in positions if market.times(8, number).score <= FRIDAY)
    newest = range(scored - 29, scored + 1)  # the service tells about 30 rounds, of some 60 that are unresolved
    assert mine == {n: p.payout() for n, p in positions.items() if p.days and not p.resolved and n in newest}
    assert len(mine) == sum(positions[number].submitted for number in newest) > 25
    assert found["pendingModelPayouts"]["actual"] == []  # no 60-day round has resolved yet
