"""The tables and texts of a plan: before and after, what each step means, and instructions for the dashboard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.model import Column, Kind, Table, Tournament, time_text
from numtui.money import MONEY, ZERO, decimal_text, floor_wei, wei_of
from numtui.reports.stake.snapshot import ModelState, Snapshot
from numtui.reports.stake.status import overlap_note
from numtui.stake.plan.steps import Action, StakePlan, State, Step

PLAN_COLUMNS = (
    Column("step", Kind.INT, doc="order of the steps; empty for a model that stays as it is, and for the total"),
    Column("model", Kind.TEXT, doc="the model's name; `total` in the last row"),
    Column("action", Kind.TEXT, doc="release, drain, increase, instruct (Atomic: in the dashboard)"),
    Column("before", Kind.NMR, doc="NMR staked when the plan was made"),
    Column("after", Kind.NMR, doc="NMR staked once the plan is through"),
    Column("change", Kind.NMR, doc="the difference; a release is negative"),
    Column("state", Kind.TEXT, doc="now, later (waits for a release), blocked, or wallet (Atomic)"),
    Column("at_risk", Kind.NMR, "at risk", "NMR at risk now, summed over the unresolved rounds"),
    Column("worst_before", Kind.NMR, "worst now", "the sum of at risk x clip over the unresolved rounds"),
    Column("worst_after", Kind.NMR, "worst after", "the same once every unresolved round has the new stake"),
    Column("due", Kind.TIME, doc="when a release leaves"),
    Column("burnable", Kind.NMR, doc="how much of a release can still burn until it leaves"),
    Column("effective_round", Kind.INT, "from round", "first round that an increase counts in"),
    Column("per_round", Kind.NMR, "per round", "Atomic: NMR on each round"),
    Column("remainder", Kind.NMR, doc="Atomic: what is left of the target after rounds x per round"),
    Column("reason", Kind.TEXT, doc="why the step waits or is blocked, or what to do"),
    Column("tournament", Kind.TEXT, doc="classic, signals or crypto"),
)
DASHBOARD = {tournament: f"{tournament.site}/tournament" for tournament in Tournament}


class PlanRow(NamedTuple):
    """A model of a plan, or the total; amounts in NMR, None where unknown or not of its step."""

    step: int | None
    model: str
    action: str | None
    before: Decimal | None
    after: Decimal | None
    change: Decimal | None
    state: str | None
    at_risk: Decimal | None
    worst_before: Decimal | None
    worst_after: Decimal | None
    due: datetime | None
    burnable: Decimal | None
    effective_round: int | None
    per_round: Decimal | None
    remainder: Decimal | None
    reason: str | None
    tournament: str


def worst_after(model: ModelState, stake: Decimal, snapshot: Snapshot) -> Decimal | None:
    """The worst case once all unresolved rounds stand at `stake`: in proportion to now, else stake x clip x rounds."""
    if model.worst_case is not None and model.worst_case > 0 and model.stake > 0:
        return floor_wei(MONEY.divide(MONEY.multiply(model.worst_case, stake), model.stake))
    if snapshot.clip is None or snapshot.unresolved is None:
        return None
    return floor_wei(stake * snapshot.clip * snapshot.unresolved)


def plan_table(plan: StakePlan) -> Table:
    """One row a step in their order, then a row a model that stays as it is, then the total."""
    snapshot = plan.snapshot
    rows = [_row(snapshot, model, step) for step in plan.steps if (model := snapshot.model(step.model)) is not None]
    moved = {step.model for step in plan.steps}
    rows.extend(_row(snapshot, model, None) for model in snapshot.models if model.name not in moved and model.stake > 0)
    total = _total(rows, snapshot)
    overlap = _overlap(total, snapshot)
    return Table("plan", PLAN_COLUMNS, [*rows, total], (*plan.notes, *([overlap] if overlap else [])))


def _overlap(total: PlanRow, snapshot: Snapshot) -> str | None:
    """The sentence for a plan whose worst case, now or after it, is above the stake."""
    rounds = snapshot.unresolved or 0
    for worst, stake in ((total.worst_before, total.before), (total.worst_after, total.after)):
        if worst is not None and stake is not None and (note := overlap_note(worst, stake, rounds)):
            return note
    return None


def _row(snapshot: Snapshot, model: ModelState, step: Step | None) -> PlanRow:
    after = model.stake if step is None else step.after
    return PlanRow(
        step=step.number if step else None,
        model=model.name,
        action=str(step.action) if step else None,
        before=model.stake,
        after=after,
        change=after - model.stake,
        state=str(step.state) if step else None,
        at_risk=model.at_risk,
        worst_before=model.worst_case,
        worst_after=worst_after(model, after, snapshot),
        due=step.due if step else None,
        burnable=step.burnable if step else None,
        effective_round=step.effective_round if step else None,
        per_round=step.per_round if step else None,
        remainder=step.remainder if step else None,
        reason=step.reason if step else "",
        tournament=snapshot.tournament.label,
    )


def _total(rows: Sequence[PlanRow], snapshot: Snapshot) -> PlanRow:
    return PlanRow(
        step=None,
        model="total",
        action=None,
        before=_sum(row.before for row in rows),
        after=_sum(row.after for row in rows),
        change=_sum(row.change for row in rows),
        state=None,
        at_risk=_sum(row.at_risk for row in rows),
        worst_before=_sum(row.worst_before for row in rows),
        worst_after=_sum(row.worst_after for row in rows),
        due=None,
        burnable=None,
        effective_round=None,
        per_round=None,
        remainder=None,
        reason=None,
        tournament=snapshot.tournament.label,
    )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known else None


def in_fiat(amount: Decimal, price: Decimal | None, currency: str) -> str:
    """`12.5 NMR (150.00 USD)`; without the brackets where there is no price."""
    text = f"{decimal_text(amount)} NMR"
    return text if price is None else f"{text} ({amount * price:.2f} {currency})"


def step_lines(step: Step, snapshot: Snapshot, price: Decimal | None = None, currency: str = "USD") -> tuple[str, ...]:
    """The lines that explain a step to the user. `price` of one NMR in `currency`, where it is known."""
    lines = [
        f"account     {snapshot.account}",
        f"tournament  {snapshot.tournament.label} ({snapshot.system} staking)",
        f"model       {step.model}",
        f"action      {step.action} {in_fiat(step.amount, price, currency)}",
        f"stake       {decimal_text(step.before)} -> {decimal_text(step.after)} NMR",
    ]
    lines.extend(_consequences(step))
    if step.state in (State.LATER, State.BLOCKED):
        lines.append(f"not now     {step.reason}")
    return tuple(lines)


def _consequences(step: Step) -> list[str]:
    match step.action:
        case Action.INCREASE:
            first = f"round {step.effective_round}" if step.effective_round else "the next round to open"
            return [f"counts from {first}"]
        case Action.RELEASE | Action.DRAIN:
            due = time_text(step.due) or "the resolution of the newest unresolved round"
            burn = (
                "it can still burn"
                if step.burnable is None
                else f"up to {decimal_text(step.burnable)} NMR can still burn"
            )
            return [f"leaves at   {due}", f"until then  {burn}", "            and it earns nothing in new rounds"]
        case Action.CANCEL:
            return ["the release under way is taken back; the NMR stays staked"]
        case Action.INSTRUCT:
            rest = f", {decimal_text(step.remainder)} NMR left over" if step.remainder else ""
            return [f"per round   {decimal_text(step.per_round or ZERO)} NMR x {step.rounds} rounds{rest}", step.reason]


def instructions(plan: StakePlan) -> list[dict[str, object]]:
    """The Atomic steps as JSON data for the dashboard: exact per-round amounts as strings; 0 means leave."""
    return [
        {
            "tournament": plan.snapshot.tournament.label,
            "model": step.model,
            "model_id": step.model_id,
            "target": decimal_text(step.after),
            "rounds": step.rounds,
            "per_round": decimal_text(step.per_round or ZERO),
            "per_round_wei": str(wei_of(step.per_round or ZERO)),
            "remainder": decimal_text(step.remainder or ZERO),
            "dashboard": DASHBOARD[plan.snapshot.tournament],
        }
        for step in plan.steps
        if step.action is Action.INSTRUCT
    ]
