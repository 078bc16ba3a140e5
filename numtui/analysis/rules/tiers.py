"""Rules that go by what the user noted of models: their tiers and tags, by the models' names in lower case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from numtui.analysis.rules.portfolio import Book, Proposal, Rule, made, proposal
from numtui.analysis.rules.rules import Weights
from numtui.money import short_text


@dataclass(frozen=True, slots=True)
class TierStakes:
    """Set each model of a tier to the stake of that tier; models of no such tier stay as they are."""

    tiers: Mapping[str, str]  # model -> tier
    stakes: Mapping[str, Decimal]  # tier -> NMR

    def propose(self, book: Book) -> list[Proposal]:
        """The stake of its tier for each model that has another."""
        placed = [(holding, self.tiers.get(holding.model.casefold(), "")) for holding in book.holdings]
        return made(
            [
                proposal(holding, self.stakes[tier], f"tier {tier}: {short_text(self.stakes[tier])}")
                for holding, tier in placed
                if tier in self.stakes
            ]
        )


@dataclass(frozen=True, slots=True)
class TierMultipliers:
    """Deal `total` (default: what those models hold now) among the models of the tiers by the tiers' multipliers."""

    tiers: Mapping[str, str]  # model -> tier
    multipliers: Mapping[str, Decimal]  # tier -> weight of each of its models
    total: Decimal | None = None

    def propose(self, book: Book) -> list[Proposal]:
        """The stake of each model by the multiplier of its tier; nothing where no model is in any of them."""
        placed = [(holding.model, self.tiers.get(holding.model.casefold(), "")) for holding in book.holdings]
        weights = {model: self.multipliers[tier] for model, tier in placed if tier in self.multipliers}
        return Weights(weights, self.total).propose(book) if weights else []


@dataclass(frozen=True, slots=True)
class Among:
    """Another rule, for the models of certain tiers or tags alone."""

    models: frozenset[str]  # in lower case
    rule: Rule

    def propose(self, book: Book) -> list[Proposal]:
        """The inner rule's proposals on a book of these models."""
        mine = tuple(holding for holding in book.holdings if holding.model.casefold() in self.models)
        return self.rule.propose(replace(book, holdings=mine))
