"""What the program writes for its user: a settings file, a service, completion, a man page; profiles and keys."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from numtui.cli.config.written import settings_text
from numtui.cli.keys import key_command
from numtui.cli.main import COMMANDS, main
from numtui.config import PUBLIC_ID, SECRET_KEY
from numtui.config_file import EXPLAINED, ConfigFile, checked
from tests.e2e.program import PROJECT
from tests.write_readme import settings_table

README = (PROJECT / "README.md").read_text(encoding="utf-8")
SECRET = "never-shown-c41d"


def run(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, words, env=environ)


def plain_lines(text: str) -> str:
    """A settings file with every setting in force."""
    return "\n".join(line.removeprefix("#") for line in text.splitlines() if line.startswith("#") and line[1:2] != " ")


def test_every_setting_is_explained() -> None:
    assert set(EXPLAINED) == set(ConfigFile.__struct_fields__)


def test_the_file_with_every_setting_taken_up_is_allowed() -> None:
    content = tomllib.loads(plain_lines(settings_text()))
    checked(content)
    assert set(content) == set(EXPLAINED)
    assert tomllib.loads(settings_text()) == {}, "as it is written nothing is in force"


def test_a_settings_file_is_written_once(tmp_path: Path) -> None:
    path = tmp_path / "new" / "numtui.toml"
    path.parent.mkdir()
    path.write_text("")
    path.unlink()
    words = ("config", "init")
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    ran = run(*words, **home)
    assert ran.exit_code == 0, ran.output
    (written,) = (tmp_path / "config").rglob("numtui.toml")
    assert written.read_text() == settings_text()
    written.write_text("# mine\n")
    again = run(*words, **home)
    assert again.exit_code == 1
    assert "is there already" in again.stderr
    assert written.read_text() == "# mine\n"
    assert run("config", "init", "--stdout").stdout == settings_text()


def test_the_readmes_settings_are_the_programs() -> None:
    assert settings_table() in README, "run: python -m tests.write_readme"


def test_a_unit_and_lines_for_cron_start_this_program() -> None:
    unit, cron = run("config", "service").stdout, run("config", "service", "--cron").stdout
    words = start_of(unit)
    assert words[-1] == "poll"
    assert subprocess.run([*words[:-1], "--version"], capture_output=True, check=True, cwd=PROJECT).stdout
    assert [line.split(None, 5)[5] for line in cron.splitlines() if not line.startswith("#")]
    if shutil.which("systemd-analyze"):
        checked_unit = subprocess.run(["systemd-analyze", "verify", "/dev/stdin"], input=unit, text=True, check=False)
        assert checked_unit.returncode in {0, 1}


def start_of(unit: str) -> list[str]:
    """The words of a unit's command as systemd reads them."""
    (start,) = [line for line in unit.splitlines() if line.startswith("ExecStart=")]
    return [word.replace("%%", "%").replace("$$", "$") for word in shlex.split(start.removeprefix("ExecStart="))]


