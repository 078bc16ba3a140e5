"""`numtui export TABLE`."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import Any, TextIO, cast

import click

from numtui.cli.export.whole import DATABASE, PARQUET, WholeWriter, named_format, whole_writer
from numtui.cli.main import fail, session_settings
from numtui.cli.options.backtest import backtest_options, query_of, refuse_unwalked
from numtui.cli.options.selection import ALL, OF_NAMED, OF_SELECTED, selection_options
from numtui.cli.options.table import refuse_unused
from numtui.clock import clock_from_env
from numtui.config import Settings, credentials
from numtui.errors import FAILED, NO_DATA
from numtui.export import FORMATS, write
from numtui.export.cache import Cache
from numtui.export.options import OptionError, allocation_query, score_weights
from numtui.export.schema import json_schema
from numtui.export.tables import TABLES, ReportContext
from numtui.export.whole import all_tables, write_database
from numtui.model import Table, Tournament
from numtui.reports.backtest.query import BacktestError, BacktestQuery
from numtui.store.database import open_reader, read_transaction
from numtui.store.errors import NoDatabase
from numtui.store.queries.selection import Models, Rounds, known_models

log = logging.getLogger(__name__)

OVERVIEW = "overview"
OF_FIELD = ("field", "tournament")  # made of rounds with everybody in them
BINARY = (DATABASE, PARQUET)
WEIGHED = ("method", "floor", "cap", "min_change", "walk", "frontier", "moving", "portfolio")
IN_MEMORY = 16_000_000  # characters of an export; a longer one waits in a file


@click.command(
    "export",
    epilog="Tables: "
    + "; ".join(f"{name}: {table.doc}" for name, table in TABLES.items())
    + f"; {ALL}: all of them that the cache can make, of every tournament.",
)
@click.argument("table", type=click.Choice([*TABLES, ALL]))
@click.option(
    "--format",
    "form",
    type=click.Choice((*FORMATS, DATABASE)),
    help="Any table: how it is written; by default as the file's ending says, else csv.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Any table: a file instead of stdout.")
@selection_options
@backtest_options
@click.option("--raw-cells", is_flag=True, help="Any table, csv: texts as they are, also what a spreadsheet would run.")
@click.option("--refresh", is_flag=True, help="Any table: fetch in any case.")
@click.option("--offline", is_flag=True, help="Any table: never fetch.")
@click.option("--schema", is_flag=True, help="Any table: its columns and what they mean, as JSON Schema.")
@click.option("--watch", is_flag=True, help="Any table, with -o: again whenever the cache changes, until ctrl+c.")
@click.pass_context
def command(
    ctx: click.Context, /, table: str, form: str | None, output: Path | None, watch: bool, **options: Any
) -> None:
    """Write a table to stdout or a file, or all of them to a SQLite file or a folder of parquet files.

    What the table needs and the cache lacks, or has older than one poll interval, is fetched first.
    """
    in_force = session_settings(ctx)
    _refuse(ctx, in_force, table, options)
    if watch and output is None:
        raise click.UsageError("--watch writes again and again: name a file with -o")
    options["models"] = _named(in_force, table, options)
    models = Models(options["models"], mine=options["mine"], watched=options["watched"])
    query = query_of(options, models)
    if table == ALL:
        write_all = whole_writer(form, output, schema=options["schema"])
        if not (in_force.offline or options["offline"]):
            _fetch(in_force, OVERVIEW, (), Rounds(), refresh=options["refresh"])
            if models.names:
                _fetch(in_force, "models", models.names, Rounds(), refresh=options["refresh"])
        _again(in_force, watch, lambda: _write_whole(in_force, query, options, write_all))
        return
    form = _format(form, output)
    if form in BINARY and output is None:
        raise click.UsageError(f"{form} is binary: give a file with -o")
    if TABLES[table].about_models and not options["schema"] and not _may_find_models(in_force, models):
        raise _no_models(in_force, models)
    if not (in_force.offline or options["offline"] or options["schema"]):
        rounds = Rounds(*options["rounds"])
        _fetch(in_force, table, models.names, rounds, refresh=options["refresh"])
    _again(in_force, watch, lambda: _write_one(in_force, table, form, output, query=query, options=options))


def _again(in_force: Settings, watch: bool, write: Callable[[], None]) -> None:
    """Write once, or with `watch` whenever the cache changes."""
    if not watch:
        write()
        return
    from numtui.cli.export.watching import changes  # only then

    for _ in changes(in_force.db):
        write()


def _write_one(
    in_force: Settings, table: str, form: str, output: Path | None, *, query: BacktestQuery, options: dict[str, Any]
) -> None:
    connection = _reader(in_force, table)
    if not options["schema"]:
        _fetch_days(Cache(in_force, connection, clock_from_env()), table, options, query)
    with Cache(in_force, connection, clock_from_env()) as cache, read_transaction(connection):
        try:
            context = _context(cache, options, query)
            if not options["schema"]:
                _check(cache, table, context)
            result = cache.table(table, context)
        except (BacktestError, OptionError) as error:
            raise click.UsageError(str(error)) from None
        if options["schema"]:
            _write_text(json_schema(result, TABLES[table].doc), output)
            return
        for note in result.notes:
            click.echo(f"numtui: {note}", err=True)
        _write(result, form, output, raw=options["raw_cells"])


def _write_whole(in_force: Settings, query: BacktestQuery, options: dict[str, Any], write_all: WholeWriter) -> None:
    """All tables that the cache can make."""
    with Cache(in_force, open_reader(in_force.db), clock_from_env()) as cache, read_transaction(cache.connection):
        context = _context(cache, options, query)
        write_all(all_tables(cache.connection, context, lambda line: log.info("%s", line)))


def _format(form: str | None, output: Path | None) -> str:
    """The format that the option or the file's ending names; csv where neither does. UsageError where they differ."""
    named = named_format(output)
    if named is None:
        return form or "csv"
    if form not in {None, named}:
        raise click.UsageError(f"{output} is named as {named}, but --format says {form}: leave out one of them")
    return named


