"""`numtui config`: the settings in force."""

from __future__ import annotations

from dataclasses import fields

import click

from numtui import config
from numtui.cli.main import settings
from numtui.model import Tournament


@click.command("config")
@click.pass_context
def command(ctx: click.Context, /) -> None:
    """Print the settings in force as the settings file would hold them. Keys are only said to be there or not."""
    own = settings(ctx)
    there = own.config_file.is_file()
    click.echo(f"# {own.config_file}{'' if there else ' (not there: these are the defaults)'}")
    keys = config.credentials()
    click.echo(f"# API key: {'set' if keys else 'not set'} in the environment")
    for field in fields(own):
        if field.name in {"config_file", "simulated", "watch", "epochs"}:
            continue
        click.echo(f"{OPTION_NAMES.get(field.name, field.name)} = {_toml(getattr(own, field.name))}")
    if own.watch:
        click.echo("\n[watch]")
        for tournament, names in own.watch.items():
            click.echo(f"{tournament.label} = {_toml(names)}")
    for tournament, spans in own.epochs.items():
        click.echo(f"\n[epochs.{tournament.label}]")
        for name, span in spans.items():
            click.echo(f"{_toml(name)} = {_toml(span)}")


OPTION_NAMES = {"api_urls": "api_url"}


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Tournament():
            return f'"{value.label}"'
        case int() | float():
            return repr(value)
        case tuple():
            return "[" + ", ".join(_toml(item) for item in value) + "]"
        case _:
            escaped = str(value).replace("\\", "\\\\").replace('"', '\\"')
            return f'"{escaped}"'