def test_a_service_polls_with_the_options_of_the_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another cache or other keys would be polled without them; the service runs in another folder."""
    monkeypatch.chdir(tmp_path)
    Path("my settings.toml").write_text('[profiles.work]\nfiat = "EUR"')
    options = ["--config", "my settings.toml", "--profile", "work", "--db", "100%$x.db", "--tournament", "signals"]
    environ = {"NUMTUI_CONCURRENCY": "4"}
    expected = [
        "--config",
        str(tmp_path / "my settings.toml"),
        "--profile",
        "work",
        "--db",
        str(tmp_path / "100%$x.db"),
    ]
    expected += ["--tournament", "signals", "--concurrency", "4", "poll"]
    unit = run(*options, "--allow-stake", "--offline", "config", "service", **environ).stdout
    words = start_of(unit)
    assert words[-len(expected) :] == expected
    assert "keys-work.env" in unit
    in_unit = subprocess.run([*words[:-1], "config"], capture_output=True, text=True, check=True, cwd="/").stdout
    assert tomllib.loads(in_unit) == in_force(*options, **environ) | {"db": str(tmp_path / "100%$x.db")}
    cron = run(*options, "config", "service", "--cron", **environ).stdout
    first = next(line for line in cron.splitlines() if not line.startswith("#"))
    assert shlex.split(first.replace("\\%", "%"))[-len(expected) - 4 :] == [
        *expected,
        "--once",
        "--alerts",
        "--wait",
        "300",
    ]


@pytest.mark.parametrize("has_keys", [True, False])
def test_a_line_for_cron_brings_the_key_where_it_is(tmp_path: Path, has_keys: bool) -> None:
    """Run by sh as cron does, with a program in the place of ours that shows what it is given."""
    home = {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "c d")}
    cron = run("config", "service", "--cron", **home).stdout
    first = next(line for line in cron.splitlines() if not line.startswith("#")).split(None, 5)[5]
    if has_keys:
        (tmp_path / "c d" / "numtui").mkdir(parents=True)
        (tmp_path / "c d" / "numtui" / "keys.env").write_text(f"{PUBLIC_ID}=id\n{SECRET_KEY}={SECRET}\n")
    shown = first.replace(shlex.join(start_of(run("config", "service").stdout)[:-1]), "env #", 1)
    assert shown != first
    ran = subprocess.run(
        ["sh", "-c", shown], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    assert (f"{SECRET_KEY}={SECRET}" in ran.stdout.splitlines()) is has_keys


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_of_each_shell(shell: str) -> None:
    found = run("completion", shell)
    if found.exit_code:  # click asks the bash that is here for its version
        pytest.skip(found.stderr)
    assert "_NUMTUI_COMPLETE" in found.stdout


def test_bash_completes_commands_tables_and_options() -> None:
    def completed(words: str) -> list[str]:
        environ = {**os.environ, "_NUMTUI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": "2"}
        if words.count(" ") == 1:
            environ["COMP_CWORD"] = "1"
        command = [sys.executable, "-c", "from numtui.cli import main; main(prog_name='numtui')"]
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False, cwd=PROJECT)
        return [line.partition(",")[2] for line in ran.stdout.splitlines()]

    assert "export" in completed("numtui ex")
    assert {"scores", "stakes"} <= set(completed("numtui export s"))
    assert "--once" in completed("numtui poll --o")


def test_the_man_page_has_every_command_and_option() -> None:
    page = run("man").stdout
    assert page.startswith(".TH NUMTUI 1")
    for name in COMMANDS:
        assert f".SS numtui {name}" in page
    for option in ("\\-\\-allow\\-stake", "\\-\\-profile", "\\-\\-watch"):
        assert option in page
    if shutil.which("man"):
        shown = subprocess.run(["man", "-l", "-"], input=page, capture_output=True, text=True, check=False)
        assert "export all" in shown.stdout or "numtui export" in shown.stdout


def test_info_and_stake_status_as_json(tmp_path: Path) -> None:
    content = json.loads(run("--db", str(tmp_path / "none.sqlite"), "info", "--json").stdout)
    assert "version" in content or any("numtui" in key for key in content)
    assert "cache" in content


def settings_file(folder: Path, text: str) -> str:
    path = folder / "numtui.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def in_force(*words: str, **environ: str) -> dict[str, object]:
    ran = run(*words, "config", **environ)
    assert ran.exit_code == 0, ran.output
    return tomllib.loads(ran.stdout)


PROFILES = """
fiat = "EUR"
tournament = "crypto"
[watch]
classic = ["a"]
[profiles.work]
tournament = "signals"
[profiles.work.watch]
classic = ["b"]
[profiles.fixed]
db = "/somewhere/x.sqlite"
"""


def test_a_profile_lies_over_the_other_settings(tmp_path: Path) -> None:
    file = settings_file(tmp_path, PROFILES)
    plain, work = in_force("--config", file), in_force("--config", file, "--profile", "work")
    assert (plain["tournament"], work["tournament"]) == ("crypto", "signals")
    assert plain["fiat"] == work["fiat"] == "EUR"
    assert work["watch"] == {"classic": ["b"]}
    assert str(work["db"]).endswith("work/numtui.sqlite") and str(work["state_dir"]).endswith("/work")
    assert work["db"] != plain["db"]
    assert in_force("--profile", "work", "--config", file) == work, "in whichever order"
    assert in_force(NUMTUI_CONFIG=file, NUMTUI_PROFILE="work") == work
    assert in_force("--config", file, "--profile", "fixed")["db"] == "/somewhere/x.sqlite"
    assert in_force("--config", file, "--profile", "work", "--tournament", "classic")["tournament"] == "classic"


@pytest.mark.parametrize(
    ("text", "profile", "said"),
    [
        (PROFILES, "wrok", "there is no profile 'wrok'"),
        ("", "work", "it has none"),
        ('[profiles."../up"]\nfiat = "EUR"', "../up", "letters, digits"),
        ('[profiles.work]\nfait = "EUR"', "work", "profiles.work: there is no setting 'fait'"),
        ("[profiles.work.profiles.more]\n", "work", "stand at the top of the file"),
        ('[[profiles.work.rules]]\nrule = "stop"', "work", "stand at the top of the file"),
        ("[profiles.work]\nallow_stake = true", "work", "cannot allow changes of stakes"),
        ("profiles = 3", "work", "profiles = 3 is not allowed"),
    ],
)
def test_a_profile_that_cannot_be_is_refused(tmp_path: Path, text: str, profile: str, said: str) -> None:
    ran = run("--config", settings_file(tmp_path, text), "--profile", profile, "config")
    assert ran.exit_code == 2
    assert said in ran.stderr


def key_script(folder: Path, body: str) -> str:
    path = folder / "key.sh"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return settings_file(folder, f'key_command = ["{path}"]')


@pytest.mark.parametrize("form", ["printf 'id\\n%s\\n'", f"printf '{PUBLIC_ID}=id\\n{SECRET_KEY}=%s\\n'"])
def test_the_key_comes_from_a_command_when_one_is_needed(
    tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (PUBLIC_ID, SECRET_KEY):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    file = key_script(tmp_path, f"date +%N >> {tmp_path}/asked\n{form} {SECRET}")
    run("--config", file, "config")
    run("--config", file, "--offline", "info")
    assert not (tmp_path / "asked").exists(), "not where none is needed"
    ran = run("--config", file, "--api-url", "http://127.0.0.1:9", "--db", str(tmp_path / "c.sqlite"), "info")
    assert ran.exit_code == 0
    assert (tmp_path / "asked").exists()
    assert (os.environ[PUBLIC_ID], os.environ[SECRET_KEY]) == ("id", SECRET)
    assert SECRET not in ran.output


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("exit 3", "ended with exit code 3"),
        (f"echo {SECRET}", "prints 1 lines"),
        (f"echo {SECRET}; echo b; echo c", "prints 3 lines"),
        (f"echo {PUBLIC_ID}=x; echo {SECRET}", "prints 2 lines"),
        (f"echo {SECRET}; printf '\\377\\n'", "prints what is not UTF-8 text"),
        (f"yes {SECRET}", "prints more than 10,000 bytes"),
        (f"echo {SECRET}; sleep 1000", "has printed no key within 1 seconds"),
        (f"echo {SECRET}; sleep 1000 &", "has printed no key within 1 seconds"),  # what it started holds its output
    ],
)
def test_a_command_that_prints_no_key_is_refused_without_its_words(
    tmp_path: Path, body: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_command, "SECONDS", 1.0)
    for name in (PUBLIC_ID, SECRET_KEY):
        monkeypatch.delenv(name, raising=False)
    ran = run("--config", key_script(tmp_path, body), "info")
    assert ran.exit_code == 2
    assert said in ran.stderr
    assert SECRET not in ran.output


@pytest.mark.parametrize(
    "text",
    [
        f'key_command = "pass show {SECRET}"',
        f'key_command = ["/nowhere/pass {SECRET}", "{SECRET}"]',
        f'key_command = ["/bin/sh", "-c", "exit 1 {SECRET}"]',
        f'key_command = ["pass", 1, "{SECRET}"]',
        f'key_command = ["a\\u0000b", "{SECRET}"]',
        f'[notify]\ncommand = "curl -H {SECRET}"',
    ],
)
def test_a_command_that_cannot_be_run_is_refused_without_its_words(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (PUBLIC_ID, SECRET_KEY):
        monkeypatch.delenv(name, raising=False)
    ran = run("--config", settings_file(tmp_path, text), "info")
    assert ran.exit_code == 2
    assert "command" in ran.stderr and SECRET not in ran.output
    assert not re.search(r"\b[A-Z][a-z]+Error\b", ran.stderr.replace("Error: ", ""))


def test_config_tells_where_the_key_comes_from_and_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (PUBLIC_ID, SECRET_KEY):
        monkeypatch.delenv(name, raising=False)
    ran = run("--config", settings_file(tmp_path, f'key_command = ["pass", "{SECRET}"]'), "config")
    assert "# API key: as key_command pass prints it" in ran.stdout
    assert SECRET not in ran.output
    assert "# API key: not set" in run("--config", settings_file(tmp_path, ""), "config").stdout


def test_systemd_is_told_that_the_poller_is_ready_and_that_it_ends(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        places = ["--db", str(tmp_path / "c.sqlite"), "--state-dir", str(tmp_path), "--api-url", "http://127.0.0.1:9"]
        command = [sys.executable, "-m", "numtui", *places, "poll", "--once"]
        environ = {**os.environ, "NOTIFY_SOCKET": str(tmp_path / "notify")}
        subprocess.run(command, env=environ, capture_output=True, check=False, cwd=PROJECT, timeout=60)
        assert [listening.recv(100), listening.recv(100)] == [b"READY=1", b"STOPPING=1"]
