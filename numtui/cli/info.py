"""`numtui info`: where things are and what the cache holds."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing

import click

from numtui.cli.main import session_settings
from numtui.model import Row
from numtui.reports.status import content, places
from numtui.store.database import open_reader
from numtui.store.errors import NoDatabase


@click.command("info")
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Versions, places, and the content of the cache; versions and places before there is one, too."""
    in_force = session_settings(ctx)
    _show(places(in_force))
    try:
        with closing(open_reader(in_force.db)) as connection:
            _show(content(connection, in_force))
    except NoDatabase as error:
        _show([("cache", str(error))])


def _show(rows: Iterable[Row]) -> None:
    for what, value in rows:
        click.echo(f"{what:<18} {value}")