def _refuse(ctx: click.Context, in_force: Settings, table: str, options: dict[str, Any]) -> None:
    """UsageError for options that exclude each other, and for those that the table does not have."""
    pairs = [("unresolved", "resolved"), ("forecast", "total")]
    exclusive = [(f"--{name}", f"--{rival}", options[name] and options[rival]) for name, rival in pairs]
    exclusive += [
        ("--refresh", "--offline", options["refresh"] and (options["offline"] or in_force.offline)),
        ("--epoch", "--rounds", options["epoch"] and options["rounds"] != (None, None)),
    ]
    for name, rival, both in exclusive:
        if both:
            raise click.UsageError(f"{name} and {rival} exclude each other")
    refuse_unused(ctx, table)
    refuse_unwalked(ctx)


def _context(cache: Cache, options: dict[str, Any], query: BacktestQuery) -> ReportContext:
    """The context that the options describe."""
    rounds = options["rounds"]
    named = {name: options[name] for name in ("mine", "watched", "resolved", "unresolved")}
    kinds = {name: options[name] for name in ("latest", "forecast", "total", "predictive")}
    context = cache.context(
        models=options["models"] or None,
        rounds=None if rounds == (None, None) else rounds,
        epoch=options["epoch"] or None,  # an empty one, of a variable, is none
        backtest=query,
        window=options["window"],
        allocation=allocation_query(**{name: options[name] for name in WEIGHED}),
        **named,
        **kinds,
    )
    weights = score_weights(options["weights"])
    return replace(context, part=options["part"], weights=weights, benchmark=options["benchmark"])


def _named(in_force: Settings, table: str, options: dict[str, Any]) -> tuple[str, ...]:
    """The models named, and those with a tag that was asked for. Exit code 4 where a tag is on no model."""
    names: tuple[str, ...] = options["models"] if table in OF_NAMED else ()
    if not options["tags"] or table not in OF_SELECTED:
        return names
    from numtui.reports.notes.notes import models_tagged  # reads another file than the cache
    from numtui.store.notes.notes import Notes

    tagged = models_tagged(Notes.of(in_force).contents(), in_force.tournament, options["tags"])
    if not tagged:
        raise fail(f"no model of {in_force.tournament.label} has the tag {', '.join(options['tags'])}", NO_DATA)
    known = {name.casefold() for name in names}
    return (*names, *sorted(tagged - known))


def _reader(in_force: Settings, table: str) -> sqlite3.Connection:
    """The cache; of a table that lies elsewhere nothing, so that it can be had without a cache."""
    return open_reader(in_force.db) if TABLES[table].cached else sqlite3.connect(":memory:")


