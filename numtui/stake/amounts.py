"""NMR and times as the texts that files, mutations and the journal hold."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from numtui.analysis.rules.portfolio import MONEY, WEI
from numtui.model import time_text
from numtui.stake.errors import PlanError

LARGEST = Decimal("1e8")  # NMR; more than there will ever be (11 million were made)
LONGEST = 60  # characters of an amount: more than 18 places of the largest need
PLAIN = re.compile(r"[0-9]+(\.[0-9]+)?")


def nmr_text(amount: Decimal) -> str:
    """`amount` exactly, without exponent and without trailing zeros: `12.5`, `0`."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def parse_nmr(text: str, name: str) -> Decimal:
    """An amount of NMR of 0 or more with at most 18 places, written as digits and a point: `12.5`.

    PlanError, with `name` in it, for anything else: no sign, exponent, blank, `2_53` or digits of other scripts.
    """
    if PLAIN.fullmatch(text.removeprefix("-")) is None or len(text) > LONGEST:
        raise PlanError(f"{name}: not a number of NMR: {shown(text)}")
    if text.startswith("-"):
        raise PlanError(f"{name}: a stake cannot be negative: {shown(text)}")
    amount = Decimal(text)
    if amount > LARGEST:
        raise PlanError(f"{name}: more NMR than there is: {shown(text)}")
    if amount != amount.quantize(WEI, context=MONEY):
        raise PlanError(f"{name}: NMR has at most 18 decimal places: {shown(text)}")
    return amount


def shown(text: str) -> str:
    """What was written, in quotes on one line, cut where it is long."""
    quoted = ascii(text)
    return quoted if len(quoted) <= LONGEST else f"{quoted[:LONGEST]}..."


def plain(value: object) -> object:
    """Records as plain JSON data: NMR as text, times as `2026-11-21T13:00:00Z`, enums by their value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    match value:
        case Decimal():
            return nmr_text(value)
        case datetime():
            return time_text(value)
        case Enum():
            return value.value
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case _:
            return value


def canonical(value: object) -> str:
    """The one JSON text of a record: sorted keys, no spaces."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest_of(value: object) -> str:
    """SHA-256 over the canonical JSON, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()
