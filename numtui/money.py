"""Amounts of NMR: the smallest unit and stake, exact arithmetic, and amounts as texts.

Money is Decimal from the wire to the screen; SQLite, files and mutations hold it as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import ROUND_DOWN, Context, Decimal, localcontext

from numtui.errors import USAGE, NumtuiError

ZERO = Decimal(0)
PLACES = 18  # decimal places of NMR: what is behind them is no amount
WEI = Decimal("1e-18")  # the smallest amount, in NMR
MINIMUM = Decimal("0.01")  # the smallest stake and the smallest change that Numerai takes, in NMR
LARGEST = Decimal("1e8")  # NMR; more than there will ever be (11 million were made)
LONGEST = 60  # characters of an amount: more than 18 places of the largest need
MONEY = Context(prec=60)  # the default of 28 digits would round a large stake of 18 places, at times upwards
EXACT = Context(prec=120)  # holds every sum, and every product of stake, factor, multiplier and score, unrounded
SHORT = Decimal("1e-4")  # what is rounded for people ends here
VAST = Decimal("1e20")  # no amount that occurs: written in full

DIGITS = re.compile(r"[0-9]+(\.[0-9]+)?")


class AmountError(NumtuiError, ValueError):
    """A text that is no amount of NMR; its words are one line that says why."""

    exit_code = USAGE


def floor_wei(amount: Decimal) -> Decimal:
    """`amount` cut to 18 places, towards zero."""
    return amount.quantize(WEI, ROUND_DOWN, context=MONEY)


def nmr_of_wei(wei: str | None) -> Decimal | None:
    """The NMR of a whole number of wei, exactly; None for None and for what is no whole number."""
    if wei is None or not wei.removeprefix("-").isdecimal():
        return None
    return MONEY.scaleb(Decimal(wei), Decimal(-PLACES))


def wei_of(amount: Decimal) -> int:
    """The wei of an amount of NMR; what is below one wei is cut off."""
    return int(MONEY.scaleb(amount, Decimal(PLACES)))


def exact(value: Decimal | float | str) -> Decimal:
    """`value` as the Decimal that it was on the wire: a float by its shortest text. ValueError unless finite."""
    number = value if isinstance(value, Decimal) else Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise ValueError(f"not a finite number: {value}")
    return number


def exact_or_none(number: float | None) -> Decimal | None:
    """The number as it stood in the answer: 0.75, not the binary fraction next to it. None for None."""
    return None if number is None else Decimal(repr(number))


def decimal_of(text: str | None) -> Decimal | None:
    """The Decimal of a text that this program wrote; None for None."""
    return None if text is None else Decimal(text)


def digits(amount: Decimal) -> str:
    """All digits of `amount` without an exponent; trailing zeros stay."""
    return format(amount, "f")


def exact_sum(amounts: Iterable[Decimal | None]) -> Decimal:
    """The exact sum of amounts; unknown ones count as nothing."""
    with localcontext(EXACT):
        return sum((amount for amount in amounts if amount is not None), ZERO)


def whole_sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The exact sum; None where one of them is unknown."""
    known = list(amounts)
    return None if None in known else exact_sum(known)


def decimal_text(amount: Decimal) -> str:
    """`amount` exactly, without exponent and without trailing zeros: `12.5`, `0`."""
    text = digits(amount)
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def wei_text(amount: Decimal) -> str:
    """All digits of `amount`, to the wei: what is behind it is no amount, but comes of a float that was a factor."""
    text = digits(amount)
    if len(text) - text.find(".") - 1 <= PLACES or "." not in text:
        return text
    return digits(amount.quantize(WEI, context=EXACT))


def short_text(amount: Decimal, *, grouped: bool = False) -> str:
    """`amount` rounded to 4 places, without trailing zeros: `12.5`; `grouped`: with commas between thousands."""
    if abs(amount) >= VAST:
        return digits(amount)
    text = format(amount.quantize(SHORT, context=MONEY), ",f" if grouped else "f").rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text


def parse_nmr(text: str, name: str) -> Decimal:
    """An amount of NMR of 0 or more with at most 18 places, written as digits and a point: `12.5`.

    AmountError, with `name` in it, for anything else: no sign, exponent, blank, `2_53` or digits of other scripts.
    """
    if DIGITS.fullmatch(text.removeprefix("-")) is None or len(text) > LONGEST:
        raise AmountError(f"{name}: not a number of NMR: {quoted(text)}")
    if text.startswith("-"):
        raise AmountError(f"{name}: a stake cannot be negative: {quoted(text)}")
    amount = Decimal(text)
    if amount > LARGEST:
        raise AmountError(f"{name}: more NMR than there is: {quoted(text)}")
    if amount != amount.quantize(WEI, context=MONEY):
        raise AmountError(f"{name}: NMR has at most 18 decimal places: {quoted(text)}")
    return amount


def quoted(text: str) -> str:
    """What was written, in quotes on one line, cut where it is long."""
    line = ascii(text)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}..."
