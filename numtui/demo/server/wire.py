"""Times, money and ids as the API writes them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from numtui.model import TIME_FORMAT, Tournament

WEI = 10**18


def time_string(time: datetime | None) -> str | None:
    """An ISO 8601 time in UTC, to the second."""
    return None if time is None else time.strftime(TIME_FORMAT)


def money(amount: Decimal | None) -> str | None:
    """A decimal string; zero with 18 places comes out as "0E-18", as from the real API."""
    return None if amount is None else str(amount)


def money_with_commas(amount: Decimal) -> str:
    """A decimal string with thousands separators and no trailing zeros, as some money fields have it: "1,234.5"."""
    return f"{amount.normalize():,f}"


def wei(amount: Decimal) -> str:
    """NMR as an integer string of wei."""
    return str(int(amount * WEI))


def round_id(tournament: Tournament | int, number: int) -> str:
    """The id of a round in most places; Atomic staking names a round by its plain number."""
    return str(int(tournament) * 100_000 + number)


def submission_id(model_id: str, number: int) -> str:
    """The id of a model's submission in a round."""
    return f"{model_id[:23]}-{number:012x}"
