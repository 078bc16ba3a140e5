"""Values as texts for a screen. Exports and copies never come through here: they do not round."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from numtui.model import Column, Kind
from numtui.printable import printable

SPARKS = "▁▂▃▄▅▆▇█"
SPARKS_ASCII = "_.,-~=*#"
BAR_WIDTH = 8
# Whole numbers that name something, as a street number does: no separators.
NUMBERS_OF_THINGS = frozenset(
    {
        *{"round", "submission_round", "open_round", "effective_round", "choose_first", "choose_last"},
        *{"test_first", "test_last", "poll", "entry", "run", "week", "window", "step", "intent"},
    }
)
RIGHT = frozenset(
    {Kind.INT, Kind.FLOAT, Kind.SCORE, Kind.PERCENTILE, Kind.FRACTION, Kind.NMR, Kind.FIAT, Kind.DURATION}
)


class Tone(Enum):
    """The meaning of a value beside its text; the sign or mark in the text says the same without colour."""

    PLAIN = "plain"
    GAIN = "gain"
    LOSS = "loss"
    FAINT = "faint"  # nothing is there
    MUTED = "muted"  # drawn to be seen behind the figures


class Glyphs(NamedTuple):
    """The characters beyond letters and digits that the screens use."""

    up: str = "▲"
    down: str = "▼"
    none: str = "–"
    dots: str = "…"
    hidden: str = "•••"
    mark: str = "✓"
    mine: str = "◆"
    watched: str = "★"
    yes: str = "✓"
    no: str = "✗"
    crumb: str = "›"
    more: str = "›"
    separator: str = "·"
    full: str = "█"
    empty: str = "░"
    sparks: str = SPARKS


UNICODE = Glyphs()
ASCII = Glyphs(
    up="^",
    down="v",
    none="-",
    dots="~",
    hidden="***",
    mark="x",
    mine="@",
    watched="*",
    yes="y",
    no="n",
    crumb=">",
    more=">",
    separator="|",
    full="#",
    empty=".",
    sparks=SPARKS_ASCII,
)


class Formatter(NamedTuple):
    """The formatter of a screen's values.

    `price` in `currency` per NMR shows NMR columns in money; None leaves them in NMR. `hide` covers every balance.
    Times are shown in `zone`. `changes` and `results` are columns whose sign counts: places won or lost, payouts.
    """

    now: datetime
    glyphs: Glyphs = UNICODE
    hide: bool = False
    currency: str = ""
    price: Decimal | None = None
    changes: frozenset[str] = frozenset()
    results: frozenset[str] = frozenset()
    zone: tzinfo = UTC

    def text(self, value: object, column: Column) -> str:
        """The text of `value` under `column`, without padding; a missing value is a dash."""
        if value is None:
            return self.glyphs.none
        if column.kind is Kind.NMR or column.kind is Kind.FIAT:
            return self.money(value, column)
        if column.name in self.changes and isinstance(value, int):
            return self.change(value)
        match value:
            case bool():
                return self.glyphs.yes if value else self.glyphs.no
            case datetime():
                return self.time(value)
            case str():
                return self.outside(value)
            case tuple() | list():
                return self.drawing(value, column.kind)
            case int() | float() | Decimal():
                return str(value) if column.name in NUMBERS_OF_THINGS else number_text(value, column.kind)
            case _:
                return self.outside(str(value))

    def outside(self, text: str) -> str:
        """A text from outside, in letters that this terminal has."""
        return printable(text, ascii_only=self.glyphs is ASCII)

    def tone(self, value: object, column: Column) -> Tone:
        """The tone of the value's sign, where it has a meaning."""
        if value is None:
            return Tone.FAINT
        if column.kind is Kind.SPARK or column.kind is Kind.BAR:
            return Tone.MUTED
        scored = column.kind is Kind.SCORE or column.kind is Kind.FRACTION
        signed = scored or column.name in self.changes or column.name in self.results
        if not signed or (self.hide and column.name in self.results) or not isinstance(value, int | float | Decimal):
            return Tone.PLAIN
        return Tone.GAIN if value > 0 else Tone.LOSS if value < 0 else Tone.PLAIN

    def money(self, value: object, column: Column) -> str:
        """An amount with thousands separators and 2 decimals; what was won or lost in NMR with sign and 4."""
        if self.hide:
            return self.glyphs.hidden
        amount = value if isinstance(value, Decimal) else Decimal(str(value))
        in_fiat = column.kind is Kind.FIAT or self.price is not None
        if column.kind is Kind.NMR and self.price is not None:
            amount = amount * self.price
        if column.name not in self.results:
            return f"{amount:,.2f}"
        text = f"{amount:+,.2f}" if in_fiat else f"{amount:+,.4f}"
        return text.replace("+", "") if amount == 0 else text

    def at_price(self, price: object) -> Formatter:
        """The formatter for amounts at another price than the newest; that one where it is not known."""
        return self._replace(price=price) if isinstance(price, Decimal) else self

    def change(self, places: int) -> str:
        """Places won or lost: ▲12, ▼3."""
        if places == 0:
            return "="
        return f"{self.glyphs.up if places > 0 else self.glyphs.down}{abs(places):,}"

    def time(self, instant: datetime) -> str:
        """A time to the minute; one of another year with the year in place of the hour."""
        instant = instant.astimezone(self.zone)
        return instant.strftime("%d %b %H:%M" if instant.year == self.now.astimezone(self.zone).year else "%d %b %Y")

    def drawing(self, value: Sequence[object], kind: Kind) -> str:
        """A bar `██████░░ 45/60`, or a sparkline."""
        if kind is Kind.BAR:
            done, total = (int(part) if isinstance(part, int | float) else 0 for part in value[:2])
            return f"{bar(done, total, BAR_WIDTH, self.glyphs)} {done:>{len(str(total))}}/{total}"
        return sparkline([float(part) for part in value if isinstance(part, int | float)], self.glyphs)

    def heading(self, column: Column) -> str:
        """The header's text; NMR columns shown in money say so."""
        if column.kind is Kind.NMR and self.price is not None:
            return f"{column.heading.replace('NMR', '').strip()} {self.currency}".strip()
        return self.outside(column.heading)


