"""`numtui export`: options that a table does not have are refused, and what is wrong is said in a line."""

from __future__ import annotations

import csv
import io
import sqlite3
from contextlib import closing
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from numtui.cli.export import command
from numtui.cli.main import main
from numtui.cli.options.backtest import OPTIONS as BACKTEST
from numtui.cli.options.selection import ALL
from numtui.cli.options.table import TableOption
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.errors import DONE, NO_DATA, USAGE
from numtui.export.tables import TABLES
from numtui.store.database import open_writer
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture

ALL_BACKTESTS = "the tables backtest, ranking, risk and allocation"


def run(polled: Polled, *words: str) -> Result:
    settings = polled.settings
    own = ["--db", str(settings.db), "--config", "/dev/null", "--state-dir", str(settings.state_dir), "--offline"]
    return CliRunner().invoke(main, [*own, "export", *words])


def said(found: Result) -> str:
    """The one line that says what is wrong."""
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    return found.stderr.splitlines()[-1]


def test_resolved_and_unresolved_exclude_each_other(polled: Polled) -> None:
    for words in (("--resolved", "--unresolved"), ("--unresolved", "--resolved")):
        found = run(polled, "rounds", *words)
        assert found.exit_code == USAGE
        assert said(found) == "Error: --unresolved and --resolved exclude each other"


def test_each_of_them_chooses_its_rounds(polled: Polled) -> None:
    statuses = {}
    for word in ("--resolved", "--unresolved"):
        found = run(polled, "rounds", word)
        assert found.exit_code == DONE, found.stderr
        statuses[word] = {row["status"] for row in csv.DictReader(io.StringIO(found.stdout))}
    assert statuses["--resolved"] == {"resolved"}
    assert statuses["--unresolved"] and "resolved" not in statuses["--unresolved"]


@pytest.mark.parametrize(
    ("words", "tables"),
    [
        (("rounds", "--grid", "corr60=1"), ALL_BACKTESTS),
        (("scores", "--terms", "classic-2026"), ALL_BACKTESTS),
        (("leaderboard", "--stake", "1"), ALL_BACKTESTS),  # the default, but typed
        (("drift", "--payout-factor", "actual"), ALL_BACKTESTS),
        (("models", "--clip", "1"), ALL_BACKTESTS),
        (("risk", "--compound", "v2"), "the tables backtest and ranking"),
        (("payouts", "--matched"), ALL_BACKTESTS),
        (("accounts", "--include-unresolved"), ALL_BACKTESTS),
        (("journal", "--compound", "v2"), "the tables backtest and ranking"),
        (("risk", "--compound", "v3"), "the tables backtest and ranking"),
        (("ranking", "--predictive"), "the table backtest"),
        (("ranking", "--length", "5"), "the table backtest"),
        (("rounds", "--gap", "5"), "the table backtest"),
        (("leaderboard", "--latest"), "the table scores"),
        (("rounds", "--forecast"), "the table drift"),
        (("scores", "--total"), "the table drift"),
    ],
)
def test_an_option_that_the_table_does_not_have_is_refused(polled: Polled, words: tuple[str, ...], tables: str) -> None:
    found = run(polled, *words)
    assert found.exit_code == USAGE
    assert said(found) == f"Error: {words[1]} is for {tables}, not for {words[0]}"


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--length", "5"), "--length is for the table backtest with --predictive"),
        (("--gap", "5"), "--gap is for the table backtest with --predictive"),
        (("--predictive", "--compound", "v2"), "--compound is not for backtest --predictive"),
    ],
)
def test_options_of_a_walk_forward_and_of_a_backtest_are_told_apart(
    polled: Polled, words: tuple[str, ...], line: str
) -> None:
    found = run(polled, "backtest", *words)
    assert found.exit_code == USAGE
    assert line in said(found)


@pytest.mark.parametrize(
    "words",
    [
        ("backtest", "--stake", "2", "--mode", "average", "--matched"),
        ("backtest", "--compound", "v2"),
        ("ranking", "--mode", "average"),
        ("risk", "--stake", "2", "--clip", "1", "--mode", "average"),
        ("backtest", "--predictive", "--mode", "average"),
        ("scores", "--latest"),
        ("drift", "--forecast"),
        ("drift", "--total"),
        ("leaderboard", "--mine", "--rounds", "1300..", "--models", "demo_anchor", "--epoch", ""),
        ("models", "--rounds", "1300..", "--resolved"),
    ],
)
def test_options_that_mean_something_or_do_no_harm_are_taken(polled: Polled, words: tuple[str, ...]) -> None:
    found = run(polled, *words)
    assert found.exit_code == DONE, found.stderr


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (("leaderboard", "--models", "demo_anchor"), "--models"),
        (("leaderboard", "--rounds", "1300.."), "--rounds"),
        (("rounds", "--mode", "total"), "--mode"),
        (("risk", "--mode", "total"), "--mode"),
        (("models", "--resolved"), "--resolved"),
        (("overview", "--models", "nobody"), "--models"),
        (("overview", "--mine"), "--mine"),
    ],
)
def test_an_option_that_is_ignored_is_said_to_be(polled: Polled, words: tuple[str, ...], option: str) -> None:
    found, plain = run(polled, *words), run(polled, words[0])
    assert found.exit_code == DONE, found.stderr
    assert found.stdout == plain.stdout
    assert f"numtui: {option} is for the tables " in found.stderr
    assert f", not for {words[0]}: it is ignored" in found.stderr
    assert "ignored" not in plain.stderr


