"""`numtui stake apply`, `reconcile`, `settle` and `note`: what is sent, and what became of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import click

from numtui.cli import codes
from numtui.cli.main import fail, settings
from numtui.cli.stake_common import read_text
from numtui.clock import clock_from_env
from numtui.config import Settings
from numtui.model import Tournament
from numtui.stake.amounts import nmr_text
from numtui.stake.journal import Outcome
from numtui.stake.plan_file import read_plan
from numtui.stake.steps import Plan, State

# numtui.stake.act and .desk bring the HTTP client with them: they are imported when something is read or sent.

WORDS = {
    Outcome.DONE: "done",
    Outcome.REFUSED: "REFUSED, nothing was changed",
    Outcome.NOT_SENT: "NOT SENT, nothing was changed",
    Outcome.UNKNOWN: "UNKNOWN: it may or may not have been made",
    Outcome.RECONCILED_DONE: "it was made",
    Outcome.RECONCILED_NOT: "it was not made",
}
EXITS = {Outcome.DONE: codes.DONE, Outcome.NOT_SENT: codes.UNREACHABLE}


@click.command("apply")
@click.option("--plan", "path", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), required=True)
@click.option("--confirm", metavar="DIGEST", help="The digest that `stake plan` printed.")
@click.option("--dry-run", is_flag=True, help="Print the mutations and their variables; send nothing.")
@click.option("--note", help="Why, for the journal.")
@click.pass_context
def apply(ctx: click.Context, /, path: Path, confirm: str | None, dry_run: bool, note: str | None) -> None:
    """Send a plan's steps in order, one request each, never twice; stop at the first that is not a plain success.

    Needs the global option --allow-stake. What is staked, pending and available is read again before each step;
    anything that is not as planned stops it.
    """
    own = settings(ctx)
    plan = read_plan(read_text(path))
    if dry_run:
        _dry_run(own, plan)
        return
    if confirm is None:
        raise click.UsageError("--confirm DIGEST is missing: `stake plan` printed it")
    if not own.allow_stake:
        raise fail("read-only, nothing was sent: changing stakes needs `numtui --allow-stake stake apply ...`")
    if own.offline:
        raise fail("--offline, nothing was sent")
    if not plan.executable:
        raise fail(_nothing_to_send(plan), codes.NOTHING)
    from numtui.stake.act import StepResult
    from numtui.stake.desk import open_desk

    try:
        results: Sequence[StepResult] = open_desk(own, clock_from_env()).apply(plan, confirm, note)
    except KeyboardInterrupt:
        click.echo(
            "numtui: interrupted; if a change was on its way, its outcome is unknown: `stake reconcile`", err=True
        )
        raise
    for result in results:
        step = result.step
        click.echo(
            f"step {step.number}: {step.model}: {step.action} {nmr_text(step.amount)} NMR: {WORDS[result.outcome]}"
        )
        click.echo(f"  {result.message}")
    _advise(plan, [result.outcome for result in results])


def _nothing_to_send(plan: Plan) -> str:
    if not plan.steps:
        return "the plan is empty: nothing to send"
    if all(step.state is State.WALLET for step in plan.steps):
        return "these steps are for the dashboard and your wallet: numtui sends nothing for Atomic staking"
    return "no step of the plan can be sent now: they wait or are blocked"


def _advise(plan: Plan, outcomes: Sequence[Outcome]) -> None:
    """What is left to do, on stderr; ends the command with an exit code unless all was done."""
    left = len(plan.executable) - len(outcomes)
    later = sum(step.state is State.LATER for step in plan.steps)
    if outcomes[-1] is Outcome.DONE:
        if later:
            click.echo(f"numtui: {later} steps wait for NMR that is released later: plan again then", err=True)
        return
    click.echo(f"numtui: stopped there; {left} further steps were not sent", err=True)
    if outcomes[-1] is Outcome.UNKNOWN:
        click.echo(
            "numtui: do not send it again: the model is locked until `numtui stake reconcile` has found out", err=True
        )
    raise click.exceptions.Exit(EXITS.get(outcomes[-1], codes.FAILED))


def _dry_run(own: Settings, plan: Plan) -> None:
    from numtui.stake.act import render
    from numtui.stake.desk import open_desk

    if not plan.executable:
        raise fail(_nothing_to_send(plan), codes.NOTHING)
    rendered = [
        {
            "step": one.step.number,
            "model": one.step.model,
            "action": str(one.step.action),
            "query": one.document,
            "variables": one.variables,
        }
        for one in render(open_desk(own, clock_from_env()).live, plan)
    ]
    click.echo(json.dumps(rendered, indent=2))
    click.echo("numtui: dry run: nothing was sent", err=True)


@click.command("reconcile")
@click.pass_context
def reconcile(ctx: click.Context, /) -> None:
    """Find out what became of changes whose outcome is unknown. Only reads; the journal is all that is written.

    Exit code 0 when nothing is unknown any more, else 1.
    """
    from numtui.stake.desk import open_desk
    from numtui.stake.reconcile import reconcile as look

    own = settings(ctx)
    if own.offline:
        raise fail("--offline: there is nothing to find out without the network")
    found = look(open_desk(own, clock_from_env()))
    for one in found:
        intent = one.intent
        click.echo(
            f"entry {intent.entry}: {intent.model}: {intent.action} {intent.requested} NMR: {WORDS[one.outcome]}"
        )
        click.echo(f"  {one.message}")
    if not found:
        click.echo("numtui: no change of this account has an unknown outcome", err=True)
    if any(one.outcome is Outcome.UNKNOWN for one in found):
        raise click.exceptions.Exit(codes.FAILED)


@click.command("settle")
@click.argument("entry", type=int)
@click.option("--done/--not-done", "took_effect", default=None, required=True, help="What the website shows.")
@click.option("--note", required=True, help="How you know.")
@click.pass_context
def settle(ctx: click.Context, /, entry: int, took_effect: bool, note: str) -> None:
    """Say yourself what became of the unknown change ENTRY of the journal, after a look at the website."""
    from numtui.stake.desk import open_desk
    from numtui.stake.reconcile import settle as settle_by_hand

    desk = open_desk(settings(ctx), clock_from_env())
    account = desk.live.read(Tournament.CLASSIC).snapshot.account
    settle_by_hand(desk, account, entry, took_effect=took_effect, note=note)
    click.echo(f"numtui: entry {entry} is settled; its model can be changed again", err=True)


@click.command("note")
@click.argument("entry", type=int)
@click.argument("text")
@click.pass_context
def note(ctx: click.Context, /, entry: int, text: str) -> None:
    """Add a note to ENTRY of the journal (`numtui export journal` shows it)."""
    from numtui.stake.desk import open_desk

    clock = clock_from_env()
    desk = open_desk(settings(ctx), clock)
    account = desk.live.read(Tournament.CLASSIC).snapshot.account
    desk.journal(account).note(entry, text, clock.now())
    click.echo(f"numtui: noted at entry {entry}", err=True)
