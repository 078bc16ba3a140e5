"""The texts of the stake dialog, and the plan of a typed amount."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widgets import Label, Static

from numtui.model import Tournament
from numtui.money import ZERO, decimal_text
from numtui.reports.stake.snapshot import ModelState, Snapshot
from numtui.stake.amounts import parse_amount
from numtui.stake.journal.journal import Outcome
from numtui.stake.plan.planner import make_plan
from numtui.stake.plan.steps import StakePlan
from numtui.tui.stake.calls import MakePlan
from numtui.tui.stake.guarded import TypedField

if TYPE_CHECKING:
    from numtui.stake.review import Review

HEADINGS = {
    Outcome.DONE: ("DONE", "$text-success"),
    Outcome.REFUSED: ("REFUSED: nothing was changed", "$text-error"),
    Outcome.NOT_SENT: ("NOT SENT: nothing was changed", "$text-error"),
    Outcome.UNKNOWN: ("UNKNOWN: it may or may not have been made", "$text-error"),
}
UNKNOWN_MEANS = (
    "Numerai did not answer as expected. Do not send it again, here or on the website, before it is known what "
    "became of it. The model stays locked until then. r looks now: a change that was made usually shows at once; "
    "that it was not made is certain after two looks ten minutes apart."
)
NOTHING_SENT = "Nothing was sent."
ON_ITS_WAY = "The request is on its way: wait for its outcome. esc again leaves; the journal (5, a) will have it."
TAB_LEADS = "Cancel has the focus, nothing is typed there: shift+tab leads up to the fields, tab to Send."


@dataclass(frozen=True, slots=True)
class Subject:
    """The model of the dialog, with its account, as the cache has them."""

    tournament: Tournament
    account: str
    model: ModelState
    available: Decimal | None
    price: Decimal | None
    currency: str

    def money(self, amount: Decimal | None) -> str:
        """The amount in NMR, with its worth in fiat where the price is known."""
        if amount is None:
            return "not known"
        worth = f" ({amount * self.price:,.2f} {self.currency})" if self.price is not None else ""
        return f"{decimal_text(amount)} NMR{worth}"


def plan_of(model: str, text: str) -> MakePlan:
    """The plan of the form's text: a new stake such as 12.5, or with a sign a change of the present stake."""
    amount = parse_amount(text[1:] if text[:1] in ("+", "-") else text, "the new stake")

    def make(snapshot: Snapshot) -> StakePlan:
        state = snapshot.model(model)
        now = state.stake if state is not None else ZERO
        target = now + amount if text[0] == "+" else now - amount if text[0] == "-" else amount
        return make_plan(snapshot, {model: target})

    return make


def typed_row(name: str, wanted: str) -> Horizontal:
    """A row of the form: label, field, and whether the text is right."""
    return Horizontal(
        Label(name, markup=False),
        TypedField(id=f"typed-{name}"),
        Static(verdict("", wanted), id=f"verdict-{name}", classes="verdict", markup=False),
    )


def verdict(typed: str, wanted: str) -> str:
    """The word beside a field: right, not yet or WRONG."""
    if typed.strip() == wanted:
        return "right"
    return "not yet" if wanted.startswith(typed.strip()) else "WRONG"


def review_lines(review: Review, subject: Subject) -> list[str]:
    """The lines of the review, with the stake before and after in fiat where the price is known."""
    lines = list(review.lines(subject.price, subject.currency))
    if subject.price is not None:
        step = review.step
        before, after = (f"{amount * subject.price:,.2f}" for amount in (step.before, step.after))
        lines.insert(5, f"in {subject.currency:<8} {before} -> {after}")
    lines.extend(f"note        {note}" for note in review.plan.notes)
    return lines
