"""Files that the user is given: a settings file with every setting, and how the poller runs as a service."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap

from numtui.config_file import EXPLAINED

WIDTH = 88
LISTS = ("rules", "alerts")  # tables of which there may be several
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
EnvironmentFile=-%h/.config/numtui/keys.env
NoNewPrivileges=yes
PrivateTmp=yes

[Install]
WantedBy=default.target
"""
CRON = """# Without a service: a poll every quarter of an hour (exit code 5: an alert fires), a snapshot at night.
*/15 * * * *  . $HOME/.config/numtui/keys.env; {program} poll --once --alerts --wait 300
30 3 * * *    {program} export all --offline -o $HOME/numtui.db
"""


def settings_text() -> str:
    """A settings file with every setting as a comment, with its default or an example."""
    lines = [
        "# Settings of numtui. A setting counts once its # is taken away; `numtui config` prints what is in force.",
        "# Options and NUMTUI_... variables go before this file. The API key is never read from it, and no setting",
        "# allows changes of stakes: only the option --allow-stake does, for one call.",
        "",
    ]
    for key, (value, words) in EXPLAINED.items():
        lines += [f"# {line}" for line in wrap(words, WIDTH)]
        lines += [*_commented(key, value), ""]
    return "\n".join(lines)


def _commented(key: str, value: str) -> Iterator[str]:
    if key in LISTS:
        yield f"#[[{key}]]"
    elif "=" in value:
        name = {"epochs": "epochs.classic", "profiles": "profiles.signals"}.get(key, key)
        yield f"#[{name}]"
    else:
        yield f"#{key} = {value or placeholder(key)}"
        return
    yield from (f"#{line}" for line in value.splitlines())


def placeholder(key: str) -> str:
    """An example of a setting that the program finds by itself where it is not set."""
    return {
        "key_command": '["pass", "show", "numerai"]',
        "theme": '"textual-dark"',
        "start_screen": '"overview"',
    }.get(key, f'"/home/me/numtui/{key}"')


def program() -> str:
    """How this program is started, as a line of a service has it."""
    found = shutil.which("numtui", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
    return shlex.quote(found) if found else f"{shlex.quote(sys.executable)} -m numtui"
