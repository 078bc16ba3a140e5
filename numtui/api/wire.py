"""From the bytes of an answer to typed records.

Well-formed answers take the fast way: msgspec decodes them straight into Structs. A value that does not fit (an int
written "n/a", a null in a list, a number where a text belongs) sends its part of the answer down the slow way, where
only that value becomes None, with a line in the log. Unknown fields are ignored; statuses stay text, so that a new one
is no error.
"""

from __future__ import annotations

import json
import logging
import types
from contextvars import ContextVar, Token
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated, Any, Self, TypeAlias, Union, get_args, get_origin, get_type_hints
from zlib import crc32

import msgspec

from numtui.clock import parse_time

log = logging.getLogger(__name__)

INT64 = range(-(2**63), 2**63)
MOST_LINES = 100  # about odd values, by which an answer is told from others
MOST_DIGITS = 4_000  # Python reads 4,300 by default


def camel_case(name: str) -> str:
    """`rank_change_1d` as the API spells it, `rankChange1d` (msgspec's own "camel" makes it `rankChange1D`)."""
    head, *words = name.split("_")
    return head + "".join(word[0].upper() + word[1:] for word in words)


# A whole number that a column takes: msgspec would read one of any size as an `int`.
Whole: TypeAlias = Annotated[int, msgspec.Meta(ge=INT64[0], le=INT64[-1])]


class Wire(msgspec.Struct, rename=camel_case, gc=False, kw_only=True):
    """A record of the API: camelCase there, snake_case here, every field None where the API said null or nothing."""


if TYPE_CHECKING:
    Money: TypeAlias = Decimal
    Instant: TypeAlias = datetime
else:
    # msgspec hands a type that it does not know to `read_special` and then asks isinstance(result, type). Answering
    # that for Decimal and None lets one hook read "1,234.5" and turn wrong text into None, without the slow way.
    class _Special(type):
        def __instancecheck__(cls, value):
            return value is None or isinstance(value, cls.plain)

    class Money(metaclass=_Special):
        """An exact number: NMR, fiat, or a factor that comes as text. A Decimal once decoded."""

        plain = Decimal

    class Instant(metaclass=_Special):
        """A point in time. An aware UTC datetime once decoded."""

        plain = datetime


def money_of(value: object) -> Decimal | None:
    """The Decimal of "14.63", "1,234.5", "0E-18" or a number; None for "", None and, with a log line, all else."""
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        _complain("not an amount: %.40r", value)
        return None
    try:
        amount = Decimal(value.replace(",", "").strip() if isinstance(value, str) else str(value))
    except InvalidOperation:
        _complain("not an amount: %.40r", value)
        return None
    if not amount.is_finite():
        _complain("not a finite amount: %.40r", value)
        return None
    return amount


def instant_of(value: object) -> datetime | None:
    """The aware UTC time of an ISO 8601 text (a date: its midnight); None for "", None and, logged, all else."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, str):
            return parse_time(value)
    except (ValueError, OverflowError):  # the latter: before year 1 or after year 9999 once it is in UTC
        pass  # said below, like any other value that is no time
    _complain("not a time: %.40r", value)
    return None


def read_special(wanted: type, value: object) -> object:
    """msgspec's hook for the types that it does not know itself."""
    return money_of(value) if wanted is Money else instant_of(value)


@cache
def _decoder(wanted: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(wanted, strict=False, dec_hook=read_special)


def decode(raw: bytes | msgspec.Raw, wanted: Any, *, blanks: bool = False) -> Any:
    """`raw` JSON as `wanted` (a Wire type, or a list of one); what does not fit is None.

    A null in a list of records is left out or, with `blanks`, a record of which nothing is known, so that the list is
    seen to lack it. msgspec.DecodeError when it is no JSON, RecursionError when it is nested beyond all measure.
    """
    try:
        return _decoder(wanted).decode(raw)
    except msgspec.ValidationError as error:
        log.warning("an answer with an unexpected value: %s", error)
    return decode_leniently(_plain(raw), wanted, blanks=blanks)


def _plain(raw: bytes | msgspec.Raw) -> Any:
    """The JSON as plain data, numbers beyond a float (1e400) too, which msgspec refuses: infinite, they fit nowhere."""
    try:
        return msgspec.json.decode(raw)
    except msgspec.ValidationError:
        return json.loads(bytes(raw), parse_int=_whole)


def _whole(digits: str) -> int | float:
    """A whole number; one of more digits than Python reads is infinite like any beyond a float."""
    return int(digits) if len(digits) <= MOST_DIGITS else float(digits)


@cache
def _fields(struct: type[msgspec.Struct]) -> tuple[tuple[str, str, Any], ...]:
    hints = get_type_hints(struct)
    return tuple((field.name, field.encode_name, hints[field.name]) for field in msgspec.structs.fields(struct))


def decode_leniently(value: object, wanted: Any, *, blanks: bool = False) -> Any:
    """`value` (plain JSON data) as `wanted`: None for each part that does not fit, nulls in lists as `decode` says."""
    if value is None:
        return None
    if get_origin(wanted) in (Union, types.UnionType):
        (wanted,) = (option for option in get_args(wanted) if option is not type(None))
    if get_origin(wanted) is list:
        (item,) = get_args(wanted)
        if not isinstance(value, list):
            return _unfit(value, wanted)
        blank = item if blanks and isinstance(item, type) and issubclass(item, msgspec.Struct) else lambda: None
        parts = (decode_leniently(part, item, blanks=blanks) for part in value)
        return [part for part in (blank() if part is None else part for part in parts) if part is not None]
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        if not isinstance(value, dict):
            return _unfit(value, wanted)
        return wanted(
            **{name: decode_leniently(value.get(key), hint, blanks=blanks) for name, key, hint in _fields(wanted)}
        )
    if wanted is str and isinstance(value, int | float):
        return str(value)
    try:
        converted = msgspec.convert(value, wanted, strict=False, dec_hook=read_special)
    except msgspec.ValidationError:
        return _unfit(value, wanted)
    fits = not isinstance(converted, int) or converted in INT64
    return converted if fits else _unfit(value, wanted)


def _unfit(value: object, wanted: Any) -> None:
    _complain(f"expected {getattr(wanted, '__name__', wanted)}, taken as missing: %.40r", value)


class OddValues:
    """Collects the odd values met inside `with OddValues() as odd`, also in the tasks and threads begun there.

    Inside another one only the inner collects.
    """

    def __init__(self) -> None:
        self._lines: set[str] = set()
        self._outer: Token[OddValues | None] | None = None

    def __enter__(self) -> Self:
        self._outer = _collector.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._outer is not None:
            _collector.reset(self._outer)

    @staticmethod
    def note(line: str) -> None:
        """Hands one, described by its line in the log, to who collects."""
        collector = _collector.get()
        if collector is not None and len(collector._lines) < MOST_LINES:
            collector._lines.add(line)

    def met(self) -> str:
        """A text that tells those met since this was asked last from others; empty where every value fitted."""
        lines, self._lines = self._lines, set()
        return f"{crc32(chr(10).join(sorted(lines)).encode(errors='replace')):08x}" if lines else ""


_collector: ContextVar[OddValues | None] = ContextVar("odd values", default=None)


def _complain(message: str, value: object) -> None:
    line = message % (value if not isinstance(value, int) or value in INT64 else "a huge number",)
    OddValues.note(line)
    _complain_once(line)


@lru_cache(maxsize=512)
def _complain_once(line: str) -> None:
    log.warning(line)  # once: the same odd value may stand in each of 15,000 rows
