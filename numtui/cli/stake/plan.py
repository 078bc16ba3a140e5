"""`numtui stake plan`, `drain`, `cancel` and `diff`: plans made, shown and compared. Nothing is sent."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import click

from numtui.analysis.staking_system import System
from numtui.cli.main import session_settings
from numtui.cli.output.lines import program, quoted
from numtui.cli.output.plain_text import table_lines
from numtui.cli.stake.common import account_of, freshen_stakes, read_text, write_text
from numtui.clock import clock_from_env
from numtui.model import time_text
from numtui.reports.backtest.weights import backtest_weights
from numtui.reports.epochs import first_rounds
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.reports.stake.snapshot import Snapshot
from numtui.stake.amounts import plain
from numtui.stake.errors import BadInput, JournalFailed, PlanError, UnknownModel
from numtui.stake.journal.journal import Journal
from numtui.stake.journal.known import as_new_order
from numtui.stake.plan.cost import BeingOut, cost_of_being_out
from numtui.stake.plan.file import diff_plan, plan_digest, plan_text, read_plan, read_targets
from numtui.stake.plan.planner import cancel_plan, drain_plan, make_plan
from numtui.stake.plan.steps import StakePlan, State
from numtui.stake.plan.table import DASHBOARD, instructions, plan_table, step_lines
from numtui.stake.rules.inputs import cached_returns, own_model_names, plan_by_rule
from numtui.stake.rules.settings import configured_rules, noted_of
from numtui.store.database import open_reader
from numtui.store.queries.stakes.account import nmr_price

PLAN_NAMES = (
    "step", "model", "action", "before", "after", "change", "state", "at_risk", "worst_before", "worst_after", "due",
    "per_round",
)  # fmt: skip
PLAN_FILE = click.Path(dir_okay=False, path_type=Path)
OUTPUT = click.option("-o", "--output", type=PLAN_FILE, help="Write the plan to this file, for `stake apply`.")
FORM = click.option("--format", "form", type=click.Choice(("text", "json")), default="text", show_default=True)
OFFLINE = click.option("--offline", is_flag=True, help="Plan from the cache as it is.")

Make = Callable[[sqlite3.Connection, Snapshot], StakePlan]


@click.command("plan")
@click.option("--targets", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), help="JSON: model -> NMR.")
@click.option("--rules", "by_rules", is_flag=True, help="As the rules of the settings file propose.")
@OUTPUT
@FORM
@OFFLINE
@click.pass_context
def plan(ctx: click.Context, /, targets: Path | None, by_rules: bool, **options: Any) -> None:
    """Plan the changes from today's stakes to targets, and print the digest that `stake apply` needs.

    Targets are a JSON object such as {"my_model": "12.5"}; models that it does not name stay as they are.
    """
    if (targets is None) is not by_rules:
        raise click.UsageError("give --targets FILE.json or --rules, and not both")
    settings = session_settings(ctx)
    if targets is not None:
        wanted = read_targets(read_text(targets))
        _made(ctx, lambda _, snapshot: make_plan(snapshot, wanted), **options)
        return

    def by_rule(connection: sqlite3.Connection, snapshot: Snapshot) -> StakePlan:
        names = own_model_names(connection)
        noted = noted_of(settings, settings.tournament)
        starts = first_rounds(settings, settings.tournament)
        evidence = partial(backtest_weights, connection, settings.tournament, starts)
        rule = configured_rules(settings.config_file, evidence, names, noted)
        plan_by_rules, proposals = plan_by_rule(connection, snapshot, rule)
        for proposal in proposals:
            click.echo(f"numtui: {proposal.model}: {proposal.reason}", err=True)
        return plan_by_rules

    _made(ctx, by_rule, **options)


@click.command("drain")
@click.argument("model")
@OUTPUT
@FORM
@OFFLINE
@click.pass_context
def drain(ctx: click.Context, /, model: str, **options: Any) -> None:
    """Plan the release of MODEL's whole stake, by its real amount (legacy staking)."""
    _made(ctx, lambda _, snapshot: drain_plan(snapshot, model), **options)


@click.command("cancel")
@click.argument("model")
@OUTPUT
@FORM
@OFFLINE
@click.pass_context
def cancel(ctx: click.Context, /, model: str, **options: Any) -> None:
    """Plan the cancellation of MODEL's pending release (legacy staking)."""
    _made(ctx, lambda _, snapshot: cancel_plan(snapshot, model), **options)


