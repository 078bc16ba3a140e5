"""Two lines of every screen: header, and the state of the sync."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from numtui.format import Glyphs, bar, counted, duration, size
from numtui.printable import printable
from numtui.reports.header import Header
from numtui.tui.table.painter import cell_width, padded
from numtui.tui.widgets.text_line import Part, TextLine, spread

KEY_REFUSED = "key refused"
REFUSED_WORDS = "The API refused the key: check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY"
STATES = {"live": "live", "stale": "STALE", "offline": "OFFLINE", "first": "first sync", "empty": "no data"}
LOUD = "bold reverse"
LEAST_FIRST = ("program", "data", "alerts", "age", "opens", "next")  # parts that give way; alerts only beside needs


class HeaderLine(TextLine):
    """Program, tournament, round, time to close; age and state of the data; the badge of the stake rule.

    Where there is no room for all of it, the parts of `LEAST_FIRST` go, one after the other.
    """

    DEFAULT_CSS = """
    HeaderLine { background: $primary-muted;
      &:ansi { background: ansi_default; color: ansi_default; text-style: reverse; }
      &:nocolor { text-style: reverse; } }
    """

    def show(self, header: Header, now: datetime) -> None:
        """Say what `header` holds at `now`."""
        for number in range(len(LEAST_FIRST) + 1):
            left, right = _parts(header, now, frozenset(LEAST_FIRST[:number]))
            if sum(cell_width(words) for words, _ in (*left, *right)) < self.room:
                break
        self.say(spread(left, right, self.room))


def _parts(header: Header, now: datetime, without: Collection[str]) -> tuple[list[Part], list[Part]]:
    """What stands at the left and at the right."""
    badge: Part = (" STAKE ALLOWED ", LOUD) if header.allow_stake else (" READ-ONLY ", "bold")
    age = ""
    if header.data_time is not None and "age" not in without:
        said = "" if "data" in without else "data "
        age = f"{said}{minutes((now - header.data_time).total_seconds())} old, "
    left: list[Part] = [(" " if "program" in without else " numtui  ", "bold"), *_subject(header, now, without)]
    return left, [(age, ""), _state(header), (" ", ""), badge]


def _subject(header: Header, now: datetime, without: Collection[str]) -> Iterator[Part]:
    """Profile, tournament, what needs the user, alerts, and the round with the time to its close, or of the next one to
    its opening."""
    if header.profile:
        yield f"{printable(header.profile)}  ", ""
    yield header.tournament.label.capitalize(), "bold"
    if header.needs:
        yield "  ", ""
        yield f"{counted(header.needs, 'need')} (0)", "bold $text-error"
    if header.firing and not (header.needs and "alerts" in without):
        yield "  ", ""
        yield f"{counted(header.firing, 'alert')} (6)", "bold $text-error"
    if header.round is not None:
        yield f"  round {header.round}", ""
        yield _closing(header, now), ""
        if header.opens_next is not None and "next" not in without:
            left = (header.opens_next - now).total_seconds()
            opens = "in" if "opens" in without else "opens in"
            yield f", next {opens} {minutes(left)}" if left > 0 else ", next is due", ""


def _state(header: Header) -> Part:
    if refuses_key(header.message):
        return KEY_REFUSED, LOUD
    return STATES.get(header.state, header.state), "bold"


def refuses_key(message: str | None) -> bool:
    """Whether a poll's failure says that the API took no key."""
    text = (message or "").lower()
    return text.startswith(KEY_REFUSED) or "refused the key" in text


def _closing(header: Header, now: datetime) -> str:
    """When the header's round closes."""
    if header.closes_at is None:
        return " closed"
    return f", closes in {minutes((header.closes_at - now).total_seconds())}"


def minutes(seconds: float) -> str:
    """A duration to the minute, so that an idle screen writes next to nothing."""
    return "<1m" if abs(seconds) < 60 else duration(seconds)


class SyncLine(TextLine):
    """A poll's progress, or what keeps the data from being new; and the zone of all times on the screen.

    It is always there, below the table: rows never move because something is said or no longer said.
    """

    DEFAULT_CSS = "SyncLine { color: $text-warning; }"

    def show(self, header: Header, glyphs: Glyphs, zone: str, *, said: str = "") -> None:
        """Say the progress or the message of `header`, unless the message is `said` elsewhere on the screen."""
        message = header.message or ""
        words = REFUSED_WORDS if refuses_key(message) else message
        text = printable(progress_text(header, glyphs) or ("" if message in said else words))
        times = f"times in {zone} "
        if cell_width(text) + len(times) + 2 > self.room:
            times = ""
        if cell_width(text) + 1 > self.room:
            text = padded(text, self.room - 1, glyphs.dots, right=False)
        self.say(spread([(f" {text}", "")], [(times, "$foreground-muted")], self.room))


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
        parts.append(counted(progress.rounds, "round"))
    if progress.rows:
        parts.append(counted(progress.rows, "row"))
    if progress.received:
        parts.append(size(progress.received))
    if progress.seconds_left is not None:
        parts.append(f"about {duration(progress.seconds_left)} left")
    return f" {glyphs.separator} ".join(parts)
