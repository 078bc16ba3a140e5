"""Settings from file, environment and options: what is wrong is one line that names the key, and exit code 2."""

from __future__ import annotations

import os
import string
from pathlib import Path

import pytest
import tomli_w
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numtui.cli.main import main
from numtui.config_file import ConfigFile
from numtui.errors import DONE, FAILED, USAGE

ZERO_TO_32 = "a whole number from 1 to 32"
SECONDS = "seconds, from 0.5 to 86400"


def run(folder: Path, *words: str, file: str | bytes | None = None, **environment: str) -> Result:
    """numtui with its places in `folder` and this settings file."""
    path = folder / "numtui.toml"
    if file is not None:
        path.write_bytes(file if isinstance(file, bytes) else file.encode())
    chosen = ["--config", str(path)] if file is not None else []
    places = {"XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    return CliRunner().invoke(main, [*chosen, *words], env={**places, **environment})


def line(result: Result) -> str:
    """The line that says what is wrong."""
    assert (result.exit_code, result.stdout) == (USAGE, ""), result.output
    assert "Traceback" not in result.stderr
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("concurrency = 0", f"concurrency = 0 is not allowed, but {ZERO_TO_32}"),
        ("concurrency = -1", f"concurrency = -1 is not allowed, but {ZERO_TO_32}"),
        ('concurrency = "8"', f"concurrency = '8' is not allowed, but {ZERO_TO_32}"),
        ("concurrency = true", f"concurrency = true is not allowed, but {ZERO_TO_32}"),
        ("concurrency = 99999999999999999999999", f"not allowed, but {ZERO_TO_32}"),
        ('read_timeout = "abc"', f"read_timeout = 'abc' is not allowed, but {SECONDS}"),
        ("read_timeout = nan", f"read_timeout = nan is not allowed, but {SECONDS}"),
        ("read_timeout = inf", f"read_timeout = inf is not allowed, but {SECONDS}"),
        ("connect_timeout = []", f"connect_timeout = [] is not allowed, but {SECONDS}"),
        ("poll_interval = 0", f"poll_interval = 0 is not allowed, but {SECONDS}"),
        ("db = 5", "db = 5 is not allowed, but a path, as text"),
        ("offline = 1", "offline = 1 is not allowed, but true or false"),
        ('tournament = "clasic"', "tournament = 'clasic' is not allowed, but classic, signals or crypto"),
        ('fiat = "dollars"', "fiat = 'dollars' is not allowed, but three capitals"),
        ("poll_intervall = 5", "there is no setting 'poll_intervall': did you mean 'poll_interval'?"),
        ("[wach]", "there is no setting 'wach': did you mean 'watch'?"),
        ("alow_stake = true", "the file cannot allow changes of stakes: start with --allow-stake each time"),
        ("allow_stake = true", "the file cannot allow changes of stakes: start with --allow-stake each time"),
        ('secret_key = "x"', "keys are not read from the file"),
        ('[watch]\nclassic = "a"', "watch = {'classic': 'a'} is not allowed, but a table such as"),
        ('[watch]\nclasic = ["a"]', "watch = {'clasic': ['a']} is not allowed"),
        ("watch = 5", "watch = 5 is not allowed"),
        ("[epochs]\nclassic = 5", "epochs = {'classic': 5} is not allowed"),
        ('[staker]\nclassic = "0x12"', "staker = {'classic': '0x12'} is not allowed"),
        ("rules = 5", "rules = 5 is not allowed, but [[rules]] tables"),
        ("time_zone = 5", "time_zone = 5 is not allowed"),
        ('time_zone = "Mars/One"', "there is no time zone 'Mars/One'"),
        ('time_zone = "/etc/passwd"', "there is no time zone"),
        ("a = " + "[" * 5000, "numtui.toml"),
        (b"a = '\xff'", "is not UTF-8 text"),
        ("= 5", "is not TOML"),
    ],
)
def test_a_bad_line_of_the_file_is_named(tmp_path: Path, content: str | bytes, said: str) -> None:
    assert said in line(run(tmp_path, "config", file=content))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CONCURRENCY", "0", ZERO_TO_32),
        ("CONCURRENCY", "8.5", ZERO_TO_32),
        ("READ_TIMEOUT", "abc", SECONDS),
        ("READ_TIMEOUT", "nan", SECONDS),
        ("POLL_INTERVAL", "inf", SECONDS),
        ("POLL_INTERVAL", "1_0", SECONDS),
        ("TOURNAMENT", "clasic", "'clasic' is not one of"),
        ("OFFLINE", "maybe", "not a valid boolean"),
        ("POLL_INTERVALL", "5", "there is no variable NUMTUI_POLL_INTERVALL: did you mean NUMTUI_POLL_INTERVAL?"),
        ("OFFLNE", "1", "there is no variable NUMTUI_OFFLNE: did you mean NUMTUI_OFFLINE?"),
        ("ALLOW_STAKE", "1", "NUMTUI_ALLOW_STAKE cannot allow changes of stakes"),
        ("TIME_ZONE", "Mars/One", "there is no time zone 'Mars/One'"),
    ],
)
def test_a_bad_variable_is_named(tmp_path: Path, name: str, value: str, said: str) -> None:
    assert said in line(run(tmp_path, "config", **{f"NUMTUI_{name}": value}))