def test_the_environment_speaks_for_every_call(polled: Polled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMTUI_EXPORT_STAKE", "5")
    monkeypatch.setenv("NUMTUI_EXPORT_MODE", "average")
    assert run(polled, "rounds").exit_code == DONE
    assert run(polled, "risk").exit_code == DONE


def test_names_of_models_are_stripped(polled: Polled) -> None:
    plain = run(polled, "models", "--models", "demo_anchor")
    spaced = run(polled, "models", "--models", " demo_anchor , ,demo_anchor")
    assert plain.exit_code == spaced.exit_code == DONE, spaced.stderr
    assert spaced.stdout == plain.stdout
    unknown = run(polled, "models", "--models", " nobody_here , ")
    assert unknown.exit_code == NO_DATA
    assert said(unknown) == "numtui: not in the cache: nobody_here; fetch without --offline"


@pytest.mark.parametrize("names", ["", " ", ",", " , "])
def test_no_name_at_all_is_a_mistake(polled: Polled, names: str) -> None:
    found = run(polled, "models", "--models", names)
    assert found.exit_code == USAGE
    assert "names no model" in said(found)


def test_an_unknown_epoch_tells_names_from_ranges(polled: Polled) -> None:
    found = run(polled, "rounds", "--epoch", "nosuch")
    assert found.exit_code == USAGE
    line = said(found)
    assert "no epoch 'nosuch' in classic; there are after-tc, all, atomic" in line
    assert line.endswith("; or write rounds as 843..1100")


def test_the_help_of_every_option_says_for_which_tables_it_is() -> None:
    assert isinstance(command, click.Command)
    options = [one for one in command.params if isinstance(one, click.Option)]
    assert len(options) > len(BACKTEST)
    for option in options:
        text = option.help or ""
        if isinstance(option, TableOption):
            assert set(option.tables) <= {*TABLES, ALL}
            assert text.startswith(f"{', '.join(option.tables)}: ")
        else:
            assert text.startswith("Any table")


@pytest.mark.parametrize("name", ["a.parquet", "a.json", "a.ndjson", "a.jsonl", "a.md", "a.csv", "a.txt", "a"])
def test_the_files_ending_is_its_format(polled: Polled, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    assert run(polled, "leaderboard", "-o", str(path)).exit_code == DONE
    content = path.read_bytes()
    kind = {b"PAR1": "parquet", b"[": "json", b"{": "ndjson", b"| ": "md"}
    found = next((form for head, form in kind.items() if content.startswith(head)), "csv")
    assert found == {"jsonl": "ndjson", "txt": "csv", "": "csv"}.get(path.suffix[1:], path.suffix[1:])


def test_a_format_that_contradicts_the_ending_is_refused(polled: Polled, tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    found = run(polled, "leaderboard", "-o", str(path), "--format", "csv")
    assert (found.exit_code, path.exists()) == (USAGE, False)
    assert said(found) == f"Error: {path} is named as parquet, but --format says csv: leave out one of them"
    assert run(polled, "leaderboard", "-o", str(tmp_path / "a.txt"), "--format", "json").exit_code == DONE


@pytest.mark.parametrize("form", ["parquet", "sqlite"])
def test_what_is_binary_goes_to_a_file(polled: Polled, form: str) -> None:
    found = run(polled, "models", "--format", form)
    assert found.exit_code == USAGE
    assert said(found) == f"Error: {form} is binary: give a file with -o"


@pytest.mark.parametrize(
    ("weights", "line"),
    [
        ("mmc60=0", "all of them are 0"),
        ("mmc60=1,mmc60=2", "mmc60 stands there twice"),
        ("mmc60=nan", "write SCORE=NUMBER"),
        ("=1", "write SCORE=NUMBER"),
        ("mmc60", "write SCORE=NUMBER"),
    ],
)
def test_weights_that_mean_nothing_are_a_mistake(polled: Polled, weights: str, line: str) -> None:
    found = run(polled, "field", "--weights", weights)
    assert found.exit_code == USAGE
    assert line in said(found)


def test_all_tables_are_about_the_models_that_are_named(polled: Polled, tmp_path: Path) -> None:
    snapshot = tmp_path / "s.db"
    found = run(polled, "all", "--models", "demo_anchor", "-o", str(snapshot))
    assert found.exit_code == DONE, found.stderr
    with closing(sqlite3.connect(snapshot)) as connection:
        for table in ("models", "scores", "drift", "backtest", "ranking", "risk", "allocation", "stakes"):
            names = connection.execute(f"SELECT DISTINCT model FROM {table}").fetchall()
            assert names == [("demo_anchor",)], table


def test_a_key_that_is_not_asked_for_offline_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (PUBLIC_ID, SECRET_KEY):
        monkeypatch.delenv(name, raising=False)
    file = tmp_path / "numtui.toml"
    words = ["--config", str(file), "--db", str(tmp_path / "c.db"), "--offline", "export", "models"]
    open_writer(tmp_path / "c.db").close()
    file.write_text("")
    assert f"set {PUBLIC_ID} and {SECRET_KEY}" in CliRunner().invoke(main, words).stderr
    file.write_text('key_command = ["/bin/false"]')
    found = CliRunner().invoke(main, words)
    assert found.exit_code == NO_DATA
    assert PUBLIC_ID not in found.stderr and "--offline" in found.stderr


@pytest.mark.parametrize("table", ["risk", "allocation"])
def test_risk_and_weights_are_of_one_cell(polled: Polled, table: str) -> None:
    for values in ("0,1", "1,2"):
        found = run(polled, table, "--grid", f"mmc60={values}")
        assert found.exit_code == USAGE
        assert "about one cell: give each score one multiplier, not several" in said(found)
