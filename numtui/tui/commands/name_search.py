"""The list of commands finds models, accounts and rounds too."""

from __future__ import annotations

from collections.abc import Callable

from textual.command import Hit, Hits, Provider

from numtui.model import Tournament
from numtui.store.queries.leaderboards import names_like
from numtui.store.queries.rounds import rounds_like
from numtui.tui.failures import READ_ERRORS
from numtui.tui.monitor import MonitorApp
from numtui.tui.screens.pages import model_page, round_page

MOST = 30  # names that are offered
BEHIND = 0.5  # of a command's score: a command that is as much like the text comes first


class NameSearch(Provider):
    """Names in the cache; SQL chooses the likeliest ones, Textual's matcher ranks them."""

    async def search(self, query: str) -> Hits:
        """Models and accounts that have the letters of `query` in this order, and rounds that begin with it."""
        app = self.app
        assert isinstance(app, MonitorApp)
        text, cache = query.strip(), app.cache
        try:
            named = names_like(cache.reader, cache.tournament, text, MOST) if text else []
            rounds = rounds_like(cache.reader, cache.tournament, text, MOST) if text.isdecimal() else []
        except READ_ERRORS:
            return  # the screen in front says what is wrong with the cache
        matcher = self.matcher(text)
        for kind, tournament, name in named:
            score = matcher.match(name) * BEHIND
            words = f"{kind.capitalize()}, {tournament.label.capitalize()}"
            yield Hit(score, matcher.highlight(name), _opening(app, kind, tournament, name), name, words)
        for tournament, number in rounds:
            words = f"Round, {tournament.label.capitalize()}"
            name = str(number)
            yield Hit(
                matcher.match(name), matcher.highlight(name), _opening(app, "round", tournament, name), name, words
            )


def _opening(app: MonitorApp, kind: str, tournament: Tournament, name: str) -> Callable[[], None]:
    def open_it() -> None:
        match kind:
            case "model":
                app.open_page(model_page(name), tournament)
            case "round":
                app.open_page(round_page(int(name)), tournament)
            case _:
                app.lead_to("leaderboard", tournament, "accounts", name)

    return open_it
