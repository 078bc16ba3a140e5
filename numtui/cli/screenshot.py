"""`numtui screenshot SCREEN`: a screen as SVG, made by the real app without a terminal."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import click

from numtui.cli.main import settings
from numtui.clock import clock_from_env

SIZE = re.compile(r"(\d{2,3})x(\d{2,3})")


class Size(click.ParamType[Any]):
    """A terminal's size such as 120x40."""

    name = "columns x rows"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """(columns, rows)."""
        if isinstance(value, tuple):
            return value
        match = SIZE.fullmatch(str(value))
        if match is None:
            return self.fail(f"{value!r} is no size: write 120x40", param, ctx)
        return int(match[1]), int(match[2])


@click.command("screenshot")
@click.argument("screen")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The SVG file.")
@click.option("--size", type=Size(), default="120x40", show_default=True)
@click.pass_context
def command(ctx: click.Context, /, screen: str, output: Path, size: tuple[int, int]) -> None:
    """Draw SCREEN (such as leaderboard, rounds or stake) to an SVG file; what the cache lacks is fetched first."""
    from numtui.tui.shot import screens, screenshot  # Textual is imported only to show something

    if screen not in screens():
        raise click.BadParameter(f"no screen {screen!r}; there are {', '.join(screens())}", param_hint="SCREEN")
    own, clock = settings(ctx), clock_from_env()
    if not own.offline:
        from numtui.poller.ensure import ensure  # brings the HTTP client with it: not for an offline picture

        asyncio.run(ensure(own, clock, table=screen))
    screenshot(own, clock, screen, size, output)
    click.echo(f"numtui: wrote {output}", err=True)
