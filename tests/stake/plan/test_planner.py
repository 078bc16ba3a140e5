"""Plans: worked examples, and what holds for every snapshot and every target."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numtui.analysis.staking_system import PayoutTerms, StatedRound, System, system_in_force
from numtui.model import Tournament
from numtui.money import MINIMUM
from numtui.reports.stake.snapshot import ModelState, Pending, Snapshot
from numtui.stake.errors import PlanError
from numtui.stake.plan.file import diff_plan, plan_text, read_plan
from numtui.stake.plan.planner import cancel_plan, make_plan
from numtui.stake.plan.steps import Action, StakePlan, State
from numtui.stake.plan.table import instructions, plan_table, step_lines, worst_after
from tests.stake.states import LAST, SOON, WEI, D, model, snapshot


def brief(plan: StakePlan) -> list[tuple[str, str, str, str]]:
    return [(str(step.action), step.model, f"{step.amount:f}", str(step.state)) for step in plan.steps]


def test_releases_come_before_increases() -> None:
    plan = make_plan(snapshot(model("a", "10"), model("b", "50")), {"a": D(40), "b": D(20)})
    assert brief(plan) == [("release", "b", "30", "now"), ("increase", "a", "30", "now")]
    release, increase = plan.steps
    assert (release.due, release.burnable) == (LAST, D(30))
    assert (increase.effective_round, increase.due) == (1405, None)
    assert plan.spent == 30


def test_an_increase_that_needs_the_release_is_put_off() -> None:
    plan = make_plan(snapshot(model("a", "10"), model("b", "50"), available="5"), {"a": D(40), "b": D(20)})
    assert brief(plan) == [("release", "b", "30", "now"), ("increase", "a", "30", "later")]
    assert plan.steps[1].not_before == LAST
    assert [step.model for step in plan.executable] == ["b"]


def test_an_increase_waits_for_a_release_that_is_under_way_first() -> None:
    leaving = Pending("decrease", D(40), SOON)
    plan = make_plan(snapshot(model("a", "10"), model("b", "50", leaving), available="5"), {"a": D(40)})
    assert [(step.state, step.not_before) for step in plan.steps] == [(State.LATER, SOON)]


def test_an_increase_that_nothing_pays_for_says_how_much_is_missing() -> None:
    plan = make_plan(snapshot(model("a", "10"), available="5"), {"a": D(40)})
    assert [(step.state, step.reason) for step in plan.steps] == [(State.BLOCKED, "25 NMR short")]
    unknown = make_plan(snapshot(model("a", "10"), available=None), {"a": D(11)})
    assert unknown.executable == ()


def test_the_first_target_has_the_first_claim_and_a_smaller_one_may_still_fit() -> None:
    state = snapshot(model("a", "1"), model("b", "1"), model("c", "1"), available="10")
    plan = make_plan(state, {"a": D(9), "b": D(9), "c": D(3)})
    assert brief(plan) == [
        ("increase", "a", "8", "now"),
        ("increase", "c", "2", "now"),
        ("increase", "b", "8", "blocked"),
    ]


def test_a_target_of_nothing_is_a_drain_of_the_real_amount() -> None:
    plan = make_plan(snapshot(model("a", "12.345"), model("dust", "0.004")), {"a": D(0), "dust": D(0)})
    assert brief(plan) == [("drain", "a", "12.345", "now"), ("drain", "dust", "0.004", "now")]


def test_a_model_with_a_change_under_way_is_left_alone() -> None:
    leaving = model("a", "50", Pending("decrease", D(20), SOON))
    for target, said in ((D(30), "already under way"), (D(50), "stays as it is")):
        plan = make_plan(snapshot(leaving), {"a": target})
        assert plan.steps == ()
        assert said in plan.notes[0]
    for target in (D(10), D(40), D(60)):
        plan = make_plan(snapshot(leaving), {"a": target})
        assert [step.state for step in plan.steps] == [State.BLOCKED]
        assert "decrease of 20 NMR, due 2026-12-01T13:00:00Z" in plan.steps[0].reason


def test_a_change_below_the_minimum_is_not_planned() -> None:
    plan = make_plan(snapshot(model("a", "50")), {"a": D("50.009")})
    assert plan.steps == ()
    assert plan.notes == ("a: a change of 0.009 NMR is below the minimum of 0.01",)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ({"nobody": D(1)}, "you have no signals model of that name"),
        ({"a": D(-1)}, "cannot be negative"),
        ({"a": D("0.009")}, "0 or at least 0.01"),
        ({"a": D("NaN")}, "not a number of NMR"),
        ({"a": D("Infinity")}, "not a number of NMR"),
        ({"a": D("1e-19") + 1}, "at most 18 decimal places"),
        ({"a": D("1e13")}, "more NMR than there is"),
        ({"a": 1.5}, "must be a Decimal, not float"),
    ],
)
def test_targets_that_cannot_be_are_refused(target: dict[str, Decimal], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        make_plan(snapshot(model("a", "1")), target)


def test_nothing_is_planned_while_the_system_is_undecided() -> None:
    with pytest.raises(PlanError, match="does not tell which staking system"):
        make_plan(snapshot(model("a", "1"), system=System.UNDECIDED), {"a": D(2)})


@pytest.mark.parametrize(
    ("terms", "system"),
    [
        ([("1", "1"), ("1", "1")], System.ATOMIC),
        ([("1.0", "1.0")], System.ATOMIC),
        ([("0.05", "0.3"), ("0.05", None)], System.LEGACY),
        ([("0.035", "1")], System.LEGACY),
        ([], System.UNDECIDED),
        ([("1", None)], System.UNDECIDED),
        ([("1", "0.5")], System.UNDECIDED),
        ([(None, "1")], System.UNDECIDED),
        ([("1", "1"), ("0.05", "1")], System.UNDECIDED),
        ([("0", "1")], System.UNDECIDED),
        ([("2", "1")], System.UNDECIDED),
    ],
)
def test_the_system_follows_from_the_terms(terms: list[tuple[str | None, str | None]], system: System) -> None:
    read = [PayoutTerms(D(clip) if clip else None, D(factor) if factor else None) for clip, factor in terms]
    assert system_in_force([StatedRound(1404, None, tuple(read))]) is system


def test_atomic_steps_are_instructions_with_exact_amounts() -> None:
    state = replace(snapshot(model("a", "64"), model("b", "10"), system=System.ATOMIC), tournament=Tournament.CRYPTO)
    plan = make_plan(state, {"a": D(100), "b": D(0)})
    first, second = plan.steps
    assert plan.executable == ()
    assert (first.per_round, first.rounds, first.remainder) == (D("4.166666666666666666"), 24, D("1.6E-17"))
    assert (second.per_round, second.state) == (D(0), State.WALLET)
    assert instructions(plan)[0] == {
        "tournament": "crypto",
        "model": "a",
        "model_id": "id-a",
        "target": "100",
        "rounds": 24,
        "per_round": "4.166666666666666666",
        "per_round_wei": "4166666666666666666",
        "remainder": "0.000000000000000016",
        "dashboard": "https://crypto.numer.ai/tournament",
    }
    assert "per round   4.166666666666666666 NMR x 24 rounds, 0.000000000000000016 NMR left over" in step_lines(
        first, state
    )


def test_atomic_without_a_change_of_the_per_round_stake_is_empty() -> None:
    state = snapshot(model("a", "64"), system=System.ATOMIC)
    assert make_plan(state, {"a": D(64)}).steps == ()
    ramping = replace(state, models=(replace(state.models[0], stake=D(20)),))
    assert make_plan(ramping, {"a": D(64)}).steps == ()


def test_the_table_shows_before_and_after_and_the_total() -> None:
    plan = make_plan(snapshot(model("a", "10"), model("b", "50"), model("c", "5")), {"a": D(40), "b": D(20)})
    table = plan_table(plan)
    cells = ("model", "before", "after", "change", "worst_before", "worst_after")
    places = [table.column(name) for name in cells]
    assert [tuple(row[place] for place in places) for row in table.rows] == [
        ("b", D(50), D(20), D(-30), D(100), D(40)),
        ("a", D(10), D(40), D(30), D(20), D(80)),
        ("c", D(5), D(5), D(0), D(10), D(10)),
        ("total", D(65), D(65), D(0), D(130), D(130)),
    ]


def test_a_step_says_what_will_happen() -> None:
    plan = make_plan(snapshot(model("b", "50", worst="20")), {"b": D(20)})
    assert step_lines(plan.steps[0], plan.snapshot, D("12"), "EUR") == (
        "account     owner",
        "tournament  signals (legacy staking)",
        "model       b",
        "action      release 30 NMR (360.00 EUR)",
        "stake       50 -> 20 NMR",
        "leaves at   2027-02-14T13:00:00Z",
        "until then  up to 12 NMR can still burn",
        "            and it earns nothing in new rounds",
    )


nmr = st.integers(0, 10**24).map(lambda wei: Decimal(wei) * WEI)
enough = st.integers(10**16, 10**24).map(lambda wei: Decimal(wei) * WEI)  # at least the minimum
stakes = st.one_of(st.just(Decimal(0)), enough)
pendings = st.none() | st.builds(Pending, st.sampled_from(["increase", "decrease"]), nmr, st.sampled_from([SOON, LAST]))
states = st.builds(
    lambda rows, available: snapshot(
        *(ModelState(f"m{i}", f"id{i}", stake, pending, None, stake, stake) for i, (stake, pending) in enumerate(rows)),
        available=str(available),
    ),
    st.lists(st.tuples(stakes, pendings), min_size=1, max_size=6),
    nmr,
)


@st.composite
def planned(draw: st.DrawFn) -> StakePlan:
    state = draw(states)
    chosen = draw(st.lists(st.sampled_from([one.name for one in state.models]), unique=True))
    return make_plan(state, {name: draw(stakes) for name in chosen})


@given(planned())
def test_every_plan_keeps_the_promises(plan: StakePlan) -> None:
    available = plan.snapshot.available or D(0)
    seen_increase = False
    for step in plan.executable:
        state = plan.snapshot.model(step.model)
        assert state is not None
        assert state.pending is None, "a model with a change under way is not changed"
        assert step.before == state.stake
        assert step.after >= 0
        assert step.action is Action.DRAIN or step.amount >= D("0.01")
        if step.action is Action.INCREASE:
            seen_increase = True
            assert step.after - step.before == step.amount
            available -= step.amount
            assert available >= 0, "never above what is available"
        else:
            assert not seen_increase, "release before increase"
            assert step.before - step.after == step.amount
            assert step.due == LAST, "nothing leaves before the newest unresolved round resolves"
            assert step.after == 0 or step.action is Action.RELEASE
    assert len({step.model for step in plan.steps}) == len(plan.steps)


@given(planned())
def test_nmr_is_conserved(plan: StakePlan) -> None:
    released = sum((s.amount for s in plan.executable if s.action is not Action.INCREASE), D(0))
    change = sum((s.after - s.before for s in plan.executable), D(0))
    assert change == plan.spent - released
    coming = sum((m.pending.amount for m in plan.snapshot.models if m.pending and m.pending.signed < 0), D(0))
    later = sum((s.amount for s in plan.steps if s.state is State.LATER), D(0))
    assert later <= (plan.snapshot.available or D(0)) - plan.spent + released + coming


@given(states)
def test_a_plan_of_no_change_is_empty(state: Snapshot) -> None:
    assert make_plan(state, {}).steps == ()
    assert make_plan(state, {one.name: one.stake for one in state.models if one.stake >= D("0.01")}).steps == ()


@given(planned())
def test_a_plan_that_was_carried_out_leaves_nothing_to_send(plan: StakePlan) -> None:
    done = {step.model: step for step in plan.executable}
    models = []
    for one in plan.snapshot.models:
        step = done.get(one.name)
        if step is None:
            models.append(one)
        elif step.action is Action.INCREASE:
            models.append(replace(one, stake=step.after))
        else:
            models.append(replace(one, pending=Pending("decrease", step.amount, step.due)))
    after = replace(plan.snapshot, models=tuple(models), available=(plan.snapshot.available or D(0)) - plan.spent)
    again = make_plan(after, plan.targets)
    assert again.executable == ()
    assert {status.status for status in diff_plan(plan, after) if status.step.executable} <= {"done"}


@given(planned())
def test_every_plan_survives_its_file(plan: StakePlan) -> None:
    assert read_plan(plan_text(plan)) == plan


@given(enough, st.sampled_from(list(Tournament)))
def test_per_round_amounts_are_floored_to_wei(target: Decimal, tournament: Tournament) -> None:
    rounds = 24 if tournament is Tournament.CRYPTO else 64
    state = replace(snapshot(ModelState("a", "x", D(0)), system=System.ATOMIC), tournament=tournament)
    (step,) = make_plan(state, {"a": target}).steps
    assert step.per_round is not None and step.remainder is not None
    wei = int(target.scaleb(18))
    assert int(step.per_round.scaleb(18)) == wei // rounds
    assert int(step.remainder.scaleb(18)) == wei % rounds
    assert step.per_round * rounds + step.remainder == target


def test_taking_back_a_release_is_a_plan_of_one_step() -> None:
    leaving = Pending("decrease", D(40), SOON)
    (step,) = cancel_plan(snapshot(model("b", "50", leaving)), "b").steps
    assert (step.number, step.action, step.model, step.amount) == (1, Action.CANCEL, "b", D(40))
    assert (step.before, step.after, step.state) == (D(50), D(50), State.NOW)


def test_an_increase_waits_for_the_release_that_pays_the_last_of_it() -> None:
    """40 come in, 40 are needed: not more."""
    leaving = Pending("decrease", D(40), SOON)
    plan = make_plan(snapshot(model("a", "10"), model("b", "50", leaving), available="0"), {"a": D(50)})
    assert [(step.model, step.state, step.not_before) for step in plan.steps] == [("a", State.LATER, SOON)]


def test_a_model_that_stays_does_not_hide_those_behind_it() -> None:
    """The first target is today's stake, the second cannot be divided, the third is a change."""
    state = snapshot(model("a", "10"), model("b", "20"), model("c", "30"), system=System.ATOMIC)
    plan = make_plan(state, {"a": D(10), "b": MINIMUM, "c": D(60)})
    assert "c" in [step.model for step in plan.steps]


def test_a_target_that_is_blocked_does_not_make_room_for_more_than_one_behind_it() -> None:
    """Ten NMR come free: the first target cannot be paid, the second can, the third not beside it."""
    leaving = Pending("decrease", D(10), SOON)
    state = snapshot(model("a", "1"), model("b", "1"), model("c", "1"), model("d", "20", leaving), available="0")
    plan = make_plan(state, {"a": D(101), "b": D(7), "c": D(7)})
    assert brief(plan) == [
        ("increase", "a", "100", "blocked"),
        ("increase", "b", "6", "later"),
        ("increase", "c", "6", "blocked"),
    ]


def test_the_worst_case_of_a_stake_that_has_none_yet_is_all_rounds_at_the_clip() -> None:
    state = snapshot(model("a", "10"))
    for unknown in (replace(state.models[0], worst_case=None), replace(state.models[0], worst_case=D(0))):
        assert worst_after(unknown, D(3), state) == D("6.72"), "3 x 0.035 x 64"
        assert worst_after(unknown, D(3), replace(state, clip=None)) is None
        assert worst_after(unknown, D(3), replace(state, unresolved=None)) is None
