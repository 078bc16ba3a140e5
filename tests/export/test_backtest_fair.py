"""What is compared in a backtest is compared fairly: over the same rounds and scores, with honest intervals."""

from __future__ import annotations

import csv
import io
import sqlite3
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from numtui.cli.main import main
from numtui.model import Tournament
from numtui.store.database import open_writer, transaction
from numtui.store.writes.rounds import ConfigRow, RoundRow, put_rounds, score_ids
from numtui.store.writes.scores import LatestRow, MultiplierRow, PositionRow, put_multipliers, put_positions, put_scores
from tests.tui.backtested import FIRST, NOW, fill

GRID = ("--grid", "v2_corr20=0,0.75,1.5", "--grid", "mmc=0,2.25,4.5")
LACKING = 6  # rounds that the second model has not


@pytest.fixture
def db(tmp_path: Path) -> Path:
    """300 resolved rounds of four models; `borealis` lacks some."""
    fill(tmp_path / "cache.sqlite")
    return tmp_path / "cache.sqlite"


def run(db: Path, *words: str) -> Result:
    settings = ["--db", str(db), "--config", str(db.parent / "numtui.toml")]
    (db.parent / "numtui.toml").touch()
    return CliRunner().invoke(main, [*settings, "export", *words, "--offline"])


def rows(db: Path, *words: str) -> dict[str, dict[str, str]]:
    result = run(db, *words)
    assert result.exit_code == 0, result.stderr
    return {row["model"]: row for row in csv.DictReader(io.StringIO(result.stdout))}


def test_matched_rankings_are_matched_in_every_column(db: Path) -> None:
    apart, matched = rows(db, "ranking", *GRID), rows(db, "ranking", *GRID, "--matched")
    assert apart["aurora"]["rounds"] == apart["aurora"]["actual_rounds"] == "300"
    for row in matched.values():
        assert row["rounds"] == row["actual_rounds"] == str(300 - LACKING)
    assert apart["aurora"]["actual_total"] != matched["aurora"]["actual_total"]
    assert apart["borealis"]["actual_total"] == matched["borealis"]["actual_total"]


def test_thin_matched_rounds_have_no_shares(db: Path) -> None:
    """144 rounds are six times the 24 unresolved at once, and fewer once the others' gaps are taken out."""
    words = ("ranking", *GRID, "--rounds", f"{FIRST}..{FIRST + 143}")
    assert rows(db, *words)["aurora"]["best_share"] != ""
    matched = rows(db, *words, "--matched")["aurora"]
    assert matched["average_p05"] == matched["best_share"] == ""


def test_matched_walks_are_walked_over_the_matched_rounds(db: Path) -> None:
    words = ("backtest", "--predictive", *GRID)
    assert run(db, *words).stdout != run(db, *words, "--matched").stdout


@pytest.mark.parametrize("system", ["v2", "v3"])
def test_the_actual_choice_compounds_as_the_cells_do(db: Path, system: str) -> None:
    """The actual multipliers are a cell of this grid: its result is theirs."""
    row = rows(db, "ranking", *GRID, "--compound", system, "--stake", "100")["aurora"]
    cells = run(db, "backtest", *GRID, "--compound", system, "--stake", "100", "--models", "aurora")
    actual = [
        cell
        for cell in csv.DictReader(io.StringIO(cells.stdout))
        if (cell["v2_corr20"], cell["mmc"]) == ("0.75", "2.25")
    ]
    assert float(row["actual_total"]) == pytest.approx(float(actual[0]["total"]))
    assert row["actual_rank"] == actual[0]["rank"]
    assert row["best_share"] == ""


def test_money_that_returns_later_in_a_day_backs_no_round_of_that_morning(tmp_path: Path) -> None:
    """One round resolves at 15:00; of the two next ones one is staked at 14:00 of that day, one at 16:00."""
    totals = {}
    for hour in (14, 16):
        folder = tmp_path / str(hour)
        folder.mkdir()
        db = folder / "cache.sqlite"
        fill(db)
        with closing(open_writer(db)) as connection, transaction(connection):
            connection.execute(
                "UPDATE rounds SET close_staking_time = '2024-01-01T14:00:00Z', resolve_time = '2024-02-01T15:00:00Z'"
                " WHERE round = ?",
                (FIRST,),
            )
            connection.execute(
                "UPDATE rounds SET close_staking_time = ?, resolve_time = '2024-03-01T15:00:00Z' WHERE round = ?",
                (f"2024-02-01T{hour}:00:00Z", FIRST + 1),
            )
        words = ("--models", "aurora", "--rounds", f"{FIRST}..{FIRST + 1}", "--compound", "v2", "--stake", "1000")
        totals[hour] = float(rows(db, "backtest", "--grid", "v2_corr20=1", *words)["aurora"]["total"])
    assert totals[16] != totals[14]


