"""The Stake screen: stakes, payouts and history; it opens the dialogs that change a legacy stake."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from numtui.analysis.staking_system import System
from numtui.model import Row, Tournament
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.reports.stake.snapshot import ModelState, Snapshot
from numtui.stake.plan.table import DASHBOARD
from numtui.store.queries.stakes.account import nmr_price
from numtui.tui.failures import READ_ERRORS, failure_line
from numtui.tui.screens.pages import model_page
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.stake.calls import Session
from numtui.tui.stake.views import VIEWS

if TYPE_CHECKING:
    from numtui.tui.stake.dialog import StakeChange

READ_ONLY = "Read-only: nothing was done. Start numtui with --allow-stake to change stakes."


class StakeScreen(ReportScreen):
    """Stakes, payouts, movements, the plan that the rules lead to, and the journal."""

    title_text = "Stake"
    views = VIEWS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "stake('change')", "stake", tooltip="change the stake of this model: form, review, confirm"),
        Binding("D", "stake('drain')", "drain", tooltip="release the whole stake of this model: review, confirm"),
        Binding("x", "stake('cancel')", "take back", tooltip="take back this model's release: review, confirm"),
        Binding("v", "atomic", "v3", tooltip="Atomic staking: claims, rounds, contracts"),
        Binding("R", "reconcile", "reconcile", tooltip="find out what became of changes whose outcome is unknown"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow the keys of changes on the table of stakes only."""
        if action == "stake":
            return self.view.name == "stakes"
        return super().check_action(action, parameters)

    def open_row(self, key: str, row: Row) -> None:
        """The page of the model that the row is about, at its round where it names one, in its tournament."""
        about = self.subject
        label = dict(zip((column.name for column in self.table.source.columns), row, strict=False)).get("tournament")
        if about.model is not None:
            tournament = Tournament.from_label(str(label)) if label else self.tournament
            self.app.open_page(model_page(about.model, about.round), tournament)

    def action_stake(self, change: StakeChange) -> None:
        """Open the dialog of a change, or show why it is not possible."""
        app = self.app
        if not app.settings.allow_stake:
            self.notify(READ_ONLY, severity="warning")
            return
        if app.settings.offline:
            self.notify("This is an offline session: nothing can be sent.", severity="warning")
            return
        try:
            snapshot = cached_snapshot(app.cache.reader, app.cache.tournament, app.clock.now())
        except READ_ERRORS as error:
            self.notify(failure_line(error), severity="error", markup=False)
            return
        model = snapshot.model(self.table.cursor_key or "")
        problem = why_not(snapshot, model, change)
        if problem or model is None:
            self.notify(problem, severity="warning", markup=False, timeout=10)
            return
        self._open(snapshot, model, change)

    def _open(self, snapshot: Snapshot, model: ModelState, change: StakeChange) -> None:
        from numtui.tui.stake.dialog import StakeDialog  # first used when asked for
        from numtui.tui.stake.words import Subject

        app = self.app
        subject = Subject(
            tournament=snapshot.tournament,
            account=snapshot.account,
            model=model,
            available=snapshot.available,
            price=nmr_price(app.cache.reader, app.settings.fiat),
            currency=app.settings.fiat,
        )
        dialog = StakeDialog(subject, change, Session(app.settings, app.clock))
        app.push_screen(dialog, lambda _: self._done(dialog.outcome is not None))

    def _done(self, asked: bool) -> None:
        """Read the views again after the dialog."""
        self.reload()
        if asked:
            self.call_later(self.app.action_refresh_data)

    def action_atomic(self) -> None:
        """Open the screen of claims, rounds and contracts."""
        from numtui.tui.stake.atomic_screen import V3Screen  # first used when asked for

        self.app.open_page(V3Screen())

    def action_reconcile(self) -> None:
        """Open the dialog that reconciles unknown changes."""
        if self.app.settings.offline:
            self.notify("This is an offline session: nothing can be found out.", severity="warning")
            return
        from numtui.tui.stake.reconcile_screen import ReconcileScreen  # first used when asked for

        self.app.push_screen(ReconcileScreen(Session(self.app.settings, self.app.clock)), lambda _: self.reload())


def why_not(snapshot: Snapshot, model: ModelState | None, change: StakeChange) -> str:
    """The reason why a change is not possible now; empty when it is."""
    label = snapshot.tournament.label.capitalize()
    if snapshot.system is System.ATOMIC:
        where = DASHBOARD[snapshot.tournament]
        return f"{label} is on Atomic staking: set stakes in the dashboard with your wallet, {where}"
    if snapshot.system is System.UNDECIDED:
        return f"The newest {label} round does not tell which staking system is in force: nothing can be changed."
    if model is None:
        return "Put the cursor on one of your models first."
    releasing = model.pending is not None and model.pending.signed < 0
    if change == "cancel" and not releasing:
        return f"{model.name} has no release under way."
    if change == "drain" and model.stake <= 0:
        return f"{model.name} has no stake to drain."
    if change != "cancel" and model.pending is not None:
        return f"{model.name} has a change under way ({model.pending}); x takes back a release."
    return ""
