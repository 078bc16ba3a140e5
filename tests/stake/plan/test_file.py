"""Plans and targets as files, and a saved plan held against reality."""

from __future__ import annotations

from dataclasses import replace

import pytest

from numtui.analysis.staking_system import System
from numtui.reports.stake.snapshot import Pending
from numtui.stake.errors import BadInput, PlanError
from numtui.stake.plan.file import confirms, diff_plan, plan_digest, plan_text, read_plan, read_targets, read_weights
from numtui.stake.plan.planner import make_plan
from tests.stake.states import SOON, D, model, snapshot


def test_a_saved_plan_comes_back_the_same() -> None:
    plan = make_plan(
        snapshot(model("a", "10"), model("b", "50", Pending("increase", D(1), None, False, "x"))), {"a": D(4)}
    )
    text = plan_text(plan)
    again = read_plan(text)
    assert again == plan
    assert plan_digest(again) == plan_digest(plan)
    assert confirms(plan, f" {plan_digest(plan).upper()} ")
    assert not confirms(plan, plan_digest(plan)[:15])
    assert '"amount": "6"' in text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"amount": "6"', '"amount": "600"'), "changed after it was made"),
        (('"digest": "', '"digest": "0'), "changed after it was made"),
        (('"format": 1', '"format": 2'), "no plan"),
        (('"amount": "6"', '"amount": {}'), "cannot be read"),
        (("{", ""), "not JSON"),
        (('"note', '"extra": 1, "note'), "changed after it was made"),
    ],
)
def test_a_plan_that_was_tampered_with_is_refused(change: tuple[str, str], said: str) -> None:
    text = plan_text(make_plan(snapshot(model("a", "10")), {"a": D(4)}))
    with pytest.raises(PlanError, match=said):
        read_plan(text.replace(*change, 1))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[]", "must be a JSON object"),
        ("{", "not JSON"),
        ('{"a": 1.5}', 'a: NMR must be a string such as "12.5", not 1.5'),
        ('{"a": 2}', "must be a string"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"b": "1",\n "a": "2_53"}', r"a: not a number of NMR: '2_53' \(line 2\)"),
        ('{"a": "\u0662"}', "not a number"),
        ('{"a": "\uff11"}', "not a number"),
        ('{"a": "1e3"}', "not a number"),
        ('{"a": "+5"}', "not a number"),
        ('{"a": " 5 "}', "not a number"),
        ('{"a": "5."}', "not a number"),
        ('{"a": ".5"}', "not a number"),
        ('{"a": ""}', "not a number"),
        ('{"a": "5\\n"}', "not a number"),
        ('{"a": "Infinity"}', "not a number"),
        ('{"a": "100000000.000000000000000001"}', "more NMR than there is"),
        ('{"a": "1000000000"}', "more NMR than there is"),
        ('{"a": "' + "9" * 5000 + '"}', "not a number"),
        ('{"a": "0.0000000000000000001"}', "at most 18"),
        ('{"a": ' + "9" * 5000 + "}", "must be a string"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a":' * 100_000, "nested too deeply"),
        ('\ufeff{"a": "1"}', "byte-order mark"),
        ('{"a": null}', "must be a string"),
        ('{"a": "NaN"}', "not a number"),
        ('{"a": "-1"}', "cannot be negative"),
        ('{"a": "1,5"}', "not a number"),
        ('{"a": "1", "a": "2"}', "named twice"),
    ],
)
def test_targets_are_read_strictly(text: str, said: str) -> None:
    with pytest.raises(PlanError, match=said) as caught:
        read_targets(text)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 200 or "9" * 5000 in text


def test_the_largest_amount_is_one() -> None:
    assert read_targets('{"a": "100000000"}') == {"a": D(10**8)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"targets": {', '"targets": {"a": "4", '), "named twice"),
        (('"step": 1', '"step": NaN'), "NaN is no number"),
        (('"number": 1', '"number": 1.0'), "cannot be read"),
        (('"number": 1', '"number": ' + "1" * 5000), "cannot be read"),
        (('"number": 1', '"number": ' + "[" * 100_000), "nested too deeply"),
        (('"amount": "6"', '"amount": "0_6"'), "changed after it was made"),
        (('"amount": "6"', '"amount": "\u0666"'), "changed after it was made"),
    ],
)
def test_a_plan_is_read_as_strictly(change: tuple[str, str], said: str) -> None:
    text = plan_text(make_plan(snapshot(model("a", "10")), {"a": D(4)}))
    changed = text.replace(*change, 1) if change[0] in text else text.replace('"number": 1', '"number": NaN')
    with pytest.raises(BadInput, match=said):
        read_plan(changed)


def test_weights_are_read_from_numbers_and_strings() -> None:
    assert read_weights('{"a": 2, "b": 0.1, "c": "3", "d": 1e-05}') == {
        "a": D(2),
        "b": D("0.1"),
        "c": D(3),
        "d": D("1e-5"),
    }
    for text, said in (
        ("[]", "JSON object"),
        ("{}", "JSON object"),
        ("{", "not JSON"),
        ('{"a": -1}', "0 or more"),
        ('{"a": NaN}', "NaN is no number"),
        ('{"a": "2_5"}', "0 or more"),
        ('{"a": "1e3"}', "0 or more"),
        ('{"a": 1e999}', "at most"),
        ('{"a": null}', "0 or more"),
        ('{"a": 1, "a": 2}', "named twice"),
    ):
        with pytest.raises(PlanError, match=said):
            read_weights(text)


def test_a_plan_is_held_against_reality() -> None:
    state = snapshot(model("a", "10"), model("b", "50"), model("c", "5"), model("d", "5"))
    plan = make_plan(state, {"a": D(40), "b": D(20), "c": D(7), "d": D(1)})
    now = snapshot(model("a", "10"), model("b", "50", Pending("decrease", D(30), SOON)), model("c", "6"))
    found = {status.step.model: (status.status, status.why) for status in diff_plan(plan, now)}
    assert found == {
        "a": ("open", ""),
        "b": ("done", "decrease of 30 NMR, due 2026-12-01T13:00:00Z"),
        "c": ("changed", "c has 6 NMR staked, not 5"),
        "d": ("obsolete", "no longer a model of yours"),
    }
    atomic = replace(now, system=System.ATOMIC)
    assert {status.status for status in diff_plan(plan, atomic)} == {"obsolete"}
