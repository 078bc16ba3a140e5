"""The keys of notes and of pages on numer.ai: on any row about a model, an account or a round."""

from __future__ import annotations

from typing import ClassVar, NamedTuple

from textual import getters
from textual.binding import Binding, BindingType
from textual.screen import Screen

from numtui.model import Tournament
from numtui.tui.monitor import MonitorApp
from numtui.tui.table.report_table import ReportTable


class Subject(NamedTuple):
    """The model, the round, or both, that a row is about; None for what it is not about."""

    model: str | None = None
    round: int | None = None


class NotingScreen(Screen[None], inherit_bindings=False):
    """A screen with a table, on whose rows notes can be made."""

    app = getters.app(MonitorApp)
    account: str | None = None  # that the screen is about
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "note", "note", tooltip="note on this model or round: what ran where", show=False),
        Binding("o", "web_page", "numer.ai", tooltip="its page on numer.ai: copied, opened in a browser", show=False),
    ]

    @property
    def table(self) -> ReportTable:
        """The table widget."""
        return self.query_one(ReportTable)

    @property
    def subject(self) -> Subject:
        """What the row under the cursor is about, by its columns `model` and `round`."""
        row = self.table.current
        columns = self.table.source.columns
        values = {} if row is None else {column.name: value for column, value in zip(columns, row, strict=False)}
        model, number = values.get("model"), values.get("round")
        return Subject(model if isinstance(model, str) else None, number if isinstance(number, int) else None)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Notes are on something."""
        return self.subject != Subject() if action == "note" else True

    def action_note(self) -> None:
        """Note something on the model or the round under the cursor."""
        from numtui.tui.note_prompt import ask  # first used when asked for

        ask(self.app, *self.subject, self.reload)

    async def action_web_page(self) -> None:
        """Lead to the page on numer.ai of the model or account under the cursor, else of the tournament."""
        from numtui.tui.screens import web_page  # first used when asked for

        row = self.table.current or ()
        values = dict(zip((column.name for column in self.table.source.columns), row, strict=False))
        label, account = values.get("tournament"), values.get("account", self.account)
        tournament = Tournament.from_label(label) if isinstance(label, str) else self.app.cache.tournament
        url = web_page.address(tournament, self.subject.model, account if isinstance(account, str) else None)
        await web_page.show(self.app, url)

    def reload(self) -> None:
        """Read anew what is shown."""
        raise NotImplementedError  # how is the subclass' own
