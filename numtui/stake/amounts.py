"""Records as JSON texts with exact amounts, and their digests."""

from __future__ import annotations

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from numtui.model import time_text
from numtui.money import AmountError, decimal_text, parse_nmr
from numtui.stake.errors import PlanError


def parse_amount(text: str, name: str) -> Decimal:
    """An amount of NMR as `parse_nmr` reads it. PlanError, with `name` in it, for anything else."""
    try:
        return parse_nmr(text, name)
    except AmountError as error:
        raise PlanError(str(error)) from None


def plain(value: object) -> object:
    """Records as plain JSON data: NMR as text, times as `2026-11-21T13:00:00Z`, enums by their value."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    match value:
        case Decimal():
            return decimal_text(value)
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
