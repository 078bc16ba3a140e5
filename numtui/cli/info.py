"""`numtui info`: where things are and what the cache holds."""

from __future__ import annotations

import json
from contextlib import closing

import click

from numtui.cli.main import session_settings
from numtui.model import Row
from numtui.reports.status import content, places
from numtui.store.database import open_reader
from numtui.store.errors import NoDatabase


@click.command("info")
@click.option("--json", "as_json", is_flag=True, help="As a JSON object.")
@click.pass_context
def command(ctx: click.Context, /, as_json: bool) -> None:
    """Versions, places, and the content of the cache; versions and places before there is one, too."""
    in_force = session_settings(ctx)
    rows: list[Row] = [*places(in_force)]
    try:
        with closing(open_reader(in_force.db)) as connection:
            rows += content(connection, in_force)
    except NoDatabase as error:
        rows.append(("cache", str(error)))
    if as_json:
        click.echo(json.dumps({str(what): value for what, value in rows}, indent=2, default=str, ensure_ascii=False))
        return
    for what, value in rows:
        click.echo(f"{what:<18} {value}")
