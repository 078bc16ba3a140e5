"""Stake rules: each looks at a book of stakes and proposes other stakes with its reason. A rule never acts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from numtui.analysis.rules.portfolio import (
    Book,
    Holding,
    Proposal,
    Rule,
    RuleError,
    four_places,
    made,
    per_cent,
    proposal,
)
from numtui.money import MONEY, ZERO, floor_wei, short_text


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold a fixed stake on each model and withdraw the excess; a smaller stake is left to grow."""

    stake: Decimal

    def propose(self, book: Book) -> list[Proposal]:
        """A release of what exceeds the fixed stake."""
        return made(
            [
                proposal(
                    holding,
                    self.stake,
                    f"hold {short_text(self.stake)}: {short_text(holding.stake - self.stake)} above it",
                )
                for holding in book.holdings
                if holding.stake > self.stake
            ]
        )


@dataclass(frozen=True, slots=True)
class TopUp:
    """Restore a stake to its peak once it has fallen by `drawdown` from there."""

    drawdown: Decimal = Decimal("0.25")

    def propose(self, book: Book) -> list[Proposal]:
        """An increase back to the peak for each stake at or beyond the drawdown."""
        return made(
            [
                proposal(holding, peak, f"top up: {distance_text(fall)} below its peak {short_text(peak)}")
                for holding, peak, fall in distances(book, peak=True)
                if fall >= self.drawdown
            ]
        )


@dataclass(frozen=True, slots=True)
class TakeProfit:
    """Withdraw the gain once a stake has grown by `gain` over its base."""

    gain: Decimal = Decimal("0.20")

    def propose(self, book: Book) -> list[Proposal]:
        """A release back to the base for each stake at or above the mark."""
        return made(
            [
                proposal(holding, base, f"take profit: {distance_text(gain)} above its base {short_text(base)}")
                for holding, base, gain in distances(book, above=True)
                if gain >= self.gain
            ]
        )


@dataclass(frozen=True, slots=True)
class Stop:
    """Leave a model once its stake has lost `loss` of its base."""

    loss: Decimal = Decimal("0.07")

    def propose(self, book: Book) -> list[Proposal]:
        """A release of everything for each stake at or below the mark."""
        return made(
            [
                proposal(holding, ZERO, f"stop: {distance_text(loss)} below its base {short_text(base)}")
                for holding, base, loss in distances(book)
                if loss >= self.loss
            ]
        )


def distances(book: Book, *, peak: bool = False, above: bool = False) -> Iterator[tuple[Holding, Decimal, Decimal]]:
    """Each holding with its base, or its peak, and how far its stake is below that, or above it, as a share of it.

    What has no stake, or no base or peak above 0, is left out.
    """
    for holding in book.holdings:
        level = holding.peak if peak else holding.base
        if level is not None and level > 0 and holding.stake > 0:
            ratio = holding.stake / level
            yield holding, level, ratio - 1 if above else 1 - ratio


def distance_text(distance: Decimal) -> str:
    """A distance as a reason states it, in per cent."""
    return per_cent(four_places(distance))


def capped_total(stakes: Sequence[Decimal], share: Decimal) -> Decimal | None:
    """The total T with sum(min(stake, share x T)) = T: what is left when no stake exceeds `share` of what remains.

    None when no total does it, because even equal stakes would exceed the share.
    """
    ordered = sorted(stakes, reverse=True)
    for capped in range(len(ordered)):
        free = 1 - share * capped
        if free <= 0:
            return None
        total = MONEY.divide(sum(ordered[capped:], ZERO), free)
        if ordered[capped] <= MONEY.multiply(share, total):
            return total
    return None


@dataclass(frozen=True, slots=True)
class CapShare:
    """Keep each model at or below `share` of the total that remains after the releases."""

    share: Decimal

    def propose(self, book: Book) -> list[Proposal]:
        """A release down to the share for each model above it.

        RuleError when there are too few models for such a share.
        """
        staked = [holding for holding in book.holdings if holding.stake > 0]
        if not staked:
            return []
        total = capped_total([holding.stake for holding in staked], self.share)
        if total is None:
            raise RuleError(
                f"cap_share: {len(staked)} staked models cannot all stay at or below {per_cent(self.share)}"
            )
        limit = MONEY.multiply(self.share, total)
        reason = f"cap: above {per_cent(self.share)} of {short_text(total)}"
        return made([proposal(holding, limit, reason) for holding in staked if floor_wei(limit) < holding.stake])


@dataclass(frozen=True, slots=True)
class CapWorstCase:
    """Keep the worst case (the sum of at risk x clip) within `limit` NMR by lowering all exposed stakes alike.

    Rounds already under way stay at risk until they resolve: the worst case follows the stakes only round by round.
    """

    limit: Decimal

    def propose(self, book: Book) -> list[Proposal]:
        """A release of the same share for each exposed model while the worst case is above the limit."""
        worst = sum((holding.worst_case for holding in book.holdings), ZERO)
        if worst <= self.limit:
            return []
        kept = MONEY.divide(self.limit, worst)
        reason = f"cap the worst case: {short_text(worst)} against {short_text(self.limit)}"
        exposed = [holding for holding in book.holdings if holding.worst_case > 0]
        return made([proposal(holding, MONEY.multiply(holding.stake, kept), reason) for holding in exposed])