def number_text(value: float | Decimal, kind: Kind) -> str:
    """A number by its kind: scores with sign and 4 decimals, fractions in per cent, whole numbers with
    separators, others with 4 decimals."""
    if value != value:  # noqa: PLR0124  not a number
        return "nan"
    match kind:
        case Kind.SCORE:
            return f"{value:+.4f}"
        case Kind.FRACTION:
            return f"{value * 100:+.2f}%"
        case Kind.PERCENTILE:
            return f"{value * 100:.1f}"
        case Kind.DURATION:
            return duration(float(value))
        case Kind.INT:
            return f"{value:,.0f}"
        case _:
            return f"{value:,.4f}"


def counted(number: int, noun: str) -> str:
    """A number with its noun: 1 row, 2,842 rows."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """A span to its two largest units: 3d 4h, 2h 05m, 12m, 40s."""
    whole = int(abs(seconds))
    if whole < 60:
        return f"{whole}s"
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes < 60:
        return f"{minutes}m"
    if hours < 48:
        return f"{hours}h {minutes % 60:02}m"
    return f"{days}d {hours % 24}h"


def size(count: float) -> str:
    """A number of bytes: 12.3 MB."""
    for unit in ("B", "kB", "MB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def bar(done: float, total: float, width: int, glyphs: Glyphs) -> str:
    """A bar of `width` characters."""
    share = min(max(done / total, 0.0), 1.0) if total else 0.0
    filled = round(share * width)
    return glyphs.full * filled + glyphs.empty * (width - filled)


def sparkline(values: Sequence[float], glyphs: Glyphs) -> str:
    """One character a value, from the lowest to the highest."""
    if not values:
        return glyphs.none
    low, high = min(values), max(values)
    steps = len(glyphs.sparks) - 1
    spread = high - low
    return "".join(glyphs.sparks[round((value - low) / spread * steps) if spread else 0] for value in values)
