"""The options of `numtui export` that say which backtest is meant."""

from __future__ import annotations

from functools import partial
from typing import Any

import click

from numtui.analysis.allocation.methods import METHODS
from numtui.cli.options.selection import ALL
from numtui.cli.options.table import Command, add_options, given, table_option
from numtui.reports.backtest.query import (
    ACTUAL,
    ALL_ROUNDS,
    COMPOUNDS,
    MODES,
    AllocationQuery,
    BacktestError,
    BacktestQuery,
)
from numtui.store.queries.selection import Models

BACKTESTS = ("backtest", "ranking", "risk", "allocation")
RANKED = ("backtest", "ranking")  # what puts results into an order, and knows money beside returns
WALKED = ("backtest",)
ONLY_PREDICTIVE = {"length": "--length", "gap": "--gap"}
NEVER_PREDICTIVE = {"compound": "--compound"}  # a walk compares mean returns on stake


_of_all = partial(table_option, tables=BACKTESTS)
_of_ranked = partial(table_option, tables=RANKED)
_of_walked = partial(table_option, tables=WALKED)
_of_weighed = partial(table_option, tables=("allocation",))

OPTIONS = (
    _of_all("--grid", multiple=True, metavar="SCORE=V,V,..", help="multipliers of a score, A..B:STEP too."),
    _of_all("--terms", default=ACTUAL, metavar="NAME", show_default=True, help="payout terms by name."),
    _of_all(
        "--stake", default="1", metavar="NMR", show_default=True, help="stake of each round; no ratio depends on it."
    ),
    _of_all("--payout-factor", default=ACTUAL, metavar="N", show_default=True, help="a number, or actual."),
    _of_all("--clip", default=ACTUAL, metavar="N", show_default=True, help="a number, or actual."),
    table_option(
        "--mode",
        tables=(*RANKED, ALL),
        type=click.Choice(MODES),
        default=MODES[0],
        show_default=True,
        refused=False,
        help="what ranks cells and models; sharpe and per_risk (mean / -CVaR 5 %) apart from leverage.",
    ),
    _of_all("--matched", is_flag=True, help="only the rounds that all of the models have."),
    _of_all("--include-unresolved", is_flag=True, help="unresolved rounds too, at their newest scores."),
    _of_ranked("--compound", type=click.Choice(COMPOUNDS), help="let the stake grow: continuous, or per round."),
    _of_walked("--predictive", is_flag=True, help="did choices on the past serve later?"),
    _of_walked("--length", type=click.IntRange(1), help="with --predictive, rounds to choose on."),
    _of_walked("--gap", type=click.IntRange(1), help="with --predictive, rounds between choice and test."),
    table_option(
        "--window",
        tables=("risk",),
        default=ALL_ROUNDS,
        metavar="N",
        help="each model's newest N rounds, all, or note: from its newest note on.",
    ),
    _of_weighed(
        "--method",
        type=click.Choice(METHODS),
        default=AllocationQuery().method,
        show_default=True,
        help="how models are weighed.",
    ),
    _of_weighed("--floor", type=click.FloatRange(0, 1), default=0.0, help="the least share of a model."),
    _of_weighed("--cap", type=click.FloatRange(0, 1), default=1.0, help="the largest share of a model."),
    _of_weighed("--walk", is_flag=True, help="the test out of sample, a row a round, in place of the weights."),
    _of_weighed("--frontier", is_flag=True, help="what mean return costs how much risk, in place of the weights."),
    _of_weighed("--moving", is_flag=True, help="the way from today's stakes to the weights, and what it costs."),
    _of_weighed(
        "--portfolio", is_flag=True, help="what the weights come to as a whole, beside equal ones and today's."
    ),
    _of_weighed("--min-change", default="0", metavar="NMR", help="the least change of a stake on the way."),
)


def backtest_options(command: Command) -> Command:
    """Add the options of backtests to a command."""
    return add_options(command, OPTIONS)


def refuse_unwalked(ctx: click.Context) -> None:
    """UsageError for an option that was typed although it has no meaning with, or without, --predictive."""
    predictive = ctx.params["predictive"]
    for name, option in (NEVER_PREDICTIVE if predictive else ONLY_PREDICTIVE).items():
        if given(ctx, name) and predictive:
            raise click.UsageError(f"{option} is not for backtest --predictive, which compares mean returns on stake")
        if given(ctx, name):
            raise click.UsageError(f"{option} is for the table backtest with --predictive")


def query_of(options: dict[str, Any], models: Models) -> BacktestQuery:
    """The backtest of these models that the options mean. UsageError for a number that is none."""
    first, last = options["rounds"]
    named = ALL_ROUNDS if first is last is None else f"{first or ''}..{last or ''}"
    try:
        return BacktestQuery.parse(
            models=models,
            rounds=options["epoch"] or named,
            grid=options["grid"],
            terms=options["terms"],
            stake=options["stake"],
            factor=options["payout_factor"],
            clip=options["clip"],
            mode=options["mode"],
            matched=options["matched"],
            unresolved=options["include_unresolved"],
            compound=options["compound"],
            length=options["length"],
            gap=options["gap"],
            titles={"stake": "--stake", "factor": "--payout-factor", "clip": "--clip"},
        )
    except BacktestError as error:
        raise click.UsageError(str(error)) from None
