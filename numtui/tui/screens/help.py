"""All keys of a screen, from the bindings that work on it, and the columns of its table with what they mean."""

from __future__ import annotations

from textwrap import wrap
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from numtui.tui.keys import Dialog
from numtui.tui.screens.view_screen import ViewScreen
from numtui.tui.widgets.text_line import Part

KEY_WIDTH = 18
TEXT_WIDTH = 76 - 4 - KEY_WIDTH - 3 - 2  # beside frame, keys and scrollbar


class HelpScreen(Dialog[None]):
    """Keys and what they do: those of the screen, of all screens, and of the table; then the table's columns."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 76; height: auto; max-height: 100%; background: $surface; border: round $primary; padding: 0 1;
        &:ansi { border: round ansi_blue; }
    }
    HelpScreen.-ascii > VerticalScroll { border: ascii $primary; scrollbar-size: 0 0; }
    HelpScreen Static { width: 100%; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark", "dismiss", "Close"),
        Binding("j,down", "scroll(1)", "Down", show=False),
        Binding("k,up", "scroll(-1)", "Up", show=False),
    ]

    def __init__(self, screen: Screen[Any], *, ascii_only: bool) -> None:
        super().__init__(classes="-ascii" if ascii_only else "")
        self.entries = [*key_entries(screen), *column_entries(screen)]

    def compose(self) -> ComposeResult:
        """The list."""
        parts: list[Part] = []
        group = ""
        for name, keys, about in self.entries:
            if name != group:
                parts.append((f"{'' if not group else chr(10)}{name}\n", "bold $accent"))
                group = name
            first, *others = wrap(about, TEXT_WIDTH) or [""]
            parts += [(f"  {keys:<{KEY_WIDTH}} ", "bold"), (f"{first}\n", "")]
            parts += [(f"{'':{KEY_WIDTH + 3}}{line}\n", "") for line in others]
        with VerticalScroll() as listed:
            listed.border_subtitle = "esc closes"  # in sight however long the list is
            yield Static(Content.assemble(*parts))

    def action_scroll(self, lines: int) -> None:
        """Scroll by lines."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


def key_entries(screen: Screen[Any]) -> list[tuple[str, str, str]]:
    """(group, keys, what they do) of all bindings that work on `screen`, in the order of focus, screen, app."""
    actions: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for node, binding, enabled, tooltip in screen.active_bindings.values():
        if binding.system or not enabled or not binding.description:
            continue
        group = "Everywhere" if node is screen.app else "This screen" if node is screen else "Table"
        key = screen.app.get_key_display(binding)
        about = tooltip or binding.description
        actions.setdefault((group, binding.action), (about, []))[1].append(key)
    order = ["This screen", "Everywhere", "Table"]
    places = sorted(actions, key=lambda place: (order.index(place[0]), place[1] == "quit"))  # which Textual binds first
    return [(group, " ".join(actions[group, action][1]), actions[group, action][0]) for group, action in places]


def column_entries(screen: Screen[Any]) -> list[tuple[str, str, str]]:
    """(group, heading, what it means) of the columns of the table of `screen`, and of those around it."""
    if not isinstance(screen, ViewScreen):
        return []
    formatter = screen.table.formatter
    return [
        (f"Columns of {name}", formatter.heading(column), column.doc or column.name)
        for name, columns in ((screen.view.name, screen.table.columns_in_order), *screen.panels())
        for column in columns
    ]
