"""The order of a table, and the filter language: `stake>100 mmc60>=0.01 word`; a `!` at the start inverts the whole.

A word without an operator is looked for in the row's name; `tag:lgbm` takes what has that tag. All terms must hold. A
missing value passes no comparison.
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
TERM = re.compile(r"(\w[\w@.]*)(>=|<=|!=|>|<|=)(.+)")
TAG = "tag:"
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


class Filter(NamedTuple):
    """A filter of rows, made for a table with certain columns."""

    text: str
    terms: tuple[Term, ...]
    words: tuple[str, ...]
    inverted: bool

    def matches(self, columns: Sequence[Column], row: Row, name: int) -> bool:
        """Whether `row` under `columns` passes; words are looked for in the column at position `name`."""
        positions = {column.name: place for place, column in enumerate(columns)}
        label = str(row[name] or "").casefold()
        holds = all(word in label for word in self.words) and all(
            _holds(term, row[positions[term.column]]) for term in self.terms
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
    body = body.removeprefix("!").strip()
    if not body:
        return None
    terms: list[Term] = []
    words: list[str] = []
    for part in body.split():
        if match := TERM.fullmatch(part):
            terms.append(_term(*match.groups(), columns=columns))
        elif part.casefold().startswith(TAG):
            terms.append(_tag(part.casefold().removeprefix(TAG).removeprefix("#"), columns))
        elif part[-1] in "<>=":
            raise FilterError(f"{part}: a value is missing behind the operator")
        else:
            words.append(part.casefold())
    return Filter(text.strip(), tuple(terms), tuple(words), inverted)


def _tag(tag: str, columns: Sequence[Column]) -> Term:
    if not tag:
        raise FilterError(f"{TAG} a tag is missing behind it")
    if not any(column.name == "tags" for column in columns):
        raise FilterError("nothing here has tags: they are noted of models, by n or `numtui notes`")
    return Term("tags", ":", tag)


def _term(name: str, sign: str, value: str, *, columns: Sequence[Column]) -> Term:
    by_name = {column.name: column for column in columns if column.kind not in UNFILTERABLE}
    column = by_name.get(name.lower()) or by_name.get(ALIASES.get(name.lower(), ""))
    if column is None:
        raise FilterError(f"no column {name!r}; there are {', '.join(_nearest_first(name.lower(), list(by_name)))}")
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
    return Term(column.name, sign, number / 100 if value.endswith("%") else number)


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
    return OPERATORS[term.sign](value, term.value)


def _as_text(value: object) -> str:
    return (time_text(value) or "").casefold() if isinstance(value, datetime) else str(value).casefold()


def _text_holds(sign: str, value: str, wanted: str) -> bool:
    """Texts: `=` and `!=` look for a part, the others compare as texts (`open_time>2026-11` is what it says)."""
    if sign == "=":
        return wanted in value
    if sign == "!=":
        return wanted not in value
    return OPERATORS[sign](value, wanted)
