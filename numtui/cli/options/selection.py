"""The options of `numtui export` that say which models, rounds and days are meant."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from numtui.cli.options.table import Command, add_options, table_option
from numtui.store.queries.selection import parse_names, parse_rounds


class RangeOfRounds(click.ParamType[Any]):
    """A range of rounds: `843..1197`, either end open, or one round."""

    name = "rounds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The ends as (first, last), None where open."""
        if isinstance(value, tuple):
            return value
        try:
            return parse_rounds(str(value))
        except ValueError as error:
            return self.fail(str(error), param, ctx)


class Names(click.ParamType[Any]):
    """Names as `A,B`."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The names, each once."""
        if isinstance(value, tuple):
            return value
        try:
            return parse_names(str(value))
        except ValueError as error:
            return self.fail(str(error), param, ctx)


OF_ROUNDS = ("rounds", "scores", "drift", "backtest", "ranking", "risk")
OF_CHOSEN = ("models", *OF_ROUNDS, "stakes")
OF_NAMED = (*OF_CHOSEN, "payouts")

_of_rounds = partial(table_option, tables=OF_ROUNDS, refused=False)
_of_chosen = partial(table_option, tables=OF_CHOSEN, refused=False)
_of_named = partial(table_option, tables=OF_NAMED, refused=False)

OPTIONS = (
    _of_named("--models", type=Names(), default=(), metavar="A,B", help="models by name, anybody's."),
    _of_chosen("--mine", is_flag=True, help="the account's models that are not archived."),
    _of_chosen("--watched", is_flag=True, help="the models marked to be watched."),
    _of_rounds("--rounds", "span", type=RangeOfRounds(), default=(None, None), metavar="A..B", help="either end open."),
    _of_rounds("--epoch", metavar="NAME", help="a named range, built in or your own, in place of --rounds."),
    _of_rounds("--unresolved", is_flag=True, help="unresolved rounds only."),
    _of_rounds("--resolved", is_flag=True, help="resolved rounds only."),
    table_option("--latest", tables=("scores",), is_flag=True, help="only the newest day of each."),
    table_option("--forecast", tables=("drift",), is_flag=True, help="a row a model and round, with what is expected."),
    table_option("--total", tables=("drift",), is_flag=True, help="a row a calendar day, over all rounds at risk."),
)


def selection_options(command: Command) -> Command:
    """Add the options that choose models, rounds and days to a command."""
    return add_options(command, OPTIONS)
