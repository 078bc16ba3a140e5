"""A page about one row of the table that it was opened from, and the keys that lead to the rows beside it."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType

from numtui.tui.screens.report_screen import ReportScreen


class PageScreen(ReportScreen):
    """A screen about a row of the table behind it; `[` and `]` show the rows beside that one in the same view."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "neighbour(-1)", "before", key_display="[", tooltip="the row before this one"),
        Binding("right_square_bracket", "neighbour(1)", "next", key_display="]", tooltip="the row after this one"),
    ]

    def on_mount(self) -> None:
        """Let the cursor behind stay on the row that was opened, wherever new data put it."""
        if self.opener is not None:
            self.opener.table.followed = True

    @property
    def opener(self) -> ReportScreen | None:
        """The screen whose row this page is about."""
        stack = self.app.screen_stack
        behind = stack[stack.index(self) - 1] if self in stack[1:] else None
        return behind if isinstance(behind, ReportScreen) else None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """There is a neighbour where the table behind has several rows."""
        if action == "neighbour":
            opener = self.opener
            return opener is not None and len(opener.table.source) > 1
        return super().check_action(action, parameters)

    async def action_neighbour(self, step: int) -> None:
        """Show the row before or after this one; at the ends of the table say so."""
        opener = self.opener
        if opener is None or self.app.screen is not self:
            return
        place = opener.table.cursor + step
        row = opener.table.row(place) if 0 <= place < len(opener.table.source) else None
        if row is None:
            self.app.notify(f"This is the {'first' if step < 0 else 'last'} one of {opener.title_text}.")
            return
        opener.table.move_to(place)
        shown = self.shown
        await self.app.close_page()
        opener.open_row(opener.table.source.key(place), row)
        page = self.app.screen
        if isinstance(page, type(self)):
            page.shown = shown
