"""The order of a table, and the filter language: `stake>100 ret 1y>0 word | own`; a `!` at the start inverts the whole.

A column is called by its name or its heading. A word without an operator is looked for in the row's name, and is all of
it where it has a `*` for any characters. `own`, `watched` and `tag:lgbm` take rows about such models. All that stands
between two `|` must hold, and one side of a `|` is enough. A missing value passes no comparison.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple

from numtui.errors import USAGE, NumtuiError
from numtui.model import Column, Kind, Row, time_text

ALIASES = {"stake": "nmr_staked", "staked": "nmr_staked"}
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
SIGN = re.compile(r"\s*(>=|<=|!=|>|<|=)\s*")
TAG = "tag:"
OR, ANY = "|", "*"
WHOSE = {"own": "mine", "watched": "watched"}  # words for columns that say yes or no
TEXTUAL = (Kind.TEXT, Kind.TIME)
UNFILTERABLE = (Kind.SPARK, Kind.BAR)
SIMILAR = 0.5  # how alike a name must be to be named first, 0..1


class FilterError(NumtuiError, ValueError):
    """A filter that is not understood; its text is one line that says why."""

    exit_code = USAGE


class Term(NamedTuple):
    """One comparison: the column's name, the operator's sign, and the value (text for texts, else a number)."""

    column: str
    sign: str
    value: str | Decimal


class Terms(NamedTuple):
    """What must all hold: comparisons, and words of the row's name."""

    comparisons: tuple[Term, ...]
    words: tuple[str, ...]


class Filter(NamedTuple):
    """A filter of rows, made for a table with certain columns: one of the alternatives holds, or none if inverted."""

    text: str
    alternatives: tuple[Terms, ...]
    inverted: bool

    @property
    def columns(self) -> set[str]:
        """The names of the columns that are compared."""
        return {term.column for terms in self.alternatives for term in terms.comparisons}

    def matches(self, columns: Sequence[Column], row: Row, name: int) -> bool:
        """Whether `row` under `columns` passes; words are looked for in the column at position `name`."""
        positions = {column.name: place for place, column in enumerate(columns)}
        label = str(row[name] or "").casefold()
        holds = any(
            all(is_in(word, label) for word in terms.words)
            and all(_holds(term, row[positions[term.column]]) for term in terms.comparisons)
            for terms in self.alternatives
        )
        return holds != self.inverted


class Order(NamedTuple):
    """The sort column's name and its direction."""

    column: str
    descending: bool = False


def parse_filter(text: str, columns: Sequence[Column]) -> Filter | None:
    """The filter that `text` describes for `columns`; None when blank. FilterError names what is not understood."""
    body = text.strip()
    inverted = body.startswith("!")
    sides = [side for side in body.removeprefix("!").split(OR) if side.strip()]
    if not sides:
        return None
    return Filter(body, tuple(_terms(side, columns) for side in sides), inverted)


def is_in(word: str, label: str) -> bool:
    """Whether a word is in a text, both in lower case; or is all of it, where it has a `*` for any characters."""
    if ANY not in word:
        return word in label
    return re.fullmatch(".*".join(map(re.escape, word.split(ANY))), label, re.DOTALL) is not None


def _terms(side: str, columns: Sequence[Column]) -> Terms:
    comparisons: list[Term] = []
    words: list[str] = []
    for part in SIGN.sub(r"\1", side).split():
        if sign := SIGN.search(part):
            name, value = part[: sign.start()], part[sign.end() :]
            if not name:
                raise FilterError(f"{part}: a column is missing before the operator")
            column = _column(words, name, columns)
            if not value:
                raise FilterError(f"{part}: a value is missing behind the operator")
            comparisons.append(_comparison(name, column, sign[1], value))
        else:
            words.append(part)
    names: list[str] = []
    for word in (word.casefold() for word in words):
        if word in WHOSE:
            comparisons.append(_whose(word, columns))
        elif word.startswith(TAG):
            comparisons.append(_tag(word.removeprefix(TAG).removeprefix("#"), columns))
        else:
            names.append(word)
    return Terms(tuple(comparisons), tuple(names))


def _whose(word: str, columns: Sequence[Column]) -> Term:
    if not any(column.name == WHOSE[word] for column in columns):
        raise FilterError(f"the rows here do not tell {word} models from others; {ANY}{word}{ANY} looks for the text")
    return Term(WHOSE[word], "=", Decimal(1))


def _tag(tag: str, columns: Sequence[Column]) -> Term:
    if not tag:
        raise FilterError(f"{TAG} a tag is missing behind it")
    if not any(column.name == "tags" for column in columns):
        raise FilterError("nothing here has tags: they are noted of models, by n or `numtui notes`")
    return Term("tags", ":", tag)


def _column(words: list[str], name: str, columns: Sequence[Column]) -> Column:
    """The column called `name`, which may begin with the last of the `words`: those are taken away then."""
    known = [column for column in columns if column.kind not in UNFILTERABLE]
    by_name = {_key(column.heading): column for column in reversed(known)} | {
        _key(column.name): column for column in known
    }
    for first in range(len(words) + 1):
        key = _key(" ".join([*words[first:], name]))
        column = by_name.get(key) or by_name.get(ALIASES.get(key, ""))
        if column is not None:
            del words[first:]
            return column
    typed = " ".join([*words, name])
    meant = f"{name!r} or {typed!r}" if words else repr(name)
    names = [column.name for column in known]
    raise FilterError(f"no column {meant}; there are {', '.join(_nearest_first(typed.lower(), names))}")


def _key(name: str) -> str:
    return name.casefold().replace(" ", "_")


def _comparison(name: str, column: Column, sign: str, value: str) -> Term:
    if column.kind in TEXTUAL:
        return Term(column.name, sign, value.casefold())
    if column.kind is Kind.BOOL and value.lower() in {"yes", "no", "true", "false"}:
        return Term(column.name, sign, Decimal(value.lower() in {"yes", "true"}))
    try:
        number = Decimal(value.removesuffix("%"))
    except ArithmeticError:
        raise FilterError(f"{name}{sign}{value}: {value!r} is not a number") from None
    if not number.is_finite():
        raise FilterError(f"{name}{sign}{value}: {value!r} is not a number")
    # A share of 0 to 1 is shown in per cent: 50 can only mean 50 %.
    in_percent = value.endswith("%") or (column.kind is Kind.PERCENTILE and number > 1)
    return Term(column.name, sign, number / 100 if in_percent else number)


def _nearest_first(name: str, columns: list[str]) -> list[str]:
    """All columns, those that `name` may have meant before the others: the end of a long line is cut on a screen."""
    near = get_close_matches(name, columns, n=3, cutoff=SIMILAR)
    return [*near, *(column for column in columns if column not in near)]


def _holds(term: Term, value: object) -> bool:
    if value is None:
        return False
    if term.sign == ":":
        return term.value in str(value).casefold().split()
    if isinstance(term.value, str):
        return _text_holds(term.sign, _as_text(value), term.value)
    # As floats where one is a float: 0.1 is what a cache and a list both call 0.1.
    return OPERATORS[term.sign](value, float(term.value) if isinstance(value, float) else term.value)


def _as_text(value: object) -> str:
    return (time_text(value) or "").casefold() if isinstance(value, datetime) else str(value).casefold()


def _text_holds(sign: str, value: str, wanted: str) -> bool:
    """Texts: `=` and `!=` look for it as words do, the others compare as texts (`open_time>2026-11`)."""
    if sign in {"=", "!="}:
        return is_in(wanted, value) == (sign == "=")
    return OPERATORS[sign](value, wanted)
