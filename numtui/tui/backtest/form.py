"""The choices of the backtest screen: told in a line, changed by a key, typed in parts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from numtui.reports.backtest.query import (
    COMPOUNDS,
    MODES,
    NAMED,
    USUAL,
    BacktestError,
    BacktestQuery,
    Mode,
    split_terms,
)
from numtui.store.queries.selection import Models

KIND = "backtest"  # of the presets in the cache
CHOICES = (Models(), Models(mine=True), Models(watched=True))  # of models, one after the other
LONGEST = 34  # letters of a list of names or a grid in the line of choices
START = BacktestQuery(terms=USUAL)


@dataclass(frozen=True, slots=True)
class BacktestForm:
    """The query that the screen answers, and how a user reads and changes it."""

    query: BacktestQuery = START

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The choices as they are shown, each with the key that changes it."""
        query, amounts = self.query, self.query.amounts
        who = query.which if query.which != NAMED else cut(", ".join(query.models.names))
        money = f"{amounts['stake']} NMR, factor {amounts['factor']}, clip {amounts['clip']}"
        money += "".join(f", {name} {amounts[name]}" for name in ("length", "gap") if amounts[name] != USUAL)
        compound = f"compound {query.compound}" if query.compound else ""
        ways = [query.mode.replace("_", " "), "matched" if query.matched else "", compound]
        which = f"rounds {query.rounds}{' and unresolved' if query.unresolved else ''}"
        shown = cut(query.terms_text)
        return (("m", who), ("n", which), ("x", shown), ("o", ", ".join(filter(None, ways))), ("b", money))

    def next_models(self) -> BacktestForm:
        """The next of the simple choices of models."""
        models = self.query.models
        index = CHOICES.index(models) if models in CHOICES else -1
        return self._with(models=CHOICES[(index + 1) % len(CHOICES)])

    def next_mode(self) -> BacktestForm:
        """Each figure to rank by, over all rounds and then over matched ones, then the two ways of compounding."""
        modes: list[tuple[Mode, bool, str]] = [
            *((mode, matched, "") for matched in (False, True) for mode in MODES),
            *(("average", False, system) for system in COMPOUNDS),
        ]
        shown = (self.query.mode, self.query.matched, self.query.compound)
        index = modes.index(shown) if shown in modes else -1
        mode, matched, compound = modes[(index + 1) % len(modes)]
        return self._with(mode=mode, matched=matched, compound=compound)

    def with_models(self, names: tuple[str, ...]) -> BacktestForm:
        """These models only."""
        return self._with(models=Models(names))

    def with_rounds(self, text: str) -> BacktestForm:
        """Another range or epoch."""
        return self._with(rounds=text)

    def with_terms(self, text: str) -> BacktestForm:
        """Another grid, or terms by name, as typed. BacktestError."""
        grid, terms = split_terms(text)
        return self._with(grid=grid, terms=terms)

    def with_unresolved(self) -> BacktestForm:
        """Unresolved rounds too, or no longer."""
        return self._with(unresolved=not self.query.unresolved)

    def with_money(self, text: str) -> BacktestForm:
        """Stake, factor, clip and windows as `stake=10000 clip=0.05`; what is not named stays. BacktestError."""
        amounts = self.query.amounts
        for word in text.split():
            name, sign, value = word.partition("=")
            if name not in amounts or not sign or not value:
                names = ", ".join(f"{known}=" for known in amounts)
                raise BacktestError(f"{word!r}: write {names}, such as stake=100 factor=actual")
            amounts[name] = value
        typed = BacktestQuery.parse(
            stake=amounts["stake"],
            factor=amounts["factor"],
            clip=amounts["clip"],
            length=amounts["length"],
            gap=amounts["gap"],
        )
        return self._with(stake=typed.stake, factor=typed.factor, clip=typed.clip, length=typed.length, gap=typed.gap)

    @property
    def money(self) -> str:
        """Stake, factor, clip and windows as they are typed."""
        return " ".join(f"{name}={value}" for name, value in self.query.amounts.items())

    def _with(self, **changes: Any) -> BacktestForm:
        return BacktestForm(replace(self.query, **changes))


def cut(text: str) -> str:
    """A text short enough for the line of choices."""
    return text if len(text) <= LONGEST else text[: LONGEST - 2] + ".."
