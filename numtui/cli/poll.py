"""`numtui poll`: the poller without a screen."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace

import click

from numtui.cli.main import fail, session_settings
from numtui.clock import clock_from_env
from numtui.config import Settings
from numtui.errors import ALERT
from numtui.store.database import open_reader
from numtui.store.queries.firing import firing_count


@click.command("poll")
@click.option("--once", is_flag=True, help="One poll of every tournament, then end.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=600,
    show_default=True,
    help="With --once: seconds at most for the poll of another process that polls already; then exit code 3.",
)
@click.option(
    "--full", is_flag=True, help="The days of every round, not of unresolved and the newest 300 resolved ones alone."
)
@click.option("--alerts", is_flag=True, help="With --once: exit code 5 when any alert fires after it.")
@click.option("--interval", type=click.FloatRange(min=0.5), help="Seconds between polls.")
@click.option("--child", is_flag=True, hidden=True, help="Started by the screens: ends with the last of them.")
@click.pass_context
def command(
    ctx: click.Context, /, *, once: bool, full: bool, wait: float, alerts: bool, interval: float | None, child: bool
) -> None:
    """Keep the cache up to date, and evaluate the alert rules after each poll. Progress goes to stderr."""
    in_force = session_settings(ctx)
    if alerts and not once:
        raise click.UsageError("--alerts is for --once: `numtui alerts` lists what fires")
    if in_force.offline:
        raise fail("--offline leaves nothing to poll")
    from numtui.cli.alerts import sources_of  # brings stake rules with it
    from numtui.poller.alerts.watch import AlertWatch, terminal_of
    from numtui.poller.jobs.record_forecasts import record_forecasts  # brings numpy with it
    from numtui.poller.process import poll, say_to_stderr  # brings the HTTP client with it

    if interval is not None:
        in_force = replace(in_force, poll_interval=interval)
    watch = AlertWatch(sources_of, say_to_stderr, None if child else terminal_of())
    code = poll(
        in_force,
        clock_from_env(),
        once=once,
        child=child,
        full=full,
        wait=wait,
        hooks=(record_forecasts,),
        watches=(watch,),
    )
    if once:
        watch.finish()
    if alerts and _fires(in_force):
        code = ALERT
    if code:
        raise click.exceptions.Exit(code)


def _fires(settings: Settings) -> bool:
    """Whether any alert fires after the poll."""
    if not settings.db.exists():
        return False
    with closing(open_reader(settings.db)) as connection:
        return firing_count(connection) > 0
