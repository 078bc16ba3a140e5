"""Plans as files: targets read from JSON, a plan written and read with its digest, and a plan held against reality."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import msgspec

from numtui.analysis.rules_book import MINIMUM
from numtui.stake.amounts import canonical, digest_of, nmr_text, parse_nmr, plain
from numtui.stake.errors import PlanError
from numtui.stake.snapshot import ModelState, Snapshot, model_differences
from numtui.stake.steps import Action, Plan, Step

FORMAT = 1
SHORT = 16  # hexadecimal digits of the digest that a user types


def read_targets(text: str) -> dict[str, Decimal]:
    """Targets from a JSON object, model -> NMR as a string. PlanError says in one line what is wrong."""
    try:
        found = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        raise PlanError(f"the targets are not JSON (line {error.lineno}): {error.msg}") from None
    if not isinstance(found, dict):
        raise PlanError('the targets must be a JSON object such as {"my_model": "12.5"}')
    return {str(name): _target(str(name), value) for name, value in found.items()}


def read_weights(text: str) -> dict[str, Decimal]:
    """Weights from a JSON object, model -> a number of 0 or more (as a number or a string). PlanError otherwise."""
    try:
        found = json.loads(text, object_pairs_hook=_once, parse_float=str, parse_int=str, parse_constant=str)
    except json.JSONDecodeError as error:
        raise PlanError(f"the weights are not JSON (line {error.lineno}): {error.msg}") from None
    if not isinstance(found, dict) or not found:
        raise PlanError('the weights must be a JSON object such as {"my_model": 2, "other": 1}')
    return {str(name): _weight(str(name), value) for name, value in found.items()}


def _weight(name: str, value: object) -> Decimal:
    try:
        weight = Decimal(value) if isinstance(value, str) else Decimal("NaN")
    except InvalidOperation:
        weight = Decimal("NaN")
    if not weight.is_finite() or weight < 0:
        raise PlanError(f"{name}: a weight must be a number of 0 or more, not {value!r}")
    return weight


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            raise PlanError(f"{name}: named twice")
        found[name] = value
    return found


def _target(name: str, value: object) -> Decimal:
    if not isinstance(value, str):
        raise PlanError(f'{name}: NMR must be a string such as "12.5", not {json.dumps(value)}')
    return parse_nmr(value, name)


def plan_digest(plan: Plan) -> str:
    """What `apply` wants to be told: the first 16 hexadecimal digits of SHA-256 over the plan's canonical JSON."""
    return digest_of(plan)[:SHORT]


def confirms(plan: Plan, given: str) -> bool:
    """Whether `given` is the plan's digest, short or in full."""
    full = digest_of(plan)
    return given.strip().lower() in (full, full[:SHORT])


def plan_text(plan: Plan) -> str:
    """The plan as the text of a JSON file; NMR as strings. It holds no key and no signature."""
    document = {"format": FORMAT, "digest": plan_digest(plan), "plan": plain(plan)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_plan(text: str) -> Plan:
    """The plan of such a text. PlanError when it is none, or was changed by hand."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise PlanError(f"the plan is not JSON (line {error.lineno}): {error.msg}") from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise PlanError("this is no plan of `numtui stake plan`, or one of another version")
    try:
        plan = msgspec.convert(document.get("plan"), Plan)
    except msgspec.ValidationError as error:
        raise PlanError(f"the plan cannot be read: {error}") from None
    if plan_digest(plan) != document.get("digest") or canonical(plan) != canonical(document["plan"]):
        raise PlanError("the plan was changed after it was made: make a new one")
    return plan


@dataclass(frozen=True, slots=True)
class StepStatus:
    """A saved plan's step today: `done`, `open`, `changed` (no longer as planned) or `obsolete`; and why."""

    step: Step
    status: str
    why: str


def diff_plan(plan: Plan, now: Snapshot) -> list[StepStatus]:
    """What has become of each step of a saved plan."""
    return [_status(plan, step, now) for step in plan.steps]


def _status(plan: Plan, step: Step, now: Snapshot) -> StepStatus:
    model, before = now.model(step.model), plan.snapshot.model(step.model)
    if model is None or before is None or model.id != step.model_id:
        return StepStatus(step, "obsolete", "no longer a model of yours")
    if now.system is not plan.snapshot.system:
        return StepStatus(step, "obsolete", f"the staking system is {now.system} now")
    if _reached(step, model):
        return StepStatus(step, "done", str(model.pending or f"{nmr_text(model.stake)} NMR staked"))
    if step.action is Action.INSTRUCT:
        return StepStatus(step, "open", step.reason)
    found = model_differences(before, model)
    return StepStatus(step, "changed", "; ".join(found)) if found else StepStatus(step, "open", step.reason)


def _reached(step: Step, model: ModelState) -> bool:
    if step.action is Action.INSTRUCT:
        return model.per_round == step.per_round
    if model.pending is None:
        return abs(model.stake - step.after) < MINIMUM
    return abs(model.stake + model.pending.signed - step.after) < MINIMUM
