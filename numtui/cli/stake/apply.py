"""`numtui stake apply`: the steps of a plan sent, and their outcomes printed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from numtui.api.errors import ApiError
from numtui.cli.main import fail, session_settings
from numtui.cli.output.lines import program
from numtui.cli.stake.common import freshen_stakes, read_text
from numtui.clock import Clock, clock_from_env
from numtui.config import Settings
from numtui.errors import DONE, FAILED, NO_DATA, UNREACHABLE
from numtui.model import Tournament
from numtui.money import decimal_text
from numtui.stake.errors import JournalFailed, ModelLocked
from numtui.stake.journal.journal import Outcome
from numtui.stake.plan.file import plan_digest, read_plan
from numtui.stake.plan.steps import StakePlan, State, Step
from numtui.store.errors import StoreError

if TYPE_CHECKING:  # these bring the HTTP client with them
    from numtui.stake.review import StepResult
    from numtui.stake.service import StakeService

# numtui.stake.service brings the HTTP client with it: it is imported when something is read or sent.

WORDS = {
    Outcome.DONE: "done",
    Outcome.REFUSED: "REFUSED, nothing was changed",
    Outcome.NOT_SENT: "NOT SENT, nothing was changed",
    Outcome.UNKNOWN: "UNKNOWN: it may or may not have been made",
    Outcome.RECONCILED_DONE: "it was made",
    Outcome.RECONCILED_NOT: "it was not made",
}
EXITS = {Outcome.DONE: DONE, Outcome.NOT_SENT: UNREACHABLE}


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
    settings = session_settings(ctx)
    plan = read_plan(read_text(path))
    if dry_run:
        _dry_run(settings, plan)
        return
    if confirm is None:
        raise click.UsageError("--confirm DIGEST is missing: `stake plan` printed it")
    if not settings.allow_stake:
        raise fail("read-only, nothing was sent: changing stakes needs the option --allow-stake before `stake`")
    if settings.offline:
        raise fail("--offline, nothing was sent")
    if not plan.executable:
        raise fail(_nothing_to_send(plan), NO_DATA)
    from numtui.stake.service import open_service

    clock = clock_from_env()
    service = open_service(settings, clock)
    told: list[StepResult] = []

    def tell(result: StepResult) -> None:
        told.append(result)
        click.echo(f"{_step_words(result.step)}: {WORDS[result.outcome]}")
        click.echo(f"  {result.message}")

    try:
        service.apply(plan, confirm, note, tell)
    except KeyboardInterrupt:
        _interrupted(ctx, plan, told, service)
        raise
    except ModelLocked as error:
        raise fail(f"{error.model} is locked, nothing was sent: the outcome of its last change is unknown; "
                   f"run `{program(ctx)} stake reconcile`") from None  # fmt: skip
    if any(result.outcome in (Outcome.DONE, Outcome.UNKNOWN) for result in told):
        _look_again(settings, clock, plan.snapshot.tournament)
    _advise(ctx, plan, [result.outcome for result in told])


def _step_words(step: Step) -> str:
    return f"step {step.number}: {step.model}: {step.action} {decimal_text(step.amount)} NMR"


def _interrupted(ctx: click.Context, plan: StakePlan, told: Sequence[StepResult], service: StakeService) -> None:
    """Print what is known at ctrl+c: the steps with an outcome, the one on its way, and those that were not sent."""
    number = len(told)
    steps = plan.executable
    click.echo(f"numtui: interrupted; {number} of {len(steps)} steps were through", err=True)
    try:
        sent = service.journal(plan.snapshot.account).order(plan_digest(plan), steps[number].number)
    except (JournalFailed, IndexError):
        return
    if sent is None:
        click.echo("numtui: nothing else was sent", err=True)
        return
    click.echo(f"{_step_words(steps[number])}: {WORDS[Outcome.UNKNOWN]}")
    click.echo(f"numtui: do not send it again: find out with `{program(ctx)} stake reconcile`", err=True)


def _look_again(settings: Settings, clock: Clock, tournament: Tournament) -> None:
    """Fetch the changed stakes into the cache; a failure is printed and otherwise ignored."""
    try:
        freshen_stakes(settings, clock, tournament, table="stakes", refresh=True)
    except (ApiError, StoreError, sqlite3.Error, OSError) as error:
        click.echo(f"numtui: the cache does not show it yet, the next look will fetch it: {error}", err=True)


def _nothing_to_send(plan: StakePlan) -> str:
    if not plan.steps:
        return "the plan is empty: nothing to send"
    if all(step.state is State.WALLET for step in plan.steps):
        return "these steps are for the dashboard and your wallet: numtui sends nothing for Atomic staking"
    return "no step of the plan can be sent now: they wait or are blocked"


def _advise(ctx: click.Context, plan: StakePlan, outcomes: Sequence[Outcome]) -> None:
    """Print on stderr what is left to do; ends the command with an exit code unless all was done."""
    left = len(plan.executable) - len(outcomes)
    later = sum(step.state is State.LATER for step in plan.steps)
    if outcomes[-1] is Outcome.DONE:
        if later:
            click.echo(f"numtui: {later} steps wait for NMR that is released later: plan again then", err=True)
        return
    click.echo(f"numtui: stopped there; {left} further steps were not sent", err=True)
    if outcomes[-1] is Outcome.UNKNOWN:
        click.echo(
            f"numtui: do not send it again: the model is locked until `{program(ctx)} stake reconcile` has found out",
            err=True,
        )
    raise click.exceptions.Exit(EXITS.get(outcomes[-1], FAILED))


def _dry_run(settings: Settings, plan: StakePlan) -> None:
    from numtui.stake.service import open_service, render

    if not plan.executable:
        raise fail(_nothing_to_send(plan), NO_DATA)
    rendered = [
        {
            "step": mutation.step.number,
            "model": mutation.step.model,
            "action": str(mutation.step.action),
            "query": mutation.document,
            "variables": mutation.variables,
        }
        for mutation in render(open_service(settings, clock_from_env()).client, plan)
    ]
    click.echo(json.dumps(rendered, indent=2))
    click.echo("numtui: dry run: nothing was sent", err=True)
