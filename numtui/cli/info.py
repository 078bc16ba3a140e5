"""`numtui info`: where things are and what the cache holds."""

from __future__ import annotations

from contextlib import closing

import click

from numtui.cli.main import settings
from numtui.reports.status import facts
from numtui.store.database import open_reader


@click.command("info")
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Versions, places, and the content of the cache."""
    own = settings(ctx)
    with closing(open_reader(own.db)) as connection:
        for what, value in facts(connection, own).rows:
            click.echo(f"{what:<18} {value}")
