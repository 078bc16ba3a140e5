"""The API key in the system's keyring: put there, used when one is needed, never shown."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner, Result
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import KeyringError, KeyringLocked, PasswordDeleteError

from numtui.cli.main import main
from numtui.config import PUBLIC_ID, SECRET_KEY

SECRET = "never-shown-77ab"


class MemoryKeyring(KeyringBackend):
    """A keyring that lasts as long as the test; `fault` is raised in the place of every answer."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.fault: KeyringError | None = None

    def get_password(self, service: str, username: str) -> str | None:
        self._answer()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._answer()
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._answer()
        if (service, username) not in self.kept:
            raise PasswordDeleteError("it is not there")
        del self.kept[service, username]

    def _answer(self) -> None:
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def memory() -> Iterator[MemoryKeyring]:
    before, memory = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture(autouse=True)
def _no_key_after(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (PUBLIC_ID, SECRET_KEY):
        monkeypatch.setenv(name, "")  # so that what the program sets is taken back
        monkeypatch.delenv(name)


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, words, input=typed)


def settings_file(folder: Path, text: str = 'keyring = "mine"') -> str:
    path = folder / "numtui.toml"
    path.write_text(text)
    return str(path)


def test_a_key_is_kept_used_and_forgotten(memory: MemoryKeyring, tmp_path: Path) -> None:
    file = settings_file(tmp_path)
    ran = run("--config", file, "config", "keyring", typed=f"id\n{SECRET}\n")
    assert ran.exit_code == 0, ran.output
    assert memory.kept == {("mine", PUBLIC_ID): "id", ("mine", SECRET_KEY): SECRET}
    assert "# API key: in the system's keyring under mine" in run("--config", file, "config").stdout
    assert PUBLIC_ID not in os.environ, "not where none is needed"
    asks = run("--config", file, "--db", str(tmp_path / "c.sqlite"), "info")
    assert asks.exit_code == 0
    assert (os.environ[PUBLIC_ID], os.environ[SECRET_KEY]) == ("id", SECRET)
    assert run("--config", file, "config", "keyring", "--forget").exit_code == 0
    assert memory.kept == {}
    again = run("--config", file, "config", "keyring", "--forget")
    assert (again.exit_code, "no API key under 'mine'" in again.stderr) == (2, True)
    for each in (ran, asks, again):
        assert SECRET not in each.output


def test_without_the_setting_it_is_said_how_to_use_it(memory: MemoryKeyring, tmp_path: Path) -> None:
    ran = run("--config", settings_file(tmp_path, ""), "config", "keyring", typed=f"id\n{SECRET}\n")
    assert 'write keyring = "numtui" into' in ran.stderr
    assert memory.kept.keys() == {("numtui", PUBLIC_ID), ("numtui", SECRET_KEY)}


@pytest.mark.parametrize("typed", ["", "id\n", f"id\n{SECRET}\nmore\n", f"id {SECRET}\n", f"id\n{SECRET}\x07\n"])
def test_what_is_no_key_is_not_kept(memory: MemoryKeyring, tmp_path: Path, typed: str) -> None:
    ran = run("--config", settings_file(tmp_path), "config", "keyring", typed=typed)
    assert ran.exit_code == 2
    assert "two words without spaces" in ran.stderr
    assert memory.kept == {}
    assert SECRET not in ran.output


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (None, "no API key under 'mine': `numtui config keyring` puts it there"),
        (KeyringLocked("x"), "the keyring is locked: unlock it"),
        (KeyringError("no bus\x1b[31m"), "the keyring cannot be used: no bus"),
    ],
)
def test_a_keyring_without_an_answer_is_one_line(
    memory: MemoryKeyring, tmp_path: Path, fault: KeyringError | None, said: str
) -> None:
    memory.fault = fault
    ran = run("--config", settings_file(tmp_path), "--db", str(tmp_path / "c.sqlite"), "info")
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
    assert "\x1b" not in ran.stderr


def test_a_system_without_a_keyring_is_told(memory: MemoryKeyring, tmp_path: Path) -> None:
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]
    ran = run("--config", settings_file(tmp_path), "config", "keyring", typed=f"id\n{SECRET}\n")
    assert ran.exit_code == 2
    assert "there is no keyring on this system" in ran.stderr


@pytest.mark.parametrize("value", ["[]", "3", '""', "true"])
def test_a_name_that_is_none_is_refused(tmp_path: Path, value: str) -> None:
    ran = run("--config", settings_file(tmp_path, f"keyring = {value}"), "info")
    assert ran.exit_code == 2
    assert 'a name such as "numtui"' in ran.stderr


def test_the_extra_is_named_where_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    ran = run("--config", settings_file(tmp_path), "info")
    assert ran.exit_code == 2
    assert "pip install 'numtui[keyring]'" in ran.stderr


def test_a_profile_has_its_own_key(memory: MemoryKeyring, tmp_path: Path) -> None:
    """Though the settings above it have a command."""
    memory.kept = {("work", PUBLIC_ID): "theirs", ("work", SECRET_KEY): SECRET}
    file = settings_file(tmp_path, 'key_command = ["/nowhere"]\n[profiles.work]\nkeyring = "work"')
    ran = run("--config", file, "--profile", "work", "info")
    assert ran.exit_code == 0, ran.output
    assert os.environ[PUBLIC_ID] == "theirs"