def shares(weights: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """`weights` over their sum. RuleError when one is negative or none is above 0."""
    if any(not weight.is_finite() or weight < 0 for weight in weights.values()):
        raise RuleError("weights must be numbers at or above 0")
    total = sum(weights.values(), ZERO)
    if total <= 0:
        raise RuleError("at least one weight must be above 0")
    return {model: MONEY.divide(weight, total) for model, weight in weights.items()}


def distribute(book: Book, parts: Mapping[str, Decimal], total: Decimal | None, why: str) -> list[Proposal]:
    """`total` (default: the present stakes of the named models) dealt out by `parts`.

    RuleError when a model is not in the book.
    """
    unknown = sorted(set(parts) - {holding.model for holding in book.holdings})
    if unknown:
        raise RuleError(f"weights name a model that is not yours here: {unknown[0]}")
    named = [holding for holding in book.holdings if holding.model in parts]
    amount = sum((holding.stake for holding in named), ZERO) if total is None else total
    return made(
        [
            proposal(
                holding,
                dealt(amount, parts[holding.model]),
                f"{why}: {per_cent(four_places(parts[holding.model]))} of {short_text(amount)}",
            )
            for holding in named
        ]
    )


def dealt(amount: Decimal, part: Decimal) -> Decimal:
    """`part` of `amount`, with what 1/3 lost in its last digits given back: a third of 30 is 10 and not 9.99...9."""
    return MONEY.multiply(amount, part).quantize(Decimal("1e-30"), context=MONEY)


@dataclass(frozen=True, slots=True)
class Weights:
    """Deal `total` (default: what the named models hold now) by weights; models without a weight stay as they are."""

    weights: Mapping[str, Decimal]
    total: Decimal | None = None

    def propose(self, book: Book) -> list[Proposal]:
        """The stake of each named model by its weight."""
        return distribute(book, shares(self.weights), self.total, "weight")


@dataclass(frozen=True, slots=True)
class ShrunkBacktest:
    """Weights from a matched backtest, drawn by `shrinkage` (0 trusts it, 1 does not) to equal or present weights.

    The shrinkage is meant to be 1 - predictiveness of the backtest: where the past says nothing, nothing is read out
    of it.
    """

    weights: Mapping[str, Decimal]
    shrinkage: Decimal
    towards: str = "equal"  # or "current"
    total: Decimal | None = None

    def propose(self, book: Book) -> list[Proposal]:
        """The stake of each model of the backtest by its shrunk weight."""
        trusted = shares(self.weights)
        rest = self._rest(book)
        parts = {model: (1 - self.shrinkage) * trusted[model] + self.shrinkage * rest[model] for model in trusted}
        return distribute(book, parts, self.total, f"backtest, shrunk {per_cent(self.shrinkage)} to {self.towards}")

    def _rest(self, book: Book) -> dict[str, Decimal]:
        stakes = {holding.model: holding.stake for holding in book.holdings if holding.model in self.weights}
        if self.towards == "current" and sum(stakes.values(), ZERO) > 0:
            return shares({model: stakes.get(model, ZERO) for model in self.weights})
        return shares({model: Decimal(1) for model in self.weights})


@dataclass(frozen=True, slots=True)
class Only:
    """Another rule, for the named models alone."""

    models: frozenset[str]
    rule: Rule

    def propose(self, book: Book) -> list[Proposal]:
        """The inner rule's proposals on a book of the named models."""
        return self.rule.propose(
            replace(book, holdings=tuple(holding for holding in book.holdings if holding.model in self.models))
        )


@dataclass(frozen=True, slots=True)
class Combination:
    """Rules in their order: each sees the book as the ones before it would leave it."""

    rules: tuple[Rule, ...] = field(default=())

    def propose(self, book: Book) -> list[Proposal]:
        """One proposal a model, from its stake now to where the last rule leaves it, with every reason on the way."""
        stakes = {holding.model: holding.stake for holding in book.holdings}
        reasons: dict[str, list[str]] = {}
        for rule in self.rules:
            seen = replace(book, holdings=tuple(moved(holding, stakes[holding.model]) for holding in book.holdings))
            for step in rule.propose(seen):
                stakes[step.model] = step.proposed
                reasons.setdefault(step.model, []).append(step.reason)
        return made(
            [
                proposal(holding, stakes[holding.model], "; ".join(reasons[holding.model]))
                for holding in book.holdings
                if holding.model in reasons
            ]
        )


def moved(holding: Holding, stake: Decimal) -> Holding:
    """`holding` as if its stake had been set to `stake`: gains count from there, its worst case goes in proportion."""
    if stake == holding.stake:
        return holding
    worst = MONEY.divide(MONEY.multiply(holding.worst_case, stake), holding.stake) if holding.stake > 0 else ZERO
    return replace(holding, stake=stake, base=stake, peak=stake, worst_case=worst)


def targets(book: Book, rule: Rule) -> dict[str, Decimal]:
    """Every model's stake as `rule` would have it: the proposals, and the present stake where there is none."""
    wanted = {holding.model: holding.stake for holding in book.holdings}
    wanted.update({step.model: step.proposed for step in rule.propose(book)})
    return wanted
