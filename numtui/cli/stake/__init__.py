"""`numtui stake`: the status of the account, its history, and the group of the other subcommands."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from numtui.cli.main import fail, session_settings
from numtui.cli.output.plain_text import pair_lines, table_lines
from numtui.cli.stake import apply, atomic, plan, rules
from numtui.cli.stake import journal as stake_journal
from numtui.cli.stake.common import account_of, freshen_stakes, write_text
from numtui.clock import clock_from_env
from numtui.errors import NO_DATA
from numtui.export import FORMATS, write
from numtui.model import Table, Tournament
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.reports.stake.history import history_table
from numtui.reports.stake.status import AccountStatus, account_status, remarks
from numtui.reports.stake.summary import (
    ACCOUNT_COLUMNS,
    SUMMARY_COLUMNS,
    account_row,
    account_table,
    summary_row,
    summary_table,
)
from numtui.reports.stake.table import STATUS_COLUMNS, status_rows, status_table
from numtui.stake.journal.journal import Journal, locks_of
from numtui.stake.journal.known import not_yet_visible
from numtui.store.database import open_reader
from numtui.store.queries.stakes.account import nmr_price

MODEL_NAMES = (
    "model", "stake", "at_risk", "worst_case", "rounds", "per_round", "pending", "due", "submission", "churn",
    "churn_limit", "turnover", "turnover_limit", "locked",
)  # fmt: skip


@click.group("stake")
def command() -> None:
    """See what is staked, plan changes, and make them.

    Nothing is sent without the global option --allow-stake and the digest of a plan. Atomic staking (Classic, Crypto)
    is changed in the dashboard with your own wallet: here it is shown, planned and checked.
    """


@command.command("status")
@click.option("--format", "form", type=click.Choice(("text", *FORMATS)), default="text", show_default=True)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout.")
@click.option("--summary", is_flag=True, help="csv, json, ...: a row a tournament instead of a row a model.")
@click.option("--offline", is_flag=True, help="Never fetch.")
@click.pass_context
def status(
    ctx: click.Context, /, *, form: str, as_json: bool, output: Path | None, summary: bool, offline: bool
) -> None:
    """What is staked, at risk, under way and free, in every tournament."""
    form = "json" if as_json else form
    settings, clock = session_settings(ctx), clock_from_env()
    tournaments = asked_for(ctx, settings.tournament)
    if not (settings.offline or offline):
        for tournament in tournaments:
            freshen_stakes(settings, clock, tournament)
    with closing(open_reader(settings.db)) as connection:
        journal = Journal(settings.state_dir, account_of(connection, settings))
        locked, problem = locks_of(journal)
        account = account_status(connection, clock.now(), locked, tournaments)
        value = nmr_price(connection, settings.fiat)
        looked_at = () if problem else tournaments
        known = {tournament: unseen(connection, journal, tournament, clock.now()) for tournament in looked_at}
    if problem:
        click.echo(f"numtui: {problem}", err=True)
    if form != "text":
        write(
            summary_table(account) if summary else status_table(account), form, sys.stdout if output is None else output
        )
        return
    worth = f"1 NMR is {value:f} {settings.fiat}" if value is not None else "the price of NMR is not known"
    text = "\n".join(status_lines(account, worth, allowed=settings.allow_stake, known=known)) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        write_text(output, text)


def asked_for(ctx: click.Context, tournament: Tournament) -> tuple[Tournament, ...]:
    """The tournament of the option --tournament; all of them without it."""
    source = ctx.find_root().get_parameter_source("tournament")
    return (tournament,) if source is click.core.ParameterSource.COMMANDLINE else tuple(Tournament)


def unseen(connection: sqlite3.Connection, journal: Journal, tournament: Tournament, now: datetime) -> list[str]:
    """The changes made with numtui that the cache does not show yet, one line each."""
    return not_yet_visible(journal, cached_snapshot(connection, tournament, now), now)


def status_lines(
    status: AccountStatus, worth: str, *, allowed: bool, known: Mapping[Tournament, Sequence[str]]
) -> Iterator[str]:
    """The lines of `stake status`. `known`: changes of the journal that the cache does not show, by tournament."""
    yield from pair_lines(ACCOUNT_COLUMNS, account_row(status))
    yield f"amounts in NMR, rounded to 4 decimals; {worth}"
    yield "stakes can be changed: --allow-stake is given" if allowed else "read-only: --allow-stake is not given"
    yield from account_table(status).notes
    for totals in status.tournaments:
        yield ""
        yield f"{totals.tournament.label.upper()}: {totals.system} staking"
        yield from (f"  {line}" for line in pair_lines(SUMMARY_COLUMNS[2:], summary_row(status, totals)[2:]))
        yield from (f"  ! {line}" for line in (*remarks(totals), *known.get(totals.tournament, ())))
        rows = status_rows(totals)
        if rows:
            yield ""
            yield from (f"  {line}" for line in table_lines(Table("models", STATUS_COLUMNS, rows), MODEL_NAMES))


@command.command("history")
@click.option("--format", "form", type=click.Choice(("text", *FORMATS)), default="text", show_default=True)
@click.option("--model", help="Of one model only.")
@click.option("--offline", is_flag=True, help="Never fetch.")
@click.pass_context
def history(ctx: click.Context, /, form: str, model: str | None, offline: bool) -> None:
    """The movements of NMR, newest first: changes, payouts, burns, deposits and scheduled changes."""
    settings, clock = session_settings(ctx), clock_from_env()
    if not (settings.offline or offline):
        freshen_stakes(settings, clock, settings.tournament)
    with closing(open_reader(settings.db)) as connection:
        account_of(connection, settings)
        table = history_table(connection, settings.tournament, model)
    if not table.rows:
        raise fail(f"the cache has no movements of stakes in {settings.tournament.label}", NO_DATA)
    show(table, form)


def show(table: Table, form: str) -> None:
    """A table on stdout, in a form of the exports or as text; its notes on stderr."""
    if form == "text":
        click.echo("\n".join(table_lines(table)))
    else:
        write(table, form, sys.stdout)
    for note in table.notes:
        click.echo(f"numtui: {note}", err=True)


for subcommand in (
    *(plan.plan, plan.drain, plan.cancel, plan.diff),
    *(apply.apply, stake_journal.reconcile, stake_journal.settle, stake_journal.note, stake_journal.journal),
    rules.rules,
    *(atomic.contracts, atomic.claims, atomic.authorise),
):
    command.add_command(subcommand)
