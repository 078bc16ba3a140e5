"""Options that only some tables of `numtui export` have: their help names the tables, and so does a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click
from click.core import ParameterSource

Command = Callable[..., Any]
Decorator = Callable[[Command], Command]


class TableOption(click.Option):
    """An option of certain tables. `refused` ones are not taken as given for others; the rest are ignored there, in
    words."""

    def __init__(
        self, names: Sequence[str], *, tables: tuple[str, ...], help: str, refused: bool = True, **attributes: Any
    ) -> None:
        super().__init__(names, help=f"{', '.join(tables)}: {help}", **attributes)
        self.tables = tables
        self.refused = refused


def table_option(*names: str, tables: tuple[str, ...], help: str, **attributes: Any) -> Decorator:
    """Adds a TableOption to a command."""
    return click.option(*names, cls=TableOption, tables=tables, help=help, **attributes)


def add_options(command: Command, options: Sequence[Decorator]) -> Command:
    """The command with these options, in their order."""
    for option in reversed(options):
        command = option(command)
    return command


def given(ctx: click.Context, name: str) -> bool:
    """Whether the parameter was typed: what the environment says is for every call, whichever the table."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def refuse_unused(ctx: click.Context, table: str) -> None:
    """UsageError, or a line where it is only ignored, for an option that was typed and that `table` does not have."""
    for option in ctx.command.params:
        if not isinstance(option, TableOption) or option.name is None:
            continue
        if table in option.tables or not given(ctx, option.name):
            continue
        said = f"{option.opts[0]} is for {_tables(option.tables)}, not for {table}"
        if option.refused:
            raise click.UsageError(said)
        click.echo(f"numtui: {said}: it is ignored", err=True)


def _tables(names: tuple[str, ...]) -> str:
    if len(names) == 1:
        return f"the table {names[0]}"
    return f"the tables {', '.join(names[:-1])} and {names[-1]}"
