"""The words behind `numtui demo serve` and `numtui demo reset`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from numtui.cli.codes import DONE, USAGE
from numtui.cli.main import main


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