def _fetch(in_force: Settings, table: str, names: tuple[str, ...], rounds: Rounds, *, refresh: bool) -> None:
    """Bring the cache up to what the table needs, in every tournament that it is about."""
    from numtui.poller.freshen import freshen  # brings the HTTP client with it: not for an offline export

    for tournament in _tournaments(in_force, table):
        of = replace(in_force, tournament=tournament)
        asyncio.run(freshen(of, clock_from_env(), table=table, names=names, refresh=refresh))
    if table in OF_FIELD:
        from numtui.poller.freshen import fetch_field

        asyncio.run(fetch_field(in_force, clock_from_env(), rounds, _say))


def _say(line: str) -> None:
    click.echo(f"numtui: {line}", err=True)


def _fetch_days(cache: Cache, table: str, options: dict[str, Any], query: BacktestQuery) -> None:
    """Bring the days that the table is made of; where they may not be fetched, say what is missing (exit code 4 where
    the days are the table)."""
    try:
        context = _context(cache, options, query)
    except (BacktestError, OptionError) as error:
        raise click.UsageError(str(error)) from None
    in_force = cache.settings
    for tournament in _tournaments(in_force, table):
        missing = cache.missing_days(table, replace(context, tournament=tournament))
        if missing is None:
            continue
        if in_force.offline or options["offline"]:
            if table == "scores":
                raise fail(f"{missing}: fetch without --offline, or name later --rounds", NO_DATA)
            click.echo(f"numtui: {missing}", err=True)
            continue
        from numtui.poller.freshen import fetch_days  # brings the HTTP client with it: not for an offline export

        names = tuple(known_models(cache.connection, tournament, context.models))
        of = replace(in_force, tournament=tournament)
        asyncio.run(fetch_days(of, cache.clock, first=missing.first, names=names))


def _tournaments(in_force: Settings, table: str) -> tuple[Tournament, ...]:
    """Those that a table is about: the one in force, but of the overview all."""
    return tuple(Tournament) if table == OVERVIEW else (in_force.tournament,)


def _may_find_models(in_force: Settings, models: Models) -> bool:
    """Whether there are models for the table: named ones, the keys' own, watched ones, or some in the cache."""
    only_mine = models.mine and not models.watched
    watched = bool(in_force.watch.get(in_force.tournament)) and not only_mine
    if models.names or watched or credentials() is not None or in_force.has_key_source:
        return True
    try:
        with closing(open_reader(in_force.db)) as connection:
            return bool(known_models(connection, in_force.tournament, models))
    except NoDatabase:
        return False


def _no_models(in_force: Settings, models: Models) -> click.exceptions.Exit:
    which = "watched models" if models.watched and not models.mine else "models"
    has_key = credentials() is not None or in_force.has_key_source
    how = "fetch without --offline" if has_key else "set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY"
    return fail(
        f"no {which} in {in_force.tournament.label}: {how}, watch some (key f on "
        "the leaderboard, or [watch] in the settings file), or name them with --models",
        NO_DATA,
    )


def _check(cache: Cache, table: str, context: ReportContext) -> None:
    """Stop with exit code 4 and a line that says what is missing when the table cannot be about any model."""
    if not TABLES[table].about_models:
        return
    if missing := cache.missing(context):
        raise fail(f"not in the cache: {', '.join(missing)}; fetch without --offline", NO_DATA)
    if not known_models(cache.connection, context.tournament, context.models):
        raise _no_models(cache.settings, context.models)


def _write_text(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise fail(f"{output} cannot be written: {error.strerror}", FAILED) from None


def _write(table: Table, form: str, output: Path | None, *, raw: bool) -> None:
    rows = iter(table.rows)
    first = next(rows, None)
    if first is None:
        raise fail(f"nothing to show: the cache has no {table.name} of this kind", NO_DATA)
    whole = replace(table, rows=chain([first], rows))
    if form == DATABASE and output is not None:
        write_database([(whole, None)], output)
        return
    if output is not None:
        write(whole, form, output, raw=raw)
        return
    with SpooledTemporaryFile(IN_MEMORY, "w+", encoding="utf-8", newline="") as draft:
        write(whole, form, cast(TextIO, draft), raw=raw)  # all or nothing: a damaged cache leaves no part on stdout
        draft.seek(0)
        copyfileobj(draft, sys.stdout)
    sys.stdout.flush()
