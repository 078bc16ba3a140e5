"""The Alerts screen: acknowledge, snooze, wake, make rules; enter leads to what an alert is about."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from typing import ClassVar

from textual.binding import Binding, BindingType

from numtui.alert_rules import AlertRule
from numtui.analysis.alerts.states import Alert, Change, acknowledged, snoozed, woken
from numtui.clock import parse_span
from numtui.format import counted
from numtui.model import Row, Tournament
from numtui.store.database import open_writer, transaction
from numtui.store.queries.alerts import alert_numbered
from numtui.store.writes.alerts import USER, delete_rule, put_changes
from numtui.tui.alerts.views import VIEWS
from numtui.tui.failures import READ_ERRORS, failure_line
from numtui.tui.screens.line_prompt import LinePrompt
from numtui.tui.screens.pages import model_page
from numtui.tui.screens.report_screen import ReportScreen

OF_STAKE = {"claim_due", "release_free", "stake_rule", "price_move"}  # enter shows the screen Stake
Make = Callable[[Alert, datetime], Change | None]


class AlertsScreen(ReportScreen):
    """What fires, in all tournaments: state, money, deadline; the history; the rules, with what is not known."""

    title_text = "Alerts"
    of_all_tournaments = True
    views = VIEWS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "acknowledge", "acknowledge", tooltip="silent until it clears: this alert, or the marked ones"),
        Binding("z", "snooze", "snooze", tooltip="silent for a time: this alert, or the marked ones"),
        Binding("w", "wake", "wake", tooltip="end the snooze or acknowledgement of this alert, or of the marked ones"),
        Binding("N", "make_rule", "new rule", tooltip="make a rule; it is kept in the cache, not in the settings file"),
        Binding("D", "delete_rule", "delete rule", tooltip="take away this rule, if it was made on screen"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """States change on the first view only, rules are taken away on theirs."""
        if action in {"acknowledge", "snooze", "wake"}:
            return self.view.name == "alerts"
        if action == "delete_rule":
            return self.view.name == "rules"
        return super().check_action(action, parameters)

    # States

    async def action_acknowledge(self) -> None:
        """The user has seen it."""
        await self._change(acknowledged, "acknowledged")

    async def action_wake(self) -> None:
        """It counts again."""
        await self._change(woken, "firing again")

    def action_snooze(self) -> None:
        """Ask for how long."""
        if not self._chosen():
            return

        def take(text: str | None) -> None:
            if text is not None:
                until = (self.app.clock.now() + parse_span(text)).replace(microsecond=0)
                self.run_worker(self._change(lambda alert, now: snoozed(alert, now, until), f"snoozed for {text}"))

        hint = "30m, 2h, 1d or 1w: silent so long, whatever it does meanwhile"
        self.app.push_screen(LinePrompt("Snooze for:", "2h", hint, parse_span), take)

    def _chosen(self) -> list[int]:
        """The numbers of the marked alerts, else of the one under the cursor."""
        keys = [*self.table.marks] or ([self.table.cursor_key] if self.table.cursor_key else [])
        return [int(key) for key in keys]

    async def _change(self, make: Make, words: str) -> None:
        numbers = self._chosen()
        try:
            count = await asyncio.to_thread(self._put, numbers, make)
        except READ_ERRORS as error:
            self.app.notify(failure_line(error), severity="error")
            return
        self.table.marks.clear()
        if numbers:
            self.app.notify(f"{counted(count, 'alert')} {words}." if count else "That changes nothing here.")
        self.app.look()
        self.reload()

    def _put(self, numbers: list[int], make: Make) -> int:
        now = self.app.clock.now().replace(microsecond=0)
        with closing(open_writer(self.app.settings.db)) as connection, transaction(connection):
            known = [alert_numbered(connection, number) for number in numbers]
            changes = [change for alert in known if alert is not None and (change := make(alert, now)) is not None]
            put_changes(connection, changes, now, who=USER)
        return len(changes)

    # Rules

    def action_make_rule(self) -> None:
        """Choose a rule, then fill in its parameters."""
        from numtui.tui.alerts.rule_form import RuleChoice, RuleForm  # first used when asked for

        def fill(name: str | None) -> None:
            if name is not None:
                self.app.push_screen(RuleForm(name), keep)

        def keep(rule: AlertRule | None) -> None:
            if rule is not None:
                self.run_worker(self._keep(rule))

        self.app.push_screen(RuleChoice(), fill)

    async def _keep(self, rule: AlertRule) -> None:
        from numtui.tui.alerts.rule_form import keep_rule

        try:
            await asyncio.to_thread(keep_rule, self.app.settings, rule, self.app.clock.now())
        except READ_ERRORS as error:
            self.app.notify(failure_line(error), severity="error")
            return
        self.app.notify(f"{rule.kind} is kept in the cache; the next poll evaluates it (r asks for one now).")
        self.app.look()
        self.reload()

    async def action_delete_rule(self) -> None:
        """Take the rule under the cursor away; one of the settings file stays."""
        word, _, number = (self.table.cursor_key or "").partition(" ")
        if word != "screen":
            self.app.notify("Only rules made on screen can be taken away here; this one is in the settings file.")
            return
        try:
            await asyncio.to_thread(self._delete, int(number))
        except READ_ERRORS as error:
            self.app.notify(failure_line(error), severity="error")
            return
        self.app.notify("The rule is taken away; the next poll clears its alerts.")
        self.app.look()
        self.reload()

    def _delete(self, number: int) -> None:
        with closing(open_writer(self.app.settings.db)) as connection:
            delete_rule(connection, number)

    # What it is about

    def open_row(self, key: str, row: Row) -> None:
        """The model's page, the stakes, or the state of the program."""
        columns = [column.name for column in self.table.source.columns]
        rule, model, label = (row[columns.index(name)] for name in ("rule", "model", "tournament"))
        tournament = None if label is None else Tournament.from_label(str(label))
        if rule in OF_STAKE:
            self.app.lead_to("stake", tournament, row=None if model is None else str(model))
        elif model is None:
            self.app.lead_to("status", tournament)
        else:
            self.app.open_page(model_page(str(model)), tournament)
