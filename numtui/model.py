"""Types that all floors share: tournaments, and the one shape of a table for screens, exports and copies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum, IntEnum
from operator import attrgetter
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pandas import DataFrame

TIME_FORMAT = "%Y-%m-%dT%H:%M:%SZ"


class Tournament(IntEnum):
    """Numerai's tournaments by their number in the API."""

    CLASSIC = 8
    SIGNALS = 11
    CRYPTO = 12

    @property
    def label(self) -> str:
        """The name in lower case, as options and `pipelineStatus` spell it."""
        return self.name.lower()

    @property
    def site(self) -> str:
        """Its part of Numerai's website."""
        return "https://numer.ai" if self is Tournament.CLASSIC else f"https://{self.label}.numer.ai"

    @classmethod
    def from_label(cls, label: str) -> Tournament:
        """The tournament of a label in any case. ValueError names the three when there is none."""
        try:
            return cls[label.upper()]
        except KeyError:
            raise ValueError(f"no tournament {label!r}: classic, signals or crypto") from None


class Kind(Enum):
    """The kind of a column's values; formatting and alignment follow from it."""

    TEXT = "text"
    INT = "int"
    FLOAT = "float"  # any other number
    SCORE = "score"  # a score or a return of some thousandths: shown with 4 decimals and a sign
    PERCENTILE = "percentile"  # 0..1 (a share, a percentile), shown as 0..100
    FRACTION = "fraction"  # a return on stake, shown in per cent with a sign, coloured as a gain or a loss
    NMR = "nmr"  # Decimal
    FIAT = "fiat"  # Decimal, in the user's currency
    TIME = "time"  # aware UTC datetime
    DURATION = "duration"  # seconds
    BOOL = "bool"
    KEY = "key"  # tells rows apart on a screen; exports leave it out
    SPARK = "spark"  # a sequence of numbers, drawn as a sparkline; exports leave it out
    BAR = "bar"  # (done, all), drawn as a bar; exports leave it out


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its stable snake_case `name` in exports, its `title` on screen, its kind, and what it means."""

    name: str
    kind: Kind
    title: str = ""
    doc: str = ""

    @property
    def heading(self) -> str:
        """The text of the header on screen."""
        return self.title or self.name.replace("_", " ")


SCREEN_ONLY = {Kind.BAR, Kind.KEY, Kind.SPARK}  # what exports leave out

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. A missing value is None. `notes` are lines for the reader: why it is empty, what it skips.

    `rows` may be read only once when the table is a long one that is streamed.
    """

    name: str
    columns: tuple[Column, ...]
    rows: Iterable[Row]
    notes: tuple[str, ...] = field(default=())

    def column(self, name: str) -> int:
        """The position of column `name`. KeyError when there is none."""
        for position, column in enumerate(self.columns):
            if column.name == name:
                return position
        raise KeyError(name)

    def exported(self) -> list[tuple[int, Column]]:
        """The columns that exports have, with their positions in the rows."""
        return [(place, column) for place, column in enumerate(self.columns) if column.kind not in SCREEN_ONLY]

    def by_column(self) -> dict[str, list[object]]:
        """The values of the exported columns by name; NMR and fiat as exact Decimals, times as aware datetimes."""
        rows = list(self.rows)
        return {column.name: [row[place] for row in rows] for place, column in self.exported()}

    def to_pandas(self) -> DataFrame:
        """The same as a DataFrame, a column each; money stays Decimal, so cast it where floats will do."""
        from pandas import DataFrame as Frame  # 300 ms: only who wants one waits for it

        return Frame(self.by_column())


class ScoreRecord(Protocol):
    """A NamedTuple whose fields are called as columns are, and `scores`: the values of the columns that vary."""

    @property
    def _fields(self) -> tuple[str, ...]: ...

    @property
    def scores(self) -> Mapping[str, object]:
        """Values by the names of columns; one that is missing is None."""
        ...


def table_of(name: str, columns: tuple[Column, ...], records: Sequence[ScoreRecord]) -> Table:
    """A table of records: a column shows the field of its name, else the entry of `scores`."""
    fields = set(records[0]._fields) if records else set()
    read = [attrgetter(column.name) if column.name in fields else _score_getter(column.name) for column in columns]
    return Table(name, columns, [tuple(value(record) for value in read) for record in records])


def _score_getter(name: str) -> Callable[[ScoreRecord], object]:
    return lambda record: record.scores.get(name)


def time_text(time: datetime | None) -> str | None:
    """An aware time as the text that the database and the exports hold: `2026-11-21T13:00:00Z`."""
    return None if time is None else time.astimezone(UTC).strftime(TIME_FORMAT)


def time_of(text: str | None) -> datetime | None:
    """The aware UTC time of such a text."""
    return None if text is None else datetime.fromisoformat(text)
