"""The options of `numtui export` that say which models, rounds and days are meant."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import click

from numtui.cli.options.table import Command, add_options, table_option
from numtui.reports.overview import PARTS
from numtui.store.queries.selection import parse_names, parse_rounds


class Parsed(click.ParamType[Any]):
    """A value that `parse` makes of a text. UsageError with the words of its ValueError."""

    def __init__(self, name: str, parse: Callable[[str], tuple[Any, ...]]) -> None:
        self.name, self.parse = name, parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The value; a default is one already."""
        if isinstance(value, tuple):
            return value
        try:
            return self.parse(str(value))
        except ValueError as error:
            return self.fail(str(error), param, ctx)


NAMES = Parsed("names", parse_names)  # `A,B`, each once
RANGE = Parsed("rounds", parse_rounds)  # `843..1197`, either end open, or one round

ALL = "all"  # tables at once
OF_ROUNDS = ("rounds", "scores", "drift", "backtest", "ranking", "risk", "allocation", "field", "tournament", ALL)
OF_SELECTED = ("models", *(table for table in OF_ROUNDS if table != "tournament"), "stakes")
OF_NAMED = (*OF_SELECTED, "payouts", "submissions", "notes")

_of_rounds = partial(table_option, tables=OF_ROUNDS, refused=False)
_of_selected = partial(table_option, tables=OF_SELECTED, refused=False)
_of_named = partial(table_option, tables=OF_NAMED, refused=False)

OPTIONS = (
    _of_named("--models", type=NAMES, default=(), metavar="A,B", help="models by name, anybody's."),
    _of_selected("--mine", is_flag=True, help="the account's models that are not archived."),
    _of_selected("--watched", is_flag=True, help="the models marked to be watched."),
    _of_selected("--tag", "tags", multiple=True, metavar="T", help="models with this tag of yours: numtui notes."),
    _of_rounds("--rounds", type=RANGE, default=(None, None), metavar="A..B", help="either end open."),
    _of_rounds("--epoch", metavar="NAME", help="a named range, built in or your own, in place of --rounds."),
    _of_rounds("--unresolved", is_flag=True, help="unresolved rounds only."),
    _of_rounds("--resolved", is_flag=True, help="resolved rounds only."),
    table_option("--latest", tables=("scores",), is_flag=True, help="only the newest day of each."),
    table_option("--forecast", tables=("drift",), is_flag=True, help="a row a model and round, with what is expected."),
    table_option(
        "--part",
        tables=("overview",),
        type=click.Choice(PARTS),
        default=PARTS[0],
        show_default=True,
        help="which of its tables.",
    ),
    table_option("--benchmark", tables=("field",), metavar="MODEL", help="the model to compare with, anybody's."),
    table_option("--weights", tables=("field",), metavar="SCORE=W,..", help="in place of a round's multipliers."),
    table_option("--total", tables=("drift",), is_flag=True, help="a row a calendar day, over all rounds at risk."),
)


def selection_options(command: Command) -> Command:
    """Add the options that choose models, rounds and days to a command."""
    return add_options(command, OPTIONS)
