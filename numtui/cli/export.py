"""`numtui export TABLE`."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any, TextIO, cast

import click

from numtui.cli.main import fail, session_settings
from numtui.cli.options.backtest import backtest_options, query_of, refuse_unwalked
from numtui.cli.options.selection import selection_options
from numtui.cli.options.table import refuse_unused
from numtui.clock import clock_from_env
from numtui.config import Settings, credentials
from numtui.errors import NO_DATA
from numtui.export import FORMATS, write
from numtui.export.tables import TABLES, ReportContext
from numtui.model import Table
from numtui.reports.backtest.query import BacktestError
from numtui.store.database import open_reader, read_transaction
from numtui.store.errors import NoDatabase
from numtui.store.queries.selection import Models, Rounds, known_models

ENDINGS = {"jsonl": "ndjson", "markdown": "md"}  # other names of formats
IN_MEMORY = 16_000_000  # characters of an export; a longer one waits in a file


@click.command("export", epilog="Tables: " + "; ".join(f"{name}: {table.doc}" for name, table in TABLES.items()) + ".")
@click.argument("table", type=click.Choice(list(TABLES)))
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    help="Any table: how it is written; by default as the file's ending says, else csv.",
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Any table: a file instead of stdout."
)
@selection_options
@backtest_options
@click.option("--raw-cells", is_flag=True, help="Any table, csv: texts as they are, also what a spreadsheet would run.")
@click.option("--refresh", is_flag=True, help="Any table: fetch in any case.")
@click.option("--offline", is_flag=True, help="Any table: never fetch.")
@click.pass_context
def command(ctx: click.Context, /, table: str, form: str | None, output: Path | None, **options: Any) -> None:
    """Write a table to stdout or a file.

    What the table needs and the cache lacks, or has older than one poll interval, is fetched first.
    """
    own = session_settings(ctx)
    _refuse(ctx, own, table, options)
    form = _format(form, output)
    context = _request(own, options)
    if TABLES[table].about_models and not _may_find_models(own, context):
        raise _no_models(own, context)
    if not (own.offline or options["offline"]):
        _fetch(own, table, context.models.names, refresh=options["refresh"])
    with closing(_reader(own, table)) as connection, read_transaction(connection):
        if options["epoch"]:
            context = replace(context, rounds=_epoch(connection, own, options["epoch"], context.rounds))
        _check(connection, own, table, context)
        try:
            found = TABLES[table].make(connection, context)
        except BacktestError as error:
            raise click.UsageError(str(error)) from None
        for note in found.notes:
            click.echo(f"numtui: {note}", err=True)
        _write(found, form, output, raw=options["raw_cells"])


def _format(form: str | None, output: Path | None) -> str:
    """The format that the option or the file's ending names; csv where neither does. UsageError where they differ."""
    ending = "" if output is None else output.suffix.removeprefix(".").lower()
    named = ENDINGS.get(ending, ending)
    if named not in FORMATS:
        return form or "csv"
    if form not in {None, named}:
        raise click.UsageError(f"{output} is named as {named}, but --format says {form}: leave out one of them")
    return named


def _refuse(ctx: click.Context, own: Settings, table: str, options: dict[str, Any]) -> None:
    """UsageError for options that exclude each other, and for those that the table does not have."""
    pairs = [("unresolved", "resolved"), ("forecast", "total")]
    exclusive = [(f"--{one}", f"--{other}", options[one] and options[other]) for one, other in pairs]
    exclusive += [
        ("--refresh", "--offline", options["refresh"] and (options["offline"] or own.offline)),
        ("--epoch", "--rounds", options["epoch"] and options["rounds"] != (None, None)),
    ]
    for one, other, both in exclusive:
        if both:
            raise click.UsageError(f"{one} and {other} exclude each other")
    refuse_unused(ctx, table)
    refuse_unwalked(ctx)


def _request(own: Settings, options: dict[str, Any]) -> ReportContext:
    """What the options ask for; the rounds of an epoch are left to `_epoch`."""
    first, last = options["rounds"]
    resolved = True if options["resolved"] else False if options["unresolved"] else None
    models = Models(options["models"], mine=options["mine"], watched=options["watched"])
    return ReportContext(
        tournament=own.tournament,
        now=clock_from_env().now(),
        models=models,
        rounds=Rounds(first, last, resolved),
        latest=options["latest"],
        forecast=options["forecast"],
        total=options["total"],
        backtest=query_of(options, models),
        predictive=options["predictive"],
        state_dir=own.state_dir,
    )


def _reader(own: Settings, table: str) -> sqlite3.Connection:
    """The cache; of a table that lies elsewhere nothing, so that it can be had without a cache."""
    return open_reader(own.db) if TABLES[table].cached else sqlite3.connect(":memory:")


def _fetch(own: Settings, table: str, names: tuple[str, ...], *, refresh: bool) -> None:
    """Bring the cache up to what the table needs."""
    from numtui.poller.freshen import freshen  # brings the HTTP client with it: not for an offline export

    asyncio.run(freshen(own, clock_from_env(), table=table, names=names, refresh=refresh))


def _may_find_models(own: Settings, context: ReportContext) -> bool:
    """Whether there are models for the table: named ones, the keys' own, watched ones, or some in the cache."""
    only_mine = context.models.mine and not context.models.watched
    watched = bool(own.watch.get(own.tournament)) and not only_mine
    if context.models.names or watched or credentials() is not None:
        return True
    try:
        with closing(open_reader(own.db)) as connection:
            return bool(known_models(connection, own.tournament, context.models))
    except NoDatabase:
        return False


def _no_models(own: Settings, context: ReportContext) -> click.exceptions.Exit:
    which = "watched models" if context.models.watched and not context.models.mine else "models"
    return fail(
        f"no {which} in {own.tournament.label}: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY, watch some (key f on "
        "the leaderboard, or [watch] in the settings file), or name them with --models",
        NO_DATA,
    )


def _epoch(connection: sqlite3.Connection, own: Settings, name: str, rounds: Rounds) -> Rounds:
    """The rounds of an epoch. UsageError lists the names when there is none such."""
    from numtui.reports.epochs import epoch_named  # needed for this option only

    try:
        found = epoch_named(connection, own.tournament, name, own.epochs)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    return Rounds(found.first, found.last, rounds.resolved)


def _check(connection: sqlite3.Connection, own: Settings, table: str, context: ReportContext) -> None:
    """Stop with exit code 4 and a line that says what is missing when the table cannot be about any model."""
    if not TABLES[table].about_models:
        return
    known = known_models(connection, own.tournament, context.models)
    spelled = {name.lower() for name in known}
    missing = [name for name in context.models.names if name.lower() not in spelled]
    if missing:
        raise fail(f"not in the cache: {', '.join(missing)}; fetch without --offline", NO_DATA)
    if not known:
        raise _no_models(own, context)


def _write(table: Table, form: str, output: Path | None, *, raw: bool) -> None:
    rows = iter(table.rows)
    first = next(rows, None)
    if first is None:
        raise fail(f"nothing to show: the cache has no {table.name} of this kind", NO_DATA)
    whole = replace(table, rows=chain([first], rows))
    if output is not None or form == "parquet":
        write(whole, form, sys.stdout if output is None else output, raw=raw)
        return
    with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="") as draft:
        write(whole, form, cast(TextIO, draft), raw=raw)  # all or nothing: a damaged cache leaves no part on stdout
        draft.seek(0)
        copyfileobj(draft, sys.stdout)
    sys.stdout.flush()
