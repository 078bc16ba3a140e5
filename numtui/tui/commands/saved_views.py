"""Views under names of the user's: saved from a table, found in the list of commands, forgotten there."""

from __future__ import annotations

from collections.abc import Callable

from textual.command import DiscoveryHit, Hit, Hits, Provider

from numtui.printable import printable
from numtui.tui.failures import failure_line
from numtui.tui.kept import SavedView
from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.line_prompt import LinePrompt
from numtui.tui.screens.view_screen import ViewScreen

LONGEST = 40  # characters of a name


def save(app: MonitorApp, screen: ViewScreen) -> None:
    """Ask for a name and save what the table of a screen shows under it."""

    def keep(name: str | None) -> None:
        if name is None:
            return
        view = SavedView(
            screen=app.current_mode,
            view=screen.view.name,
            filter=screen.state.text,
            order=screen.state.order,
            columns=app.kept.columns(screen.table_name),
        )
        _keep(app, name, view, f"Saved. : and {name} shows it again.")

    known = ", ".join(app.kept.view_names())
    hint = f"There are: {known}. A name that is there is replaced." if known else "The list of commands (:) finds it."
    question = "Save filter, order and columns of this table as:"
    app.push_screen(LinePrompt(question, screen.state.text, hint, _checked_name, enter="saves"), keep)


def _checked_name(name: str) -> None:
    """ValueError for what is no name."""
    if not name:
        raise ValueError("A name is needed")
    if len(name) > LONGEST or printable(name) != name:
        raise ValueError(f"A name has {LONGEST} characters at most, all of them printable")


class SavedViews(Provider):
    """Commands that show saved views, and that forget them."""

    async def discover(self) -> Hits:
        """All saved views, before anything is typed."""
        for name, words, act in self._commands():
            yield DiscoveryHit(name, act, help=words)

    async def search(self, query: str) -> Hits:
        """The saved views that have the letters of `query` in this order."""
        matcher = self.matcher(query)
        for name, words, act in self._commands():
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), act, help=words)

    def _commands(self) -> list[tuple[str, str, Callable[[], None]]]:
        app = self.app
        assert isinstance(app, MonitorApp)
        commands: list[tuple[str, str, Callable[[], None]]] = []
        for name in app.kept.view_names():
            view = app.kept.view(name)
            assert view is not None
            filtered = f", filter {view.filter}" if view.filter else ""
            commands.append((f"View {name}", f"{view.screen.capitalize()}, {view.view}{filtered}", _showing(app, view)))
            commands.append((f"Forget view {name}", "It is shown no longer in this list", _forgetting(app, name)))
        return commands


def _showing(app: MonitorApp, view: SavedView) -> Callable[[], None]:
    def show() -> None:
        app.show_screen(view.screen)
        app.call_after_refresh(_show_on_screen, app, view)

    return show


def _show_on_screen(app: MonitorApp, view: SavedView) -> None:
    base = app.screen_stack[0]
    if isinstance(base, ViewScreen) and base.is_mounted:
        base.show_saved(view)


def _forgetting(app: MonitorApp, name: str) -> Callable[[], None]:
    return lambda: _keep(app, name, None, f"The view {name} is forgotten.")


def _keep(app: MonitorApp, name: str, view: SavedView | None, done: str) -> None:
    """Keep a view under a name, or forget it, and say so."""
    try:
        app.kept.keep_view(name, view)
    except OSError as error:
        app.notify(failure_line(error), severity="error")
    else:
        app.notify(done)
