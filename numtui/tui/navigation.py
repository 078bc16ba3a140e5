"""Which screen is in front, in which tournament, and the way back from where a row led."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from textual.await_complete import AwaitComplete
from textual.screen import Screen

from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.header import Header
from numtui.tui.kept import Kept
from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.report_screen import ReportScreen


class Place(NamedTuple):
    """A screen by its name, and the tournament that it showed."""

    screen: str
    tournament: Tournament


class NavigationApp(MonitorApp):
    """An app of screens by number, pages over them, and ways back."""

    def __init__(self, settings: Settings, clock: Clock, kept: Kept) -> None:
        super().__init__(settings, clock, kept)
        self._ways: list[Place] = []  # the screens whose rows led to the one in front, one after the other
        self._opened_from: WeakKeyDictionary[Screen[Any], Tournament] = WeakKeyDictionary()  # by page

    @abstractmethod
    def read_header(self) -> Header:
        """The cache's header for the tournament of now."""

    # Screens by number

    def action_screen(self, name: str) -> None:
        """Show another screen, as it was left; the one in front from its top, without what was opened from it."""
        if name != self.current_mode:
            self.show_screen(name)
            return
        self._close_pages()
        if isinstance(self.screen, ReportScreen):
            self.screen.go_to_top()

    def show_screen(self, name: str) -> None:
        """Show a screen as it was left; nothing where it is in front."""
        if name != self.current_mode:
            self._ways.clear()
            self._switch_screen(name)

    def _switch_screen(self, name: str) -> None:
        if name != self.current_mode:
            self.kept.keep_screen(name)
            self.switch_mode(name)

    def lead_to(self, name: str, tournament: Tournament | None = None, view: str = "", row: str | None = None) -> None:
        """Show the screen where something is done, in its tournament, on a row of a view, until `go_back`."""
        place = Place(self.current_mode, self.cache.tournament)
        self._switch_screen(name)
        self._close_pages()
        self.put_tournament(tournament or place.tournament)
        if name != place.screen:
            self._ways.append(place)
        if view or row is not None:
            self.call_after_refresh(self._show_view, view, row)

    def _show_view(self, view: str, row: str | None) -> None:
        if isinstance(self.screen, ReportScreen):
            self.screen.show_view_named(view, row)

    @property
    def leads_back(self) -> bool:
        """Whether the screen in front was led to by a row of another one."""
        return bool(self._ways) and len(self.screen_stack) == 1

    def go_back(self) -> None:
        """Show the screen that led here, and its tournament."""
        if self._ways:
            place = self._ways.pop()
            self.put_tournament(place.tournament)
            self._switch_screen(place.screen)

    # Pages over them

    def open_page(self, page: Screen[None], tournament: Tournament | None = None) -> None:
        """Open a page over the screen in front, in another tournament where one is given, until it is closed."""
        if tournament is not None and tournament is not self.cache.tournament:
            self._opened_from[page] = self.cache.tournament
            self.put_tournament(tournament)
        self.push_screen(page)

    def close_page(self) -> AwaitComplete:
        """Close the page in front; the tournament is the one that it was opened from."""
        before = self._opened_from.pop(self.screen, None)
        if before is not None:
            self.put_tournament(before)
        return self.pop_screen()

    def _close_pages(self) -> None:
        while len(self.screen_stack) > 1:
            self.close_page()

    # Tournaments

    def action_tournament(self) -> None:
        """Show the next tournament."""
        every = list(Tournament)
        self.choose_tournament(every[(every.index(self.cache.tournament) + 1) % len(every)])

    def choose_tournament(self, tournament: Tournament) -> None:
        """Show another tournament."""
        self._opened_from.clear()
        self._ways = [place._replace(tournament=tournament) for place in self._ways]
        self.put_tournament(tournament)
        if isinstance(self.screen, ReportScreen):
            self.screen.catch_up()

    def put_tournament(self, tournament: Tournament) -> None:
        """Let a tournament be the one of what is shown from now on."""
        self.cache.tournament = tournament
        self.header = self.read_header()
