"""doctor, info, config, help; and secrets, which are nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import MakeScene, Scene
from .other_habits import Habits
from .other_market import SECRET_KEY, USERNAME
from .program import DONE, FAILED, Program


def test_doctor_is_content_with_a_sound_set_up(synced: Scene) -> None:
    ran = synced.program("doctor")
    assert ran.code == DONE, ran
    assert "web3_staking" in ran.out
    assert USERNAME in ran.out


def test_doctor_names_an_unreachable_api(tmp_path: Path) -> None:
    ran = Program(tmp_path)("doctor")
    assert ran.code == FAILED, ran
    assert "127.0.0.1:9" in ran.out + ran.err


def test_doctor_names_wrong_keys(scene: MakeScene) -> None:
    made = scene(environment={"NUMERAI_PUBLIC_ID": "WRONG", "NUMERAI_SECRET_KEY": "wrong-secret-key-55aa"})
    ran = made.program("doctor")
    assert ran.code == FAILED, ran
    assert "wrong-secret-key-55aa" not in ran.out + ran.err
    assert "key" in (ran.out + ran.err).lower()


def test_doctor_without_keys_is_no_failure(scene: MakeScene) -> None:
    made = scene(keys=False)
    ran = made.program("doctor")
    assert ran.code == DONE, ran


def test_doctor_with_few_scopes(scene: MakeScene) -> None:
    made = scene(Habits(scopes=("read_user_info",)))
    ran = made.program("doctor")
    assert "read_user_info" in ran.out, ran


def test_doctor_sees_a_wrong_clock(synced: Scene) -> None:
    program = Program(
        synced.program.folder, synced.program.url, environment={"NUMTUI_CLOCK": "fixed 2026-11-20T18:00:00Z"}
    )
    ran = program("doctor")
    assert "clock" in (ran.out + ran.err).lower()
    assert ran.code == FAILED, ran


def test_info_and_config(synced: Scene) -> None:
    info = synced.program("info")
    assert info.code == DONE, info
    assert str(synced.program.db) in info.out
    config = synced.program("config")
    assert config.code == DONE, config
    assert synced.program.url in config.out
    assert "fox_0003" in config.out


def test_config_needs_no_cache_and_info_says_there_is_none(tmp_path: Path) -> None:
    program = Program(tmp_path, keys=False)
    assert program("config").code == DONE
    ran = program("info")
    assert ran.code in {DONE, 4}, ran
    assert ran.out.strip() or ran.err.strip()


def test_what_config_prints_can_be_the_settings_file(synced: Scene, tmp_path: Path) -> None:
    printed = synced.program("config").out
    file = tmp_path / "again.toml"
    file.write_text(printed)
    ran = synced.program("--config", str(file), "config")
    assert ran.code == DONE, ran


@pytest.mark.parametrize("command", ["", "run", "demo", "poll", "export", "screenshot", "doctor", "info", "config"])
def test_help(tmp_path: Path, command: str) -> None:
    ran = Program(tmp_path)(*filter(None, [command]), "--help")
    assert ran.code == DONE, ran
    assert ran.out.startswith("Usage:")


def test_secrets_are_nowhere(scene: MakeScene) -> None:
    made = scene(settings='log_level = "debug"\n')
    outputs = [
        made.program(*args)
        for args in (
            ("poll", "--once"),
            ("export", "models", "--mine"),
            ("--log-level", "debug", "export", "stakes", "--mine", "--refresh"),
            ("doctor",),
            ("info",),
            ("config",),
        )
    ]
    assert all(ran.code == DONE for ran in outputs), outputs
    searched = 0
    for file in made.program.folder.rglob("*"):
        if file.is_file():
            searched += 1
            assert SECRET_KEY.encode() not in file.read_bytes(), file
    assert searched >= 2
    assert any(asked.authorization for asked in made.server.asked)
