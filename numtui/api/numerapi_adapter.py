"""numerapi, the official client, adapted: its classes on our transport. Import it only to change a stake.

numerapi's own way would retry a change, swallow failures and wait for ever; its constructor configures logging and
reads .env files. None of that happens here: the constructor is not called, and `raw_query` is ours.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from numerapi import CryptoAPI, NumerAPI, SignalsAPI
from numerapi.base_api import Api

from numtui.api.documents import selection
from numtui.api.errors import ApiError, MutationsForbidden, UnknownOutcome
from numtui.api.records.account import StakeRequest
from numtui.api.stake_transport import StakeTransport
from numtui.api.wire import decode_leniently
from numtui.model import Tournament

_REQUEST = selection(StakeRequest)
RELEASE_ALL = (
    "mutation ReleaseAll($modelId: ID!, $amount: String!) {"
    f" releaseStake(modelId: $modelId, amount: $amount, drain: true) {_REQUEST} }}"
)
INCREASES = ("increase",)
RELEASES = ("decrease", "release", "drain")  # as the API spells the type of a release
CANCEL_RELEASE = f"mutation CancelRelease($modelId: ID!) {{ cancelPendingStakeRelease(modelId: $modelId) {_REQUEST} }}"


def amount_text(nmr: Decimal | str | float) -> str:
    """An amount of NMR as the API takes it: a plain decimal number. ValueError unless it is positive and finite."""
    try:
        amount = Decimal(str(nmr))
    except InvalidOperation:
        raise ValueError(f"not an amount of NMR: {nmr!r}") from None
    if not amount.is_finite() or amount <= 0:
        raise ValueError(f"not a positive amount of NMR: {nmr!r}")
    return format(amount, "f")


class NumerapiAdapter(Api):
    """The base of the three adapters. Every call of a change ends as StakeTransport.send says."""

    tournament: Tournament

    def __init__(self, transport: StakeTransport) -> None:
        """Sets what numerapi's methods read. The key stays in the transport."""
        self.logger = logging.getLogger("numtui.api.numerapi")
        self.show_progress_bars = False
        self.global_data_dir = "."
        self.tournament_id = int(self.tournament)
        self._transport = transport

    def raw_query(
        self,
        query: str,
        variables: dict[str, Any] | None = None,
        authorization: bool = False,
        *,
        retries: int = 3,
        delay: int = 5,
        backoff: int = 2,
    ) -> dict[str, Any]:
        """`{"data": ...}` by our transport; numerapi's retries, delay and backoff are ignored."""
        return self._transport.send(query, variables, auth=authorization)

    def stake_change(self, nmr: float | str, action: str = "decrease", model_id: str = "") -> dict[str, Any]:
        """numerapi's own call of v2ChangeStake, with a checked amount.

        UnknownOutcome when numerapi stumbles over the answer: by then the change has been made or not.
        """
        amount = amount_text(nmr)
        try:
            return super().stake_change(amount, action, model_id)
        except ApiError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            raise UnknownOutcome("numerapi could not read the answer to the change") from error

    def stake_drain(self, model_id: str | None = None) -> dict[str, Any]:
        """Refused: numerapi's document is invalid and names 11,000,000 NMR. See `release_all`."""
        raise MutationsForbidden("numerapi's drain is not used: release the real amount with release_all")

    def increase(self, model_id: str, nmr: Decimal | str) -> StakeRequest:
        """Asks for `nmr` more on the model's stake, through numerapi's stake_increase."""
        amount = amount_text(nmr)
        return as_asked(_request(self.stake_increase(amount, model_id)), INCREASES, amount)

    def decrease(self, model_id: str, nmr: Decimal | str) -> StakeRequest:
        """Asks for the release of `nmr` from the model's stake, through numerapi's stake_decrease."""
        amount = amount_text(nmr)
        return as_asked(_request(self.stake_decrease(amount, model_id)), RELEASES, amount)

    def release_all(self, model_id: str, nmr: Decimal | str) -> StakeRequest:
        """Asks for the release of the whole stake, `nmr` being its real amount."""
        amount = amount_text(nmr)
        answer = self.raw_query(RELEASE_ALL, {"modelId": model_id, "amount": amount}, authorization=True)
        request = _own_request(answer["data"].get("releaseStake"))
        if request.drain and request.type in (None, *RELEASES) and request.requested_amount in (None, Decimal(amount)):
            return request
        return as_asked(request, RELEASES, amount)

    def cancel_release(self, model_id: str) -> StakeRequest:
        """Takes back a release that is still pending."""
        answer = self.raw_query(CANCEL_RELEASE, {"modelId": model_id}, authorization=True)
        request = _own_request(answer["data"].get("cancelPendingStakeRelease"))
        if (request.id is None and request.status is None) or request.type not in (None, *RELEASES):
            raise _other_answer(request)
        return request


class ClassicAdapter(NumerapiAdapter, NumerAPI):
    """numerapi.NumerAPI on our transport."""

    tournament = Tournament.CLASSIC


class SignalsAdapter(NumerapiAdapter, SignalsAPI):
    """numerapi.SignalsAPI on our transport."""

    tournament = Tournament.SIGNALS


class CryptoAdapter(NumerapiAdapter, CryptoAPI):
    """numerapi.CryptoAPI on our transport."""

    tournament = Tournament.CRYPTO


ADAPTERS: dict[Tournament, type[NumerapiAdapter]] = {
    adapter.tournament: adapter for adapter in (ClassicAdapter, SignalsAdapter, CryptoAdapter)
}


def open_adapter(tournament: Tournament, transport: StakeTransport) -> NumerapiAdapter:
    """The adapter of the tournament on `transport`, which decides what may be sent."""
    return ADAPTERS[tournament](transport)


def _request(answer: dict[str, Any]) -> StakeRequest:
    """numerapi's answer (decoded by it) as our record."""
    return StakeRequest(
        type=answer.get("type"),
        status=answer.get("status"),
        requested_amount=answer.get("requestedAmount"),
        due_date=answer.get("dueDate"),
    )


def as_asked(request: StakeRequest, types: Sequence[str], amount: str) -> StakeRequest:
    """The answer to a change, where it is about just that change. UnknownOutcome for another type or amount."""
    asked = Decimal(amount)
    if (request.type or "").lower() in types and request.requested_amount is not None:
        signed = request.requested_amount
        if signed == asked or (types is RELEASES and signed == -asked):
            return request
    raise _other_answer(request)


def _other_answer(request: StakeRequest) -> UnknownOutcome:
    amount = "no amount" if request.requested_amount is None else f"{request.requested_amount:f} NMR"
    return UnknownOutcome(
        f"the API's answer is about another change ({request.type or 'no type'}, {amount}): the change may or may not "
        "have been made; find out before anything else is sent"
    )


def _own_request(answer: object) -> StakeRequest:
    request = decode_leniently(answer, StakeRequest)
    return request if isinstance(request, StakeRequest) else StakeRequest()
