"""The app: screens by number, the header's data, and following what the poller writes."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.css.query import NoMatches
from textual.filter import LineFilter, NoColor
from textual.screen import Screen
from textual.theme import Theme, ThemeProvider

from numtui.clock import Clock
from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.header import Header
from numtui.tui.commands import name_search, saved_views, view_search
from numtui.tui.failures import READ_ERRORS, caught, failure_line
from numtui.tui.kept import Kept
from numtui.tui.keys import Palette
from numtui.tui.messages import CacheChanged
from numtui.tui.navigation import NavigationApp
from numtui.tui.pace import Pace
from numtui.tui.screens import SCREENS
from numtui.tui.screens.report_screen import ReportScreen
from numtui.tui.screens.start_screen import start_screen
from numtui.tui.screens.too_small import LEAST_HEIGHT, LEAST_WIDTH, TooSmallScreen
from numtui.tui.terminal.printable_lines import PrintableLines

if TYPE_CHECKING:
    from numtui.poller.supervisor import PollerSupervisor

LOG = logging.getLogger(__name__)
LOOK_SECONDS, QUIET_SECONDS = 1.0, 30.0
NEEDS_AFTER = timedelta(seconds=5), timedelta(minutes=1)  # counted again: where the cache was written, and where not
ASCII_KEYS = {"up": "up", "down": "down", "left": "left", "right": "right"}


class NumtuiApp(NavigationApp):
    """The terminal monitor. `make_app` builds it."""

    TITLE = "numtui"
    ALLOW_SELECT = False  # the terminal's own selection is what users know
    CSS = """
    Screen { layout: vertical; }
    CommandPalette SearchIcon { display: none; }
    .-ascii CommandPalette * { border: none; scrollbar-size: 0 0; }
    Toast { width: auto; max-width: 76; padding: 0 1; }
    """
    MODES = {entry.name: entry.open for entry in SCREENS}  # noqa: RUF012  declared as a ClassVar by Textual
    DEFAULT_MODE = "leaderboard"
    COMMANDS = App.COMMANDS | {name_search, saved_views, view_search}
    COMMAND_PALETTE_BINDING = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(entry.key, f"screen('{entry.name}')", entry.title, show=False) for entry in SCREENS),
        Binding("t", "tournament", "tournament", tooltip="the next tournament"),
        Binding("c", "currency", "fiat", tooltip="amounts in NMR, or in your currency"),
        Binding("dollar_sign", "hide", "hide", key_display="$", tooltip="hide balances, or show them"),
        Binding("r", "refresh_data", "refresh", tooltip="ask the poller for new data now"),
        Binding(
            "colon", "command_palette", "commands", key_display=":", tooltip="find commands, models, accounts, rounds"
        ),
        Binding("ctrl+p", "command_palette", "commands", show=False, tooltip="find commands, models, accounts, rounds"),
        Binding("question_mark", "help", "help", key_display="?", tooltip="all keys of this screen, and its columns"),
        Binding("q", "quit", "quit", tooltip="quit"),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, tooltip="quit"),
        Binding("ctrl+z", "suspend_process", "suspend", show=False, priority=True, tooltip="to the shell; fg returns"),
    ]

    def __init__(self, settings: Settings, clock: Clock, *, start_poller: bool = True, screen: str = "") -> None:
        kept = Kept(settings)
        self.DEFAULT_MODE = screen or start_screen(settings, kept)  # type: ignore[misc]  # read where Textual's app is made
        super().__init__(settings, clock, kept)
        self._supervisor: PollerSupervisor | None = None
        self._start_poller = start_poller and not settings.offline
        self.animation_level = "none"
        self.pace = Pace()
        self.poller_problem = ""
        self._needs_of: tuple[dict[str, int], datetime] = {}, datetime.min.replace(tzinfo=UTC)
        self.profiles: tuple[str, ...] = ()  # that can be switched to; "" is none of them
        self.next_profile: str | None = None  # with which the program starts again once it has left
        self.set_class(settings.ascii, "-ascii")
        if settings.no_color or self.no_color:
            self.no_color = True
            self.theme = "ansi-dark"
        elif self.console.color_system == "standard":
            self.theme = "ansi-dark"
        else:
            wanted = (name for name in (settings.theme, kept.theme) if name in self.available_themes)
            self.theme = next(wanted, self.theme)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, one for unprintable characters, and one that takes colours away where asked for."""
        filters = [*super().get_line_filters(), PrintableLines(ascii_only=self.settings.ascii)]
        return [*filters, NoColor()] if self.settings.no_color else filters

    def _load_screen_css(self, screen: Screen[Any]) -> None:
        """Style a screen that is made by the style sheets in force: Textual would read all of them again (15 ms)."""
        super()._load_screen_css(screen)
        if getattr(screen, "_css_update_count", 0) < 0:
            screen._css_update_count = self._css_update_count
            self.stylesheet.update(self)

    def on_mount(self) -> None:
        """Show the first screen, then follow the cache; the poller starts behind the first frame."""
        self.look()
        self.set_interval(QUIET_SECONDS if self.settings.quiet else LOOK_SECONDS, self.look)
        self.theme_changed_signal.subscribe(self, self._keep_theme)
        if self.settings.theme and self.settings.theme not in self.available_themes:
            self.notify(f"There is no theme {self.settings.theme!r}: Theme in the list of commands (:) has all.")
        if self.settings.start_screen and self.settings.start_screen not in self.MODES:
            self.notify(f"There is no screen {self.settings.start_screen!r}: there are {', '.join(self.MODES)}.")
        if self.kept.problem:
            self.notify(self.kept.problem, severity="warning")
        self.app_resume_signal.subscribe(self, self._draw_again)
        if self._start_poller:
            self.call_after_refresh(self.run_worker, self._ensure_poller(), group="poller")
        self.call_after_refresh(self._collect_garbage)

    def _collect_garbage(self) -> None:
        """Collect garbage from the first frame on; in what is there now, which stays, it is not looked for."""
        gc.freeze()
        gc.enable()

    def on_resize(self, event: events.Resize) -> None:
        """Cover everything with one line below 80x24, and uncover it above."""
        self.picture.forget()
        too_small = event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT
        covered = isinstance(self.screen, TooSmallScreen)
        if too_small and not covered:
            self.push_screen(TooSmallScreen())
        elif covered and not too_small:
            self.pop_screen()

    async def on_unmount(self) -> None:
        """Keep what the next start shows; close database and watch: the poller ends with its last viewer."""
        try:
            self.kept.write()
        except OSError as error:
            LOG.warning("what the screens keep cannot be written: %s", error)
        self.cache.close()
        if self._supervisor is not None:
            await asyncio.to_thread(self._supervisor.close)

    def is_read(self) -> bool:
        """Whether the screen in front has read its report, or reads none: enter in an empty table would be lost."""
        screen = self.screen
        if not isinstance(screen, ReportScreen) or screen.data is not None:
            return True
        return not any(worker.node is screen and not worker.is_finished for worker in self.workers)

    # Following the cache

    def look(self) -> None:
        """See whether the cache was written, and bring the lines that tell the time up to date."""
        if not self.screen_stack:  # the program ends
            return
        versions = self.read_versions()
        changed = versions is not self.versions and versions != self.versions
        self.versions = versions
        self.header = self.read_header()
        if changed:
            self.screen.post_message(CacheChanged())
        self._ring()
        self._recount_needs()
        if isinstance(self.screen, ReportScreen):
            with suppress(NoMatches):  # of a screen that is going, some lines are gone already
                self.screen.show_frame()

    def _recount_needs(self) -> None:
        """Count what needs the user in a thread, where that may have become another number and no screen tells it."""
        if isinstance(self.screen, ReportScreen) and self.screen.tells_needs:
            return
        versions, counted_at = self._needs_of
        soon, late = NEEDS_AFTER
        now = self.clock.now()
        if now - counted_at >= (late if versions == self.versions else soon):
            self._needs_of = dict(self.versions), now
            self.call_after_refresh(self.run_worker, self._count_needs, group="needs")

    async def _count_needs(self) -> None:
        from numtui.tui.needs import count_needs  # behind the first frame

        count = None
        with caught(failure_line):  # which logs a fault; the screen in front says what is wrong with the cache
            count = await self.cache.read(count_needs)
        self.tell_needs(count)
        if self.screen_stack and isinstance(self.screen, ReportScreen):  # none is there once the program ends
            with suppress(NoMatches):  # of a screen that is going, some lines are gone already
                self.screen.show_frame()

    def read_header(self) -> Header:
        """The cache's header, with the time left of a poll at work, and the reason where there is no poller."""
        header, progress = self.cache.header(), None
        left = self.pace.seconds_left(header.progress, datetime.now(UTC))  # real seconds, whatever the clock shows
        if header.progress is not None:
            progress = header.progress._replace(seconds_left=left)
        problem = None if self._supervisor is None else self._supervisor.problem
        message = header.message or problem or self.poller_problem or None
        return header._replace(needs=self.needs, progress=progress, message=message)

    def _ring(self) -> None:
        """Ring the terminal's bell and show its notification for alerts that have begun to fire since the last look."""
        rings = not self.settings.quiet and (self.settings.notify is None or self.settings.notify.bell)
        news = self.cache.news_of_alerts() if rings else ()
        if news and self._driver is not None:
            from numtui.poller.alerts.messages import ringing  # only where an alert fires

            self._driver.write(ringing(news))

    def _draw_again(self, _app: App[Any]) -> None:
        """Draw everything again: after ctrl+z and fg, and when the user asks for it."""
        self.picture.forget()
        self.screen.refresh(layout=True)
        self.screen.query("*").refresh()

    def _keep_theme(self, theme: Theme) -> None:
        """Keep the theme for the next start."""
        try:
            self.kept.keep_theme(theme.name)
        except OSError as error:
            self.notify(f"The theme cannot be kept: {error.strerror}.", severity="warning")
            return
        if self.settings.theme not in {None, theme.name}:
            self.notify(f"The next start shows {self.settings.theme} again: the settings say so.")

    async def _ensure_poller(self) -> None:
        from numtui.poller.supervisor import start_supervisor  # behind the first frame

        try:
            self._supervisor = await asyncio.to_thread(start_supervisor, self.settings)
            self.poller_problem = ""
        except READ_ERRORS as error:
            self.poller_problem = f"the poller could not be started: {error}"
            self.look()

    def restyle(self) -> None:
        """Show the same values in another form."""
        if isinstance(self.screen, ReportScreen):
            self.screen.restyle()

    # Keys

    def switch_profile(self, name: str) -> None:
        """Leave, and start again with another profile: its cache, its state, its key."""
        self.next_profile = name
        self.exit()

    def action_currency(self) -> None:
        """Show amounts in NMR, or in the user's currency."""
        if not self.money_in_fiat and self.cache.price() is None:
            self.notify(f"The cache has no price of NMR in {self.settings.fiat} yet.", severity="warning")
            return
        self.money_in_fiat = not self.money_in_fiat
        self.restyle()

    def action_hide(self) -> None:
        """Hide balances, or show them."""
        self.balances_hidden = not self.balances_hidden
        self.restyle()

    async def action_refresh_data(self) -> None:
        """Ask the poller for new data, and draw everything again."""
        self._draw_again(self)
        if self.settings.offline:
            self.notify("This is an offline session: nothing is fetched.", severity="warning")
            return
        if self.poller_problem:
            await self._ensure_poller()
            return
        from numtui.poller.supervisor import request_refresh  # needed for this key only

        try:
            await asyncio.to_thread(request_refresh, self.settings)
            self.notify("Asked the poller for new data.")
        except READ_ERRORS as error:
            self.notify(f"The poller could not be asked: {error}", severity="error", markup=False)

    def action_help_quit(self) -> None:
        """Say which key quits, after ctrl+c."""
        self.notify("q quits numtui; in a text or a dialog ctrl+q does.")

    def action_help(self) -> None:
        """Show all keys of this screen."""
        from numtui.tui.screens.help import HelpScreen  # first used when asked for

        self.push_screen(HelpScreen(self.screen, ascii_only=self.settings.ascii))

    def action_command_palette(self) -> None:
        """Show Textual's command list."""
        if not isinstance(self.screen, CommandPalette):
            self.push_screen(Palette(placeholder="Commands, models, accounts, rounds", id="--command-palette"))

    def search_themes(self) -> None:
        """Show Textual's list of themes."""
        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes"))

    def get_key_display(self, binding: Binding) -> str:
        """The name of a key, not a symbol that fonts may lack."""
        names = {"enter": "enter"} | (ASCII_KEYS if self.settings.ascii else {})
        return names.get(binding.key) or super().get_key_display(binding)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The command list: screens, tournaments, and every key that works here."""
        for entry in SCREENS:
            yield SystemCommand(
                entry.title, f"Show the screen ({entry.key})", lambda name=entry.name: self.action_screen(name)
            )
        for tournament in Tournament:
            yield SystemCommand(
                f"Tournament {tournament.label.capitalize()}",
                "Show this tournament",
                lambda target=tournament: self.choose_tournament(target),
            )
        for name in self.profiles:
            title, words = (f"Profile {name}", "its settings") if name else ("No profile", "the settings without one")
            yield SystemCommand(title, f"Start again with {words}", lambda target=name: self.switch_profile(target))
        for active in screen.active_bindings.values():
            binding = active.binding
            if not binding.show or binding.system or binding.action in {"command_palette", "quit"}:
                continue
            about = binding.tooltip or binding.description
            title = about[0].upper() + about[1:]
            yield SystemCommand(
                title, f"Key {self.get_key_display(binding)}", lambda key=binding.key: self.simulate_key(key)
            )
        yield SystemCommand("Theme", "Choose the colours", self.action_change_theme)
        yield SystemCommand("Quit", "Leave numtui (q)", self.action_quit)


def make_app(settings: Settings, clock: Clock, *, start_poller: bool = True, screen: str = "leaderboard") -> NumtuiApp:
    """The app for commands, pictures and tests. `screen` is a name of `SCREENS`; "" leaves it to the account.

    `start_poller`: see to it that a poller works on the cache. KeyError when there is no such screen.
    """
    if screen and screen not in NumtuiApp.MODES:
        raise KeyError(screen)
    return NumtuiApp(settings, clock, start_poller=start_poller, screen=screen)
