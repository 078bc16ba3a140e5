"""`numtui poll`: the poller without a screen."""

from __future__ import annotations

from dataclasses import replace

import click

from numtui.cli.main import fail, session_settings
from numtui.clock import clock_from_env


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
@click.option("--interval", type=click.FloatRange(min=0.5), help="Seconds between polls.")
@click.option("--child", is_flag=True, hidden=True, help="Started by the screens: ends with the last of them.")
@click.pass_context
def command(ctx: click.Context, /, *, once: bool, full: bool, wait: float, interval: float | None, child: bool) -> None:
    """Keep the cache up to date. Progress goes to stderr."""
    in_force = session_settings(ctx)
    if in_force.offline:
        raise fail("--offline leaves nothing to poll")
    from numtui.poller.jobs.record_forecasts import record_forecasts  # brings numpy with it
    from numtui.poller.process import poll  # brings the HTTP client with it

    if interval is not None:
        in_force = replace(in_force, poll_interval=interval)
    code = poll(in_force, clock_from_env(), once=once, child=child, full=full, wait=wait, hooks=(record_forecasts,))
    if code:
        raise click.exceptions.Exit(code)
