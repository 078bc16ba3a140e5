"""Rules from the configuration: plain tables, each with `rule` and its options, in the order in which they apply.

    [[rules]]
    rule = "take_profit"
    gain = 0.2
    models = ["name"]          # any rule can be limited to some models,
    tiers = ["core"]           # to those of some tiers, or by tags = ["lgbm"]: `numtui notes`

Amounts of NMR are strings, shares are numbers or strings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from numtui.analysis.rules.portfolio import Rule, RuleError
from numtui.analysis.rules.rules import (
    CapShare,
    CapWorstCase,
    Combination,
    Hold,
    Only,
    ShrunkBacktest,
    Stop,
    TakeProfit,
    TopUp,
    Weights,
)
from numtui.analysis.rules.tiers import Among, TierMultipliers, TierStakes

PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")  # no sign, exponent, `2_53` or digits of other scripts
LIMITS = {"models": "model names", "tiers": "tiers", "tags": "tags"}  # what any rule can be limited by
Item = Mapping[str, object]
WeightsOf = Callable[[str], Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The result of a backtest for rules: a weight a model (0 or more), and the shrinkage (0..1) it suggests."""

    weights: Mapping[str, Decimal]
    shrinkage: Decimal


@dataclass(frozen=True, slots=True)
class Noted:
    """What the user noted of models, by their names in lower case: the tier, and the tags."""

    tiers: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def models(self, tiers: Collection[str], tags: Collection[str]) -> frozenset[str]:
        """The models that are in any of the tiers or have any of the tags."""
        placed = {model for model, tier in self.tiers.items() if tier in tiers}
        return frozenset(placed | {model for model, known in self.tags.items() if known & set(tags)})


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources of what is not in the book: a file of weights by its name, the matched backtest, and notes."""

    weights_of: WeightsOf | None = None
    evidence: Callable[[], Evidence] | None = None
    noted: Noted = field(default_factory=Noted)


def amount(item: Item, key: str) -> Decimal:
    """The NMR under `key`: a string of a finite number at or above 0. RuleError otherwise."""
    value = item.get(key)
    if not isinstance(value, str):
        raise RuleError(f'{key} must be NMR as a string, such as {key} = "12.5"')
    if PLAIN.fullmatch(value.removeprefix("-")) is None:
        raise RuleError(f"{key} is not a number: {value!r}")
    parsed = Decimal(value)
    if parsed < 0:
        raise RuleError(f"{key} must be 0 or more: {value!r}")
    return parsed


def optional_amount(item: Item, key: str) -> Decimal | None:
    """The NMR under `key`, or None where it is not given."""
    return amount(item, key) if key in item else None


def share(item: Item, key: str, default: str | None = None, *, highest: str = "1") -> Decimal:
    """The share under `key`, above 0 and at most `highest`. RuleError otherwise."""
    value = item.get(key, default)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise RuleError(f"{key} must be a share such as 0.25")
    if isinstance(value, str) and PLAIN.fullmatch(value.removeprefix("-")) is None:
        raise RuleError(f"{key} is not a number: {value!r}")
    parsed = Decimal(str(value))
    if not parsed.is_finite() or not 0 < parsed <= Decimal(highest):
        raise RuleError(f"{key} must be above 0 and at most {highest}: {value}")
    return parsed


def hold(item: Item, _: Sources) -> Rule:
    """`hold`: withdraw what exceeds `stake`."""
    return Hold(amount(item, "stake"))


def top_up(item: Item, _: Sources) -> Rule:
    """`top_up`: back to the peak at a `drawdown`."""
    return TopUp(share(item, "drawdown", "0.25"))


def take_profit(item: Item, _: Sources) -> Rule:
    """`take_profit`: back to the base at a `gain`."""
    return TakeProfit(share(item, "gain", "0.20", highest="100"))


def stop(item: Item, _: Sources) -> Rule:
    """`stop`: out at a `loss`."""
    return Stop(share(item, "loss", "0.07"))


def cap_share(item: Item, _: Sources) -> Rule:
    """`cap_share`: no model above `share` of the total."""
    return CapShare(share(item, "share"))


def cap_worst_case(item: Item, _: Sources) -> Rule:
    """`cap_worst_case`: at most `limit` NMR in the worst case."""
    return CapWorstCase(amount(item, "limit"))


def weights(item: Item, sources: Sources) -> Rule:
    """`weights`: deal `total` by the weights of `file` or of the table `weights` in place."""
    total = optional_amount(item, "total")
    if "file" in item and "weights" in item:
        raise RuleError("give file or weights, not both")
    if "file" in item:
        if sources.weights_of is None:
            raise RuleError("a file of weights cannot be read here")
        return Weights(sources.weights_of(str(item["file"])), total)
    table = item.get("weights")
    if not isinstance(table, Mapping) or not table:
        raise RuleError('weights needs file = "FILE.json" or a table weights = {name = "2", ...}')
    return Weights({str(model): weight_of(str(model), value) for model, value in table.items()}, total)


def weight_of(model: str, value: object) -> Decimal:
    """A weight as a number or a string. RuleError when it is neither."""
    try:
        if isinstance(value, str) and PLAIN.fullmatch(value.removeprefix("-")) is None:
            raise InvalidOperation
        return Decimal(str(value))
    except InvalidOperation:
        raise RuleError(f"the weight of {model} is not a number: {value!r}") from None


def backtest(item: Item, sources: Sources) -> Rule:
    """`backtest`: weights of the matched backtest, shrunk by `shrinkage` (default: as its predictiveness suggests)."""
    if sources.evidence is None:
        raise RuleError("there is no backtest to take weights from here")
    towards = item.get("towards", "equal")
    if towards not in ("equal", "current"):
        raise RuleError(f"towards must be equal or current: {towards!r}")
    evidence = sources.evidence()
    shrinkage = evidence.shrinkage
    if "shrinkage" in item:
        shrinkage = Decimal(0) if str(item["shrinkage"]) in ("0", "0.0") else share(item, "shrinkage")
    if not 0 <= shrinkage <= 1:
        raise RuleError(f"shrinkage must lie between 0 and 1: {shrinkage}")
    return ShrunkBacktest(evidence.weights, shrinkage, str(towards), optional_amount(item, "total"))


def tiers(item: Item, sources: Sources) -> Rule:
    """`tiers`: a stake a tier (`stakes`), or `total` dealt by a multiplier a tier (`multipliers`)."""
    stakes, multipliers = item.get("stakes"), item.get("multipliers")
    if isinstance(stakes, Mapping) and stakes and multipliers is None and "total" not in item:
        return TierStakes(sources.noted.tiers, {str(tier): amount(stakes, tier) for tier in stakes})
    if isinstance(multipliers, Mapping) and multipliers and stakes is None:
        weights_by_tier = {str(tier): weight_of(str(tier), value) for tier, value in multipliers.items()}
        return TierMultipliers(sources.noted.tiers, weights_by_tier, optional_amount(item, "total"))
    raise RuleError('give stakes = {core = "25", ...}, or multipliers = {core = 2, ...} and, if you like, total')


# rule -> how it is made, and the options it takes
KINDS: dict[str, tuple[Callable[[Item, Sources], Rule], tuple[str, ...]]] = {
    "hold": (hold, ("stake",)),
    "top_up": (top_up, ("drawdown",)),
    "take_profit": (take_profit, ("gain",)),
    "stop": (stop, ("loss",)),
    "cap_share": (cap_share, ("share",)),
    "cap_worst_case": (cap_worst_case, ("limit",)),
    "weights": (weights, ("file", "weights", "total")),
    "tiers": (tiers, ("stakes", "multipliers", "total")),
    "backtest": (backtest, ("shrinkage", "towards", "total")),
}


def parse_rule(item: Item, sources: Sources) -> Rule:
    """The rule of one table. RuleError when it is not understood."""
    name = item.get("rule")
    if name not in KINDS:
        raise RuleError(f"no rule {name!r}: {', '.join(KINDS)}")
    make, options = KINDS[str(name)]
    for key in item:
        if key not in ("rule", *LIMITS, *options):
            raise RuleError(f"{name}: no option {key!r}; it takes {', '.join((*options, *LIMITS))}")
    try:
        rule = make(item, sources)
    except RuleError as error:
        raise RuleError(f"{name}: {error}") from None
    limits = {key: _names(item, key, str(name)) for key in LIMITS if key in item}
    if "tiers" in limits or "tags" in limits:
        rule = Among(sources.noted.models(limits.get("tiers", ()), limits.get("tags", ())), rule)
    return Only(frozenset(limits["models"]), rule) if "models" in limits else rule


def _names(item: Item, key: str, rule: str) -> list[str]:
    names = item[key]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise RuleError(f"{rule}: {key} must be a list of {LIMITS[key]}")
    return names


def parse_rules(items: object, sources: Sources | None = None) -> Combination:
    """The combination that the configuration describes. RuleError names the rule by its number."""
    if not isinstance(items, Sequence) or isinstance(items, str) or not items:
        raise RuleError('there are no rules: give at least one [[rules]] table such as rule = "take_profit"')
    parsed = []
    for number, item in enumerate(items, start=1):
        if not isinstance(item, Mapping):
            raise RuleError(f'rule {number} is not a table with rule = "..."')
        try:
            parsed.append(parse_rule(item, sources or Sources()))
        except RuleError as error:
            raise RuleError(f"rule {number}: {error}") from None
    return Combination(tuple(parsed))
