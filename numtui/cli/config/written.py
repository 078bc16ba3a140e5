"""The settings file that the user is given: every setting as a comment."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from numtui.config_file import EXPLAINED

WIDTH = 88
LISTS = ("rules", "alerts")  # tables of which there may be several


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
        "keyring": '"numtui"',
        "theme": '"textual-dark"',
        "start_screen": '"overview"',
    }.get(key, f'"/home/me/numtui/{key}"')
