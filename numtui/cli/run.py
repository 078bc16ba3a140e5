"""`numtui run`, and `numtui` alone: the screens."""

from __future__ import annotations

import sys

import click

from numtui.cli import codes
from numtui.cli.main import fail, settings
from numtui.clock import clock_from_env


@click.command("run")
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Show the screens; the poller is started when none runs."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise fail("the screens need a terminal: use `numtui export` or `numtui poll --once` without one", codes.USAGE)
    from numtui.tui.app import make_app  # Textual is imported only to show something
    from numtui.tui.stake_calls import left_behind

    app = make_app(settings(ctx), clock_from_env())
    app.run()
    if words := left_behind():
        click.echo(f"numtui: {words}", err=True)
    if app.return_code:
        raise click.exceptions.Exit(app.return_code)
