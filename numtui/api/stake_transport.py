"""The synchronous transport of stake changes: one POST a change, never a second one, none at all unless it is allowed.

What became of a change follows from the answer alone: no connection, not sent; HTTP 200 with the field's data and no
error, done; a proof of a refusal (refusals.py), refused; everything else, unknown.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import msgspec
import tenacity
from graphql import FieldNode, GraphQLSyntaxError, OperationDefinitionNode, OperationType, parse

from numtui.api.answer import Answer, errors_of, read_answer
from numtui.api.errors import (
    KeysMissing,
    MutationsForbidden,
    NotSent,
    Refused,
    TimedOut,
    UnknownOutcome,
    Unreachable,
)
from numtui.api.http.deadline import PastDeadline, RequestConnection, within_deadline
from numtui.api.http.retry import is_passing, out_of_budget, pause_before_retry
from numtui.api.http.transport import (
    HEADERS,
    NO_PROXY,
    authorization,
    check_keys_may_go,
    timeouts,
    trusted,
    unreachable,
    usable_proxy,
)
from numtui.api.refusals import proves_refusal
from numtui.api.settings import ApiSettings, Timing
from numtui.config import Credentials

STAKE_CHANGES = frozenset({"v2ChangeStake", "releaseStake", "cancelPendingStakeRelease"})
AGAIN = re.compile(r"[^.;:,]*\b(try|retry)\b[^.;:,]*\bagain\b[^.;:,]*[.;:,]?", re.IGNORECASE)  # "Try again later."
NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol, httpx.InvalidURL)


def change_in(document: str) -> str | None:
    """The stake change that a document makes; None for one of queries only.

    MutationsForbidden for anything else: another mutation, several at once, a subscription, or what cannot be parsed.
    """
    try:
        definitions = parse(document).definitions
    except GraphQLSyntaxError:
        raise MutationsForbidden("not a GraphQL document: nothing was sent") from None
    operations = [node for node in definitions if isinstance(node, OperationDefinitionNode)]
    if all(node.operation is OperationType.QUERY for node in operations):
        return None
    if len(operations) != 1 or operations[0].operation is not OperationType.MUTATION:
        raise MutationsForbidden("a document may hold one change and nothing else: nothing was sent")
    fields = operations[0].selection_set.selections
    if len(fields) == 1 and isinstance(fields[0], FieldNode) and fields[0].alias is None:
        name = fields[0].name.value
        if name in STAKE_CHANGES:
            return name
    raise MutationsForbidden("only one stake change at a time may be sent: nothing was sent")


class StakeTransport:
    """Documents sent for the numerapi adapter. `allow_stake` False: no change leaves this object, whoever asks.

    `sleep` waits between two tries of a read, in seconds; changes are tried once.
    """

    def __init__(
        self,
        settings: ApiSettings,
        credentials: Credentials | None,
        *,
        allow_stake: bool,
        sleep: Callable[[float], None] = time.sleep,
        timing: Timing | None = None,
    ) -> None:
        self._settings = settings
        self._credentials = credentials
        self._allow_stake = allow_stake
        self._sleep = sleep
        self._timing = timing or Timing()

    def send(self, document: str, variables: Mapping[str, object] | None, *, auth: bool) -> dict[str, Any]:
        """The answer as `{"data": ...}`.

        A query is retried, and any error in its answer raised (errors.py). A change: MutationsForbidden, NotSent,
        Refused, or UnknownOutcome when it may have taken effect.
        """
        change = change_in(document)
        if change is not None and not self._allow_stake:
            raise MutationsForbidden(f"{change} is not allowed: start with --allow-stake to change stakes")
        if (auth or change is not None) and self._credentials is None:
            raise KeysMissing
        if auth or change is not None:
            check_keys_may_go(self._settings.urls[0], self._settings)
        headers = authorization(self._credentials) if auth or change is not None else {}
        body = msgspec.json.encode({"query": document, "variables": dict(variables or {})})
        if change is not None:
            return self._change_once(change, body, headers)
        return self._read(body, headers)

    def _post(self, body: bytes, headers: Mapping[str, str]) -> httpx.Response:
        # A connection of its own: a kept one might turn out closed only after the request is on its way. HTTP/1.1 and
        # no redirection, so that one call is one request.
        with usable_proxy():
            trust = trusted(http2=False)
            client = httpx.Client(headers=HEADERS, timeout=timeouts(self._settings), mounts=NO_PROXY, verify=trust)
        url = self._settings.urls[0]

        def request(wire: RequestConnection) -> httpx.Response:
            with client as http:
                extensions = {"trace": wire.trace}
                return http.post(url, content=body, headers=headers, follow_redirects=False, extensions=extensions)

        return within_deadline(self._longest, request)

    @property
    def _longest(self) -> float:
        """The total time of one request in seconds; connecting and waiting for the answer both fit in."""
        return self._settings.connect_timeout + self._settings.read_timeout

    def _change_once(self, change: str, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        try:
            response = self._post(body, headers)
        except Unreachable as error:  # no client could be made
            raise NotSent(f"the change was not sent: {error}") from None
        except NEVER_CONNECTED as error:
            reason = unreachable(error, self._settings.urls[0], self._settings)
            raise NotSent(f"the change was not sent: {reason}") from None
        except PastDeadline:
            raise _unknown(f"the API's answer was not complete within {self._longest:g} s") from None
        except httpx.HTTPError as error:
            raise _unknown(_lost(error, self._settings)) from None
        if response.status_code != 200:
            raise _unknown(f"the API answered HTTP {response.status_code}")
        return self._outcome(change, response.content)

    def _outcome(self, change: str, content: bytes) -> dict[str, Any]:
        """The data of a change that was made; otherwise raises Refused or UnknownOutcome."""
        try:
            body = msgspec.json.decode(content)
        except (msgspec.DecodeError, RecursionError):
            raise _unknown("the API's answer cannot be read") from None
        if not isinstance(body, dict):
            raise _unknown("the API's answer does not say whether it was done")
        data = body.get("data")
        if not body.get("errors") and isinstance(data, dict) and isinstance(data.get(change), dict):
            return {"data": data}
        if proves_refusal(change, body):
            raise self._refusal(body["errors"])
        raise _unknown(self._said(body.get("errors")) or "the API's answer does not say whether it was done")

    def _refusal(self, complaints: Any) -> Refused:
        error = errors_of(complaints, self._secret)[0]
        return error if isinstance(error, Refused) else Refused(error.message, error.path)

    def _said(self, complaints: Any) -> str:
        """The API's own words of an error that proves nothing, without its advice; "" where there are none."""
        first = complaints[0] if isinstance(complaints, list) and complaints else None
        message = first.get("message") if isinstance(first, dict) else None
        if not isinstance(message, str):
            return ""
        words = AGAIN.sub("", message.replace(self._secret, "***") if self._secret else message)
        return f"the API answered with an error ({' '.join(words.split())[:200]})"

    def _read(self, body: bytes, headers: Mapping[str, str]) -> dict[str, Any]:
        retrying = tenacity.Retrying(
            sleep=self._sleep,
            wait=pause_before_retry(self._settings, self._timing.chance),
            stop=out_of_budget(self._settings, self._settings.attempts, self._timing.monotonic),
            retry=tenacity.retry_if_exception(is_passing),
            reraise=True,
        )
        answer = retrying(self._read_once, body, headers)
        if answer.errors:
            raise answer.errors[-1]  # the last one, as numerapi does
        return {"data": {alias: msgspec.json.decode(raw) for alias, raw in answer.data.items()}}

    def _read_once(self, body: bytes, headers: Mapping[str, str]) -> Answer:
        try:
            response = self._post(body, headers)
        except PastDeadline:
            raise TimedOut(f"the API's answer was not complete within {self._longest:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise unreachable(error, self._settings.urls[0], self._settings) from None
        return read_answer(
            response.status_code, response.headers, response.content, self._timing.wall(), secret=self._secret
        )

    @property
    def _secret(self) -> str:
        return self._credentials.secret_key if self._credentials is not None else ""


def _lost(error: httpx.HTTPError, settings: ApiSettings) -> str:
    """What happened to the connection after it was made. No advice: a change is not tried again."""
    match error:
        case httpx.TimeoutException():
            return f"no answer within {settings.read_timeout:g} s"
        case httpx.DecodingError():
            return "the API's answer was cut off or wrongly compressed"
        case httpx.ProxyError():
            return "the proxy failed"
        case _:
            return "the connection was dropped"


def _unknown(reason: str) -> UnknownOutcome:
    return UnknownOutcome(f"{reason}: the change may or may not have been made; find out before anything else is sent")
