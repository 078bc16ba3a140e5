"""Prices of NMR, and feature flags."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from math import sin

from numtui.demo.server.engine import ApiError, Arguments
from numtui.demo.server.resolvers.session import Session, SessionResolver
from numtui.demo.server.wire import time_string

BASE_PRICE = 14.63


def price(time: datetime) -> Decimal:
    """The simulated price of NMR in US dollars, new each hour."""
    hours = int(time.timestamp() // 3600)
    return Decimal(f"{BASE_PRICE * (1 + 0.08 * sin(hours / 170) + 0.01 * sin(hours / 5)):.4f}")


def latest_price(session: Session, _: Arguments) -> object:
    """The price of NMR."""
    hour = session.now.replace(minute=0, second=0, microsecond=0)
    return {"priceUsd": str(price(session.now)), "lastUpdated": time_string(hour)}


RATES = {"USD": Decimal(1), "EUR": Decimal("0.92"), "GBP": Decimal("0.79"), "JPY": Decimal("149")}


def currency_price(session: Session, arguments: Arguments) -> object:
    """NMR in another currency."""
    base, wanted = arguments["baseSymbol"].upper(), arguments["targetSymbol"].upper()
    if base != "NMR" or wanted not in RATES:
        raise ApiError(f"No price of {base} in {wanted}")
    hour = session.now.replace(minute=0, second=0, microsecond=0)
    value = price(session.now) * RATES[wanted]
    return {"baseSymbol": base, "targetSymbol": wanted, "price": str(value), "lastUpdated": time_string(hour)}


def feature_flag(_: Session, arguments: Arguments) -> object:
    """A flag; only atomic staking is on."""
    key = arguments["key"]
    return {"key": key, "enabled": key == "atomic_staking", "value": None}


RESOLVERS: dict[str, SessionResolver] = {
    "latestNmrPrice": latest_price,
    "latestCurrencyPrice": currency_price,
    "featureFlag": feature_flag,
}
