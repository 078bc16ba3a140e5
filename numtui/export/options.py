"""The options of tables as Python takes them: what they are, and what their values mean."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypedDict, get_args

from numtui.analysis.allocation.methods import METHODS
from numtui.errors import USAGE, NumtuiError
from numtui.model import Tournament
from numtui.reports.backtest.query import AllocationPart, AllocationQuery, BacktestError, positive_number
from numtui.store.queries.selection import parse_names, parse_rounds

Number = Decimal | float | str
Ends = tuple[int | None, int | None]  # of a range of rounds, None: open


PARTS: tuple[AllocationPart, ...] = get_args(AllocationPart)


class OptionError(NumtuiError, ValueError):
    """An option that means nothing, or two that exclude each other; its text is one line that says which."""

    exit_code = USAGE


class ModelOptions(TypedDict, total=False):
    """The models of a table: by name, the account's own, the watched ones; none of these: own and watched."""

    tournament: str | Tournament
    models: str | Sequence[str]
    mine: bool
    watched: bool


class RoundOptions(ModelOptions, total=False):
    """The rounds of a table: a range (`843..1197`, or its ends), a named epoch in its place, only (un)resolved ones."""

    rounds: str | int | Ends
    epoch: str
    resolved: bool
    unresolved: bool


class BacktestOptions(RoundOptions, total=False):
    """The terms of a backtest; `payout_factor` and `clip` are numbers, or `actual`, `stake` is NMR a round."""

    grid: str | Sequence[str]
    terms: str
    stake: Number
    payout_factor: Number
    clip: Number
    matched: bool
    include_unresolved: bool


class RiskOptions(BacktestOptions, total=False):
    """The rounds that risk is of: the newest `window` of each model, `all`, or from its newest `note` on."""

    window: int | str


class AllocationOptions(BacktestOptions, total=False):
    """How models are weighed: by a `method`, each within `floor` and `cap`. In place of the weights `walk`: the rounds
    out of sample; `frontier`: what mean costs how much risk; `moving`: the way from today's stakes, without changes
    below `min_change` NMR; `portfolio`: what they come to as a whole."""

    method: str
    floor: float
    cap: float
    walk: bool
    frontier: bool
    moving: bool
    portfolio: bool
    min_change: Number


class RankedOptions(BacktestOptions, total=False):
    """The order of the results (`mode`: `total` or `average`), and how the stake grows (`compound`: `v2` or `v3`)."""

    mode: str
    compound: str


def allowed(method: str, options: Mapping[str, Any], kinds: type) -> dict[str, Any]:
    """The options of a method. TypeError for another keyword, as Python itself would have it."""
    for name in options:
        if name not in kinds.__annotations__:
            raise TypeError(f"{method}() got an unexpected keyword argument {name!r}")
    return dict(options)


def refuse_both(**options: bool) -> None:
    """OptionError when all of these are given: they exclude each other."""
    if all(options.values()):
        raise OptionError(f"{' and '.join(options)} exclude each other")


def model_names(models: str | Sequence[str] | None) -> tuple[str, ...]:
    """The models of a list, or of `a,b`, each once, in whatever case. OptionError where there is none in it."""
    if models is None:
        return ()
    try:
        return parse_names(models if isinstance(models, str) else ",".join(models))
    except ValueError as error:
        raise OptionError(str(error)) from None


def ends_of(rounds: str | int | Ends | None) -> Ends:
    """The ends of a range of rounds, of `843..1197` and the like. OptionError."""
    if rounds is None or isinstance(rounds, tuple):
        return rounds or (None, None)
    try:
        return parse_rounds(str(rounds))
    except ValueError as error:
        raise OptionError(str(error)) from None


def allocation_query(
    method: str = "mean_cvar", floor: float = 0.0, cap: float = 1.0, *, min_change: Number = 0, **parts: bool
) -> AllocationQuery:
    """The way to weigh models that the options mean; of `parts` (walk, frontier, moving, portfolio) one at most.

    OptionError."""
    known = next((name for name in METHODS if name == method), None)
    if known is None:
        raise OptionError(f"method: {method!r} is none of {', '.join(METHODS)}")
    if known == "today" and (floor, cap) != (0.0, 1.0):
        raise OptionError("method today takes the stakes as they stand: leave out floor and cap")
    asked = [name for name, wanted in parts.items() if wanted]
    if len(asked) > 1:
        raise OptionError(f"{' and '.join(asked)} exclude each other")
    part: AllocationPart = next((part for part in PARTS if part in asked), "weights")
    text = number_text(min_change)
    try:
        least = Decimal(0) if text == "0" else positive_number(text, "min_change")
    except BacktestError as error:
        raise OptionError(str(error)) from None
    return AllocationQuery(known, floor, cap, least, part)


def score_weights(text: str | None) -> dict[str, float] | None:
    """The weights of `corr60=1,mmc60=3`; None for none. OptionError."""
    if text is None:
        return None
    weights: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (word.strip() for word in part.partition("="))
        try:
            weight = float(value)
        except ValueError:
            weight = math.nan
        if not name or not math.isfinite(weight):
            raise OptionError(f"weights: {part.strip()!r}: write SCORE=NUMBER, such as corr60=1,mmc60=3")
        if name in weights:
            raise OptionError(f"weights: {name} stands there twice")
        weights[name] = weight
    if not any(weights.values()):
        raise OptionError("weights: all of them are 0: give at least one score another one")
    return weights


def number_text(number: Number) -> str:
    """A number as it is typed, all digits of it."""
    return f"{number:f}" if isinstance(number, Decimal) else str(number)


def tournament_of(named: str | Tournament) -> Tournament:
    """The tournament of a label in any case. OptionError names the three when there is none."""
    try:
        return named if isinstance(named, Tournament) else Tournament.from_label(named)
    except ValueError as error:
        raise OptionError(str(error)) from None
