"""`numtui info`: where things are and what the cache holds."""

from __future__ import annotations

from contextlib import closing

import click

from numtui.cli.main import settings
from numtui.reports.status import content, places
from numtui.store.database import open_reader
from numtui.store.errors import StoreError


@click.command("info")
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Versions, places, and the content of the cache. A cache that is not there or cannot be read is said as one."""
    in_force = settings(ctx)
    rows = places(in_force)
    try:
        with closing(open_reader(in_force.db)) as connection:
            rows += content(connection, in_force)
    except StoreError as error:
        rows.append(("cache", str(error)))
    for what, value in rows:
        click.echo(f"{what:<18} {value}")
