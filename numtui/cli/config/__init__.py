"""`numtui config`: the settings in force."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import click
import tomli_w

from numtui import config
from numtui.cli.config.service import cron_lines, unit
from numtui.cli.config.written import settings_text
from numtui.cli.keys.key_command import MOST
from numtui.cli.keys.system_keyring import forget_key, keep_key
from numtui.cli.main import fail, session_settings
from numtui.config import Settings
from numtui.errors import USAGE
from numtui.model import Tournament

NOT_IN_THE_FILE = ("config_file", "profile", "simulated", "allow_stake", "alerts", "notify", "key_command")
KEYRING_NAME = "numtui"
FILE_NAMES = {"api_urls": "api_url"}


@click.group("config", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Print the settings in force as the settings file would hold them. Keys are only said to be there or not."""
    if ctx.invoked_subcommand is not None:
        return
    in_force = session_settings(ctx)
    exists = in_force.config_file.is_file()
    click.echo(f"# {in_force.config_file}{'' if exists else ' (not there: these are the defaults)'}")
    click.echo(f"# API key: {_key(in_force)}")
    click.echo(f"# changes of stakes: {'allowed by --allow-stake' if in_force.allow_stake else 'not allowed'}")
    click.echo(tomli_w.dumps(content_of(in_force), multiline_strings=False), nl=False)


@command.command("init")
@click.option("--stdout", is_flag=True, help="Print it, write nothing.")
@click.pass_context
def init(ctx: click.Context, /, stdout: bool) -> None:
    """Write a settings file with every setting as a comment; one that is there is left alone."""
    if stdout:
        click.echo(settings_text(), nl=False)
        return
    path = session_settings(ctx).config_file
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(settings_text())
    except FileExistsError:
        raise fail(f"{path} is there already: it is left as it is; --stdout prints a new one") from None
    except OSError as error:
        raise fail(f"{path} cannot be written: {error.strerror}") from None
    click.echo(f"numtui: wrote {path}", err=True)


@command.command("service")
@click.option("--cron", is_flag=True, help="Lines for cron in the place of a unit of systemd.")
@click.pass_context
def service(ctx: click.Context, /, cron: bool) -> None:
    """Print a unit of systemd that keeps the poller running, or lines for cron; nothing is installed.

    As your own service: numtui config service > ~/.config/systemd/user/numtui.service, then systemctl --user enable
    --now numtui, and loginctl enable-linger where it shall run while you are not logged in. It polls with the options
    of this call, such as --profile or --db, and with what NUMTUI_... variables say now.
    """
    in_force = session_settings(ctx)
    if in_force.simulated:
        raise fail("the demo's server ends with its command: there is nothing for a service to poll", USAGE)
    click.echo((cron_lines if cron else unit)(ctx.find_root(), in_force), nl=False)


@command.command("keyring")
@click.option("--forget", is_flag=True, help="Take it out of the keyring again.")
@click.pass_context
def keyring(ctx: click.Context, /, forget: bool) -> None:
    """Put an API key into the system's keyring, asked for here or as two lines on stdin; the setting keyring uses it.

    It is kept under the name that the setting keyring has, else under numtui, and replaces what is there.
    """
    in_force = session_settings(ctx)
    name = in_force.keyring or KEYRING_NAME
    if forget:
        forget_key(name)
        click.echo(f"numtui: the keyring has no API key under {name!r} any more", err=True)
        return
    public_id, secret_key = _typed_key()
    keep_key(name, public_id, secret_key)
    click.echo(f"numtui: the keyring has the API key under {name!r}", err=True)
    if in_force.keyring is None:
        click.echo(f'numtui: to use it, write keyring = "{name}" into {in_force.config_file}', err=True)


def _typed_key() -> tuple[str, str]:
    """Both halves of an API key, typed unseen or read from stdin. ConfigError for what is not two words."""
    if sys.stdin.isatty():
        halves = [click.prompt(f"{half}, not shown", hide_input=True, err=True) for half in ("Public id", "Secret key")]
    else:
        halves = [line for line in sys.stdin.read(MOST).splitlines() if line.strip()]
    words = [half.strip() for half in halves]
    if len(words) != 2 or any(not half.isprintable() or " " in half for half in words):
        raise config.ConfigError("an API key is two words without spaces: the public id, then the secret key")
    return words[0], words[1]


def _key(in_force: Settings) -> str:
    if config.credentials() is not None:
        return "set in the environment"
    if command := in_force.key_command:
        return f"as key_command {command[0]} prints it; its words are not shown here"
    return f"in the system's keyring under {in_force.keyring}" if in_force.keyring else "not set"


def content_of(in_force: Settings) -> dict[str, Any]:
    """What a settings file with these settings holds, the rules of the present one included; addresses to which alerts
    go without what may be secret in them."""
    content: dict[str, Any] = {}
    for field in fields(in_force):
        value = _plain(getattr(in_force, field.name))
        if field.name not in NOT_IN_THE_FILE and value not in (None, {}):
            content[FILE_NAMES.get(field.name, field.name)] = value
    file = config.read_file(in_force.config_file, required=False)
    if in_force.notify is not None:
        from numtui.config_file import without_secrets  # its library is loaded only where there is something to show

        content["notify"] = {**file["notify"], "urls": [without_secrets(url) for url in in_force.notify.urls]}
    return {**content, **{name: file[name] for name in ("rules", "alerts") if file.get(name)}}


def _plain(value: object) -> Any:
    match value:
        case Path():
            return str(value)
        case Tournament():
            return value.label
        case tuple():
            return list(value)
        case Mapping():
            return {_plain(key): _plain(item) for key, item in value.items()}
        case _:
            return value