@pytest.mark.parametrize(
    "words",
    [
        ("--concurrency", "0"),
        ("--read-timeout", "nan"),
        ("--poll-interval", "-inf"),
        ("--fiat", "x"),
        ("--theme", "A B"),
    ],
)
def test_a_bad_option_is_named(tmp_path: Path, words: tuple[str, str]) -> None:
    assert words[0] in line(run(tmp_path, *words, "config"))


def test_a_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    result = run(tmp_path, "config", file=b"\xef\xbb\xbf" + b"concurrency = 3\n")
    assert result.exit_code == DONE
    assert "concurrency = 3" in result.stdout


def test_option_before_environment_before_file_before_default(tmp_path: Path) -> None:
    file = "concurrency = 2\nread_timeout = 22\nfiat = 'EUR'\n"
    shown = run(tmp_path, "--concurrency", "4", "config", file=file, NUMTUI_CONCURRENCY="3", NUMTUI_READ_TIMEOUT="33")
    assert "concurrency = 4\n" in shown.stdout
    assert "read_timeout = 33.0\n" in shown.stdout
    assert 'fiat = "EUR"\n' in shown.stdout
    assert "connect_timeout = 10.0\n" in shown.stdout


FULL = """
api_url = "http://127.0.0.1:1"
time_zone = "Europe/Berlin"
[watch]
classic = ["a\\"b", "c"]
[epochs.classic]
"my run" = "1200.."
[staker]
crypto = "0x0123456789abcdef0123456789abcdef01234567"
[[rules]]
rule = "stop"
loss = 0.5
"""


def test_what_is_printed_is_a_file_of_the_same_settings(tmp_path: Path) -> None:
    first = run(tmp_path, "config", file=FULL)
    assert first.exit_code == DONE, first.stderr
    for part in ('"a\\"b"', '"my run" = "1200.."', 'rule = "stop"', "0x0123456789abcdef", "Europe/Berlin"):
        assert part in first.stdout
    assert run(tmp_path, "config", file=first.stdout).stdout == first.stdout


@pytest.mark.parametrize("option", ["--config", "--db", "--state-dir", "--dotenv"])
@pytest.mark.parametrize(
    "command", [("info",), ("--offline", "export", "leaderboard"), ("--offline", "stake", "status")]
)
def test_bad_paths_end_in_a_line_without_class_names(tmp_path: Path, option: str, command: tuple[str, ...]) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    for path in ("a" * 300, str(loop), str(loop / "x"), str(tmp_path), "/dev/null/x", ""):
        result = run(tmp_path, option, path, *command)
        assert isinstance(result.exception, SystemExit | None), result.exception
        assert "Traceback" not in result.stderr
        assert "Error:" not in result.stderr.replace("\nError: Invalid value", ""), result.stderr


def test_info_tells_versions_and_places_before_there_is_a_cache(tmp_path: Path) -> None:
    result = run(tmp_path, "--db", str(tmp_path / "none.sqlite"), "info")
    assert result.exit_code == DONE
    for word in ("numtui", "python", "database", "state folder", "settings file", "there is no cache"):
        assert word in result.stdout


def test_doctor_says_where_it_may_not_write(tmp_path: Path) -> None:
    result = run(tmp_path, "--db", "/proc/x/numtui.sqlite", "--offline", "doctor")
    assert result.exit_code == FAILED
    assert "/proc/x cannot be written: " in result.stdout


def test_doctor_names_a_rule_that_is_not_understood(tmp_path: Path) -> None:
    result = run(tmp_path, "--offline", "doctor", file='[[rules]]\nrule = "stpo"\n')
    assert result.exit_code == FAILED
    assert "no rule 'stpo'" in result.stdout


VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | st.text(string.printable, max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(string.ascii_letters, max_size=8), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(ConfigFile.__struct_fields__) | st.text(max_size=10), VALUES, max_size=3))
def test_any_file_ends_in_settings_or_one_line(tmp_path: Path, content: dict[str, object]) -> None:
    result = run(tmp_path, "--offline", "config", file=tomli_w.dumps(content))
    assert result.exit_code in {DONE, USAGE}, result.stderr
    assert isinstance(result.exception, SystemExit | None)
    if result.exit_code == USAGE:
        assert result.stderr.strip()


def test_the_environment_of_this_test_has_none_of_our_variables() -> None:
    assert [name for name in os.environ if name.startswith("NUMTUI_") and name != "NUMTUI_CLOCK"] == []
