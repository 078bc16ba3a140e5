"""The words behind `numtui demo serve` and `numtui demo reset`."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner

from numtui.cli.main import main
from numtui.errors import DONE, USAGE


@pytest.mark.parametrize("word", ["serve", "reset"])
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_a_question_for_help_is_answered_and_nothing_else_is_done(tmp_path: Path, word: str, option: str) -> None:
    home = tmp_path / "demo"
    (home / "state").mkdir(parents=True)
    ran = CliRunner().invoke(main, ["demo", "--dir", str(home), word, option])
    assert ran.exit_code == DONE
    assert "simulated tournament" in ran.output
    assert "--speed" in ran.output
    assert (home / "state").is_dir()


@pytest.mark.parametrize("words", [["serve", "now"], ["reset", "all"], ["serve", "--port", "1"]])
def test_other_words_are_a_mistake_and_nothing_is_done(tmp_path: Path, words: list[str]) -> None:
    home = tmp_path / "demo"
    (home / "state").mkdir(parents=True)
    ran = CliRunner().invoke(main, ["demo", "--dir", str(home), *words])
    assert ran.exit_code == USAGE
    assert f"{words[0]} takes nothing behind it, not {words[1]!r}" in ran.output
    assert (home / "state").is_dir()


def test_the_demos_line_to_send_a_plan_goes_to_the_same_demo(tmp_path: Path) -> None:
    """Options before `demo` and of the demo itself are in it; what is not in them stays out."""
    home = tmp_path / "a demo"
    now = "2026-11-20T13:30"
    options = ["--tournament", "signals", "demo", "--dir", str(home), "--models", "20", "--now", now]
    targets, plan = tmp_path / "t.json", tmp_path / "p.json"
    targets.write_text('{"demo_signal_a": "12"}')
    words = ["stake", "plan", "--targets", str(targets), "-o", str(plan)]
    planned = run(*options, *words)
    assert planned.returncode == 0, planned.stderr
    line = next(line for line in planned.stdout.splitlines() if line.startswith("to send it: "))
    program, *rest = shlex.split(line.removeprefix("to send it: "))
    assert program.endswith("numtui") or program == "python"
    assert rest[-8:-4] == ["--allow-stake", "stake", "apply", "--plan"] or "--allow-stake" in rest
    rest = rest[rest.index("--tournament") :]
    sent = run(*rest)
    assert sent.returncode == 0, sent
    assert ": done" in sent.stdout
    assert list((home / "state").glob("*.journal"))
    shown = run(*options, "stake", "status", "--offline", "--format", "json")
    assert {row["tournament"] for row in json.loads(shown.stdout)} == {"signals"}
    pending = {row["model"]: row["pending"] for row in json.loads(shown.stdout)}
    assert pending["demo_signal_a"], "what was sent is in the cache at once"


def test_two_demos_at_once_keep_to_their_tournaments(tmp_path: Path) -> None:
    """One folder, one settings file: neither may read what the other one says."""

    def asked(tournament: str) -> set[str]:
        home = ("--tournament", tournament, "demo", "--dir", str(tmp_path / "d"), "--models", "20")
        ran = run(*home, "export", "rounds", "--format", "json")
        assert ran.returncode == 0, ran.stderr
        return {row["tournament"] for row in json.loads(ran.stdout)}

    tournaments = ["classic", "signals"] * 3
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(asked, tournaments)) == [{name} for name in tournaments]


def test_a_service_of_the_demo_would_poll_a_server_that_is_gone(tmp_path: Path) -> None:
    ran = run("demo", "--dir", str(tmp_path), "config", "service")
    assert (ran.returncode, ran.stdout) == (USAGE, "")
    assert "the demo's server ends with its command" in ran.stderr


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "numtui", *words], capture_output=True, text=True, check=False)
