"""The dialog that changes a legacy stake: form, review, confirmation, result. One request at the very end, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.events import ScreenResume
from textual.widget import Widget
from textual.widgets import Input, Static

from numtui.stake.errors import PlanError
from numtui.stake.journal.journal import Outcome
from numtui.stake.plan.planner import cancel_plan, drain_plan
from numtui.tui.keys import Dialog
from numtui.tui.monitor import MonitorApp
from numtui.tui.stake.calls import Failure, MakePlan, Session, in_thread, prepare, reconcile, send
from numtui.tui.stake.guarded import GuardedButton, SendButton, TypedField
from numtui.tui.stake.words import (
    HEADINGS,
    NOTHING_SENT,
    ON_ITS_WAY,
    TAB_LEADS,
    UNKNOWN_MEANS,
    Subject,
    plan_of,
    review_lines,
    typed_row,
    verdict,
)
from numtui.tui.widgets.header import LOUD
from numtui.tui.widgets.text_input import TextInput

if TYPE_CHECKING:
    from numtui.stake.review import Review

StakeChange = Literal["change", "drain", "cancel"]
TITLES: dict[StakeChange, str] = {
    "change": "Change the stake of {model}",
    "drain": "Release the whole stake of {model}",
    "cancel": "Take back the release of {model}",
}


class StakeDialog(Dialog[None]):
    """Form, review, confirmation and result of one change of one stake."""

    app = getters.app(MonitorApp)
    DEFAULT_CSS = """
    StakeDialog { align: center middle; }
    StakeDialog > VerticalScroll {
        width: 78; height: auto; max-height: 100%; background: $surface; padding: 0 1; border: round $primary;
        &:ansi { border: round ansi_blue; }
        & > #title { width: 100%; }
        & > Static { width: 100%; height: auto; }
        & > Input { height: 1; border: none; background: $panel; padding: 0 1; margin: 0 0 1 0; }
        & > Input:focus { border: none; }
        & > Horizontal { height: 1; width: 100%; }
        & > Horizontal > Label { width: 9; }
        & > Horizontal > .verdict { width: 1fr; padding: 0 1; }
        & > Horizontal > TypedField { width: 50; }
        & > #keys { margin: 1 0 0 0; }
        & > #keys > GuardedButton { margin: 0 2 0 0; }
    }
    StakeDialog.-ascii > VerticalScroll { border: ascii $primary; scrollbar-size: 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave"),
        Binding("r", "reconcile", "reconcile", show=False),
        Binding("ctrl+c", "app.quit", "quit", show=False, priority=True),
    ]

    def __init__(self, subject: Subject, change: StakeChange, session: Session) -> None:
        super().__init__(classes="-ascii" if session.settings.ascii else "")
        self.subject, self.change, self.session = subject, change, session
        self.state: Literal["form", "checking", "review", "sending", "result"] = "form"
        self.review: Review | None = None
        self.outcome: Outcome | None = None
        self.warned = False  # that a request is on its way

    def compose(self) -> ComposeResult:
        """The frame of the dialog; its content follows the state."""
        yield VerticalScroll()

    async def on_mount(self) -> None:
        """Show the form, or the review at once where there is nothing to ask."""
        if self.change == "change":
            await self.fill(self._form())
            self.query_one("#target", Input).focus()
        else:
            model = self.subject.model.name
            plan = drain_plan if self.change == "drain" else cancel_plan
            await self.check(lambda snapshot: plan(snapshot, model))

    async def fill(self, content: Sequence[Widget]) -> None:
        """Show other content under the title."""
        frame = self.query_one(VerticalScroll)
        frame.can_focus = False
        await frame.remove_children()
        title = TITLES[self.change].format(model=self.subject.model.name)
        badges = ["STAKE ALLOWED", *(["SIMULATED"] if self.session.settings.simulated else [])]
        line = Content.assemble((title, "bold $accent"), *(part for badge in badges for part in ("  ", (badge, LOUD))))
        await frame.mount(Static(line, id="title"), *content)

    # Form

    def _form(self) -> list[Widget]:
        subject, model = self.subject, self.subject.model
        hidden = self.app.glyphs.hidden if self.app.balances_hidden else ""
        lines = [
            "",
            f"account     {subject.account}",
            f"tournament  {subject.tournament.label} (legacy staking)",
            f"stake now   {hidden or subject.money(model.stake)}",
            f"available   {hidden or subject.money(subject.available)}",
        ]
        return [
            Static("\n".join(lines), markup=False),
            Static("\nNew stake in NMR, or a change of it such as +10 or -2.5 (a release):", markup=False),
            TextInput(id="target", placeholder="12.5", select_on_focus=False),
            Static("", id="problem", markup=False),
            Static("enter shows what would happen; nothing is sent yet. esc leaves", markup=False),
        ]

    @on(Input.Submitted, "#target")
    async def target_given(self, event: Input.Submitted) -> None:
        """Check the amount, then review it."""
        event.stop()
        try:
            make = plan_of(self.subject.model.name, event.value.strip())
        except PlanError as error:
            self.query_one("#problem", Static).update(str(error))
            return
        if self.state == "form":
            await self.check(make)

    async def check(self, make: MakePlan) -> None:
        """Read the account anew and review the change."""
        self.state = "checking"
        await self.fill(
            [Static("\nReading the account from Numerai; nothing is sent yet.\n\nesc leaves", markup=False)]
        )
        self.run_worker(self._check(make), exclusive=True, group="stake")

    async def _check(self, make: MakePlan) -> None:
        review = await in_thread(prepare, self.session, self.subject.tournament, make)
        if isinstance(review, Failure):
            await self.conclude("NOTHING WAS SENT", "$text-warning", review.message)
        else:
            self.review = review
            await self._show_review(review)

    # Review and confirmation

    async def _show_review(self, review: Review) -> None:
        lines = review_lines(review, self.subject)
        self.state = "review"
        await self.fill(
            [
                Static(Content.styled("REVIEW: nothing is sent yet", "bold")),
                Static("\n".join(lines), markup=False),
                Static("\nTo send it: shift+tab, type both (no paste), tab on to Send, press space.", markup=False),
                typed_row("model", review.step.model),
                typed_row("amount", review.amount_to_type),
                Static("", id="problem", markup=False),
                Horizontal(GuardedButton("Cancel", id="cancel"), SendButton("Send", id="send"), id="keys"),
                Static("esc cancels. Good for two minutes; it is one request, never repeated", markup=False),
            ]
        )
        self.query_one("#cancel", GuardedButton).focus()
        self.call_after_refresh(self._arm)

    @on(ScreenResume)
    def _arm(self) -> None:
        for field in self.query(TypedField):
            field.arm()

    @on(TypedField.Pasted)
    def pasted(self) -> None:
        """Show that a paste is refused."""
        self.query_one("#problem", Static).update("A paste is not taken here: type it.")

    @on(Input.Changed)
    def typed(self) -> None:
        """Make Send ready once both fields match the review."""
        if self.review is None or self.state != "review":
            return
        right = True
        for name, wanted in (("model", self.review.step.model), ("amount", self.review.amount_to_type)):
            field = self.query_one(f"#typed-{name}", TypedField)
            matches = field.value.strip() == wanted
            right &= matches
            self.query_one(f"#verdict-{name}", Static).update(verdict(field.value, wanted), layout=False)
        problem = self.query_one("#problem", Static)
        if problem.content:
            problem.update("")
        self.query_one(SendButton).set_ready(right)

    @on(SendButton.Held)
    def not_ready(self) -> None:
        """Show why nothing was sent."""
        self.query_one("#problem", Static).update("Not sent: both fields must be right first.")

    @on(GuardedButton.Pressed, "#cancel")
    @on(GuardedButton.Pressed, "#close")
    def cancelled(self) -> None:
        """Close the dialog."""
        self.action_leave()

    @on(GuardedButton.Typed)
    def typed_nowhere(self) -> None:
        """Show that typing needs one of the fields to have the focus."""
        if self.state == "review":
            self.query_one("#problem", Static).update(TAB_LEADS)

    @on(SendButton.Confirmed)
    async def confirmed(self, event: SendButton.Confirmed) -> None:
        """Send the reviewed change: the only place in the screens that does."""
        event.stop()
        if self.state != "review" or self.review is None:
            return
        model, amount = (self.query_one(f"#typed-{name}", TypedField).value for name in ("model", "amount"))
        self.state = "sending"
        words = "\nReading the account once more, then sending one request.\n\nIts outcome appears here; please wait."
        await self.fill([Static(words, markup=False)])
        self.app.run_worker(self._send(self.review, model, amount), group="sending")  # it outlives the dialog

    async def _send(self, review: Review, model: str, amount: str) -> None:
        result = await in_thread(send, self.session, review, model, amount)
        if not self.is_attached:
            if isinstance(result, Failure):
                words = f"NOTHING WAS SENT: {result.message}"
            else:
                words = f"{HEADINGS[result.outcome][0]}. {result.message}"
            self.app.notify(words, severity="warning", timeout=30, markup=False)
            self.app.look()
            return
        if isinstance(result, Failure):
            await self.conclude("NOTHING WAS SENT", "$text-warning", result.message)
            return
        self.outcome = result.outcome
        heading, colour = HEADINGS[result.outcome]
        means = f"{result.message}\n\n{UNKNOWN_MEANS}" if result.outcome is Outcome.UNKNOWN else result.message
        await self.conclude(heading, colour, means)

    # Result

    async def conclude(self, heading: str, colour: str, message: str) -> None:
        """Show the outcome."""
        self.state = "result"
        unknown = self.outcome is Outcome.UNKNOWN
        keys: list[Widget] = [GuardedButton("Close", id="close")]
        if unknown:
            keys.append(GuardedButton("r  Reconcile", id="reconcile"))
        await self.fill(
            [
                Static(Content.assemble("\n", (heading, f"bold {colour}"), "\n"), id="outcome"),
                Static(f"{message}\n", markup=False),
                Static(
                    "The journal (5, a) has it." if self.outcome else "This program has changed nothing.", markup=False
                ),
                Horizontal(*keys, id="keys"),
            ]
        )
        self.query_one("#close", GuardedButton).focus()
        self.app.look()

    @on(GuardedButton.Pressed, "#reconcile")
    async def action_reconcile(self) -> None:
        """Find out whether an unknown change was made."""
        if self.state != "result" or self.outcome is not Outcome.UNKNOWN:
            return
        self.state = "checking"
        await self.fill([Static("\nReading the account to find out what became of the change.", markup=False)])
        self.run_worker(self._reconcile(), group="sending")

    async def _reconcile(self) -> None:
        result = await in_thread(reconcile, self.session)
        if isinstance(result, Failure):
            await self.conclude(*HEADINGS[Outcome.UNKNOWN], f"It could not be found out: {result.message}")
            return
        if result.open:
            await self.conclude(*HEADINGS[Outcome.UNKNOWN], "\n".join(result.lines))
            return
        self.outcome = Outcome.RECONCILED_DONE
        await self.conclude("FOUND OUT", "$text-success", "\n".join(result.lines))

    def action_leave(self) -> None:
        """Close the dialog; while a request is on its way only after a warning."""
        if self.state == "sending" and not self.warned:
            self.warned = True
            self.notify(ON_ITS_WAY, severity="warning")
            return
        if self.state in ("checking", "review") and self.outcome is None:
            self.app.notify(NOTHING_SENT)
        self.dismiss(None)
