"""The session that resolvers share: the market, who asks, and what that allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from numtui.demo import (
    DEMO_LIMITED_PUBLIC,
    DEMO_LIMITED_SECRET,
    DEMO_PUBLIC,
    DEMO_SECRET,
)
from numtui.demo.market.boards import Boards
from numtui.demo.market.market import Market
from numtui.demo.market.population import ModelInfo
from numtui.demo.server.engine import ApiError, Arguments
from numtui.model import Tournament

READ_SCOPES = (
    "read_submission_info",
    "read_user_info",
    "download_submission",
)
ALL_SCOPES = ("upload_submission", "stake", *READ_SCOPES, "web3_staking")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A pair of keys of the demo account and what it may do."""

    name: str
    public_id: str
    secret: str
    scopes: tuple[str, ...]


KEYS = (
    ApiKey("demo", DEMO_PUBLIC, DEMO_SECRET, ALL_SCOPES),
    ApiKey("demo read only", DEMO_LIMITED_PUBLIC, DEMO_LIMITED_SECRET, READ_SCOPES),
)


class Absent(Enum):
    """The reason why a request has no key."""

    NONE = "You must be authenticated to perform this action."
    INVALID = "Your session is invalid or has expired."


def key_of(authorization: str | None) -> ApiKey | Absent:
    """The key of an Authorization header (`Token PUBLIC$SECRET`)."""
    if authorization is None:
        return Absent.NONE
    token = authorization.removeprefix("Token ")
    return next((key for key in KEYS if f"{key.public_id}${key.secret}" == token), Absent.INVALID)


@dataclass(frozen=True, slots=True)
class Session:
    """One request: the market at its moment, the leaderboards kept for it, and the key that was shown."""

    market: Market
    boards: Boards
    key: ApiKey | Absent
    now: datetime

    def require(self, scope: str | None = None) -> ApiKey:
        """The key, when there is one and it has `scope`; else the API's error."""
        if isinstance(self.key, Absent):
            raise ApiError(self.key.value)
        if scope is not None and scope not in self.key.scopes:
            raise ApiError(f"Insufficient permission for {scope}")
        return self.key

    def tournament(self, number: int | None, default: Tournament = Tournament.CLASSIC) -> Tournament:
        """A tournament by its number in an argument."""
        if number is None:
            return default
        if number not in list(Tournament):
            raise ApiError(f"Tournament {number} not found")
        return Tournament(number)

    def any_model(self, model_id: str) -> ModelInfo:
        """A model by id, or the API's error."""
        model = self.market.find(model_id)
        if model is None:
            raise ApiError("Model not found")
        return model

    def own_model(self, model_id: str) -> ModelInfo:
        """One of the demo account's models by id, or the API's error."""
        model = self.any_model(model_id)
        if not model.mine:
            raise ApiError("Model not found")
        return model


SessionResolver = Callable[[Session, Arguments], object]
