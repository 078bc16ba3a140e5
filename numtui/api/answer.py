"""From an HTTP response to an Answer, or to the typed error that says why there is none."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar

import msgspec

from numtui.api.errors import (
    BadAnswer,
    GraphQLError,
    KeyRefused,
    NotOffered,
    PartFailed,
    RateLimited,
    Refused,
    ServerFault,
    TooComplex,
    one_line,
)
from numtui.api.wire import decode

log = logging.getLogger(__name__)

T = TypeVar("T")

RATE_LIMIT = re.compile(r"rate.?limit|too many requests", re.IGNORECASE)
COMPLEXITY = re.compile(r"too complex|complexity", re.IGNORECASE)
SCOPE = re.compile(r"insufficient permissions? for [`'\"]?(\w+)", re.IGNORECASE)
TROUBLE = re.compile(
    r"internal|something went wrong|time.?out|timed out|unavailable|try again|server error|overloaded", re.IGNORECASE
)
KEYS = re.compile(
    r"unauthori[sz]ed|not authori[sz]ed|(un|not )authenticated|must be (authenticated|logged in)"
    r"|session is invalid|invalid (api )?(key|token)|forbidden",
    re.IGNORECASE,
)
PERMISSION = re.compile(r"insufficient permission", re.IGNORECASE)


LONGEST_PAUSE = 300.0  # seconds; a server that asks for more is asked again then, lest a slip of its stops us for good
MOST_ERRORS = 1000  # of an answer: more than it has parts
SECONDS = re.compile(r"\d+(\.\d+)?", re.ASCII)
NULL = memoryview(b"null")
TOO_DEEP = "the API's answer is nested too deeply to be one: try again"


class _Envelope(msgspec.Struct):
    data: dict[str, msgspec.Raw] | None = None
    errors: Any = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its parts by alias, still undecoded, and the errors of those that did not come."""

    data: Mapping[str, msgspec.Raw]
    errors: tuple[GraphQLError, ...] = ()

    def came(self, alias: str) -> bool:
        """Whether the part is here and not null."""
        raw = self.data.get(alias)
        return raw is not None and memoryview(raw) != NULL

    def size(self, alias: str) -> int:
        """The bytes of the part's JSON; 0 where it did not come."""
        raw = self.data.get(alias)
        return 0 if raw is None else len(memoryview(raw))

    def error_at(self, alias: str) -> GraphQLError | None:
        """The error of this part, or one without a path that concerns all parts."""
        for error in self.errors:
            if not error.path or error.path[0] == alias:
                return error
        return None

    def part(self, alias: str, wanted: type[T], *, blanks: bool = False) -> T | None:
        """The part as a `wanted`; None when the API says null. `blanks` as `decode` takes it.

        Raises the GraphQLError that took its place, BadAnswer where it cannot be read.
        """
        if self.came(alias):
            self._log_gaps(alias)
            return _decode_part(self.data[alias], wanted, blanks)
        error = self.error_at(alias)
        if error is not None:
            raise error
        return None

    def part_or_none(self, alias: str, wanted: type[T], *, blanks: bool = False) -> T | None:
        """The same, but None for a part that the service does not offer."""
        try:
            return self.part(alias, wanted, blanks=blanks)
        except NotOffered as error:
            log.warning("%s", error)
            return None

    def _log_gaps(self, alias: str) -> None:
        for error in self.errors:
            if error.path[:1] == (alias,):
                log.warning("a value is missing: %s", error)


def _decode_part(raw: msgspec.Raw, wanted: type[T], blanks: bool) -> T:
    try:
        value: T = decode(raw, wanted, blanks=blanks)
    except RecursionError:
        raise BadAnswer(TOO_DEEP) from None
    except (msgspec.MsgspecError, ValueError):  # what is skipped unread is not checked before
        raise BadAnswer("the API's answer is not JSON in one of its parts: try again") from None
    return value


