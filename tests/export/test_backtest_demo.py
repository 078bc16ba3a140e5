"""Backtests of the simulated tournament: its settled payouts come out exactly, in every regime it has had."""

from __future__ import annotations

import csv
import io
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from numtui import demo
from numtui.cli.main import main
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.demo.market.market import Market
from numtui.demo.server.server import DemoServer
from numtui.model import Tournament
from numtui.reports.payout_check import check_payouts
from numtui.store.database import open_reader
from tests.poller.site import NOW, Hands, Site

pytestmark = pytest.mark.xdist_group("long history")
FIRST = {Tournament.CLASSIC: 224, Tournament.SIGNALS: 474, Tournament.CRYPTO: 765}


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache with every round since the first, of two Classic models and one of each other tournament."""
    clock = Hands(NOW)
    market = Market(clock=clock, models=60, rounds=1180, account_models=4)
    with DemoServer(market) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv(PUBLIC_ID, demo.DEMO_PUBLIC)
        patch.setenv(SECRET_KEY, demo.DEMO_SECRET)
        site = Site(server, Path(tmp_path_factory.mktemp("history")), clock)
        settings = site.settings()
        assert site.poll(settings) == 0, site.said
        yield settings.db


def run(db: Path, table: str, *options: str, tournament: str = "classic") -> Result:
    words = ["--db", str(db), "--tournament", tournament, "export", table, "--offline", "--mine", *options]
    return CliRunner().invoke(main, words)


def rows(db: Path, table: str, *options: str, tournament: str = "classic") -> list[dict[str, str]]:
    result = run(db, table, *options, tournament=tournament)
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def settled(db: Path, tournament: Tournament) -> dict[tuple[str, int], tuple[Decimal, Decimal]]:
    """At risk and settled payout of every position that has one."""
    sql = """SELECT m.name, p.round, p.at_risk, dsum(l.payout_settled) FROM positions p JOIN models m USING (model)
      JOIN latest l ON l.model = p.model AND l.round = p.round AND l.payout_settled IS NOT NULL
      WHERE m.tournament = ? GROUP BY 1, 2"""
    with closing(open_reader(db)) as connection:
        return {(m, n): (Decimal(a), Decimal(p)) for m, n, a, p in connection.execute(sql, (int(tournament),))}


@pytest.mark.parametrize("tournament", list(Tournament))
def test_every_settled_payout_comes_out(history: Path, tournament: Tournament) -> None:
    known = settled(history, tournament)
    with closing(open_reader(history)) as connection:
        check = check_payouts(connection, tournament)
    assert check.differences == ()
    assert check.unknown == 0
    assert check.positions == len(known) > 500
    assert min(number for _, number in known) <= FIRST[tournament] + 5
    assert any(payout < 0 for _, payout in known.values())


def test_a_payout_that_differs_is_reported(history: Path, tmp_path: Path) -> None:
    db = tmp_path / "spoilt.db"
    shutil.copy(history, db)
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("DELETE FROM payouts")
        model, number = connection.execute(
            """SELECT l.model, l.round FROM latest l JOIN models m USING (model)
            WHERE m.tournament = 8 AND l.payout_settled IS NOT NULL AND l.round = 1200 LIMIT 1"""
        ).fetchone()
        connection.execute("UPDATE latest SET payout_settled = '0.5' WHERE model = ? AND round = ?", (model, number))
        connection.commit()
    with closing(open_reader(db)) as connection:
        check = check_payouts(connection, Tournament.CLASSIC)
    assert [one.round for one in check.differences] == [1200]
    result = run(db, "backtest", "--terms", "actual")
    assert "1 of" in result.stderr
    assert "round 1200" in result.stderr


@pytest.mark.parametrize("tournament", [Tournament.CLASSIC, Tournament.SIGNALS])
def test_terms_of_each_round_earn_what_was_paid(history: Path, tournament: Tournament) -> None:
    """A stake of 1 NMR a round earns the sum of payout / at risk; rounds without a stake count too."""
    known = settled(history, tournament)
    for row in rows(history, "backtest", tournament=tournament.label):
        pairs = {number: pair for (model, number), pair in known.items() if model == row["model"]}
        rounds = f"{min(pairs)}..{max(pairs)}"
        of = rows(history, "backtest", "--rounds", rounds, "--models", row["model"], tournament=tournament.label)
        staked = [payout / at_risk for at_risk, payout in pairs.values() if at_risk]
        assert int(of[0]["rounds"]) >= len(staked)
        if int(of[0]["rounds"]) == len(staked):
            assert abs(Decimal(of[0]["total"]) - sum(staked)) < Decimal("1e-9")


def test_rounds_without_configuration_use_the_table_of_terms(history: Path, tmp_path: Path) -> None:
    rounds = ("--rounds", "650..1171")
    before = rows(history, "backtest", *rounds)
    db = tmp_path / "bare.db"
    shutil.copy(history, db)
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("DELETE FROM score_configs WHERE tournament = 8 AND round BETWEEN 700 AND 900")
        connection.commit()
    after = run(db, "backtest", *rounds)
    assert "terms by the round's number" in after.stderr
    assert [row["total"] for row in csv.DictReader(io.StringIO(after.stdout))] == [row["total"] for row in before]


def test_a_preset_is_a_cell_or_a_grid(history: Path) -> None:
    rounds = ("--rounds", "700..900")
    fixed = rows(history, "backtest", *rounds, "--terms", "classic-2024")
    assert {(row["v2_corr20"], row["mmc"]) for row in fixed} == {("0.5", "2")}
    actual = rows(history, "backtest", *rounds)
    assert [row["total"] for row in fixed] == [row["total"] for row in actual]
    selection = rows(history, "backtest", "--rounds", "500..580", "--terms", "classic-2023-tc")
    assert len(selection) == len(fixed) * (3 * 7 - 1)
    bound = rows(history, "backtest", "--rounds", "500..580", "--terms", "classic-2023-10")
    assert {row["v2_corr20"] for row in bound if float(row["tc"])} == {"2"}


def test_ranking_holds_the_actual_choice_against_the_grid(history: Path) -> None:
    grid = ("--rounds", "700..1100", "--grid", "v2_corr20=0,0.5,1", "--grid", "mmc=0,1,2")
    cells = rows(history, "backtest", *grid)
    ranking = rows(history, "ranking", *grid)
    assert [int(row["rank"]) for row in ranking] == [1, 2]
    for row in ranking:
        of = {(c["v2_corr20"], c["mmc"]): c for c in cells if c["model"] == row["model"]}
        best = max(of.values(), key=lambda cell: float(cell["total"]))
        assert (row["best_v2_corr20"], row["best_mmc"]) == (best["v2_corr20"], best["mmc"])
        assert row["total"] == best["total"]
        assert row["actual_rank"] == of["0.5", "2"]["rank"]
        assert row["cells"] == "8"
        assert 0 < float(row["best_share"]) <= 1
        assert row["common_rank"] == of[row["common_v2_corr20"], row["common_mmc"]]["rank"]


def test_walk_forward(history: Path) -> None:
    grid = ("--grid", "v2_corr20=0,0.5,1", "--grid", "mmc=0,1,2", "--rounds", "600..1300")
    result = rows(history, "backtest", "--predictive", *grid)
    whole = {row["choice"]: row for row in result if not row["window"]}
    assert {name: row["options"] for name, row in whole.items()} == {"models": "2", "cells": "8", "both": "16"}
    folds = [row for row in result if row["choice"] == "cells" and row["window"]]
    mean = sum(float(row["rank_correlation"]) for row in folds) / len(folds)
    assert abs(mean - float(whole["cells"]["rank_correlation"])) < 1e-9
    for row in folds:
        assert int(row["choose_last"]) + 24 < int(row["test_first"])
        assert float(row["regret_best"]) >= 0
    assert run(history, "backtest", "--predictive", *grid, "--gap", "5").exit_code == 2
    longer = rows(history, "backtest", "--predictive", *grid, "--length", "200", "--gap", "30")
    assert 0 < len(longer) < len(result)


def test_a_range_that_crosses_a_change_of_definition_says_so(history: Path) -> None:
    grid = ("--grid", "v2_corr20=1", "--grid", "bmc=1")
    assert "bmc has 2 versions" in run(history, "backtest", *grid, "--epoch", "daily").stderr
    result = run(history, "backtest", "--grid", "v2_corr20=1", "--grid", "bmc@v1=1", "--epoch", "daily")
    assert "bmc changes from v1 to v2 with round 1172" in result.stderr


def test_unresolved_rounds_only_on_request(history: Path) -> None:
    without, also = (rows(history, "backtest", "--rounds", "1300..", *more) for more in ((), ("--include-unresolved",)))
    for one, other in zip(without, also, strict=True):
        assert int(one["rounds"]) < int(other["rounds"])


def test_models_without_scores_in_the_range_are_nothing_to_show(history: Path) -> None:
    result = run(history, "backtest", "--rounds", "1..100")
    assert result.exit_code == 4
    assert "no final score" in result.stderr
