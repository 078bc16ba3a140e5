"""numerapi 3.1.1 itself runs on the simulated API; what it reads is what the market holds."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numerapi import CryptoAPI, NumerAPI, SignalsAPI, base_api

from numtui.demo import DEMO_ACCOUNT, DEMO_PUBLIC, DEMO_SECRET, DEMO_STAKERS, DEMO_WALLET
from numtui.demo.market import calendar
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament

from .conftest import FRIDAY

CLASSES: dict[Tournament, Any] = {
    Tournament.CLASSIC: NumerAPI,
    Tournament.SIGNALS: SignalsAPI,
    Tournament.CRYPTO: CryptoAPI,
}
SAMPLE = {Tournament.CLASSIC: "v2_corr20", Tournament.SIGNALS: "mpc", Tournament.CRYPTO: "canon_corr"}


@pytest.fixture(scope="module")
def _short_server() -> Iterator[DemoServer]:
    with DemoServer(Market(seed=1, now=FRIDAY, models=60, rounds=90)) as running:
        yield running


@pytest.fixture
def server(_short_server: DemoServer) -> DemoServer:
    """Short histories: numerapi takes its time to parse dates."""
    _short_server.log.clear()
    _short_server.market.state.reset()
    return _short_server


@pytest.fixture(params=list(Tournament), ids=lambda t: t.label)
def tournament(request: pytest.FixtureRequest) -> Tournament:
    return Tournament(request.param)


@pytest.fixture
def connect(server: DemoServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)  # numerapi looks for a .env file
    monkeypatch.setattr(base_api, "API_TOURNAMENT_URL", server.url)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@pytest.fixture
def api(connect: None, tournament: Tournament) -> Any:
    return CLASSES[tournament](DEMO_PUBLIC, DEMO_SECRET, verbosity="ERROR")


def test_leaderboards(api: Any, market: Market, tournament: Tournament) -> None:
    rows = api.get_leaderboard(limit=1000)
    names = market.arena(tournament).population.names
    assert {row["username"] for row in rows} == set(names)
    accounts = api.get_account_leaderboard(limit=1000)
    assert any(row["username"] == DEMO_ACCOUNT and row["nmrStaked"] > 0 for row in accounts)


def test_rounds(api: Any, market: Market, tournament: Tournament) -> None:
    rounds = api.list_rounds()
    assert [r["number"] for r in rounds] == list(reversed(market.rounds(tournament)))
    for entry in rounds[::20]:
        times, terms = market.times(tournament, entry["number"]), market.terms(tournament, entry["number"])
        assert (entry["openTime"], entry["resolveTime"]) == (times.open, times.resolve)
        assert [c["displayName"] for c in entry["roundScoreConfigs"]] == [s.display for s in terms.scores]
    statuses = {
        status: {r["number"] for r in api.list_rounds(status=status)} for status in ("open", "resolving", "resolved")
    }
    assert statuses["open"] == {1403}
    assert sum(map(len, statuses.values())) == len(rounds)
    assert [r["number"] for r in api.list_rounds(status="upcoming")] == [1404]
    assert [r["number"] for r in api.list_rounds(number=1380)] == [1380]
    assert len(api.list_rounds(target=rounds[0]["target"], limit=3)) == 3
    assert api.get_current_round() == 1403


def test_submission_scores(api: Any, market: Market, tournament: Tournament) -> None:
    model, display = market.account_models_of(tournament)[0], SAMPLE[tournament]
    numbers = market.rounds(tournament)
    paths = market.paths(tournament, display, [model.name], numbers)[0]
    rows = [row for row in api.submission_scores(model.id, display_name=display) if row["roundNumber"] in numbers]
    served = np.full(paths.shape, np.nan)
    for row in rows:
        served[row["roundNumber"] - numbers.start, row["day"] - 1] = row["value"]
        assert 0 <= row["percentile"] <= 1
        assert row["date"] <= datetime(2026, 11, 20, 13, 30, tzinfo=UTC)
    assert np.array_equal(served, paths, equal_nan=True)
    newest = api.submission_scores(model.id, display_name=display, last_n_rounds=10, distinct_on_round=True)
    assert len(newest) == len({row["roundNumber"] for row in newest}) == 10
    assert {row["day"] for row in api.submission_scores(model.id, day=5)} == {5}
    through = api.submission_scores(model.id, display_name=display, resolved=True)
    assert all(row["resolved"] for row in through)
    assert {row["version"] for row in api.submission_scores(model.id, version="v2", last_n_rounds=5)} <= {"v2"}


def test_performances(api: Any, market: Market, tournament: Tournament) -> None:
    model = market.account_models_of(tournament)[0]
    positions = {p.number: p for p in market.ledger.positions(model)}
    for row in api.round_model_performances_v2(model.id):
        position = positions[row["roundNumber"]]
        assert row["atRisk"] == position.at_risk
        assert row["roundResolved"] == position.resolved
        settled = [s["payoutSettled"] for s in row["submissionScores"] if s["payoutSettled"] is not None]
        if position.resolved and position.days:
            assert sum(settled) == position.payout()
    days = api.intra_round_scores(model.id)
    assert len(days) == len(positions)
    assert max(len(row["intraRoundSubmissionScores"]) for row in days) > 60


def test_account(api: Any, market: Market, tournament: Tournament) -> None:
    account = api.get_account()
    assert account["username"] == DEMO_ACCOUNT
    assert account["availableNmr"] == market.ledger.available()
    assert "stake" in account["apiTokens"][0]["scopes"]
    own = {model.name: model.id for model in market.account_models_of(tournament)}
    assert api.get_models() == own == api.models_of_account(DEMO_ACCOUNT)
    name, model_id = next(iter(own.items()))
    assert api.modelid_to_modelname(model_id) == name
    profile = api.public_user_profile(name)
    assert (profile["id"], profile["nmrStaked"]) == (model_id, market.ledger.stake(market.model(tournament, name)))
    assert api.stake_get(name) > 0
    assert api.submission_ids(model_id)[0]["insertedAt"]
    assert api.wallet_transactions()[-1]["amount"] == Decimal("1234.5")
    payouts = api.pending_model_payouts()
    assert {row["modelName"] for row in payouts["pending"]} == set(own)


def test_pipeline_and_daily_performances(api: Any, market: Market, tournament: Tournament) -> None:
    status = api.pipeline_status("2026-11-19")
    assert status["isScoringDay"] is True
    assert status["scoredAt"] < status["resolvedAt"]
    assert api.pipeline_status("2026-11-20")["scoredAt"] is None
    assert api.pipeline_status("2026-11-22")["isScoringDay"] is False
    if tournament is Tournament.CLASSIC:  # the Signals one asks for fields that the schema no longer has
        name = market.account_models_of(tournament)[0].name
        newest = calendar.scored_at(calendar.newest_run(market.now()))
        assert api.daily_model_performances(name)[0]["date"] == newest


def test_staking_v3_without_a_tournament_is_refused(api: Any) -> None:
    """These helpers leave out the tournamentId that the service insists on."""
    missing = 'In argument "tournamentId": Expected type "Int!", found null.'
    with pytest.raises(ValueError, match=missing):
        api.v3_stake_config()
    with pytest.raises(ValueError, match=missing):
        api.v3_stake_round(1403)


def test_staking_v3(api: Any, market: Market, tournament: Tournament) -> None:
    model = market.account_models_of(tournament)[0]
    submission = f"{model.id[:23]}-{1403:012x}"
    if tournament is Tournament.SIGNALS:
        with pytest.raises(ValueError, match="Current round not open for staking"):
            api.v3_stake_auth(submission, DEMO_WALLET, max_amount="1.5")
        return
    staker = DEMO_STAKERS[tournament.label]
    authorisation = api.v3_stake_auth(submission, staker, max_amount="1.5")
    assert (authorisation["maxAmount"], authorisation["roundId"]) == (str(15 * 10**17), "1403")
    if tournament is Tournament.CRYPTO:
        claimable = next(p for p in reversed(market.ledger.positions(model)) if p.resolved and p.at_risk)
        claim = api.v3_stake_claim(claimable.number, model.id, staker)
        payout = claimable.payout()
        assert payout is not None
        assert int(claim["payoutAmountWei"]) - int(claim["burnAmountWei"]) == int(payout * 10**18)
        with pytest.raises(ValueError, match="Claim not found"):
            api.v3_stake_claim(claimable.number, model.id, DEMO_WALLET)


def test_stake_changes_through_numerapi(connect: None, server: DemoServer, market: Market) -> None:
    api: Any = CLASSES[Tournament.SIGNALS](DEMO_PUBLIC, DEMO_SECRET, verbosity="ERROR")
    model_id = api.get_models()["demo_signal_a"]
    change = api.stake_increase("1.5", model_id)
    assert (change["requestedAmount"], change["status"], change["type"]) == (Decimal("1.5"), "pending", "increase")
    change = api.stake_decrease(2, model_id)
    assert change["dueDate"] == market.times(11, 1403).resolve
    assert api.get_account()["availableNmr"] == Decimal("1233")
    assert server.log.mutations == 2
    classic: Any = CLASSES[Tournament.CLASSIC](DEMO_PUBLIC, DEMO_SECRET, verbosity="CRITICAL")
    with pytest.raises(ValueError, match="legacy staking is closed"):
        classic.stake_increase(1, classic.get_models()["demo_anchor"])


def test_between_rounds(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with DemoServer(Market(now=datetime(2026, 11, 21, 4, tzinfo=UTC), models=20, rounds=10)) as server:
        monkeypatch.setattr(base_api, "API_TOURNAMENT_URL", server.url)
        api: Any = CLASSES[Tournament.CLASSIC](DEMO_PUBLIC, DEMO_SECRET, verbosity="CRITICAL")
        assert api.check_round_open() is False
        assert api.check_new_round() is False
        with pytest.raises(ValueError, match="Current round not open"):
            api.get_current_round()
