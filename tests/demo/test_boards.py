"""Leaderboards, round details and profiles agree with the market's arrays."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from numtui.demo import DEMO_ACCOUNT, DEMO_WATCHED
from numtui.demo.market import calendar
from numtui.demo.market.market import Market
from numtui.model import Tournament

from .conftest import FRIDAY, Client

FIELDS = {
    Tournament.CLASSIC: ("v2Leaderboard", "mmcRep", "mmc", 20),
    Tournament.SIGNALS: ("signalsLeaderboard", "alphaRep", "alpha", 60),
    Tournament.CRYPTO: ("cryptosignalsLeaderboard", "mmcRep", "mmc", 20),
}


@pytest.mark.parametrize("tournament", list(Tournament))
def test_a_reputation_is_the_mean_of_a_years_final_scores(
    client: Client, market: Market, tournament: Tournament
) -> None:
    field, column, display, days = FIELDS[tournament]
    rows = client.data(f"{{{field} {{username rank {column}}}}}")[field]
    assert len(rows) == market.arena(tournament).population.size
    through = calendar.newest_run(FRIDAY) - days + 1 - calendar.SCORE_LAG - calendar.OFFSET
    year = range(through - 259, through + 1)
    names = [row["username"] for row in rows]
    finals = market.finals(tournament, display, names, year)
    for row, series in zip(rows, finals, strict=True):
        known = series[~np.isnan(series)]
        if len(known) == 0:
            assert row[column] is None
        else:
            assert row[column] == pytest.approx(known.mean(), abs=2e-8)


def test_ranks_follow_the_payout_scores(client: Client) -> None:
    rows = client.data("{v2Leaderboard {rank corr60Rep mmc60Rep isActive rankChange1d}}")["v2Leaderboard"]
    ranked = [row for row in rows if row["rank"] is not None]
    assert [row["rank"] for row in ranked] == list(range(1, len(ranked) + 1))
    assert rows[: len(ranked)] == ranked
    keys = [3 * row["corr60Rep"] + 15 * row["mmc60Rep"] for row in ranked]
    assert keys == sorted(keys, reverse=True)
    assert all(row["isActive"] for row in ranked)
    assert {row["rankChange1d"] for row in ranked} != {0}


def test_pages_orders_and_filters(client: Client) -> None:
    everything = client.data("{v2Leaderboard {username nmrStaked}}")["v2Leaderboard"]
    page = client.data("{v2Leaderboard(limit: 7, offset: 3) {username nmrStaked}}")["v2Leaderboard"]
    assert page == everything[3:10]
    by_stake = client.data('{v2Leaderboard(orderBy: "nmr_staked", direction: "desc") {nmrStaked}}')["v2Leaderboard"]
    stakes = [Decimal(row["nmrStaked"]) for row in by_stake]
    assert stakes == sorted(stakes, reverse=True)
    demo = client.data('{v2Leaderboard(filterBy: "demo_") {username}}')["v2Leaderboard"]
    assert len(demo) == 7
    assert client.error('{v2Leaderboard(orderBy: "luck") {rank}}') == "Cannot order by 'luck'"


def test_returns_are_the_sum_of_the_rounds_returns(client: Client, market: Market) -> None:
    rows = client.data('{cryptosignalsLeaderboard(filterBy: "demo_") {username return_13_weeks}}')
    run = calendar.newest_run(FRIDAY)
    for row in rows["cryptosignalsLeaderboard"]:
        model = market.model(12, row["username"])
        expected = 0.0
        for position in market.ledger.positions(model):
            last = market.times(12, position.number).first_score_index + position.terms.days - 1
            payout = position.payout()
            if run - 64 <= last <= run and payout is not None and position.at_risk:
                expected += float(payout / position.at_risk) / market.arena(12).shares(position.number)
        assert row["return_13_weeks"] == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("tournament", list(Tournament))
def test_accounts_gather_their_models(client: Client, market: Market, tournament: Tournament) -> None:
    query = "query($t: Int) {accountLeaderboard(tournament: $t, limit: 10000) {username rank nmrStaked team}}"
    accounts = {row["username"]: row for row in client.data(query, t=int(tournament))["accountLeaderboard"]}
    field = FIELDS[tournament][0]
    staked: dict[str, Decimal] = {}
    owners = dict(
        zip(market.arena(tournament).population.names, market.arena(tournament).population.accounts, strict=True)
    )
    for row in client.data(f"{{{field} {{username nmrStaked}}}}")[field]:
        staked[owners[row["username"]]] = staked.get(owners[row["username"]], Decimal(0)) + Decimal(row["nmrStaked"])
    assert {name: Decimal(row["nmrStaked"]) for name, row in accounts.items()} == staked
    assert accounts["numerai"]["team"]
    fields = "totalStake models {displayName stake}"
    query = f'query($t: Int) {{accountProfile(username: "{DEMO_ACCOUNT}", tournament: $t) {{{fields}}}}}'
    profile = client.data(query, t=int(tournament))["accountProfile"]
    assert Decimal(profile["totalStake"]) == staked[DEMO_ACCOUNT]
    assert [m["displayName"] for m in profile["models"]] == [m.name for m in market.account_models_of(tournament)]


def test_watched_models_exist_in_a_full_market() -> None:
    market = Market(seed=0, now=FRIDAY)
    population = market.arena(8).population
    assert population.size == 15_000
    assert set(DEMO_WATCHED) <= set(population.names)
    assert len(set(population.names)) == len(set(population.ids)) == 15_000
    assert market.arena(11).population.size == 2_000
    assert market.arena(12).population.size == 500


DETAILS = """query($t: Int!, $n: Int!) {roundDetails(tournament: $t, roundNumber: $n) {
  totalAtStake totalPayout totalEarned totalBurned totalStakes totalSubmitted payoutFactor roundResolved
  models {id modelName selectedStakeValue payoutPending payoutSettled mmc mmcPercentile mmc_60 corr60Percentile}
  allHistogramData {counts} stakedHistogramData {counts}}}"""


@pytest.mark.parametrize(("number", "resolved"), [(1320, True), (1380, False)])
def test_details_of_a_round_agree_with_single_models(
    client: Client, market: Market, number: int, resolved: bool
) -> None:
    details = client.data(DETAILS, t=8, n=number)["roundDetails"]
    models: dict[str, Any] = {row["modelName"]: row for row in details["models"]}
    assert details["roundResolved"] == resolved
    assert details["totalSubmitted"] == len(models) == sum(details["allHistogramData"]["counts"])
    assert details["totalStakes"] == sum(details["stakedHistogramData"]["counts"])
    total = sum(Decimal(row["selectedStakeValue"]) for row in models.values())
    assert details["totalAtStake"] == pytest.approx(float(total))
    payouts = [Decimal(row["payoutPending"]) for row in models.values()]
    assert details["totalPayout"] == pytest.approx(float(sum(payouts)))
    assert details["totalEarned"] - details["totalBurned"] == pytest.approx(details["totalPayout"])
    field = [row["modelName"] for row in models.values() if not row["modelName"].startswith("demo_")]
    for name in ["demo_anchor", "demo_breeze", *field[:5], *field[-5:]]:
        if name not in models:
            continue
        row, model = models[name], market.model(8, name)
        position = next(p for p in market.ledger.positions(model) if p.number == number)
        assert Decimal(row["selectedStakeValue"]) == position.at_risk
        assert Decimal(row["payoutPending"]) == (position.payout() or 0)
        assert (row["payoutSettled"] is not None) == resolved
        assert row["mmc"] == market.finals(8, "mmc", [name], range(number, number + 1))[0, 0]
        assert row["mmc_60"] == market.finals(8, "mmc60", [name], range(number, number + 1))[0, 0]
        path = market.score_paths(model, "corr60", range(number, number + 1))[0].percentiles[0]
        assert row["corr60Percentile"] == path[~np.isnan(path)][-1]


def test_profiles(client: Client, market: Market) -> None:
    query = """{v3UserProfile(modelName: "demo_flint") {
      id stakeValue nmrStaked latestReps {corr60 alpha} latestReturns {oneYear oneYearNmr}
      latestSubmissionScores {roundNumber displayName day} dailyModelPerformances {date mmcRep mmcRank}}}"""
    profile = client.data(query)["v3UserProfile"]
    board = client.data('{v2Leaderboard(filterBy: "demo_flint") {id corr60Rep return_52_weeks nmrStaked}}')
    row = board["v2Leaderboard"][0]
    assert (profile["id"], profile["nmrStaked"]) == (row["id"], row["nmrStaked"])
    assert profile["latestReps"] == {"corr60": row["corr60Rep"], "alpha": None}
    assert profile["latestReturns"]["oneYear"] == pytest.approx(row["return_52_weeks"], abs=1e-8)
    model = market.model(8, "demo_flint")
    pending = sum(p.payout() or 0 for p in market.ledger.positions(model) if not p.resolved)
    assert Decimal(profile["stakeValue"].replace(",", "")) == Decimal(profile["nmrStaked"]) + pending
    assert len({(s["roundNumber"], s["displayName"]) for s in profile["latestSubmissionScores"]}) == len(
        profile["latestSubmissionScores"]
    )
    assert profile["dailyModelPerformances"][0]["mmcRank"] > 0
