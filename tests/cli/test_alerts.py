"""`numtui alerts` as scripts use it: exit codes, states by hand, and an environment with nothing in it."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from numtui.cli.main import main
from numtui.clock import VARIABLE, FixedClock, clock_to_text
from numtui.errors import ALERT, DONE, FAILED, NO_DATA, USAGE
from tests.poller.alerts.receiver import AT, put, settings_in, shares

FILE = '[[alerts]]\nrule = "at_risk_share"\nabove = 0.4\n'
CLOCK = clock_to_text(FixedClock(AT)) or ""


def run(folder: Path, *words: str, file: str = FILE) -> Result:
    (folder / "numtui.toml").write_text(file)
    options = ["--config", str(folder / "numtui.toml"), "--db", str(folder / "cache.db"), "--state-dir", str(folder)]
    return CliRunner().invoke(main, [*options, *words], env={VARIABLE: CLOCK})


@pytest.fixture
def fired(tmp_path: Path) -> Path:
    put(settings_in(tmp_path), shares("a", "b"))
    return tmp_path


def test_exit_codes(fired: Path) -> None:
    listed = run(fired, "alerts")
    assert listed.exit_code == ALERT
    assert "holds 50% of all that is at risk" in listed.stdout
    assert run(fired, "alerts", "ack", "1", "2").exit_code == DONE
    assert run(fired, "alerts").exit_code == DONE
    assert run(fired, "alerts", "wake", "1").exit_code == DONE
    assert run(fired, "alerts").exit_code == ALERT


def test_nothing_to_evaluate(tmp_path: Path) -> None:
    assert run(tmp_path, "alerts").exit_code == NO_DATA, "there is no cache"
    put(settings_in(tmp_path, rules=()), shares("a"))
    said = run(tmp_path, "alerts", file="")
    assert (said.exit_code, "add [[alerts]]" in said.stderr) == (NO_DATA, True)
    said = run(tmp_path, "alerts", "--once", "--offline")
    assert (said.exit_code, "not known" in said.stderr) == (NO_DATA, True), "a cache without models"


def test_snooze(fired: Path) -> None:
    assert run(fired, "alerts", "snooze", "1", "--for", "2h").exit_code == DONE
    (row,) = [row for row in json.loads(run(fired, "alerts", "--format", "json").stdout) if row["alert"] == 1]
    assert (row["state"], row["until"]) == ("snoozed", "2026-11-24T15:00:00Z")
    for words, said in (
        (("--for", "soon"), "write 30m, 2h, 1d or 1w"),
        (("--until", "2026-11-23"), "is over"),
        ((), "say --for SPAN or --until TIME"),
        (("--until", "tomorrow"), "tomorrow"),
    ):
        refused = run(fired, "alerts", "snooze", "2", *words)
        assert (refused.exit_code, said in refused.stderr) == (USAGE, True), refused.stderr


def test_all_or_none_are_changed(fired: Path) -> None:
    refused = run(fired, "alerts", "ack", "1", "7")
    assert (refused.exit_code, "no alert 7" in refused.stderr) == (FAILED, True)
    assert len(json.loads(run(fired, "alerts", "--format", "json").stdout)) == 2
    assert {row["state"] for row in json.loads(run(fired, "alerts", "--format", "json").stdout)} == {"firing"}


def test_history_says_who(fired: Path) -> None:
    run(fired, "alerts", "ack", "1")
    rows = list(csv.DictReader(io.StringIO(run(fired, "alerts", "history", "1", "--format", "csv").stdout)))
    assert [(row["state"], row["who"]) for row in rows] == [("acknowledged", "you"), ("firing", "poller")]
    assert run(fired, "alerts", "history", "9").exit_code == NO_DATA


def test_export_and_python(fired: Path) -> None:
    import numtui

    rows = list(csv.DictReader(io.StringIO(run(fired, "export", "alerts", "--offline").stdout)))
    assert [row["model"] for row in rows] == ["a", "b"]
    with numtui.open(fired / "cache.db") as cache:
        assert len(list(cache.alerts().rows)) == 2


def test_a_misspelt_rule_is_refused_by_every_command(tmp_path: Path) -> None:
    for command in ("alerts", "config", "info"):
        refused = run(tmp_path, command, file='[[alerts]]\nrule = "no_submision"\n')
        assert refused.exit_code == USAGE
        assert "did you mean 'no_submission'?" in refused.stderr


def test_config_hides_addresses(tmp_path: Path) -> None:
    file = '[notify]\nurls = ["ntfys://user:hidden@host/topic-hidden"]\nquiet = "22:00..07:00"\n' + FILE
    shown = run(tmp_path, "config", file=file)
    assert shown.exit_code == DONE
    assert "hidden" not in shown.output
    assert "ntfys://***" in shown.output
    assert 'rule = "at_risk_share"' in shown.output
    for wrong, said in (
        ('urls = ["hidden"]', "an address is not allowed"),
        ('quiet = "22-7"', 'hours such as "22:00..07:30"'),
        ('command = "x"', "a list such as"),
        ("bel = true", "did you mean 'bell'?"),
    ):
        refused = run(tmp_path, "config", file=f"[notify]\n{wrong}\n")
        assert (refused.exit_code, said in refused.stderr, "hidden" in refused.stderr) == (USAGE, True, False)


def test_once_in_an_empty_environment(fired: Path) -> None:
    run(fired, "alerts")  # writes the settings file
    words = [
        sys.executable, "-m", "numtui", "--config", str(fired / "numtui.toml"), "--db", str(fired / "cache.db"),
        "--state-dir", str(fired), "--offline", "alerts", "--once", "--format", "json",
    ]  # fmt: skip
    done = subprocess.run(words, env={VARIABLE: CLOCK}, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.returncode, len(json.loads(done.stdout))) == (ALERT, 2), "what is not known stays as it was"
    assert b"Traceback" not in done.stderr