def read_answer(
    status: int, headers: Mapping[str, str], body: bytes, now: float, *, secret: str = "", keyed: bool = True
) -> Answer:
    """The Answer of a response; `now` is the wall time in seconds, for a Retry-After that is a date; `secret`
    is blotted out of the API's own words; `keyed`: a key was sent.

    Raises RateLimited, ServerFault, Refused or BadAnswer. Other GraphQL errors than a rate limit stay in the Answer.
    """
    if status == 429:
        raise RateLimited(retry_after(headers, now))
    if status >= 500:
        raise ServerFault(status, retry_after(headers, now))
    if status in (401, 403):
        raise (
            KeyRefused(f"HTTP {status}")
            if keyed
            else Refused.saying(
                f"the API, or a proxy in the way, refuses access (HTTP {status}): check the API's URL and the network"
            )
        )
    if status >= 300 and status < 400:
        raise BadAnswer(f"the API answered HTTP {status}, a redirection: check the API's URL", passing=False)
    try:
        envelope = msgspec.json.decode(body, type=_Envelope)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise _no_json(status, body) from None
    except RecursionError:
        raise BadAnswer(TOO_DEEP) from None
    errors = errors_of(envelope.errors, secret)
    refusal = next((error for error in errors if isinstance(error, KeyRefused) and not error.path), None)
    if refusal is not None and all(memoryview(raw) == NULL for raw in (envelope.data or {}).values()):
        raise refusal  # of all that was asked: once, not for each part
    if envelope.data is None and not errors:
        raise BadAnswer(f"the API answered HTTP {status} with neither data nor errors", passing=status == 200)
    return Answer(envelope.data or {}, errors)


def _no_json(status: int, body: bytes) -> BadAnswer:
    if status != 200:
        return BadAnswer(f"the API answered HTTP {status}: check the API's URL", passing=False)
    if body.lstrip()[:1] == b"<":
        return BadAnswer("the API answered with a web page: it may be down for maintenance, or a proxy is in the way")
    return BadAnswer("the API's answer was cut off or is not JSON: try again")


def errors_of(errors: Any, secret: str = "") -> tuple[GraphQLError, ...]:
    """The errors of an answer, typed, `secret` blotted out. RateLimited is raised: nothing else there counts then."""
    if isinstance(errors, dict):  # a bare {"detail": ...} stands in place of the list at times
        errors = [{"message": errors.get("detail") or errors.get("message")}]
    if not isinstance(errors, list):
        return ()
    listed = errors[:MOST_ERRORS]
    return tuple(_error_of(entry if isinstance(entry, dict) else {"message": entry}, secret) for entry in listed)


def _error_of(entry: dict[str, Any], secret: str) -> GraphQLError:
    message = str(entry.get("message") or "an error without a message")
    if secret:
        message = message.replace(secret, "***")
    message = one_line(message)
    path = entry.get("path")
    where = [step for step in path if isinstance(step, str | int)] if isinstance(path, list) else []
    if RATE_LIMIT.search(message):
        raise RateLimited
    if scope := SCOPE.search(message):
        return Refused(message, where, scope[1])
    if PERMISSION.search(message):
        return Refused.saying(f"the API key lacks a permission ({one_line(message)}): check its scopes", message, where)
    if KEYS.search(message):
        return KeyRefused(message, where)
    if COMPLEXITY.search(message):
        return TooComplex(message, where)
    if TROUBLE.search(message):
        return PartFailed(message, where)
    return GraphQLError(message, where)


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait by the header Retry-After (seconds, or an HTTP date against the server's own Date), LONGEST_PAUSE
    at most; None without one that can be understood."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if SECONDS.fullmatch(text):
        return min(float(text), LONGEST_PAUSE)
    until = _http_date(text)
    if until is None:
        log.warning("Retry-After is not understood: %.40r", text)
        return None
    server_now = _http_date(headers.get("date", ""))
    return min(max(0.0, until - (now if server_now is None else server_now)), LONGEST_PAUSE)


def _http_date(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, OverflowError):
        return None
