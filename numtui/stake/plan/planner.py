"""The plan from a snapshot to targets.

Releases come before increases. An increase is only made from NMR that is available now: what a release brings is there
once it is due, so an increase that needs it is put off. A model with a change under way is not changed again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from numtui.analysis.staking_system import System
from numtui.calendar import ROUNDS_AT_ONCE
from numtui.model import time_text
from numtui.money import MINIMUM, MONEY, ZERO, decimal_text, floor_wei
from numtui.reports.stake.snapshot import ModelState, Pending, Snapshot
from numtui.stake.amounts import parse_amount
from numtui.stake.errors import PlanError, UnknownModel
from numtui.stake.plan.steps import Action, StakePlan, State, Step

Wanted = tuple[ModelState, Decimal]  # a model and its target
Funds = list[tuple[datetime | None, Decimal]]  # NMR by when it is released; None: nobody says when


def make_plan(snapshot: Snapshot, targets: Mapping[str, Decimal]) -> StakePlan:
    """The steps from `snapshot` to `targets` (model -> NMR), the most urgent target first; empty when nothing changes.

    PlanError for a target that cannot be (unknown model, negative, below the minimum, more than 18 places) and where
    the staking system in force is undecided.
    """
    wanted = [_checked(snapshot, name, amount) for name, amount in targets.items()]
    if len({model.id for model, _ in wanted}) < len(wanted):
        raise PlanError("a model is named twice, in upper and lower case")
    if snapshot.system is System.UNDECIDED:
        raise PlanError(
            f"the newest {snapshot.tournament.label} round does not tell which staking system is in force: "
            "nothing can be planned"
        )
    if snapshot.system is System.ATOMIC:
        return _atomic_plan(snapshot, wanted)
    return _legacy_plan(snapshot, wanted)


def drain_plan(snapshot: Snapshot, model: str) -> StakePlan:
    """The plan of one step that releases a model's whole stake, by its real amount. PlanError where there is none."""
    state = snapshot.model(model)
    if state is None:
        raise UnknownModel(
            model, f"{model}: you have no {snapshot.tournament.label} model of that name; no stake to drain"
        )
    if state.stake <= 0:
        raise PlanError(f"{model} has no stake to drain")
    return make_plan(snapshot, {model: Decimal(0)})


def cancel_plan(snapshot: Snapshot, model: str) -> StakePlan:
    """The plan of one step that takes back a model's pending release. PlanError where there is none."""
    state = snapshot.model(model)
    if snapshot.system is not System.LEGACY:
        raise PlanError(
            f"{snapshot.tournament.label} is on {snapshot.system} staking: there is no release to take back"
        )
    if state is None:
        raise UnknownModel(model, f"{model}: you have no {snapshot.tournament.label} model of that name")
    if state.pending is None or state.pending.signed >= 0:
        raise PlanError(f"{model} has no release under way")
    step = Step(1, Action.CANCEL, state.name, state.id, state.stake, state.stake, state.pending.amount, State.NOW)
    return StakePlan(snapshot, {}, (step,))


def _checked(snapshot: Snapshot, name: str, amount: Decimal) -> Wanted:
    model = snapshot.model(name)
    if model is None:
        raise UnknownModel(name, f"{name}: you have no {snapshot.tournament.label} model of that name")
    if not isinstance(amount, Decimal):
        raise PlanError(f"{name}: a target must be a Decimal, not {type(amount).__name__}")
    checked = parse_amount(decimal_text(amount), name)
    if 0 < checked < MINIMUM:
        raise PlanError(f"{name}: a stake is 0 or at least {decimal_text(MINIMUM)} NMR: {decimal_text(checked)}")
    return model, checked


def _legacy_plan(snapshot: Snapshot, targets: Sequence[Wanted]) -> StakePlan:
    steps, notes = [], []
    for model, target in targets:
        if model.pending is not None:
            step, note = _under_way(snapshot, model, model.pending, target)
        else:
            step, note = _legacy_step(snapshot, model, target)
        steps.extend([step] if step else [])
        notes.extend([note] if note else [])
    releases = [step for step in steps if step.state is State.NOW and step.action is not Action.INCREASE]
    wanted = [step for step in steps if step.state is State.NOW and step.action is Action.INCREASE]
    blocked = [step for step in steps if step.state is State.BLOCKED]
    increases = _funded(snapshot, wanted, releases)
    ordered = [*releases, *increases, *blocked]
    numbered = tuple(replace(step, number=number) for number, step in enumerate(ordered, start=1))
    return StakePlan(snapshot, _named(targets), numbered, tuple(notes))


def _legacy_step(snapshot: Snapshot, model: ModelState, target: Decimal) -> tuple[Step | None, str | None]:
    """The step of a model without a change under way, or the note that says why there is none."""
    change = target - model.stake
    if change == 0:
        return None, None
    draining = target == 0
    if abs(change) < MINIMUM and not draining:
        return (
            None,
            f"{model.name}: a change of {decimal_text(change)} NMR is below the minimum of {decimal_text(MINIMUM)}",
        )
    if change > 0:
        step = Step(0, Action.INCREASE, model.name, model.id, model.stake, target, change, State.NOW)
        return replace(step, effective_round=effective_round(snapshot)), None
    action = Action.DRAIN if draining else Action.RELEASE
    step = Step(0, action, model.name, model.id, model.stake, target, -change, State.NOW)
    return replace(step, due=release_due(snapshot, model), burnable=burnable(model, -change)), None


