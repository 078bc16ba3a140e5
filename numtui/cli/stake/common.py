"""Fresh data, the account and files for the subcommands of `numtui stake`."""

from __future__ import annotations

import asyncio
import sqlite3
from dataclasses import replace
from pathlib import Path

import click

from numtui.cli.main import fail
from numtui.clock import Clock
from numtui.config import Settings
from numtui.errors import NO_DATA, USAGE
from numtui.model import Tournament
from numtui.store.queries.stakes.account import wallet

FETCHED = "payouts"  # the export that needs the same: rounds, account, and the own models' positions


def freshen_stakes(
    settings: Settings, clock: Clock, tournament: Tournament, *, table: str = FETCHED, refresh: bool = False
) -> None:
    """Fetch the data on stakes that the cache lacks or has older than a poll interval."""
    from numtui.poller.freshen import freshen  # brings the HTTP client with it: not for an offline look

    asyncio.run(freshen(replace(settings, tournament=tournament), clock, table=table, refresh=refresh))


def account_of(connection: sqlite3.Connection, settings: Settings) -> str:
    """The name of the account in the cache; exit code 4 where there is none."""
    account = wallet(connection)
    if account is None:
        raise fail(
            "the cache has no account: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY, and leave --offline away",
            NO_DATA,
        )
    return account.username


def read_text(path: Path) -> str:
    """A file's text, or that of standard input for `-`. Ends the command where it cannot be read."""
    try:
        with click.open_file(str(path), encoding="utf-8") as file:
            return str(file.read())
    except (OSError, UnicodeDecodeError) as error:
        raise fail(f"{path} cannot be read: {error}", USAGE) from None


def write_text(path: Path, text: str) -> None:
    """Write a file for its owner alone. Ends the command where it cannot be written."""
    try:
        path.touch(mode=0o600, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise fail(f"{path} cannot be written: {error.strerror or error}") from None
    click.echo(f"numtui: wrote {path}", err=True)
