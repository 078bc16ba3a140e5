"""The app as its screens and dialogs know it: settings, clock, cache, header, and how values look now.

The app itself imports the screens; they import this base of it, so that neither imports the other in a circle.
"""

from __future__ import annotations

from abc import abstractmethod
from datetime import UTC

from textual.await_complete import AwaitComplete
from textual.driver import Driver
from textual.notifications import SeverityLevel
from textual.screen import Screen

from numtui.clock import Clock
from numtui.config import Settings, zone
from numtui.format import ASCII, UNICODE, Formatter
from numtui.model import Tournament
from numtui.printable import printable_lines
from numtui.tui.data import Cache
from numtui.tui.failures import READ_ERRORS
from numtui.tui.kept import Kept
from numtui.tui.keys import KeyByKeyApp
from numtui.tui.table.layout import Layout
from numtui.tui.terminal.picture import Picture, picture_driver


class MonitorApp(KeyByKeyApp):
    """The state that all screens share."""

    def __init__(self, settings: Settings, clock: Clock, kept: Kept) -> None:
        super().__init__(ansi_color=True if settings.no_color else None)
        self.settings = settings
        self.clock = clock
        self.kept = kept
        self.glyphs = ASCII if settings.ascii else UNICODE
        self.zone = zone(settings.time_zone) if settings.time_zone else UTC
        self.cache = Cache(settings, clock)
        self.versions = self.read_versions()
        self.header = self.cache.header()
        self.money_in_fiat = False
        self.balances_hidden = False
        self.needs: int | None = None  # how many there are in all tournaments; None: not known

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this terminal, which writes only what differs."""
        self.picture = Picture()  # Textual asks once, while the app is made
        return picture_driver(super().get_driver_class(), self.picture)

    def read_versions(self) -> dict[str, int]:
        """The cache's count of writes by table; empty where the cache cannot be read."""
        try:
            return self.cache.versions()
        except READ_ERRORS:
            return {}

    def formatter(self, layout: Layout) -> Formatter:
        """The formatter of values as they look now, for a table of that layout."""
        return Formatter(
            now=self.clock.now(),
            glyphs=self.glyphs,
            hide=self.balances_hidden,
            currency=self.settings.fiat,
            price=self.cache.price() if self.money_in_fiat else None,
            changes=frozenset(layout.changes),
            results=frozenset(layout.results),
            zone=self.zone,
        )

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a toast, never as markup: names and errors come from outside."""
        super().notify(printable_lines(message), title=title, severity=severity, timeout=timeout, markup=False)

    def tell_needs(self, count: int | None) -> None:
        """Let the header say how many things need the user; None: that is not known."""
        self.needs = count
        self.header = self.header._replace(needs=count)

    @abstractmethod
    def look(self) -> None:
        """See whether the cache was written, and bring the lines that tell the time up to date."""

    @abstractmethod
    def choose_tournament(self, tournament: Tournament) -> None:
        """Show another tournament."""

    @abstractmethod
    def show_screen(self, name: str) -> None:
        """Show a screen as it was left; nothing where it is in front."""

    @abstractmethod
    def open_page(self, page: Screen[None], tournament: Tournament | None = None) -> None:
        """Open a page over the screen in front, in another tournament where one is given, until it is closed."""

    @abstractmethod
    def close_page(self) -> AwaitComplete:
        """Close the page in front; the tournament is the one that it was opened from."""

    @property
    @abstractmethod
    def leads_back(self) -> bool:
        """Whether the screen in front was led to by a row of another one."""

    @abstractmethod
    def lead_to(self, name: str, tournament: Tournament | None = None, view: str = "", row: str | None = None) -> None:
        """Show the screen where something is done, in its tournament, on a row of a view, until `go_back`."""

    @abstractmethod
    def go_back(self) -> None:
        """Show the screen that led here, and its tournament."""

    @abstractmethod
    async def action_refresh_data(self) -> None:
        """Ask the poller for new data."""
