"""Authorisations to stake, fetched only when the user asks for one.

Each is shown once and kept nowhere: its record hides the signature from repr, cannot be pickled or copied, and
gives itself away a single time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, Protocol

from numtui.api.records.staking import StakeAuthorization
from numtui.model import Tournament
from numtui.money import decimal_text
from numtui.stake.amounts import parse_amount
from numtui.stake.errors import Stopped

if TYPE_CHECKING:  # brings the HTTP client with it
    from numtui.api.queries import Queries


class AuthorizationSource(Protocol):
    """A source of authorisations, such as numtui.api.queries.Queries."""

    async def stake_auth(self, submission_id: str, staker: str, max_amount: str) -> StakeAuthorization | None:
        """The API's authorisation to stake at most `max_amount` on a submission."""
        ...


class Authorization:
    """A short-lived permission to stake, to be shown once. Nothing of it is in its repr; it cannot be stored."""

    __slots__ = ("_lines",)

    def __init__(self, record: StakeAuthorization) -> None:
        self._lines: tuple[str, ...] | None = tuple(
            f"{name}: {getattr(record, name)}" for name in record.__struct_fields__ if getattr(record, name) is not None
        )

    def show_once(self) -> tuple[str, ...]:
        """The lines to show; a second call raises Stopped."""
        lines, self._lines = self._lines, None
        if lines is None:
            raise Stopped("the authorisation was shown already: ask for a new one")
        return lines

    def __repr__(self) -> str:
        return "<Authorization: shown once, never stored>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        """It cannot be pickled or copied."""
        raise TypeError("an authorisation is never stored")


async def authorize(source: AuthorizationSource, submission_id: str, staker: str, max_amount: str) -> Authorization:
    """An authorisation, fetched because the user asked. Stopped where the API gives none; ApiError as usual."""
    record = await source.stake_auth(submission_id, staker, max_amount)
    if record is None:
        raise Stopped("the API gave no authorisation")
    return Authorization(record)


async def authorize_model(
    queries: Queries, tournament: Tournament, model: str, most: str, strategy: str | None = None
) -> Authorization:
    """An authorisation to stake at most `most` NMR on the model's newest submission, because the user asked for it. It
    is the strategy contract's where the user has set its address, else the wallet's.

    PlanError for a wrong amount, Stopped where there is no such model, submission or wallet; ApiError as usual.
    """
    amount = decimal_text(parse_amount(most, "--max"))
    account = await queries.account()
    models = (account.models if account else None) or []
    named = [row for row in models if row.tournament == tournament and (row.name or "").lower() == model.lower()]
    named_model = next((row for row in named if row.name == model), named[0] if named else None)
    if account is None or named_model is None:
        raise Stopped(f"{model}: you have no {tournament.label} model of that name")
    staker = strategy or account.wallet_address
    if staker is None:
        raise Stopped("the account has no wallet address")
    submission = named_model.latest_submission_v2
    if submission is None or submission.id is None:
        raise Stopped(f"{model} has no submission")
    return await authorize(queries, submission.id, staker, amount)
