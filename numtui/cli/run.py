"""`numtui run`, and `numtui` alone: the screens."""

from __future__ import annotations

import gc
import locale
import os
import sys
from dataclasses import replace

import click

from numtui.cli.main import fail, session_settings
from numtui.cli.output.log import logged_to_file
from numtui.clock import clock_from_env
from numtui.errors import USAGE

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
DUMB = {"dumb", "unknown"}  # the names of terminals that can only print lines


@click.command("run")
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Show the screens; the poller is started when none runs."""
    in_browser = os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER  # a child of `numtui serve`
    if not in_browser and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise fail("the screens need a terminal: use `numtui export` or `numtui poll --once` without one", USAGE)
    if (term := os.environ.get("TERM")) in DUMB and not in_browser:
        words = f"the screens need a terminal with a cursor, and TERM={term} has none: set TERM, or use `numtui export`"
        raise fail(words, USAGE)
    gc.disable()  # a tenth of the time to the first frame, behind which the app turns it on again
    from numtui.tui.app import make_app  # Textual is imported only to show something
    from numtui.tui.terminal import leaving

    in_force = session_settings(ctx)
    if in_browser:
        in_force = replace(in_force, allow_stake=False)
    in_force = replace(in_force, ascii=in_force.ascii or not draws_unicode())
    with logged_to_file(in_force):
        app = make_app(in_force, clock_from_env(), screen="")
        if in_browser:
            app.run()
        else:
            leaving.run(app)
    from numtui.tui.stake.calls import left_behind  # behind the first frame: it brings the stake room with it

    if words := left_behind():
        click.echo(f"numtui: {words}", err=True)
    if app.return_code:
        raise click.exceptions.Exit(app.return_code)


def draws_unicode() -> bool:
    """Whether the terminal shows more than ASCII, by what the locale says; LC_ALL=C and ISO-8859-1 do not.

    Python itself would write UTF-8 in the C locale.
    """
    if os.environ.get("LC_ALL") in {"C", "POSIX"}:
        return False
    return locale.getencoding().lower().replace("-", "") in {"utf8", "cp65001"}
