"""Where one is: the screens with their digits and the views of this one, or the way to what was opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from textual import events, getters

from numtui.format import ASCII, Glyphs
from numtui.printable import printable
from numtui.tui.monitor import MonitorApp
from numtui.tui.table.painter import cell_width
from numtui.tui.widgets.text_line import Part, TextLine, spread

LIT = "bold underline $accent"
OTHER = "$foreground-muted"
DIGIT = "bold"
SIMULATED: tuple[Part, ...] = ((" SIMULATED ", "bold reverse"), (" ", ""))
BETWEEN = "  "


class Tab(NamedTuple):
    """A place to go to: its name, the action of a click, whether one is there, and the key that leads there."""

    name: str
    action: str
    lit: bool = False
    key: str = ""


class Piece(NamedTuple):
    """A part of the line, and the action of a click on it."""

    text: str
    style: str
    action: str = ""


class TabLine(TextLine):
    """The tabs at the left, as far as there is room, what the table shows at the right; a click on a tab goes there."""

    app = getters.app(MonitorApp)

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[Piece] = []

    def show(
        self, screens: Sequence[Tab], crumbs: Sequence[str], views: Sequence[Tab], facts: str, *, simulated: bool
    ) -> None:
        """Say where one is, with `facts` and whether nothing is real at the other end.

        More than one of the `crumbs`, the titles of the screens on the way here, stand in place of the `screens`.
        """
        glyphs = self.app.glyphs
        badge = SIMULATED if simulated else ()
        right: list[Part] = [(printable(facts), ""), (BETWEEN if facts else "", ""), *badge]
        room = self.room - sum(cell_width(text) for text, _ in right) - 1
        forms = _with_crumbs(crumbs, views, glyphs) if len(crumbs) > 1 else _with_screens(screens, views, glyphs)
        for pieces in forms:
            self.pieces = pieces
            if sum(cell_width(piece.text) for piece in pieces) <= room:
                break
        self.say(spread([(piece.text, piece.style) for piece in self.pieces], right, self.room))

    async def on_click(self, event: events.Click) -> None:
        """Go to the tab that was clicked."""
        x = 0
        for piece in self.pieces:
            if piece.action and x <= event.x < x + cell_width(piece.text):
                await self.run_action(piece.action)
                return
            x += cell_width(piece.text)


def _with_screens(screens: Sequence[Tab], views: Sequence[Tab], glyphs: Glyphs) -> Iterator[list[Piece]]:
    """The line in ever shorter forms: all names; digits alone but for the screen in front; fewer views beside its."""
    for named in (True, False):
        pieces: list[Piece] = []
        for tab in screens:
            pieces += [Piece(" ", ""), Piece(tab.key, DIGIT if not tab.lit else LIT, tab.action)]
            if named or tab.lit:
                pieces += [Piece(f" {tab.name}", LIT if tab.lit else OTHER, tab.action)]
        for shown in _views(views, glyphs, shortest=not named):
            yield pieces + shown


def _with_crumbs(crumbs: Sequence[str], views: Sequence[Tab], glyphs: Glyphs) -> Iterator[list[Piece]]:
    """The way here, then the views of the screen in front, in ever shorter forms."""
    pieces: list[Piece] = []
    for place, crumb in enumerate(crumbs):
        pieces.append(Piece(f" {glyphs.crumb} " if place else " ", OTHER))
        last = place == len(crumbs) - 1
        style, action = (LIT, "") if last else (DIGIT, f"screen.back_to({place})")
        pieces.append(Piece(printable(crumb, ascii_only=glyphs is ASCII), style, action))
    for shown in _views(views, glyphs, shortest=True):
        yield pieces + shown


def _views(views: Sequence[Tab], glyphs: Glyphs, *, shortest: bool) -> Iterator[list[Piece]]:
    """All views; where the `shortest` form is wanted, then ever fewer neighbours of the one in front."""
    if not views:
        yield []
        return
    front = next((place for place, tab in enumerate(views) if tab.lit), 0)
    for reach in range(len(views) - 1, -1 if shortest else len(views) - 2, -1):
        first, end = max(0, front - reach), min(len(views), front + reach + 1)
        pieces = [Piece(f"{BETWEEN}{glyphs.separator} ", OTHER), Piece(f"{glyphs.dots} " if first else "", OTHER)]
        for tab in views[first:end]:
            pieces += [Piece(tab.name, LIT if tab.lit else OTHER, tab.action), Piece(BETWEEN, "")]
        pieces[-1] = Piece(f" {glyphs.dots}" if end < len(views) else "", OTHER)
        yield pieces
