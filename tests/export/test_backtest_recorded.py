"""Backtests of recorded scores through the command line, against figures that were worked out elsewhere."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from numtui.cli.main import main
from numtui.store.database import open_writer
from numtui.store.writes.rounds import score_ids
from tests.recorded import load_recorded

RANGE = ("--rounds", "843..1100")
GRID = ("--grid", "canon_corr=0,0.5,1", "--grid", "canon_mmc=0..3:0.5")
CELL = ("--grid", "canon_corr=0.75", "--grid", "canon_mmc=2.25")
MONEY = ("--stake", "10000", "--payout-factor", "0.10", "--clip", "0.05")
PLAIN = ("--payout-factor", "1", "--clip", "1")


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[str, ...]]:
    data = Path(__file__).parents[3] / "shared" / "data"
    if not data.is_dir():
        pytest.skip("the recorded scores are not here")
    db = tmp_path_factory.mktemp("recorded") / "cache.db"
    return db, tuple(load_recorded(data / "classic_scores_843_1100.csv", db))


def run(recorded: tuple[Path, tuple[str, ...]], table: str, *options: str) -> Result:
    db, models = recorded
    words = ["--db", str(db), "export", table, "--offline", "--models", ",".join(models), *options]
    return CliRunner().invoke(main, words)


def rows(recorded: tuple[Path, tuple[str, ...]], table: str, *options: str) -> list[dict[str, str]]:
    result = run(recorded, table, *options)
    assert result.exit_code == 0, result.stderr
    return list(csv.DictReader(io.StringIO(result.stdout)))


def close(result: str, expected: str) -> bool:
    return math.isclose(float(result), float(expected), rel_tol=1e-9, abs_tol=1e-9)


def expected_rows(shared_data: Path, name: str) -> list[dict[str, str]]:
    with (shared_data / name).open(newline="") as file:
        return list(csv.DictReader(file))


def test_grid(recorded: Any, shared_data: Path) -> None:
    result = {
        (r["model"], r["canon_corr"], r["canon_mmc"]): r for r in rows(recorded, "backtest", *MONEY, *GRID, *RANGE)
    }
    expected = expected_rows(shared_data, "expected_grid_10000_0.10_0.05.csv")
    assert len(result) == len(expected) == 240
    for row in expected:
        got = result[row["model"], row["canon_corr"], row["canon_mmc"]]
        assert all(close(got[name], row[name]) for name in ("rounds", "total", "average")), row
        assert int(got["rounds"]) + int(got["skipped"]) == 258


def test_ranks_are_those_of_the_totals(recorded: Any) -> None:
    result = rows(recorded, "backtest", *MONEY, *GRID, *RANGE)
    for model in recorded[1]:
        of = [row for row in result if row["model"] == model]
        in_order = sorted(of, key=lambda row: int(row["rank"]))
        totals = [float(row["total"]) for row in in_order]
        assert totals == sorted(totals, reverse=True)
        assert in_order[0]["rank"] == "1"


def test_one_cell_has_the_risk_figures(recorded: Any, shared_data: Path) -> None:
    expected = {row["model"]: row for row in expected_rows(shared_data, "expected_risk_0.75_2.25.csv")}
    single = rows(recorded, "backtest", *PLAIN, *CELL, *RANGE)
    assert {row["model"] for row in single} == set(expected)
    shared = set(single[0]) & set(next(iter(expected.values()))) - {"model"}
    assert shared == {"rounds", "std", "sharpe", "sortino", "max_drawdown", "cvar_5", "burn_rate", "worst_20"}
    for row in single:
        assert all(close(row[name], expected[row["model"]][name]) for name in shared), row["model"]
        assert close(row["average"], expected[row["model"]]["mean"])


def test_risk(recorded: Any, shared_data: Path) -> None:
    result = rows(recorded, "risk", *PLAIN, *CELL, *RANGE)
    expected = {row["model"]: row for row in expected_rows(shared_data, "expected_risk_0.75_2.25.csv")}
    more = "mean_p05 mean_p95 sharpe_p05 sharpe_p95 drawdown_rounds recovery_rounds earn_burn longest_burn "
    more += "effective_rounds total_nmr downside_beta burn_together burn_with tournament"
    assert [*result[0]] == [*next(iter(expected.values())), *more.split()]
    for row in result:
        for name, value in expected[row["model"]].items():
            assert name == "model" or close(row[name], value), (row["model"], name)


def test_the_columns_of_the_table(recorded: Any) -> None:
    result = rows(recorded, "backtest", *PLAIN, *CELL, *RANGE)
    figures = "rounds skipped total average average_p05 average_p95 std sharpe sharpe_p05 sharpe_p95 sortino"
    more = "max_drawdown cvar_5 burn_rate worst_20 per_risk proportions rank tournament"
    assert [*result[0]] == ["model", "canon_corr", "canon_mmc", *figures.split(), *more.split()]
    for row in result:
        assert row["proportions"] == "1:3"
        assert close(row["per_risk"], str(float(row["average"]) / -float(row["cvar_5"])))
        for name in ("average", "sharpe"):
            if int(row["rounds"]) < 6 * 24:
                assert row[f"{name}_p05"] == row[f"{name}_p95"] == ""
            else:
                assert float(row[f"{name}_p05"]) < float(row[name]) < float(row[f"{name}_p95"])


def test_amounts_are_texts_in_json_and_ratios_numbers(recorded: Any) -> None:
    result = json.loads(run(recorded, "backtest", *PLAIN, *CELL, *RANGE, "--format", "json").stdout)
    assert isinstance(result[0]["total"], str)
    assert isinstance(result[0]["sharpe"], float)
    assert result[0]["canon_corr"] == 0.75


def test_short_ranges_are_thin(recorded: Any) -> None:
    result = run(recorded, "backtest", *PLAIN, *CELL, "--rounds", "1000..1100")
    assert "thin" in result.stderr
    assert all(row["average_p05"] == "" for row in csv.DictReader(io.StringIO(result.stdout)))


def test_matched_rounds_are_those_that_all_models_have(recorded: Any, shared_data: Path) -> None:
    scores = expected_rows(shared_data, "classic_scores_843_1100.csv")
    have = [
        {row["round"] for row in scores if row["model"] == model and row["canon_corr"] and row["canon_mmc"]}
        for model in recorded[1]
    ]
    result = rows(recorded, "backtest", *PLAIN, *CELL, *RANGE, "--matched")
    assert {int(row["rounds"]) for row in result} == {len(set.intersection(*have))}


def test_ratios_rank_multiples_alike_and_say_that_size_is_leverage(recorded: Any) -> None:
    """Twice the multipliers are twice the average and the same Sharpe, as long as no clip bites."""
    multiples = ("--grid", "canon_mmc=0.5,1,2", *RANGE, *PLAIN)
    by_average = run(recorded, "backtest", *multiples)
    assert "all cells of this grid are multiples of one another" in by_average.stderr
    assert "is only the largest of its proportions" in by_average.stderr
    for mode in ("sharpe", "per_risk"):
        result = rows(recorded, "backtest", *multiples, "--mode", mode)
        assert {row["rank"] for row in result} == {"1"}
    grid = rows(recorded, "backtest", *PLAIN, *GRID, *RANGE, "--mode", "per_risk")
    for model in recorded[1]:
        places: dict[str, set[str]] = {}
        for row in (row for row in grid if row["model"] == model):
            places.setdefault(row["proportions"], set()).add(row["rank"])
        assert all(len(ranks) == 1 for ranks in places.values())
        best = max((row for row in grid if row["model"] == model), key=lambda row: float(row["per_risk"]))
        assert best["rank"] == "1"


def test_models_are_ranked_on_the_rounds_that_they_share(recorded: Any) -> None:
    result = rows(recorded, "ranking", *PLAIN, *CELL, *RANGE)
    counts = {row["model"]: int(row["rounds"]) for row in result}
    compared = [row for row in result if row["rank"]]
    most = max(counts.values())
    assert {row["model"] for row in compared} == {model for model, count in counts.items() if count >= most / 2}
    averages = [float(row["matched_average"]) for row in compared]
    assert averages == sorted(averages, reverse=True)
    assert len({row["matched_rounds"] for row in compared}) == 1
    names = ",".join(row["model"] for row in compared)
    matched = rows((recorded[0], (names,)), "backtest", *PLAIN, *CELL, *RANGE, "--matched")
    own = {row["model"]: row["average"] for row in matched}
    assert all(close(row["matched_average"], own[row["model"]]) for row in compared)
    for place, row in enumerate(compared, start=1):
        assert int(row["rank_p05"]) <= place <= int(row["rank_p95"])
        distance = averages[0] - float(row["matched_average"])
        assert math.isclose(float(row["behind"]), distance, abs_tol=1e-12)
        assert float(row["behind_p05"]) <= distance + 1e-12
    by_total = rows(recorded, "ranking", *PLAIN, *CELL, *RANGE, "--mode", "total")
    totals = [float(row["total"]) for row in by_total]
    assert totals == sorted(totals, reverse=True)


def test_average_mode_ranks_by_the_average(recorded: Any) -> None:
    result = rows(recorded, "backtest", *MONEY, *GRID, *RANGE, "--mode", "average")
    best = {row["model"]: float(row["average"]) for row in result if row["rank"] == "1"}
    for row in result:
        assert float(row["average"]) <= best[row["model"]]


@pytest.mark.parametrize("system", ["v2", "v3"])
def test_compounding(recorded: Any, system: str) -> None:
    flat = rows(recorded, "backtest", *MONEY, *CELL, *RANGE)
    grown = rows(recorded, "backtest", *MONEY, *CELL, *RANGE, "--compound", system)
    for one, other in zip(flat, grown, strict=True):
        assert other["total"] != one["total"]
        assert (float(other["total"]) > 0) == (float(one["total"]) > 0)
        assert other["sharpe"] == one["sharpe"]
        assert other["average_p05"] == ""
        assert (other["sharpe_p05"], other["sharpe_p95"]) == (one["sharpe_p05"], one["sharpe_p95"])
        if system == "v3":  # a round holds a 64th of the stake
            assert abs(float(other["total"])) < abs(float(one["total"]))


def test_a_name_that_is_no_score_lists_those_there_are(recorded: Any) -> None:
    result = run(recorded, "backtest", *PLAIN, *RANGE, "--grid", "tc=1")
    assert result.exit_code == 2
    assert "'tc'" in result.stderr
    assert "canon_corr, canon_mmc" in result.stderr


def test_an_epoch_is_a_range(recorded: Any) -> None:
    result = rows(recorded, "backtest", *PLAIN, *CELL, "--epoch", "terms-2024")
    assert result == rows(recorded, "backtest", *PLAIN, *CELL, "--rounds", "650..1171")
    wrong = run(recorded, "backtest", *PLAIN, *CELL, "--epoch", "jurassic")
    assert wrong.exit_code == 2
    assert "terms-2024" in wrong.stderr
    both = run(recorded, "backtest", *PLAIN, *CELL, *RANGE, "--epoch", "daily")
    assert both.exit_code == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--grid", "canon_corr"), "SCORE=V"),
        (("--grid", "canon_corr=0"), "all multipliers are 0"),
        (("--stake", "-3"), "--stake"),
        (("--clip", "wide"), "--clip"),
        (("--terms", "classic-1999"), "classic-2024"),
        (("--terms", "signals-2024"), "signals"),
        (("--terms", "classic-2026"), "v2_corr20"),
    ],
)
def test_what_is_wrong_is_said(recorded: Any, words: tuple[str, ...], said: str) -> None:
    result = run(recorded, "backtest", *RANGE, *words)
    assert result.exit_code == 2, result.output
    assert said in result.stderr


def test_risk_is_about_one_cell(recorded: Any) -> None:
    result = run(recorded, "risk", *PLAIN, *GRID, *RANGE)
    assert result.exit_code == 2
    assert "one cell" in result.stderr


def test_a_name_with_two_versions_must_say_which(recorded: Any, tmp_path: Path, shared_data: Path) -> None:
    db = tmp_path / "versions.db"
    names = load_recorded(shared_data / "classic_scores_843_1100.csv", db)
    connection = open_writer(db)
    old = score_ids(connection, [("canon_mmc", "v4")])["canon_mmc", "v4"]
    new = score_ids(connection, [("canon_mmc", "v5")])["canon_mmc", "v5"]
    connection.execute("UPDATE latest SET score = ? WHERE score = ? AND round >= 1000", (new, old))
    connection.close()
    two = (db, tuple(names))
    result = run(two, "backtest", *PLAIN, *CELL, *RANGE)
    assert result.exit_code == 2
    assert "canon_mmc@v4 or canon_mmc@v5" in result.stderr
    named = rows(two, "backtest", *PLAIN, "--grid", "canon_mmc@v5=2", *RANGE)
    assert {row["canon_mmc@v5"] for row in named} == {"2"}
    assert max(int(row["rounds"]) for row in named) == 101
    rows(two, "backtest", *PLAIN, *CELL, "--rounds", "1000..1100")
