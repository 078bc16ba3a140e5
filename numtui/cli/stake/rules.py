"""`numtui stake rules`: the proposals of the user's rules, their backtest, and whether they were followed."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from functools import partial

import click

from numtui.analysis.rules.backtest import RuleBacktest, backtest_rule, rule_followed
from numtui.analysis.rules.rules import Combination
from numtui.cli.main import session_settings
from numtui.cli.output.plain_text import table_lines
from numtui.cli.stake.common import account_of, freshen_stakes
from numtui.clock import clock_from_env
from numtui.export import FORMATS, write
from numtui.model import Table
from numtui.money import short_text
from numtui.reports.backtest.weights import backtest_weights
from numtui.reports.epochs import first_rounds
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.reports.stake.snapshot import Snapshot
from numtui.stake.rules.inputs import (
    cached_book,
    cached_books,
    cached_changes,
    cached_returns,
    on_the_past,
    own_model_names,
)
from numtui.stake.rules.settings import configured_rules, noted_of
from numtui.stake.rules.tables import actions_table, curve_table, proposals_table, verdicts_table
from numtui.store.database import open_reader
from numtui.store.queries.stakes.figures import first_stakes

PARTS = ("proposals", "backtest", "actions", "followed")


@click.command("rules")
@click.option("--part", type=click.Choice(PARTS), default="proposals", show_default=True, help="For csv, json, ...")
@click.option("--format", "form", type=click.Choice(("text", *FORMATS)), default="text", show_default=True)
@click.option("--offline", is_flag=True, help="Never fetch.")
@click.pass_context
def rules(ctx: click.Context, /, part: str, form: str, offline: bool) -> None:
    """The rules of the settings file: their proposals today, their backtest, and whether they were followed.

    A rule only proposes; `stake plan --rules` makes a plan of the proposals.
    """
    settings, clock = session_settings(ctx), clock_from_env()
    if not (settings.offline or offline):
        freshen_stakes(settings, clock, settings.tournament)
    with closing(open_reader(settings.db)) as connection:
        account_of(connection, settings)
        snapshot = cached_snapshot(connection, settings.tournament, clock.now())
        names = own_model_names(connection)
        noted = noted_of(settings, settings.tournament)
        starts = first_rounds(settings, settings.tournament)
        evidence = partial(backtest_weights, connection, settings.tournament, starts)
        rule = configured_rules(settings.config_file, evidence, names, noted)
        tables = rule_tables(connection, snapshot, rule)
    if form != "text":
        write(tables[part], form, sys.stdout)
        return
    click.echo("\n".join(rule_lines(tables)))


def rule_tables(connection: sqlite3.Connection, snapshot: Snapshot, rule: Combination) -> dict[str, Table]:
    """The tables of rules by name: proposals, actions, curve and verdicts."""
    tournament = snapshot.tournament
    tested = backtest(connection, snapshot, rule)
    books, changes = cached_books(connection, snapshot), cached_changes(connection, snapshot)
    verdicts = rule_followed(on_the_past(rule), books, changes)
    return {
        "proposals": proposals_table(rule.propose(cached_book(connection, snapshot)), tournament),
        "backtest": curve_table(tested, tournament),
        "actions": actions_table(tested, tournament),
        "followed": verdicts_table(verdicts, tournament),
    }


def backtest(connection: sqlite3.Connection, snapshot: Snapshot, rule: Combination) -> RuleBacktest:
    """The rules over the settled legacy rounds of the cache, from the stakes of their first, with today's free NMR."""
    rows = [row for row in cached_returns(connection, snapshot.tournament) if not row.atomic]
    stakes = first_stakes(connection, snapshot.tournament)
    return backtest_rule(on_the_past(rule), stakes, rows, snapshot.available or Decimal(0))


def rule_lines(tables: dict[str, Table]) -> Iterator[str]:
    """The lines of `stake rules`."""
    yield "PROPOSALS TODAY (nothing is done by them; `stake plan --rules` makes a plan)"
    yield from (
        table_lines(tables["proposals"]) if tables["proposals"].rows else ["none: all stakes may stay as they are"]
    )
    yield ""
    yield "BACKTEST on your settled rounds of legacy staking"
    days = list(tables["backtest"].rows)
    if days:
        first, last = days[0], days[-1]
        yield f"from {first[0]} to {last[0]}, starting with the stakes of then and the free NMR of today"
        with_rule, without, gain = (
            short_text(value, grouped=True) for value in last[1:4] if isinstance(value, Decimal)
        )
        yield f"with the rules {with_rule} NMR, without {without} NMR: the rules were worth {gain} NMR"
        yield from table_lines(tables["actions"])
    else:
        yield "no settled round of legacy staking here"
    yield ""
    yield "FOLLOWED? If you deviate from your own rules, you are gambling."
    yield from tables["followed"].notes
    yield from table_lines(tables["followed"])
