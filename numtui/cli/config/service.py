"""The poller as a service: a unit of systemd, or lines for cron, with the options that are in force."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from numtui import config
from numtui.cli.output.lines import STATED, given, started_as
from numtui.config import Settings

NEVER = {"allow_stake", "offline"}  # a poller changes no stake, and needs the network
PATHS = ("config_file", "db", "state_dir", "dotenv")
UNIT = """[Unit]
Description=numtui: the poller of the Numerai tournament
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
ExecStart={program} poll
Restart=on-failure
RestartSec=60
# The API key, readable by you alone: NUMERAI_PUBLIC_ID=... and NUMERAI_SECRET_KEY=... on a line each.
EnvironmentFile=-{keys}
NoNewPrivileges=yes
PrivateTmp=yes

[Install]
WantedBy=default.target
"""
CRON = """# Without a service: a poll every quarter of an hour (exit code 5: an alert fires), a snapshot at night.
# The API key stands in {keys}, readable by you alone:
# NUMERAI_PUBLIC_ID=... and NUMERAI_SECRET_KEY=... on a line each.
*/15 * * * *  [ ! -r {keys} ] || {{ set -a; . {keys}; set +a; }}; {program} poll --once --alerts --wait 300
30 3 * * *    {program} --offline export all -o {snapshot}
"""


def unit(root: click.Context, in_force: Settings) -> str:
    """A unit of systemd that polls with the settings of the program's context `root`."""
    return UNIT.format(program=" ".join(map(_systemd_word, _words(root))), keys=_key_file(in_force).replace("%", "%%"))


def cron_lines(root: click.Context, in_force: Settings) -> str:
    """Lines for cron that do the same, and export every table at night."""
    snapshot = str(Path.home() / f"numtui{_suffix(in_force)}.db")
    program, keys, kept = (_cron_words(words) for words in (_words(root), [_key_file(in_force)], [snapshot]))
    return CRON.format(program=program, keys=keys, snapshot=kept)


def _words(root: click.Context) -> Iterator[str]:
    """How this program is started with the options in force; it runs in another folder, so paths are absolute."""
    yield from started_as()
    for option in root.command.params:
        if option.name is None or option.name in NEVER:
            continue
        words = list(given(root, (option.name,), STATED))
        yield from [words[0], str(Path(words[1]).expanduser().absolute())] if words and option.name in PATHS else words


def _suffix(in_force: Settings) -> str:
    return "" if in_force.profile is None else f"-{in_force.profile}"


def _key_file(in_force: Settings) -> str:
    return str(config.config_file().parent / f"keys{_suffix(in_force)}.env")


def _systemd_word(word: str) -> str:
    """A word of a command line as systemd reads it."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return escaped if shlex.quote(word) == word else f'"{escaped}"'


def _cron_words(words: Iterable[str]) -> str:
    """Words as sh reads them behind cron, to which a bare % is the end of the line."""
    return shlex.join(words).replace("%", "\\%")
