"""`numtui export`: options that a table does not have are refused, and what is wrong is said in a line."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from numtui.cli.export import command
from numtui.cli.main import main
from numtui.cli.options.backtest import OPTIONS as BACKTEST
from numtui.cli.options.table import TableOption
from numtui.errors import DONE, NO_DATA, USAGE
from numtui.export.tables import TABLES
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
            assert set(option.tables) <= set(TABLES)
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