def long_rounds(db: Path, first: int) -> None:
    """From round `first` on, rounds pay for 60 days."""
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE score_configs SET total_score_days = 60 WHERE round >= ?", (first,))
        connection.commit()


def test_one_long_round_takes_no_interval_away_but_many_do(db: Path) -> None:
    long_rounds(db, FIRST + 299)
    result = run(db, "backtest", *GRID)
    assert "scored for 60 days: round 1299; the others for 20" in result.stderr
    assert rows(db, "backtest", *GRID)["aurora"]["average_p05"] != ""
    long_rounds(db, FIRST + 200)
    assert rows(db, "backtest", *GRID)["aurora"]["average_p05"] == ""


def test_overlap_is_that_of_the_rounds_whatever_the_score(db: Path) -> None:
    """A score without a configuration in 60-day rounds; and no configured days at all, but times."""
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE score_configs SET total_score_days = 60")
        bmc = "(SELECT score FROM score_names WHERE name = 'bmc')"
        connection.execute(f"DELETE FROM score_configs WHERE score = {bmc}")
        connection.commit()
    words = ("backtest", "--grid", "bmc=1", "--payout-factor", "0.5", "--clip", "0.05")
    assert rows(db, *words)["aurora"]["average_p05"] == ""
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE score_configs SET total_score_days = NULL")
        connection.commit()
    assert rows(db, *words)["aurora"]["average_p05"] != "", "a month from stake to return"
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("UPDATE rounds SET resolve_time = '2027-06-01T00:00:00Z'")
        connection.commit()
    assert rows(db, *words)["aurora"]["average_p05"] == ""


def with_model(db: Path, change: Callable[[sqlite3.Connection, int, dict[tuple[str, str], int]], None]) -> None:
    with closing(open_writer(db)) as connection, transaction(connection):
        model = connection.execute("SELECT model FROM models WHERE name = 'aurora'").fetchone()[0]
        change(connection, model, score_ids(connection, [("v2_corr20", "v2"), ("mmc", "v1"), ("mmc", "")]))


def test_multipliers_that_a_row_leaves_out_were_not_chosen(db: Path) -> None:
    def choose(connection: sqlite3.Connection, model: int, ids: dict[tuple[str, str], int]) -> None:
        put_multipliers(
            connection, model, [MultiplierRow(FIRST + n, ids["v2_corr20", "v2"], Decimal(1)) for n in range(300)]
        )

    with_model(db, choose)
    terms = rows(db, "backtest", "--models", "aurora")["aurora"]
    assert (terms["v2_corr20"], terms["mmc"]) == ("1", "0")
    cell = rows(db, "backtest", "--models", "aurora", "--grid", "v2_corr20=1")["aurora"]
    assert terms["total"] == cell["total"]


def test_a_version_that_is_not_stated_is_the_only_one_there_is(db: Path) -> None:
    before = rows(db, "backtest", "--models", "aurora")["aurora"]

    def unstate(connection: sqlite3.Connection, model: int, ids: dict[tuple[str, str], int]) -> None:
        change = "UPDATE latest SET score = ? WHERE model = ? AND score = ?"
        connection.execute(change, (ids["mmc", ""], model, ids["mmc", "v1"]))

    with_model(db, unstate)
    result = run(db, "backtest", "--models", "aurora")
    row = next(csv.DictReader(io.StringIO(result.stdout)))
    assert (row["rounds"], row["total"]) == (before["rounds"], before["total"])
    assert "differ" not in result.stderr