def _made(ctx: click.Context, make: Make, *, output: Path | None, form: str, offline: bool) -> None:
    """Make a plan from today's state, print it and write it."""
    settings, clock = session_settings(ctx), clock_from_env()
    if not (settings.offline or offline):
        freshen_stakes(settings, clock, settings.tournament, refresh=True)
    with closing(open_reader(settings.db)) as connection:
        journal = Journal(settings.state_dir, account_of(connection, settings))
        try:
            stake_plan = make(connection, cached_snapshot(connection, settings.tournament, clock.now()))
        except UnknownModel as error:
            raise BadInput(f"{error}{_elsewhere(connection, error.model)}") from None
        try:
            stake_plan = as_new_order(stake_plan, journal, clock.now())
        except JournalFailed as error:
            click.echo(f"numtui: {error}", err=True)
        if form == "json":
            click.echo(plan_json(connection, stake_plan))
        else:
            value = nmr_price(connection, settings.fiat)
            click.echo("\n".join(plan_lines(connection, stake_plan, value, settings.fiat, output)))
    if output is not None:
        write_text(output, plan_text(stake_plan))


def _elsewhere(connection: sqlite3.Connection, model: str) -> str:
    """The end of a message that names the tournaments with a model of that name; empty where none has one."""
    others = [tournament.label for tournament in own_model_names(connection).get(model, ())]
    if not others:
        return ""
    return f"; it is a {' and a '.join(others)} model: give --tournament {others[0]} before `stake`"


def plan_json(connection: sqlite3.Connection, plan: StakePlan) -> str:
    """One JSON object of a plan: digest, steps, notes, instructions for the dashboard and what being out costs."""
    document = {
        "digest": plan_digest(plan),
        "account": plan.snapshot.account,
        "tournament": plan.snapshot.tournament.label,
        "system": str(plan.snapshot.system),
        "steps": plain(plan.steps),
        "instructions": instructions(plan),
        "cost_of_being_out": [cost.line() for cost in _costs(connection, plan)],
        "notes": list(plan_table(plan).notes),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _costs(connection: sqlite3.Connection, plan: StakePlan) -> list[BeingOut]:
    return cost_of_being_out(plan, cached_returns(connection, plan.snapshot.tournament))


def plan_lines(
    connection: sqlite3.Connection, plan: StakePlan, value: Decimal | None, fiat: str, output: Path | None
) -> Iterator[str]:
    """The lines of a plan: before and after, the steps, warnings, what being out costs, the digest."""
    snapshot = plan.snapshot
    taken = time_text(snapshot.taken_at)
    yield f"{snapshot.tournament.label}, {snapshot.system} staking, account {snapshot.account}, as of {taken}"
    yield ""
    table = plan_table(plan)
    yield from table_lines(table, PLAN_NAMES)
    yield "amounts in this table are rounded to 4 decimals; those of the steps and of the file are exact"
    for step in plan.steps:
        yield ""
        yield f"step {step.number}"
        yield from (f"  {line}" for line in step_lines(step, snapshot, value, fiat)[2:])
    warnings = [*table.notes, *(cost.line() for cost in _costs(connection, plan))]
    if warnings:
        yield ""
        yield from (f"! {line}" for line in warnings)
    yield ""
    yield from _ending(plan, output)


def _ending(plan: StakePlan, output: Path | None) -> Iterator[str]:
    if not plan.steps:
        yield "nothing to change: every stake is where it should be"
        return
    if plan.snapshot.system is System.ATOMIC:
        yield "numtui cannot send these steps: set the stakes per round in the dashboard with your wallet,"
        yield f"{DASHBOARD[plan.snapshot.tournament]}; --format json has the exact amounts"
    yield f"digest {plan_digest(plan)}"
    if plan.executable:
        if output is None:
            yield "to send it, make the plan again with -o PLAN.json: the line to run is printed then"
            return
        line = f"--allow-stake stake apply --plan {quoted(output)} --confirm {plan_digest(plan)}"
        yield f"to send it: {program(click.get_current_context())} {line}"
    elif plan.snapshot.system is System.LEGACY:
        waiting = sum(step.state is State.LATER for step in plan.steps)
        yield f"nothing can be sent now: {waiting} steps wait, {len(plan.steps) - waiting} are blocked"


@click.command("diff")
@click.option("--plan", "path", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), required=True)
@OFFLINE
@click.pass_context
def diff(ctx: click.Context, /, path: Path, offline: bool) -> None:
    """Compare a saved plan with the stakes now: which steps are done, open or no longer as planned."""
    settings, clock = session_settings(ctx), clock_from_env()
    saved = read_plan(read_text(path))
    tournament = saved.snapshot.tournament
    if not (settings.offline or offline):
        freshen_stakes(settings, clock, tournament, refresh=True)
    with closing(open_reader(settings.db)) as connection:
        if account_of(connection, settings) != saved.snapshot.account:
            raise PlanError(f"the plan is of account {saved.snapshot.account}, the keys are of another")
        statuses = diff_plan(saved, cached_snapshot(connection, tournament, clock.now()))
    for status in statuses:
        why = f": {status.why}" if status.why else ""
        step = status.step
        click.echo(f"{step.number} {status.status:<8} {step.model} {step.action} {step.amount:f}{why}")
