"""`numtui screenshot SCREEN`: a screen as SVG, made by the real app without a terminal."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import click

from numtui.cli.main import fail, session_settings
from numtui.clock import clock_from_env

SIZE = re.compile(r"(\d{1,3})x(\d{1,3})")


class Size(click.ParamType[Any]):
    """A terminal's size such as 120x40."""

    name = "columns x rows"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """(columns, rows), large enough for a screen."""
        from numtui.tui.screens.too_small import LEAST_HEIGHT, LEAST_WIDTH  # Textual: not for --help

        if isinstance(value, tuple):
            return value
        match = SIZE.fullmatch(str(value))
        if match is None:
            return self.fail(f"{value!r} is no size: write 120x40", param, ctx)
        columns, rows = int(match[1]), int(match[2])
        if columns < LEAST_WIDTH or rows < LEAST_HEIGHT:
            return self.fail(f"{value} is too small: screens need {LEAST_WIDTH}x{LEAST_HEIGHT} or more", param, ctx)
        return columns, rows


@click.command("screenshot")
@click.argument("screen")
@click.argument("name", required=False)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The SVG file.")
@click.option("--size", type=Size(), default="120x40", show_default=True, help="From 80x24 on.")
@click.pass_context
def command(ctx: click.Context, /, screen: str, name: str | None, output: Path, size: tuple[int, int]) -> None:
    """Draw SCREEN (such as leaderboard, rounds or stake) to an SVG file; what the cache lacks is fetched first.

    `screenshot model NAME` draws the page of a model.
    """
    from numtui.tui.shot import MODEL, screens, screenshot  # Textual is imported only to show something

    if screen not in {MODEL, *screens()}:
        known = ", ".join((*screens(), MODEL))
        raise click.BadParameter(f"no screen {screen!r}; there are {known}", param_hint="SCREEN")
    if (screen == MODEL) is not (name is not None):
        raise click.UsageError("a name is for `screenshot model NAME`, which needs one")
    if screen == MODEL:
        screen = "models"
    in_force, clock = session_settings(ctx), clock_from_env()
    if not in_force.offline:
        from numtui.poller.freshen import (
            fetch_days,
            freshen,
        )  # brings the HTTP client with it: not for an offline picture

        named = () if name is None else (name,)
        asyncio.run(freshen(in_force, clock, table=screen, names=named))
        if screen == "rounds" or named:
            asyncio.run(fetch_days(in_force, clock))
    try:
        screenshot(in_force, clock, screen, size, output, model=name)
    except OSError as error:
        if error.filename not in {None, str(output)}:
            raise
        raise fail(f"{output} cannot be written: {error.strerror or error}") from None
    click.echo(f"numtui: wrote {output}", err=True)
