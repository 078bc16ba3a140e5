"""`numtui notes`: what ran where, with tags, epochs and tiers of models."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import click

from numtui.cli.main import fail, session_settings
from numtui.cli.stake.common import read_text, write_text
from numtui.clock import clock_from_env
from numtui.config import Settings
from numtui.errors import NO_DATA, USAGE
from numtui.export import FORMATS, write
from numtui.format import counted
from numtui.reports.notes.notes import notes_table
from numtui.store.database import open_reader
from numtui.store.errors import StoreError
from numtui.store.notes.notes import Notes
from numtui.store.notes.records import Note, NotesError, line_of, read_lines
from numtui.store.queries.models import spelling

TAGS = click.option("--tag", "tags", multiple=True, metavar="T", help="A tag; may be given again.")
ROUND = click.option("--round", "number", type=click.IntRange(0), metavar="N", help="The round from which it holds.")
MODELS = click.option("--model", "models", multiple=True, metavar="M", help="Notes on this model only.")


@click.group("notes", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Notes on models and rounds: what ran where, with tags, epochs and tiers. Without a command: list them.

    They lie in the state folder, apart from the cache.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(show)


@command.command("list")
@MODELS
@click.option("--tag", "tags", multiple=True, metavar="T", help="Notes with this tag only.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Default: a line a note.")
@click.pass_context
def show(ctx: click.Context, /, models: Sequence[str] = (), tags: Sequence[str] = (), form: str | None = None) -> None:
    """List the notes of every tournament, the newest first."""
    import sys  # where tables are written to

    settings = session_settings(ctx)
    contents = Notes.of(settings).contents()
    table = notes_table(contents, models=models, tags=tags)
    rows = list(table.rows)
    if not rows:
        raise fail("there are no such notes: numtui notes add MODEL TEXT makes one", NO_DATA)
    if form is not None:
        write(table, form, sys.stdout)
        return
    wanted = {row[0] for row in rows}
    for note in reversed(contents.notes):
        if note.id in wanted:
            click.echo(said(note))
    for tier in contents.tiers:
        click.echo(f"{tier.model} ({tier.tournament}) is in the tier {tier.tier}", err=True)


def said(note: Note) -> str:
    """A note in a line."""
    about = note.model or "-"
    place = "" if note.tournament is None else f" ({note.tournament})"
    since = "" if note.round is None else f", from {note.round}"
    tags = "".join(f" #{tag}" for tag in note.tags)
    return (
        f"{note.id}  {note.time:%Y-%m-%d}  {about}{place}{since}: {note.text}{tags}{' (epoch)' if note.epoch else ''}"
    )


@command.command("add")
@click.argument("model")
@click.argument("text")
@ROUND
@TAGS
@click.option("--epoch", is_flag=True, help="The model's statistics count from that round on.")
@click.pass_context
def add(ctx: click.Context, /, model: str, text: str, **options: Any) -> None:
    """Note TEXT on MODEL of the tournament; prints the note's id."""
    settings = session_settings(ctx)
    if options["epoch"] and options["number"] is None:
        raise click.UsageError("an epoch begins with a round: add --round N")
    note = Notes.of(settings).add(
        text,
        clock_from_env().now(),
        tournament=settings.tournament,
        model=known_spelling(settings, model),
        round_number=options["number"],
        tags=options["tags"],
        epoch=options["epoch"],
    )
    click.echo(note.id)


@command.command("edit")
@click.argument("note")
@click.option("--text", help="Another text.")
@ROUND
@TAGS
@click.option("--no-tags", is_flag=True, help="No tags any more.")
@click.option("--epoch/--no-epoch", default=None, help="Whether the model's statistics count from that round on.")
@click.pass_context
def edit(ctx: click.Context, /, note: str, **options: Any) -> None:
    """Change the note of an id, or of the beginning of one; what is not named stays. --tag replaces all tags."""
    tags, no_tags = options["tags"], options["no_tags"]
    if tags and no_tags:
        raise click.UsageError("--tag and --no-tags exclude each other")
    named = {"text": options["text"], "round": options["number"], "epoch": options["epoch"]}
    changes = {name: value for name, value in named.items() if value is not None}
    if tags or no_tags:
        changes["tags"] = tags
    if not changes:
        raise click.UsageError("nothing to change: name --text, --round, --tag, --no-tags, --epoch or --no-epoch")
    changed = Notes.of(session_settings(ctx)).edit(note, clock_from_env().now(), **changes)
    click.echo(said(changed))


@command.command("remove")
@click.argument("note")
@click.pass_context
def remove(ctx: click.Context, /, note: str) -> None:
    """Take the note of an id, or of the beginning of one, away."""
    gone = Notes.of(session_settings(ctx)).remove(note)
    click.echo(f"numtui: taken away: {said(gone)}", err=True)


@command.command("tier")
@click.argument("model")
@click.argument("tier")
@click.pass_context
def tier(ctx: click.Context, /, model: str, tier: str) -> None:
    """Put MODEL of the tournament into TIER; `none` takes it out of any.

    What a tier means stands in the settings file: [tiers.TIER] with stake and multiplier.
    """
    settings = session_settings(ctx)
    named = known_spelling(settings, model)
    Notes.of(settings).set_tier(settings.tournament, named, None if tier == "none" else tier, clock_from_env().now())
    click.echo(f"numtui: {named} is in {'no tier' if tier == 'none' else f'the tier {tier}'}", err=True)


@command.command("export")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout.")
@click.pass_context
def export(ctx: click.Context, /, output: Path | None) -> None:
    """Write everything that was noted as JSON lines: notes, tiers, epochs and saved choices."""
    records = Notes.of(session_settings(ctx)).contents().records()
    if not records:
        raise fail("there is nothing to export", NO_DATA)
    text = "".join(f"{line_of(record)}\n" for record in records)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)


@command.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_context
def take(ctx: click.Context, /, file: Path) -> None:
    """Take over the JSON lines of `numtui notes export`; - reads stdin. Twice is as good as once.

    Of two notes of one id the one that was changed last stays. A line that is none is named, and nothing is taken over.
    """
    try:
        records = read_lines(read_text(file))
    except NotesError as error:
        raise fail(f"{file}: {error}", USAGE) from None
    done = Notes.of(session_settings(ctx)).take(records)
    click.echo(
        f"numtui: {counted(len(records), 'line')}: {done.new} new, {done.newer} newer, {done.same} known", err=True
    )


def known_spelling(settings: Settings, model: str) -> str:
    """The model's name as the cache spells it. One that it does not know stays as it is typed, which is said."""
    try:
        with closing(open_reader(settings.db)) as connection:
            names = spelling(connection, settings.tournament)
    except (StoreError, sqlite3.Error):
        return model
    if model.casefold() in names:
        return names[model.casefold()]
    near = get_close_matches(model.casefold(), names, n=1)
    hint = f"; did you mean {names[near[0]]}?" if near else ""
    click.echo(f"numtui: the cache has no model {model} in {settings.tournament.label}{hint}", err=True)
    return model
