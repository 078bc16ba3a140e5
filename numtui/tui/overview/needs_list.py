"""The list of what needs the user: a line each with its money and its deadline; enter leads there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from numtui.format import Formatter, counted, duration
from numtui.reports.overview.needs import NEED_COLUMNS, Need, NeedKind
from numtui.tui.charts.palette import AXIS, LINES
from numtui.tui.table.painter import cell_width, padded
from numtui.tui.widgets.text_line import Part, spread

CALM = "Nothing needs you now."
AMOUNT = next(column for column in NEED_COLUMNS if column.name == "amount")
URGENT = frozenset({NeedKind.KEY, NeedKind.CHANGE, NeedKind.SUBMISSION, NeedKind.ALERT})


class NeedsList(Static, can_focus=True):
    """The needs, the most urgent first, as many as there is room for; the cursor leaves it at its ends."""

    DEFAULT_CSS = """
    NeedsList { display: none; height: auto; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False),
        Binding("up,k", "move(-1)", "up", show=False),
        Binding("home,g", "to(0)", "first", show=False),
        Binding("end,G", "to(-1)", "last", show=False),
        Binding("pagedown,ctrl+d", "page(1)", "page down", show=False),
        Binding("pageup,ctrl+u", "page(-1)", "page up", show=False),
        Binding("enter", "open", "open", tooltip="go where it is done"),
    ]

    class Opened(Message):
        """A need was chosen with enter or a second click."""

        def __init__(self, need: Need) -> None:
            super().__init__()
            self.need = need

    class Left(Message):
        """The cursor went on below the last need."""

    def __init__(self) -> None:
        super().__init__("", markup=False)
        self.needs: tuple[Need, ...] = ()
        self.calm = CALM
        self.formatter: Formatter | None = None
        self.most = 3
        self.cursor = 0
        self.followed = False  # whether the cursor stays with its need: once the user has moved it

    def show(self, needs: Sequence[Need], formatter: Formatter, most: int, calm: str = CALM) -> None:
        """Show the needs in at most `most` lines below the heading, `calm` without any; a cursor that was moved stays
        with its need."""
        self.calm = calm
        current = self.needs[self.cursor].key if self.followed and self.cursor < len(self.needs) else None
        self.needs, self.formatter, self.most = tuple(needs), formatter, most
        keys = [need.key for need in self.needs]
        self.cursor = keys.index(current) if current in keys else 0
        self._draw()

    def on_focus(self) -> None:
        """Show the cursor."""
        self._draw()

    def on_blur(self) -> None:
        """Show no cursor."""
        self._draw()

    def on_resize(self) -> None:
        """Fit the lines to another width."""
        self._draw()

    def action_move(self, lines: int) -> None:
        """Move the cursor; below the last need it goes on to the table."""
        if lines > 0 and self.cursor + lines >= len(self.needs):
            self.post_message(self.Left())
            return
        self._put_cursor(max(0, self.cursor + lines))

    def action_to(self, place: int) -> None:
        """Move the cursor to the first or the last need."""
        if self.needs:
            self._put_cursor(range(len(self.needs))[place])

    def action_page(self, pages: int) -> None:
        """Move the cursor by as many needs as there is room for, within them."""
        if self.needs:
            self._put_cursor(min(max(0, self.cursor + pages * self.most), len(self.needs) - 1))

    def action_open(self) -> None:
        """Say which need was chosen."""
        if self.needs:
            self.post_message(self.Opened(self.needs[self.cursor]))

    def on_click(self, event: events.Click) -> None:
        """Move to the clicked need, or open the one under the cursor."""
        place = self._first + event.y - 1
        if event.y and place < len(self.needs):
            if place == self.cursor and self.has_focus:
                self.action_open()
            self._put_cursor(place)

    def _put_cursor(self, place: int) -> None:
        self.cursor, self.followed = place, True
        self._draw()

    @property
    def _first(self) -> int:
        """The first need that is shown: as far down as the cursor needs."""
        return max(0, min(self.cursor - self._shown + 1, len(self.needs) - self._shown))

    @property
    def _shown(self) -> int:
        return min(self.most, len(self.needs))

    def _draw(self) -> None:
        if self.formatter is None:
            return
        if not self.needs:
            self.update(Content.assemble((self.calm, "$text-success" if self.calm == CALM else "")))
            return
        first, last = self._first, self._first + self._shown
        count = f" {len(self.needs)} "
        more = _more([*self.needs[:first], *self.needs[last:]])
        width = self.size.width or self.app.size.width - 2
        head: list[Part] = [("Needs you ", "bold"), (count, "bold reverse $text-error"), (more, "")]
        lines = [spread(head, [(_tail(self.formatter.heading(AMOUNT), "left").lstrip(), LINES[AXIS])], width)]
        for place, need in enumerate(self.needs[first:last], first):
            lines.append(self._line(need, width, selected=place == self.cursor and self.has_focus))
        self.update(Content("\n").join(lines))

    def _line(self, need: Need, width: int, *, selected: bool) -> Content:
        assert self.formatter is not None
        amount = "" if need.amount is None else self.formatter.text(need.amount, AMOUNT)
        tail = _tail(amount, self._left(need))
        about = "  ".join(part for part in (need.tournament, need.model, need.text) if part)
        room = max(0, width - cell_width(tail) - 2)
        text = padded(self.formatter.outside(about), room, self.formatter.glyphs.dots, right=False)
        mark = "!" if need.kind in URGENT else self.formatter.glyphs.separator
        if selected:
            return Content.assemble((f"{mark} {text}{tail}", "bold $block-cursor-foreground on $primary"))
        style = "bold $text-error" if need.kind in URGENT else "bold $text-warning"
        return Content.assemble((f"{mark} ", style), (text, ""), (tail, "bold"))

    def _left(self, need: Need) -> str:
        """The time left until the deadline."""
        assert self.formatter is not None
        if need.deadline is None:
            return ""
        seconds = (need.deadline - self.formatter.now).total_seconds()
        return "overdue" if seconds < 0 else "<1m" if seconds < 60 else duration(seconds)


def _tail(amount: str, left: str) -> str:
    """The end of a line: what it is about, and the time left."""
    return f" {amount:>10} {left:>9}"


def _more(needs: Sequence[Need]) -> str:
    """What the needs that there is no room for are about."""
    kinds = Counter(need.kind for need in needs)
    about = ", ".join(counted(kinds[kind], kind) for kind in NeedKind if kinds[kind])
    return f"  {len(needs)} more: {about}" if needs else ""
