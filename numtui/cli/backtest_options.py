"""The options of `numtui export` that say which backtest is meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from numtui.reports.backtest_options import (
    ACTUAL,
    COMPOUNDS,
    MODES,
    BacktestError,
    Options,
    number_option,
    number_or_actual,
)

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option("--grid", multiple=True, metavar="SCORE=V,V,..", help="Multipliers of a score, A..B:STEP too."),
    click.option("--terms", default=ACTUAL, metavar="NAME", show_default=True, help="Payout terms by name."),
    click.option("--stake", default="1", metavar="NMR", show_default=True, help="Stake of each round."),
    click.option("--payout-factor", default=ACTUAL, metavar="N", show_default=True, help="A number, or actual."),
    click.option("--clip", default=ACTUAL, metavar="N", show_default=True, help="A number, or actual."),
    click.option("--mode", type=click.Choice(MODES), default=MODES[0], show_default=True, help="What ranks the cells."),
    click.option("--matched", is_flag=True, help="Only the rounds that all of the models have."),
    click.option("--include-unresolved", is_flag=True, help="Unresolved rounds too, at their newest scores."),
    click.option("--compound", type=click.Choice(COMPOUNDS), help="Let the stake grow: continuous, or per round."),
    click.option("--predictive", is_flag=True, help="backtest: did choices on the past serve later?"),
    click.option("--length", type=click.IntRange(1), help="--predictive: rounds to choose on."),
    click.option("--gap", type=click.IntRange(1), help="--predictive: rounds between choice and test."),
)


def backtest_options(command: Command) -> Command:
    """Add the options of backtests to a command."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def options_of(table: str, given: dict[str, Any]) -> Options:
    """The backtest that the options mean. UsageError for a number that is none."""
    if given["predictive"] and table != "backtest":
        raise click.UsageError("--predictive is for the table backtest")
    try:
        return Options(
            grid=given["grid"],
            terms=given["terms"],
            stake=number_option(given["stake"], "--stake"),
            factor=number_or_actual(given["payout_factor"], "--payout-factor"),
            clip=number_or_actual(given["clip"], "--clip"),
            mode=given["mode"],
            matched=given["matched"],
            unresolved=given["include_unresolved"],
            compound=given["compound"] or "",
            length=given["length"],
            gap=given["gap"],
        )
    except BacktestError as error:
        raise click.UsageError(str(error)) from None
