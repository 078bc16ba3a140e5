"""What `export` prints is what the simulation holds, value for value."""

from __future__ import annotations

import json
from contextlib import closing
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from numtui import demo
from numtui.demo.market import calendar
from numtui.demo.market.boards import Boards
from numtui.export import to_text
from numtui.export.tables import TABLES, ReportContext
from numtui.model import Tournament, time_text
from numtui.store.database import open_reader
from numtui.store.queries.selection import Models, Rounds
from tests.export.conftest import Polled
from tests.poller.site import NOW

CLASSIC = Tournament.CLASSIC
ALL = list(Tournament)


def exported(polled: Polled, table: str, tournament: Tournament = CLASSIC, **asked: Any) -> list[dict[str, Any]]:
    ask = ReportContext(tournament=tournament, now=NOW, **asked)
    with closing(open_reader(polled.settings.db)) as connection:
        found = json.loads(to_text(TABLES[table].make(connection, ask), "json"))
    assert isinstance(found, list)
    assert found
    assert {row["tournament"] for row in found} == {tournament.label}
    return found


@pytest.mark.parametrize("tournament", ALL)
def test_leaderboard(polled: Polled, tournament: Tournament) -> None:
    board = Boards(polled.market).of(tournament)
    population = polled.market.arena(tournament).population
    rows = {row["model"]: row for row in exported(polled, "leaderboard", tournament)}
    assert len(rows) == population.size
    scores = {"classic": ("corr60", "mmc60"), "signals": ("alpha", "mpc"), "crypto": ("corr", "mmc")}[tournament.label]
    ranks, staked = board.ranks(), board.staked
    for place in range(population.size):
        info = population.info(place)
        row = rows[info.name]
        assert (row["rank"] or 0) == ranks[place]  # 0: not ranked
        assert Decimal(row["nmr_staked"]) == staked[place]
        assert row["team"] is info.team
        assert row["mine"] is info.mine
        for score in scores:
            expected = board.reputation(score)[place]
            assert row[score] == (None if np.isnan(expected) else float(expected))


def test_accounts_stake_what_their_models_do(polled: Polled) -> None:
    accounts = {row["account"]: Decimal(row["nmr_staked"]) for row in exported(polled, "accounts")}
    board = Boards(polled.market).of(CLASSIC)
    population = polled.market.arena(CLASSIC).population
    expected: dict[str, Decimal] = {}
    for place, stake in enumerate(board.staked):
        owner = population.info(place).account
        expected[owner] = expected.get(owner, Decimal(0)) + stake
    assert accounts == expected


@pytest.mark.parametrize("tournament", ALL)
def test_scores_of_every_day(polled: Polled, tournament: Tournament) -> None:
    model = polled.market.account_models_of(tournament)[0]
    rows = exported(polled, "scores", tournament, models=Models((model.name,)))
    market = polled.market
    labels = sorted({row["score"].partition("@")[0] for row in rows})
    expected = {
        (number, part.spec.version, label, day + 1): (float(part.values[at, day]), float(part.percentiles[at, day]))
        for label in labels
        for part in market.score_paths(model, label)
        for at, number in enumerate(part.rounds)
        for day in range(part.values.shape[1])
        if not np.isnan(part.values[at, day])
    }
    found = {
        (row["round"], row["version"], row["score"].partition("@")[0], row["day"]): (row["value"], row["percentile"])
        for row in rows
    }
    assert found == expected


def test_latest_is_the_newest_day_of_each(polled: Polled) -> None:
    chosen = Models((demo.DEMO_CLASSIC[0],))
    newest: dict[tuple[int, str], dict[str, Any]] = {}
    for row in exported(polled, "scores", models=chosen):
        key = (row["round"], row["score"])
        if key not in newest or row["day"] > newest[key]["day"]:
            newest[key] = row
    latest = exported(polled, "scores", models=chosen, latest=True)
    assert {(row["round"], row["score"]): row["value"] for row in latest} == {
        key: row["value"] for key, row in newest.items()
    }
    assert len(latest) == len(newest)


@pytest.mark.parametrize("tournament", ALL)
def test_rounds(polled: Polled, tournament: Tournament) -> None:
    market = polled.market
    at_risk: dict[int, Decimal] = {}
    for model in market.account_models_of(tournament):
        for position in market.ledger.positions(model):
            at_risk[position.number] = at_risk.get(position.number, Decimal(0)) + position.at_risk
    rows = exported(polled, "rounds", tournament, models=Models(mine=True))
    assert [row["round"] for row in rows] == list(reversed(market.rounds(tournament)))
    for row in rows:
        number = row["round"]
        times = market.times(tournament, number)
        assert row["status"] == times.status(NOW).lower()
        assert row["open_time"] == time_text(times.open)
        assert row["resolve_time"] == time_text(times.resolve)
        assert row["days"] == times.days
        assert row["day"] == times.days_scored(NOW)
        assert Decimal(row["at_risk"] or 0) == at_risk.get(number, 0)


def test_unresolved_and_resolved_split_the_rounds(polled: Polled) -> None:
    every = {row["round"] for row in exported(polled, "rounds")}
    unresolved = {row["round"] for row in exported(polled, "rounds", rounds=Rounds(resolved=False))}
    resolved = {row["round"] for row in exported(polled, "rounds", rounds=Rounds(resolved=True))}
    assert unresolved | resolved == every
    assert not unresolved & resolved
    assert min(unresolved) > max(resolved) - 60


def test_models(polled: Polled) -> None:
    market = polled.market
    rows = {row["model"]: row for row in exported(polled, "models", models=Models(mine=True))}
    assert set(rows) == {model.name for model in market.account_models_of(CLASSIC)}
    newest = calendar.newest_round(NOW)
    for model in market.account_models_of(CLASSIC):
        row = rows[model.name]
        assert Decimal(row["stake"]) == market.ledger.stake(model)
        assert row["submitted"] is market.submitted(model, newest)
        unresolved = [p for p in market.ledger.positions(model) if not p.resolved]
        assert Decimal(row["at_risk"]) == sum((p.at_risk for p in unresolved), Decimal(0))
        pending = [payout for p in unresolved if (payout := p.payout()) is not None]
        assert Decimal(row["pending"] or 0) == sum(pending, Decimal(0))
    assert rows[demo.DEMO_NOT_SUBMITTED]["submitted"] is False


@pytest.mark.parametrize("tournament", ALL)
def test_payouts(polled: Polled, tournament: Tournament) -> None:
    market = polled.market
    expected = {
        (position.number, model.name): (payout, position.resolved)
        for model in market.account_models_of(tournament)
        for position in market.ledger.positions(model)
        if position.at_risk and (payout := position.payout()) is not None
    }
    found = {
        (row["round"], row["model"]): (Decimal(row["payout"]), row["settled"])
        for row in exported(polled, "payouts", tournament)
    }
    assert {key: found[key] for key in expected if key in found} == {
        key: value for key, value in expected.items() if key in found
    }
    assert found
    assert all(found[key][0] == 0 for key in set(found) - set(expected))  # nothing was at risk there


def test_watched_models_are_the_watched_ones(polled: Polled) -> None:
    rows = exported(polled, "models", models=Models(watched=True))
    assert [row["model"] for row in rows] == ["integration_test"]
    assert rows[0]["team"] is True
