"""Plans as files: targets read from JSON, a plan written and read with its digest, and compared with the account."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal

import msgspec

from numtui.money import DIGITS, LARGEST, LONGEST, MINIMUM, decimal_text, quoted
from numtui.reports.stake.snapshot import ModelState, Snapshot, model_differences
from numtui.stake.amounts import canonical, digest_of, parse_amount, plain
from numtui.stake.errors import BadInput, PlanError
from numtui.stake.plan.steps import Action, StakePlan, Step

FORMAT = 1
WRITTEN = re.compile(r"[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,3})?")  # a JSON number that is not negative
SHORT = 16  # hexadecimal digits of the digest that a user types


def read_json(text: str, what: str) -> object:
    """The JSON of a file of the user's, numbers as Number. BadInput says in one line what is wrong with it.

    Refused too: a name that stands twice in an object, NaN and Infinity, a byte-order mark, and what is nested deeply.
    """
    if text.startswith("\ufeff"):
        raise BadInput(f"the {what} begin with a byte-order mark: save the file as UTF-8 without it")
    try:
        return json.loads(
            text, object_pairs_hook=_once, parse_float=Number, parse_int=Number, parse_constant=_no_constant
        )
    except json.JSONDecodeError as error:
        raise BadInput(f"the {what} are not JSON (line {error.lineno}): {error.msg}") from None
    except RecursionError:
        raise BadInput(f"the {what} are nested too deeply") from None


class Number(str):
    """A number of a JSON file, as it is written there."""

    __slots__ = ()


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members: dict[str, object] = {}
    for name, value in pairs:
        if name in members:
            raise BadInput(f"{quoted(name)}: named twice")
        members[name] = value
    return members


def _no_constant(word: str) -> object:
    raise BadInput(f"{word} is no number")


def read_targets(text: str) -> dict[str, Decimal]:
    """Targets from a JSON object, model -> NMR as a string. BadInput says in one line what is wrong, and where."""
    document = read_json(text, "targets")
    if not isinstance(document, dict):
        raise BadInput('the targets must be a JSON object such as {"my_model": "12.5"}')
    return {name: _target(text, name, value) for name, value in document.items()}


def _target(text: str, name: str, value: object) -> Decimal:
    try:
        if not isinstance(value, str) or isinstance(value, Number):
            raise PlanError(f'{name}: NMR must be a string such as "12.5", not {_written(value)}')
        return parse_amount(value, name)
    except PlanError as error:
        raise BadInput(f"{error} (line {_line_of(text, name)})") from None


def _written(value: object) -> str:
    return str(value) if isinstance(value, Number) else quoted(json.dumps(value))[1:-1]


def _line_of(text: str, name: str) -> int:
    """The line that names it; the first where it is written with escapes."""
    return text[: max(0, text.find(json.dumps(name, ensure_ascii=False)))].count("\n") + 1


def read_weights(text: str) -> dict[str, Decimal]:
    """Weights from a JSON object, model -> a number of 0 or more (as a number or a string). BadInput otherwise."""
    document = read_json(text, "weights")
    if not isinstance(document, dict) or not document:
        raise BadInput('the weights must be a JSON object such as {"my_model": 2, "other": 1}')
    return {name: _weight(name, value) for name, value in document.items()}


def _weight(name: str, value: object) -> Decimal:
    pattern = WRITTEN if isinstance(value, Number) else DIGITS
    if not isinstance(value, str) or len(value) > LONGEST or pattern.fullmatch(value) is None:
        raise BadInput(f"{name}: a weight must be a number of 0 or more, not {_written(value)}")
    weight = Decimal(value)
    if weight > LARGEST:
        raise BadInput(f"{name}: a weight must be at most {LARGEST:f}, not {_written(value)}")
    return weight


def plan_digest(plan: StakePlan) -> str:
    """The digest that `apply` needs: the first 16 hexadecimal digits of SHA-256 over the plan's canonical JSON."""
    return digest_of(plan)[:SHORT]


def confirms(plan: StakePlan, given: str) -> bool:
    """Whether `given` is the plan's digest, short or in full."""
    full = digest_of(plan)
    return given.strip().lower() in (full, full[:SHORT])


def plan_text(plan: StakePlan) -> str:
    """The plan as the text of a JSON file; NMR as strings. It holds no key and no signature."""
    document = {"format": FORMAT, "digest": plan_digest(plan), "plan": plain(plan)}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read_plan(text: str) -> StakePlan:
    """The plan of such a text. PlanError when it is none, or was changed by hand."""
    document = read_json(text, "contents of the plan")
    if not isinstance(document, dict) or document.get("format") != str(FORMAT):
        raise BadInput("this is no plan of `numtui stake plan`, or one of another version")
    try:
        plan = msgspec.convert(_numbers(document.get("plan")), StakePlan)
    except msgspec.ValidationError as error:
        raise BadInput(f"the plan cannot be read: {error}") from None
    if plan_digest(plan) != document.get("digest") or canonical(plan) != canonical(_numbers(document["plan"])):
        raise BadInput("the plan was changed after it was made: make a new one")
    return plan


def _numbers(value: object) -> object:
    """The same data with its whole numbers as such: a plan holds no other, amounts stand as texts."""
    match value:
        case Number():
            return int(value) if value.isdecimal() and len(value) < LONGEST else str(value)
        case dict():
            return {key: _numbers(item) for key, item in value.items()}
        case list():
            return [_numbers(item) for item in value]
        case _:
            return value


@dataclass(frozen=True, slots=True)
class StepStatus:
    """A saved plan's step today: `done`, `open`, `changed` (no longer as planned) or `obsolete`; and why."""

    step: Step
    status: str
    why: str


def diff_plan(plan: StakePlan, now: Snapshot) -> list[StepStatus]:
    """The status of each step of a saved plan."""
    return [_status(plan, step, now) for step in plan.steps]


def _status(plan: StakePlan, step: Step, now: Snapshot) -> StepStatus:
    model, before = now.model(step.model), plan.snapshot.model(step.model)
    if model is None or before is None or model.id != step.model_id:
        return StepStatus(step, "obsolete", "no longer a model of yours")
    if now.system is not plan.snapshot.system:
        return StepStatus(step, "obsolete", f"the staking system is {now.system} now")
    if _reached(step, model):
        return StepStatus(step, "done", str(model.pending or f"{decimal_text(model.stake)} NMR staked"))
    if step.action is Action.INSTRUCT:
        return StepStatus(step, "open", step.reason)
    changes = model_differences(before, model)
    return StepStatus(step, "changed", "; ".join(changes)) if changes else StepStatus(step, "open", step.reason)


def _reached(step: Step, model: ModelState) -> bool:
    if step.action is Action.INSTRUCT:
        return model.per_round == step.per_round
    if model.pending is None:
        return abs(model.stake - step.after) < MINIMUM
    return abs(model.stake + model.pending.signed - step.after) < MINIMUM
