"""The lines above every table: header, breadcrumbs, and what goes on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from numtui.reports.header import Header
from numtui.tui.format import Glyphs, bar, duration, size
from numtui.tui.widgets.text_line import Part, TextLine, spread

STATES = {"live": "live", "stale": "STALE", "offline": "OFFLINE", "first": "first sync", "empty": "no data"}
LOUD = "bold reverse"


class HeaderLine(TextLine):
    """Program, tournament, round, time to close; age and state of the data; the badge of the stake rule."""

    DEFAULT_CSS = """
    HeaderLine { background: $primary-muted;
      &:ansi { background: ansi_default; color: ansi_default; text-style: reverse; }
      &:nocolor { text-style: reverse; } }
    """

    def show(self, header: Header, now: datetime) -> None:
        """Say what `header` holds at `now`."""
        left: list[Part] = [(" numtui  ", "bold"), (header.tournament.label.capitalize(), "bold")]
        if header.round is not None:
            left.append((f"  round {header.round}, {closing(header, now)}", ""))
        age = "" if header.data_time is None else f"data {minutes((now - header.data_time).total_seconds())} old, "
        badge: Part = (" STAKE ALLOWED ", LOUD) if header.allow_stake else (" READ-ONLY ", "bold")
        self.say(
            spread(left, [(age, ""), (STATES.get(header.state, header.state), "bold"), (" ", ""), badge], self.room)
        )


def closing(header: Header, now: datetime) -> str:
    """When the header's round closes."""
    if header.closes_at is None:
        return "closed"
    return f"closes in {minutes((header.closes_at - now).total_seconds())}"


def minutes(seconds: float) -> str:
    """A span to the minute: what tells it changes once a minute, so that an idle screen writes next to nothing."""
    return "<1m" if abs(seconds) < 60 else duration(seconds)


class CrumbLine(TextLine):
    """The way here, what the table shows, and `SIMULATED` where nothing is real."""

    def show(self, crumbs: Sequence[str], facts: str, glyphs: Glyphs, *, simulated: bool) -> None:
        """Say where one is: `Rounds › 1401`, and `facts` at the other end."""
        way = f" {glyphs.crumb} ".join(crumbs)
        badge: list[Part] = [(" SIMULATED ", LOUD), (" ", "")] if simulated else []
        self.say(spread([(f" {way}", "bold")], [(facts, ""), ("  " if facts else "", ""), *badge], self.room))


class NewsLine(TextLine):
    """A poll's progress, or what keeps the data from being new. Not there while there is nothing to say."""

    DEFAULT_CSS = "NewsLine { color: $text-warning; display: none; &.-said { display: block; } }"

    def show(self, header: Header, glyphs: Glyphs, *, said: str = "") -> None:
        """Say the progress or the message of `header`, unless the message is `said` elsewhere on the screen."""
        message = header.message or ""
        text = progress_text(header, glyphs) or ("" if message in said else message)
        self.set_class(bool(text), "-said")
        self.say(Content(f" {text}"))


def progress_text(header: Header, glyphs: Glyphs) -> str:
    """A working poll: what it does, models done, rounds, rows, bytes, time left."""
    progress = header.progress
    if progress is None:
        return ""
    parts = [f"syncing {progress.step}".rstrip()]
    if progress.models_total:
        drawn = bar(progress.models_done, progress.models_total, 10, glyphs)
        parts.append(f"{drawn} {progress.models_done}/{progress.models_total} models")
    if progress.rounds:
        parts.append(f"{progress.rounds} rounds")
    if progress.rows:
        parts.append(f"{progress.rows:,} rows")
    if progress.received:
        parts.append(size(progress.received))
    if progress.seconds_left is not None:
        parts.append(f"{duration(progress.seconds_left)} left")
    return f" {glyphs.separator} ".join(parts)
