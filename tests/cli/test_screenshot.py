"""`numtui screenshot`: which sizes it takes, and what it says when it cannot write."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from numtui.cli.main import main
from numtui.errors import DONE, FAILED, USAGE
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture


def run(polled: Polled, output: Path, *words: str) -> Result:
    settings = polled.settings
    own = ["--db", str(settings.db), "--state-dir", str(settings.state_dir), "--config", "/dev/null"]
    return CliRunner().invoke(main, [*own, "--offline", "screenshot", "rounds", "-o", str(output), *words])


@pytest.mark.parametrize("size", ["70x20", "79x24", "80x23", "5x5"])
def test_a_size_that_no_screen_fits_is_a_mistake(polled: Polled, tmp_path: Path, size: str) -> None:
    found = run(polled, tmp_path / "a.svg", "--size", size)
    assert found.exit_code == USAGE
    assert f"{size} is too small: screens need 80x24 or more" in found.stderr
    assert not (tmp_path / "a.svg").exists()


def test_the_least_size_is_drawn(polled: Polled, tmp_path: Path) -> None:
    found = run(polled, tmp_path / "a.svg", "--size", "80x24")
    assert found.exit_code == DONE, found.output
    picture = (tmp_path / "a.svg").read_text(encoding="utf-8")
    assert "needs" not in picture
    assert "Rounds" in picture


def test_a_folder_that_is_not_there_is_said_in_a_line(polled: Polled, tmp_path: Path) -> None:
    output = tmp_path / "nowhere" / "a.svg"
    found = run(polled, output)
    assert found.exit_code == FAILED
    assert found.stderr == f"numtui: {output} cannot be written: No such file or directory\n"


def test_the_page_of_a_model(polled: Polled, tmp_path: Path) -> None:
    own = ["--db", str(polled.settings.db), "--state-dir", str(polled.settings.state_dir), "--offline"]
    output = tmp_path / "model.svg"
    ran = CliRunner().invoke(main, [*own, "screenshot", "model", "demo_anchor", "-o", str(output)])
    assert ran.exit_code == 0, ran.output
    assert "demo_anchor" in output.read_text(encoding="utf-8")
    for words in (["model"], ["rounds", "demo_anchor"]):
        ran = CliRunner().invoke(main, [*own, "screenshot", *words, "-o", str(output)])
        assert ran.exit_code == 2
        assert "screenshot model NAME" in ran.stderr
