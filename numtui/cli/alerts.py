"""`numtui alerts`: what fires; exit code 5 when anything does, 4 when nothing could be evaluated."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime

import click

from numtui.alert_rules import RULES
from numtui.analysis.alerts.states import Alert, Change, acknowledged, snoozed, woken
from numtui.cli.main import fail, session_settings
from numtui.cli.output.plain_text import table_lines
from numtui.clock import Clock, clock_from_env, parse_span, parse_time
from numtui.config import Settings
from numtui.errors import ALERT, FAILED, NO_DATA
from numtui.export import FORMATS, write
from numtui.model import Table, Tournament, time_text
from numtui.reports.alerts.facts import Sources
from numtui.reports.alerts.rules_in_force import rules_in_force
from numtui.reports.alerts.table import alerts_table, findings_table, history_table, listed_rules
from numtui.store.database import open_reader, open_writer, transaction
from numtui.store.queries.alerts import alert_numbered, checks
from numtui.store.queries.firing import firing_count
from numtui.store.writes.alerts import USER, put_changes

log = logging.getLogger(__name__)

SHOWN = ("alert", "state", "rule", "tournament", "model", "text", "nmr", "deadline", "since", "until")
FORM = click.option("--format", "form", type=click.Choice(("text", *FORMATS)), default="text", show_default=True)


@click.group("alerts", invoke_without_command=True)
@FORM
@click.option("--once", is_flag=True, help="Fetch what is older than one poll interval, evaluate, deliver; then list.")
@click.option("--offline", is_flag=True, help="With --once: evaluate what the cache has, never fetch.")
@click.pass_context
def command(ctx: click.Context, /, form: str, once: bool, offline: bool) -> None:
    """List what fires, by the rules of the settings file and those made on screen, in all tournaments.

    The poller evaluates the rules after each poll; this lists what it found, --once evaluates first. Exit code 5 when
    any alert fires, 0 when none does, 4 when no rule could be evaluated.
    """
    if ctx.invoked_subcommand is not None:
        return
    settings, clock = session_settings(ctx), clock_from_env()
    if once:
        _evaluate(settings, clock, fetch=not (settings.offline or offline))
    with closing(open_reader(settings.db)) as connection:
        table = alerts_table(connection, cleared=False)
        _show(table, form, SHOWN)
        code = exit_code(connection, settings)
    if code == NO_DATA:
        click.echo("numtui: no rule could be evaluated: `numtui alerts test` says why", err=True)
    if code:
        raise click.exceptions.Exit(code)


def exit_code(connection: sqlite3.Connection, settings: Settings) -> int:
    """5 when any alert fires, 4 when no rule has been evaluated on any subject, else 0."""
    if firing_count(connection):
        return ALERT
    rows = checks(connection)
    if not rows and not rules_in_force(connection, settings).rules:
        click.echo("numtui: there are no alert rules: add [[alerts]] to the settings file", err=True)
    return 0 if any(row.reason is None or row.ok for row in rows) else NO_DATA


def sources_of(settings: Settings) -> Sources:
    """What alerts are about beside the cache: the proposals of the settings' stake rules."""
    from functools import partial

    from numtui.stake.rules.due import proposals_due

    return Sources(partial(proposals_due, settings.config_file))


def _evaluate(settings: Settings, clock: Clock, *, fetch: bool) -> None:
    from numtui.poller.alerts.delivery import deliver
    from numtui.poller.alerts.evaluation import evaluate

    if fetch:
        _fetch(settings, clock)
    result = evaluate(settings, clock, sources_of(settings), strict=True)
    for problem in result.problems:
        click.echo(f"numtui: {problem}", err=True)
    deliver(settings, clock, _say)


def _fetch(settings: Settings, clock: Clock) -> None:
    """Bring each tournament that a rule is about up to date; failures of the API are said, and may be alerts."""
    from numtui.api.errors import ApiError
    from numtui.poller.freshen import freshen  # brings the HTTP client with it

    with closing(open_writer(settings.db)) as connection:
        rules = rules_in_force(connection, settings).rules
    for tournament in Tournament:
        if any(rule.tournament in {None, tournament.label} for rule in rules):
            try:
                asyncio.run(freshen(replace(settings, tournament=tournament), clock, table="alert rules"))
            except ApiError as error:
                click.echo(f"numtui: {tournament.label}: {error}", err=True)


def _say(line: str) -> None:
    click.echo(f"numtui: {line}", err=True)


def _show(table: Table, form: str, names: tuple[str, ...] = ()) -> None:
    for note in table.notes:
        click.echo(f"numtui: {note}", err=True)
    if form != "text":
        write(table, form, sys.stdout)
    elif table.rows:
        click.echo("\n".join(table_lines(table, names)))


@command.command("ack")
@click.argument("alerts", type=int, nargs=-1, required=True)
@click.pass_context
def ack(ctx: click.Context, /, alerts: tuple[int, ...]) -> None:
    """Acknowledge ALERTS, by their numbers: they are silent until they clear."""
    _change(ctx, alerts, acknowledged)


