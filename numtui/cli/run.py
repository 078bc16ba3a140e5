"""`numtui run`, and `numtui` alone: the screens."""

from __future__ import annotations

import gc
import locale
import os
import sys
from dataclasses import replace
from typing import NoReturn

import click

from numtui.cli.main import GIVEN, fail, session_settings
from numtui.cli.output.lines import STATED, given, started_as
from numtui.cli.output.log import logged_to_file
from numtui.clock import clock_from_env
from numtui.config import Settings, profile_names
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
        app.profiles = () if in_browser else _other_profiles(ctx, in_force)
        if in_browser:
            app.run()
        else:
            leaving.run(app)
    from numtui.tui.stake.calls import left_behind  # behind the first frame: it brings the stake room with it

    if words := left_behind():
        click.echo(f"numtui: {words}", err=True)
    if app.return_code:
        raise click.exceptions.Exit(app.return_code)
    if app.next_profile is not None:
        start_again(ctx, app.next_profile)


def _other_profiles(ctx: click.Context, in_force: Settings) -> tuple[str, ...]:
    """The profiles of the settings file beside the one in force, "" for none of them; nothing where this call names a
    cache or a state folder: it would be the same for all of them."""
    root = ctx.find_root()
    if in_force.simulated or any(root.get_parameter_source(name) in STATED for name in ("db", "state_dir")):
        return ()
    names = profile_names(in_force.config_file)
    return tuple(name for name in (*names, "") if name != (in_force.profile or "")) if names else ()


def start_again(ctx: click.Context, profile: str) -> NoReturn:
    """Become the same program with another profile. The right to change stakes was given for the one before, and the
    key that came from a command or a file is that one's: neither goes on."""
    root = ctx.find_root()
    names = (str(option.name) for option in root.command.params if option.name not in {"profile", "allow_stake"})
    words = [*started_as(), *given(root, tuple(names)), *(["--profile", profile] if profile else [])]
    environ = {name: value for name, value in ctx.meta[GIVEN].items() if name != "NUMTUI_PROFILE"}
    os.execve(words[0], words, environ)


def draws_unicode() -> bool:
    """Whether the terminal shows more than ASCII, by what the locale says; LC_ALL=C and ISO-8859-1 do not.

    Python itself would write UTF-8 in the C locale.
    """
    if os.environ.get("LC_ALL") in {"C", "POSIX"}:
        return False
    return locale.getencoding().lower().replace("-", "") in {"utf8", "cp65001"}