def test_presets_stand_for_the_version_that_a_round_has(db: Path) -> None:
    """`mmc` changes its version in the middle of the range: a grid must say which, a preset means either."""
    before = rows(db, "backtest", "--terms", "classic-2024", "--models", "aurora")["aurora"]
    with closing(sqlite3.connect(db)) as connection:
        connection.execute("INSERT INTO score_names (name, version) VALUES ('mmc', 'v2')")
        for table in ("latest", "score_configs"):
            connection.execute(
                f"""UPDATE {table} SET score = (SELECT score FROM score_names WHERE name = 'mmc' AND version = 'v2')
                WHERE round >= ? AND score = (SELECT score FROM score_names WHERE name = 'mmc' AND version = 'v1')""",
                (FIRST + 100,),
            )
        connection.commit()
    result = run(db, "backtest", "--terms", "classic-2024", "--models", "aurora")
    row = next(csv.DictReader(io.StringIO(result.stdout)))
    assert (row["rounds"], row["total"]) == (before["rounds"], before["total"])
    assert "mmc changes from v1 to v2 with round 1100" in result.stderr
    assert "mmc@v2 or mmc@v1" in result.stdout.splitlines()[0]
    refused = run(db, "backtest", "--grid", "mmc=1", "--models", "aurora")
    assert refused.exit_code == 2
    assert "mmc has 2 versions in this range: write mmc@v1 or mmc@v2" in refused.stderr


@pytest.mark.parametrize(
    "words",
    [("--stake", "1e400"), ("--stake", "1e-400"), ("--payout-factor", "1e400"), ("--grid", "mmc=1e400")],
)
def test_numbers_beyond_all_bounds_are_refused_in_a_line(db: Path, words: tuple[str, str]) -> None:
    result = run(db, "backtest", "--grid", "v2_corr20=1", *words)
    assert result.exit_code == 2
    assert "Warning" not in result.stderr
    assert result.stdout == ""


def test_what_was_really_settled_stands_beside_what_would_have_been(db: Path) -> None:
    assert rows(db, "ranking", *GRID)["aurora"]["settled"] == ""
    with closing(sqlite3.connect(db)) as connection:
        mmc = "(SELECT score FROM score_names WHERE name = 'mmc')"
        connection.execute(
            f"UPDATE latest SET payout_settled = '0.125' WHERE round < ? AND score = {mmc}", (FIRST + 2,)
        )
        connection.commit()
    assert rows(db, "ranking", *GRID)["aurora"]["settled"] == "0.250"


def test_epochs_of_the_settings_file(db: Path) -> None:
    config = db.parent / "numtui.toml"
    config.write_text('[epochs.classic]\nretrained = "1100..1149"\n')
    assert rows(db, "backtest", *GRID, "--epoch", "retrained")["aurora"]["rounds"] == "50"
    unknown = run(db, "backtest", *GRID, "--epoch", "retired")
    assert unknown.exit_code == 2
    assert "retrained" in unknown.stderr
    shown = CliRunner().invoke(main, ["--config", str(config), "config"])
    assert '[epochs.classic]\nretrained = "1100..1149"' in shown.stdout
    for wrong, why in (
        ('[epochs.classic]\natomic = "1.."', "choose another name"),
        ('[epochs.classic]\nmine = "soon"', "the epoch 'mine' of the settings file"),
        ("[epochs.classic]\nmine = 7", "mine': 7}} is not allowed, but tables such as"),
        ('[epochs.chess]\nmine = "1.."', "chess': {'mine': '1..'}} is not allowed, but tables such as"),
    ):
        config.write_text(wrong + "\n")
        result = run(db, "backtest", *GRID, "--epoch", "mine")
        assert result.exit_code == 2
        assert why in result.stderr


def test_atomic_and_legacy_rounds_together_are_remarked(db: Path) -> None:
    number = FIRST + 300
    with closing(open_writer(db)) as connection, transaction(connection):
        configs = [
            ConfigRow(
                number, (name, version), config_name=name, total_score_days=60, is_payout=True,
                default_multiplier=multiplier, clip_threshold=Decimal(1), payout_factor=Decimal(1),
            )
            for name, version, multiplier in (("v2_corr20", "v2", Decimal(3)), ("mmc", "v1", Decimal(15)))
        ]  # fmt: skip
        put_rounds(connection, Tournament.CLASSIC, [RoundRow(number, open_time=NOW, resolved=True)], configs)
        ids = score_ids(connection, [("v2_corr20", "v2"), ("mmc", "v1")])
        model = connection.execute("SELECT model FROM models WHERE name = 'aurora'").fetchone()[0]
        put_positions(connection, model, [PositionRow(number, Decimal(1), None, Decimal(1), True)])
        put_scores(connection, [], [LatestRow(model, number, score, 60, 0.01, 0.5, True) for score in ids.values()])
    result = run(db, "backtest", "--models", "aurora")
    assert "Atomic: round 1300; each has a stake of its own" in result.stderr
    fixed = run(db, "backtest", "--models", "aurora", *GRID, "--payout-factor", "1", "--clip", "1")
    assert "Atomic" not in fixed.stderr