@command.command("snooze")
@click.argument("alerts", type=int, nargs=-1, required=True)
@click.option("--for", "span", metavar="SPAN", help="So long: 30m, 2h, 1d, 1w.")
@click.option(
    "--until", metavar="TIME", help="Until a time, such as 2026-11-27T08:00 (UTC unless it says another zone)."
)
@click.pass_context
def snooze(ctx: click.Context, /, alerts: tuple[int, ...], span: str | None, until: str | None) -> None:
    """Silence ALERTS, by their numbers, until a time, whatever they do meanwhile."""
    now = clock_from_env().now()
    if (span is None) == (until is None):
        raise click.UsageError("say --for SPAN or --until TIME")
    try:
        end = now + parse_span(span) if span is not None else parse_time(str(until))
    except (ValueError, OverflowError) as error:
        raise click.UsageError(str(error)) from None
    if end <= now:
        raise click.UsageError(f"{time_text(end)} is over")
    _change(ctx, alerts, lambda alert, at: snoozed(alert, at, end.replace(microsecond=0)))


@command.command("wake")
@click.argument("alerts", type=int, nargs=-1, required=True)
@click.pass_context
def wake(ctx: click.Context, /, alerts: tuple[int, ...]) -> None:
    """End the snooze or the acknowledgement of ALERTS, by their numbers."""
    _change(ctx, alerts, woken)


def _change(ctx: click.Context, numbers: tuple[int, ...], make: Callable[[Alert, datetime], Change | None]) -> None:
    """Change the state of alerts: all of them or, where a number means none, none."""
    settings, now = session_settings(ctx), clock_from_env().now().replace(microsecond=0)
    open_reader(settings.db).close()  # says so where there is no cache, instead of making one
    with closing(open_writer(settings.db)) as connection, transaction(connection):
        changes = []
        for number in dict.fromkeys(numbers):
            alert = alert_numbered(connection, number)
            if alert is None:
                raise fail(f"there is no alert {number}: `numtui alerts` lists their numbers", FAILED)
            change = make(alert, now)
            if change is None:
                raise fail(f"alert {number} is {alert.state}: nothing was changed", FAILED)
            changes.append(change)
        put_changes(connection, changes, now, who=USER)
    for change in changes:
        until = "" if change.alert.until is None else f" until {time_text(change.alert.until)}"
        _say(f"alert {change.alert.number} is {change.alert.state}{until}")


@command.command("history")
@FORM
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True, help="So many changes, the newest.")
@click.argument("alert", type=int, required=False)
@click.pass_context
def history(ctx: click.Context, /, form: str, limit: int, alert: int | None) -> None:
    """The changes of states, the newest first; of one ALERT where its number is given."""
    with closing(open_reader(session_settings(ctx).db)) as connection:
        table = history_table(connection, limit, alert)
    if not table.rows:
        raise fail("no alert has fired yet" if alert is None else f"there is nothing on alert {alert}", NO_DATA)
    _show(table, form)


@command.command("rules")
@FORM
@click.pass_context
def rules(ctx: click.Context, /, form: str) -> None:
    """The rules in force, and what each found last: how many are past the level, ok, not known, and why."""
    settings = session_settings(ctx)
    with closing(open_reader(settings.db)) as connection:
        table = listed_rules(connection, settings)
    if not table.rows:
        raise fail("there are no alert rules: add [[alerts]] to the settings file", NO_DATA)
    _show(table, form)


@command.command("test")
@FORM
@click.option("--send", is_flag=True, help="Send a test message by each channel instead.")
@click.argument("rule", type=click.Choice(list(RULES)), required=False)
@click.pass_context
def test(ctx: click.Context, /, form: str, send: bool, rule: str | None) -> None:
    """What each rule (or those called RULE) finds in the cache now, subject by subject. Nothing is written or sent."""
    settings, clock = session_settings(ctx), clock_from_env()
    if send:
        _send_test(settings, clock)
        return
    from numtui.poller.alerts.evaluation import findings

    found = findings(settings, clock, sources_of(settings), rule)
    if not found:
        raise fail(f"there is no rule {rule} here" if rule else "there are no alert rules", NO_DATA)
    _show(findings_table(found), form)


def _send_test(settings: Settings, clock: Clock) -> None:
    from numtui.poller.alerts.channels import DeliveryFailed, channels_of
    from numtui.poller.alerts.messages import trial

    channels = channels_of(settings.notify)
    if not channels:
        raise fail("there is no channel: set command or urls in [notify] of the settings file", NO_DATA)
    failed = False
    for channel in channels:
        try:
            channel.send(trial(clock.now().replace(microsecond=0)))
            _say(f"{channel.name}: the test message was taken")
        except DeliveryFailed as error:
            failed = True
            _say(f"{channel.name}: {error}")
    if failed:
        raise click.exceptions.Exit(FAILED)


@command.command("deliver")
@click.pass_context
def deliver_now(ctx: click.Context, /) -> None:
    """Deliver what waits and is due. The poller starts this by itself."""
    from numtui.poller.alerts.delivery import deliver

    settings = session_settings(ctx)
    open_reader(settings.db).close()
    result = deliver(settings, clock_from_env(), _say)
    _say(f"{result.sent} sent, {result.failed} failed")
    if result.failed:
        raise click.exceptions.Exit(FAILED)
