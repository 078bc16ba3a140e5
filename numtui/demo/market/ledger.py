"""Money: each model's stake at risk round by round, and what rounds pay, in Decimal with 18 places.

Stakes of the demo account's models live: on legacy staking a model's stake is what it started with, plus the payouts
that have settled and the owner's changes; twice a year the owner sets it back to where it started. On Atomic staking
each round has its own fixed stake. Other models' stakes follow the field (`Arena.field_at_risk`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from numtui.demo.market import calendar
from numtui.demo.market.arena import Arena, Bools
from numtui.demo.market.factors import Floats
from numtui.demo.market.population import ModelInfo
from numtui.demo.market.state import Change, StakeState
from numtui.demo.market.terms import Terms, choice
from numtui.model import Tournament, time_of

ATOM = Decimal("1E-18")
ZERO = Decimal("0E-18")
WALLET = Decimal("1234.5")  # what the demo account has available before its changes


@dataclass(frozen=True, slots=True)
class Position:
    """A model in a round: at risk, its multipliers (in the order of the terms' payout scores), what it is paid on.

    `paths` are the payout scores by day, the unseen included; `days` how many days are out; `factor` None until the
    first score.
    """

    number: int
    terms: Terms
    at_risk: Decimal
    multipliers: tuple[Decimal, ...]
    factor: Decimal | None
    paths: tuple[Floats, ...]
    days: int
    submitted: bool
    resolved: bool

    def payouts(self, day: int) -> tuple[Decimal, ...]:
        """The payout of the round if it ended with the scores of `day` (1..), split over its payout scores."""
        if self.factor is None:
            return tuple(ZERO for _ in self.paths)
        scores = [Decimal(repr(float(path[day - 1]))) for path in self.paths]
        return split_payout(self.at_risk, self.factor, self.multipliers, scores, self.terms.clip)

    def payout(self) -> Decimal | None:
        """The payout with the newest scores: settled when resolved, else pending; None without scores."""
        if not self.submitted or self.days == 0:
            return None
        return sum(self.payouts(self.days), ZERO)


def split_payout(
    at_risk: Decimal, factor: Decimal, multipliers: Sequence[Decimal], scores: Sequence[Decimal], clip: Decimal
) -> tuple[Decimal, ...]:
    """Parts of `at_risk * clip(factor * sum(m * s), -clip, +clip)`, in proportion to m * s; they sum to it exactly."""
    parts = [factor * multiplier * score for multiplier, score in zip(multipliers, scores, strict=True)]
    raw = sum(parts, Decimal(0))
    if raw == 0:
        return tuple(ZERO for _ in parts)
    total = (at_risk * max(-clip, min(clip, raw))).quantize(ATOM)
    shares = [(total * part / raw).quantize(ATOM) for part in parts[:-1]]
    return (*shares, (total - sum(shares, Decimal(0))).quantize(ATOM))


class Market(Protocol):
    """The part of the market that the ledger uses."""

    state: StakeState

    def now(self) -> datetime:
        """The market's present moment."""
        ...

    def newest(self, moment: datetime | None = None) -> int:
        """Number of the newest round that has opened."""
        ...

    def rounds(self, tournament: Tournament | int) -> range:
        """Numbers of all rounds that have opened so far."""
        ...

    def arena(self, tournament: Tournament | int) -> Arena:
        """A tournament's arrays."""
        ...

    def submissions(self, model: ModelInfo, numbers: range) -> Bools:
        """The consecutive rounds with a valid submission of a model by now, as flags of shape (rounds,)."""
        ...

    def submitted(self, model: ModelInfo, number: int) -> bool:
        """Whether a model has a valid submission in a round by now."""
        ...


class Ledger:
    """Positions and stakes of single models, kept until the next scoring run, round or change."""

    def __init__(self, market: Market) -> None:
        self._market = market
        self._cache: dict[str, tuple[tuple[object, ...], tuple[list[Position], Decimal]]] = {}

    def positions(self, model: ModelInfo) -> list[Position]:
        """A model's positions in all rounds so far that have it among their participants, oldest first."""
        return self._standing(model)[0]

    def _standing(self, model: ModelInfo) -> tuple[list[Position], Decimal]:
        """Positions, and the stake held now."""
        now = self._market.now()
        newest = self._market.newest(now)
        runs = calendar.newest_run(now), _newest_resolve(now)
        key = (newest, self._market.submitted(model, newest), *runs, self._market.state.version)
        if model.id not in self._cache or self._cache[model.id][0] != key:
            self._cache[model.id] = key, self._compute(model, now)
        return self._cache[model.id][1]

    def _compute(self, model: ModelInfo, now: datetime) -> tuple[list[Position], Decimal]:
        arena = self._market.arena(model.tournament)
        population = arena.population
        rounds = self._market.rounds(model.tournament)
        numbers = range(
            max(rounds.start, int(population.start[model.row])), min(rounds.stop, int(population.stop[model.row]))
        )
        paths = self._payout_paths(model, numbers)
        level = _StakeLevel(self._market, model) if model.mine else None
        run = calendar.newest_run(now)
        present = self._market.submissions(model, numbers).tolist()
        out = []
        for number, submitted in zip(numbers, present, strict=True):
            terms, times = arena.terms(number), arena.times(number)
            if level is None:
                at_risk = arena.field_at_risk(model.row, number)
            else:
                staked = level.at(number)
                at_risk = staked if submitted and arena.valid_churn(model.row, number) else ZERO
            days = max(0, min(run - times.first_score_index + 1, terms.days))
            position = Position(
                number=number,
                terms=terms,
                at_risk=at_risk,
                multipliers=choice(model.tournament, number, model.row),
                factor=arena.factor(number) if terms.atomic or days else None,
                paths=tuple(paths[multiplier.display, number] for multiplier in terms.payout),
                days=days if submitted else 0,
                submitted=submitted,
                resolved=now >= times.resolve,
            )
            if level is not None:
                level.settle(position)
            out.append(position)
        return out, ZERO if level is None else level.held(self._market.newest(now), now)

    def _payout_paths(self, model: ModelInfo, numbers: range) -> dict[tuple[str, int], Floats]:
        arena = self._market.arena(model.tournament)
        displays = {multiplier.display for number in numbers for multiplier in arena.terms(number).payout}
        paths = {}
        for display in displays:
            for spec, part in arena.spec_groups(display, numbers):
                values = arena.values(spec.source, spec.days, part, [model.row])[0]
                paths.update({(display, number): values[i] for i, number in enumerate(part)})
        return paths

    def stake(self, model: ModelInfo) -> Decimal:
        """The NMR that a model has at stake now, in all; payouts not yet settled are not in it."""
        arena = self._market.arena(model.tournament)
        newest = self._market.newest()
        stake = arena.population.stake(model.row)
        if not model.mine:
            return (stake * Decimal(str(arena.swell(newest)))).quantize(ATOM)
        if arena.terms(newest).atomic:
            return stake.quantize(ATOM)
        return self._standing(model)[1]

    def available(self) -> Decimal:
        """NMR in the demo account's wallet that could be staked now."""
        now = self._market.now()
        total = WALLET
        for change in self._market.state.changes:
            if change.type == "increase" and not change.cancelled:
                total -= change.nmr
            elif change.type == "decrease" and change.effective_at(now):
                total += change.nmr
        return total.quantize(ATOM)

    def pending(self, model: ModelInfo) -> list[Change]:
        """A model's changes that are asked for and not yet in force, oldest first."""
        now, newest = self._market.now(), self._market.newest()
        return [
            change
            for change in self._market.state.of_model(model.tournament, model.id)
            if not change.cancelled
            and (change.effective_round > newest if change.type == "increase" else not change.effective_at(now))
        ]


class _StakeLevel:
    """Follows one of the account's models through its rounds, in order of their numbers."""

    def __init__(self, market: Market, model: ModelInfo) -> None:
        self._arena = market.arena(model.tournament)
        self._base = self._arena.population.stake(model.row)
        self._level = self._base
        self._unsettled: list[tuple[datetime, Decimal]] = []  # by time of resolution, as rounds end in order
        self._changes = market.state.of_model(model.tournament, model.id)
        self._half: tuple[int, bool] | None = None

    def at(self, number: int) -> Decimal:
        """At risk in round `number`, were something submitted."""
        terms, times = self._arena.terms(number), self._arena.times(number)
        self._collect(times.close)
        half = (times.open.year, times.open.month > 6)
        if half != self._half:  # the owner's half-yearly return to the stake he began with
            self._half, self._level = half, self._base
        if terms.atomic:
            return (self._base / self._arena.shares(number)).quantize(ATOM)
        return max(self._level + self._changed(number, times.open), Decimal(0)).quantize(ATOM)

    def settle(self, position: Position) -> None:
        """Take note of a round's outcome, to be counted once it has resolved."""
        if not position.terms.atomic and position.at_risk and position.factor is not None:
            final = sum(position.payouts(position.terms.days), ZERO)
            self._unsettled.append((self._arena.times(position.number).resolve, final))

    def held(self, newest: int, now: datetime) -> Decimal:
        """The stake as it stands now: releases count once they are due."""
        self._collect(now)
        total = self._level
        for change in self._changes:
            if change.type == "increase" and not change.cancelled and change.effective_round <= newest:
                total += change.nmr
            elif change.type == "decrease" and change.effective_at(now):
                total -= change.nmr
        return max(total, Decimal(0)).quantize(ATOM)

    def _collect(self, moment: datetime) -> None:
        while self._unsettled and self._unsettled[0][0] <= moment:
            self._level += self._unsettled.pop(0)[1]

    def _changed(self, number: int, opened: datetime) -> Decimal:
        """Net of the owner's changes for a round: what is being released is not staked on new rounds."""
        total = Decimal(0)
        for change in self._changes:
            asked = time_of(change.requested_at)
            if change.cancelled or asked is None:
                continue
            if change.type == "increase" and change.effective_round <= number:
                total += change.nmr
            elif change.type == "decrease" and asked < opened:
                total -= change.nmr
        return total


def _newest_resolve(now: datetime) -> int:
    run = calendar.newest_run(now)
    return run if calendar.resolved_at(run) <= now else run - 1
