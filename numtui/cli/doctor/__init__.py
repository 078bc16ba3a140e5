"""`numtui doctor`: is everything in place? A line a check; exit code 0 when all is well, else 1."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime

import click

from numtui.api.client import ApiClient, RequestRecord
from numtui.api.errors import ApiError
from numtui.api.http.addresses import host_of, shown, shows_keys
from numtui.api.queries import Queries
from numtui.api.settings import api_settings
from numtui.cli.doctor import places
from numtui.cli.doctor.names import KnownName, Names, examine_names
from numtui.cli.main import session_settings
from numtui.clock import Clock, clock_from_env
from numtui.config import ConfigError, Credentials, Settings, credentials
from numtui.errors import FAILED
from numtui.model import Tournament
from numtui.store.database import open_reader
from numtui.store.errors import NoDatabase, StoreError, suspect
from numtui.store.queries.polls import last_done

LARGEST_SKEW = 60.0  # seconds; authorisations and countdowns go wrong beyond
HELPFUL_SCOPES = {
    "read_user_info": "own models, stakes and wallet",
    "stake": "changing legacy stakes",
    "web3_staking": "Atomic staking's rounds and claims",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found: `ok` None is a remark that fails nothing. `name`: the API's name that it is about, if any."""

    what: str
    ok: bool | None
    line: str
    name: KnownName | None = None


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="All findings as JSON, with the API's spelling of each name.")
@click.pass_context
def command(ctx: click.Context, /, as_json: bool) -> None:
    """Check the settings, the API key, the API and what it knows of our questions, the clock and the cache."""
    own = session_settings(ctx)
    findings = []
    for finding in examine(own, clock_from_env()):
        findings.append(finding)
        if not as_json:
            mark = {True: "ok", False: "FAIL", None: "--"}[finding.ok]
            click.echo(f"{mark:<5}{finding.what:<10}{finding.line}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if any(finding.ok is False for finding in findings):
        raise click.exceptions.Exit(FAILED)


def examine(own: Settings, clock: Clock) -> Iterator[Finding]:
    """All findings, in the order in which things depend on each other. Every question of ours is asked once."""
    there = own.config_file.is_file()
    yield Finding("settings", True, f"{own.config_file}{'' if there else ' is not there: defaults are in force'}")
    yield from (Finding(*line) for line in places.examine(own))
    keys: Credentials | None = None
    try:
        keys = credentials()
    except ConfigError as error:
        yield Finding("keys", False, str(error))
    if own.offline:
        yield Finding("API", None, "not asked: --offline")
    else:
        yield from asyncio.run(_ask(own, keys, clock))
    yield from _cache(own, clock.now())


async def _ask(own: Settings, keys: Credentials | None, clock: Clock) -> list[Finding]:
    records: list[RequestRecord] = []
    async with ApiClient(replace(api_settings(own), attempts=2), keys, on_request=records.append) as client:
        queries = Queries(client)
        try:
            await queries.idle(Tournament.CLASSIC, auth=False)
            found = [Finding("API", True, f"{shown(records[-1].url)} answered in {records[-1].seconds:.2f} s")]
        except ApiError as error:
            return [Finding("API", False, str(error))]
        found += _clock_skew(records[-1], clock.now())
        found += _names(await examine_names(client))
        if keys is None:
            found.append(Finding("keys", None, "none: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY to see your models"))
            return found
        try:
            token = await queries.token_info()
        except ApiError as error:
            return [*found, Finding("keys", False, str(error))]
    bare = [host_of(url) for url in own.api_urls if shows_keys(url)]
    if bare:
        found.append(
            Finding("keys", None, f"sent to {', '.join(bare)} unencrypted (--insecure-keys): anybody may read them")
        )
    return found + _scopes(token.account_username if token else None, list(token.scopes or ()) if token else [])


def _names(names: Names) -> list[Finding]:
    """What the API knows of our names, a line for each that it lacks or knows in another spelling."""
    known = f"{names.asked - len(names.lacking)} of {names.asked} fields and arguments known"
    found = [Finding("names", True, f"{names.documents} questions asked, {known}")]
    for one in names.otherwise:
        if one.spelling is not None:
            found.append(Finding("spelling", None, f"{one.name} is asked for as {one.spelling}", one))
    for one in names.lacking:
        column = "" if one.column is None else f"{one.column} is empty; "
        found.append(Finding("missing", None, f"{one.name} in no spelling: {column}poorer: {one.used_by}", one))
    return found + [Finding("question", False, f"{name}: {error}") for name, error in names.failed]


def _scopes(account: str | None, scopes: list[str]) -> list[Finding]:
    found = [Finding("keys", account is not None, f"of account {account}, scopes: {', '.join(scopes) or 'none'}")]
    for scope, use in HELPFUL_SCOPES.items():
        if scope not in scopes:
            found.append(Finding("scope", None, f"{scope} is missing: needed for {use}"))
    return found


def _clock_skew(record: RequestRecord, now: datetime) -> list[Finding]:
    if record.date is None:
        return [Finding("clock", None, "the API does not tell its time")]
    try:
        skew = (now - parsedate_to_datetime(record.date)).total_seconds()
    except ValueError:
        return [Finding("clock", None, f"the API's time is not understood: {record.date!r}")]
    line = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the API"
    return [Finding("clock", abs(skew) <= LARGEST_SKEW, line)]


def _cache(own: Settings, now: datetime) -> Iterator[Finding]:
    try:
        with closing(open_reader(own.db)) as connection:
            yield from (check(connection, own, now) for check in CACHE_CHECKS)
    except NoDatabase as error:
        yield Finding("cache", None, str(error))
    except StoreError as error:
        yield Finding("cache", False, str(error))
    except sqlite3.DatabaseError as error:
        suspect(own.db)
        yield Finding("cache", False, f"{own.db} is damaged ({error}): `numtui poll --once` builds it anew")


def _integrity(connection: sqlite3.Connection, own: Settings, _now: datetime) -> Finding:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        suspect(own.db)  # the next poll sets it aside
    return Finding("cache", verdict == "ok", f"{own.db}: {verdict}")


def _age(connection: sqlite3.Connection, own: Settings, now: datetime) -> Finding:
    fetched = last_done(connection, own.tournament)
    if fetched is None:
        return Finding("data", None, f"nothing of {own.tournament.label} was fetched yet")
    minutes = (now - fetched).total_seconds() / 60
    return Finding("data", None, f"{own.tournament.label} was last fetched {minutes:.0f} min ago")


CACHE_CHECKS: tuple[Callable[[sqlite3.Connection, Settings, datetime], Finding], ...] = (_integrity, _age)