def _under_way(
    snapshot: Snapshot, model: ModelState, pending: Pending, target: Decimal
) -> tuple[Step | None, str | None]:
    """A model whose change is under way: nothing to do where it leads to the target, else a blocked step."""
    heading = max(ZERO, model.stake + pending.signed)
    if target == heading:
        return None, f"{model.name}: already under way ({pending})"
    if target == model.stake:
        return None, f"{model.name}: stays as it is, but a change is under way ({pending})"
    step, note = _legacy_step(snapshot, replace(model, pending=None), target)
    if step is None:
        return None, note
    return replace(step, state=State.BLOCKED, reason=f"a change is under way ({pending})"), None


def _funded(snapshot: Snapshot, wanted: list[Step], releases: list[Step]) -> list[Step]:
    """The increases: those that the available NMR pays for first, then those that wait for a release."""
    free = snapshot.available or ZERO
    now, waiting = [], []
    for step in wanted:
        if step.amount <= free:
            free -= step.amount
            now.append(step)
        else:
            waiting.append(step)
    coming = _coming(snapshot, releases)
    needed = -free
    later = []
    for step in waiting:
        needed += step.amount
        later.append(_put_off(step, needed, coming))
        if later[-1].state is State.BLOCKED:
            needed -= step.amount
    return [*now, *later]


def _coming(snapshot: Snapshot, releases: list[Step]) -> Funds:
    """What becomes available later: releases under way and those of this plan, the soonest first."""
    funds: Funds = [
        (model.pending.due or release_due(snapshot, model), model.pending.amount)
        for model in snapshot.models
        if model.pending is not None and model.pending.signed < 0
    ]
    funds.extend((step.due, step.amount) for step in releases)
    return sorted(funds, key=lambda fund: (fund[0] is None, fund[0]))


def _put_off(step: Step, needed: Decimal, coming: Funds) -> Step:
    """`step` waiting until `needed` NMR has come in; blocked where it never does. Burns may still make it less."""
    for due, amount in coming:
        needed -= amount
        if needed <= 0:
            when = time_text(due) or "an unknown date"
            reason = f"waits for NMR that is released by {when}"
            return replace(step, state=State.LATER, reason=reason, not_before=due, effective_round=None)
    reason = f"{decimal_text(needed)} NMR short"
    return replace(step, state=State.BLOCKED, reason=reason, effective_round=None)


def effective_round(snapshot: Snapshot) -> int | None:
    """The first round that an increase made now counts in: the next one to open."""
    return None if snapshot.newest_round is None else snapshot.newest_round + 1


def release_due(snapshot: Snapshot, model: ModelState) -> datetime | None:
    """The time when a release asked for now leaves: the newest unresolved round's resolution, else the API's date."""
    return snapshot.last_resolve or model.earliest_release


def burnable(model: ModelState, amount: Decimal) -> Decimal | None:
    """The part of a release of `amount` NMR that can burn before it leaves: at most its share of the worst case."""
    if model.worst_case is None or model.stake <= 0:
        return None
    part = MONEY.divide(MONEY.multiply(model.worst_case, amount), model.stake)
    return min(amount, floor_wei(part))


def _named(targets: Sequence[Wanted]) -> dict[str, Decimal]:
    return {model.name: target for model, target in targets}


def _atomic_plan(snapshot: Snapshot, targets: Sequence[Wanted]) -> StakePlan:
    """Instructions for the dashboard: the stake on each round is the target over the rounds at once, floored to wei."""
    rounds = ROUNDS_AT_ONCE[snapshot.tournament]
    steps: list[Step] = []
    notes: list[str] = []
    for model, target in targets:
        per_round = floor_wei(MONEY.divide(target, Decimal(rounds)))
        if target == model.stake or per_round == model.per_round:
            continue
        if target > 0 and per_round == 0:
            notes.append(f"{model.name}: {decimal_text(target)} NMR cannot be divided by {rounds} rounds")
            continue
        steps.append(_instruction(model, target, per_round, rounds, len(steps) + 1))
    return StakePlan(snapshot, _named(targets), tuple(steps), tuple(notes))


def _instruction(model: ModelState, target: Decimal, per_round: Decimal, rounds: int, number: int) -> Step:
    remainder = MONEY.subtract(target, MONEY.multiply(per_round, Decimal(rounds)))
    reason = f"set the stake per round to {decimal_text(per_round)} NMR in the dashboard"
    return Step(
        number,
        Action.INSTRUCT,
        model.name,
        model.id,
        model.stake,
        target,
        abs(target - model.stake),
        State.WALLET,
        reason,
        per_round=per_round,
        rounds=rounds,
        remainder=remainder,
    )
