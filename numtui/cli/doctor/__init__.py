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
from numtui.api.http.addresses import host_of, shows_keys, without_password
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
    """The result of a check: `ok` None is a remark. `name`: the API's name that it is about, if any."""

    what: str
    ok: bool | None
    line: str
    name: KnownName | None = None


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="All findings as JSON, with the API's spelling of each name.")
@click.pass_context
def command(ctx: click.Context, /, as_json: bool) -> None:
    """Check the settings, the API key, the API and what it knows of our questions, the clock and the cache."""
    in_force = session_settings(ctx)
    findings = []
    for finding in examine(in_force, clock_from_env()):
        findings.append(finding)
        if not as_json:
            mark = {True: "ok", False: "FAIL", None: "--"}[finding.ok]
            click.echo(f"{mark:<5}{finding.what:<10}{finding.line}")
    if as_json:
        click.echo(json.dumps([asdict(finding) for finding in findings], indent=2))
    if any(finding.ok is False for finding in findings):
        raise click.exceptions.Exit(FAILED)


def examine(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """All findings, in the order in which things depend on each other. Every question of ours is asked once."""
    exists = settings.config_file.is_file()
    yield Finding("settings", True, f"{settings.config_file}{'' if exists else ' is not there: defaults are in force'}")
    yield from (Finding(*line) for line in places.examine(settings))
    keys: Credentials | None = None
    try:
        keys = credentials()
    except ConfigError as error:
        yield Finding("keys", False, str(error))
    if settings.offline:
        yield Finding("API", None, "not asked: --offline")
    else:
        yield from asyncio.run(_ask(settings, keys, clock))
    yield from _cache(settings, clock.now())


async def _ask(settings: Settings, keys: Credentials | None, clock: Clock) -> list[Finding]:
    records: list[RequestRecord] = []
    async with ApiClient(replace(api_settings(settings), attempts=2), keys, on_request=records.append) as client:
        queries = Queries(client)
        try:
            await queries.idle(Tournament.CLASSIC, auth=False)
            url, seconds = without_password(records[-1].url), records[-1].seconds
            findings = [Finding("API", True, f"{url} answered in {seconds:.2f} s")]
        except ApiError as error:
            return [Finding("API", False, str(error))]
        findings += _clock_skew(records[-1], clock.now())
        findings += _names(await examine_names(client))
        if keys is None:
            findings.append(
                Finding("keys", None, "none: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY to see your models")
            )
            return findings
        try:
            token = await queries.token_info()
        except ApiError as error:
            return [*findings, Finding("keys", False, str(error))]
    bare = [host_of(url) for url in settings.api_urls if shows_keys(url)]
    if bare:
        findings.append(
            Finding("keys", None, f"sent to {', '.join(bare)} unencrypted (--insecure-keys): anybody may read them")
        )
    return findings + _scopes(token.account_username if token else None, list(token.scopes or ()) if token else [])


def _names(names: Names) -> list[Finding]:
    """What the API knows of our names, a line for each that it lacks or knows in another spelling."""
    known = f"{names.asked - len(names.lacking)} of {names.asked} fields and arguments known"
    findings = [Finding("names", True, f"{names.documents} questions asked, {known}")]
    for name in names.otherwise:
        if name.spelling is not None:
            findings.append(Finding("spelling", None, f"{name.name} is asked for as {name.spelling}", name))
    for name in names.lacking:
        column = "" if name.column is None else f"{name.column} is empty; "
        findings.append(Finding("missing", None, f"{name.name} in no spelling: {column}poorer: {name.used_by}", name))
    return findings + [Finding("question", False, f"{name}: {error}") for name, error in names.failed]


def _scopes(account: str | None, scopes: list[str]) -> list[Finding]:
    findings = [Finding("keys", account is not None, f"of account {account}, scopes: {', '.join(scopes) or 'none'}")]
    for scope, use in HELPFUL_SCOPES.items():
        if scope not in scopes:
            findings.append(Finding("scope", None, f"{scope} is missing: needed for {use}"))
    return findings


def _clock_skew(record: RequestRecord, now: datetime) -> list[Finding]:
    if record.date is None:
        return [Finding("clock", None, "the API does not tell its time")]
    try:
        skew = (now - parsedate_to_datetime(record.date)).total_seconds()
    except ValueError:
        return [Finding("clock", None, f"the API's time is not understood: {record.date!r}")]
    line = f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} the API"
    return [Finding("clock", abs(skew) <= LARGEST_SKEW, line)]


def _cache(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        with closing(open_reader(settings.db)) as connection:
            yield from (check(connection, settings, now) for check in CACHE_CHECKS)
    except NoDatabase as error:
        yield Finding("cache", None, str(error))
    except StoreError as error:
        yield Finding("cache", False, str(error))
    except sqlite3.DatabaseError as error:
        suspect(settings.db)
        yield Finding("cache", False, f"{settings.db} is damaged ({error}): `numtui poll --once` builds it anew")


def _integrity(connection: sqlite3.Connection, settings: Settings, _now: datetime) -> Finding:
    (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        suspect(settings.db)  # the next poll sets it aside
    return Finding("cache", verdict == "ok", f"{settings.db}: {verdict}")


def _age(connection: sqlite3.Connection, settings: Settings, now: datetime) -> Finding:
    fetched = last_done(connection, settings.tournament)
    if fetched is None:
        return Finding("data", None, f"nothing of {settings.tournament.label} was fetched yet")
    minutes = (now - fetched).total_seconds() / 60
    return Finding("data", None, f"{settings.tournament.label} was last fetched {minutes:.0f} min ago")


CACHE_CHECKS: tuple[Callable[[sqlite3.Connection, Settings, datetime], Finding], ...] = (_integrity, _age)
