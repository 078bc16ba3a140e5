"""The errors of the API. A message is one line: what happened, what to do; never a secret."""

# ruff: noqa: N818  (the names say what the user is told: rate limited, not sent, outcome unknown)

from __future__ import annotations

from collections.abc import Sequence

from numtui.errors import UNREACHABLE, NumtuiError

Path = tuple[str | int, ...]
LONGEST_WORDS = 300  # characters of the API's own words in a message


def one_line(words: str, longest: int = LONGEST_WORDS) -> str:
    """Words of the API as one printable line of at most `longest` characters; what was cut off ends in "..."."""
    start = words[: 4 * longest]  # a text of megabytes is not looked through
    line = " ".join("".join(char if char.isprintable() else " " for char in start).split())
    return line if len(line) <= longest and len(start) == len(words) else f"{line[: longest - 3].rstrip()}..."


class ApiError(NumtuiError):
    """Anything that kept an answer from us. `str(error)` is one line for the user."""


class Unreachable(ApiError):
    """No usable connection to the API: refused, dropped, timed out, or a server fault. Try again later."""

    exit_code = UNREACHABLE


class TimedOut(Unreachable):
    """The server took longer than the time-out."""


class ServerFault(Unreachable):
    """HTTP 5xx: the server failed. Common while scores are being updated."""

    def __init__(self, status: int, retry_after: float | None = None) -> None:
        super().__init__(f"the API answered HTTP {status}: its server failed, try again in some minutes")
        self.status = status
        self.retry_after = retry_after


class Paused(Unreachable):
    """The breaker is open after repeated failures: nothing is sent for another `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the API failed repeatedly; requests are paused for another {max(seconds, 0):.0f} s")
        self.seconds = seconds


class RateLimited(ApiError):
    """Too many requests. `retry_after` in seconds where the server stated it."""

    exit_code = UNREACHABLE

    def __init__(self, retry_after: float | None = None) -> None:
        wait = "some minutes" if retry_after is None else f"{retry_after:.0f} s"
        super().__init__(f"the API limits the rate of requests: try again in {wait}")
        self.retry_after = retry_after


class BadAnswer(ApiError):
    """An answer that is no GraphQL answer: not JSON, cut off, or a web page. `passing`: asking again may help."""

    exit_code = UNREACHABLE

    def __init__(self, message: str, *, passing: bool = True) -> None:
        super().__init__(message)
        self.passing = passing


class GraphQLError(ApiError, ValueError):
    """The API understood the request and refused a part of it. `path` names the part: its first item is the alias.

    A ValueError too, because numerapi's own methods expect that of `raw_query`.
    """

    def __init__(self, message: str, path: Sequence[str | int] = ()) -> None:
        self.message = one_line(message)
        where = f" (at {one_line('.'.join(map(str, path)), 80)})" if path else ""
        super().__init__(f"the API said: {self.message}{where}")
        self.path: Path = tuple(path)


class NotOffered(GraphQLError):
    """The service has no such part (any more), under any spelling: it reads as missing. Asking again does not help."""

    def __init__(self, name: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(f'Cannot query field "{name}"', path)
        self.name = name
        self.args = (f'the API does not offer {name} (Cannot query field "{name}"): it reads as missing',)


class PartFailed(GraphQLError, Unreachable):
    """The server failed at a part of an answer ("Internal server error"): asking for it again may help."""


class TooComplex(GraphQLError):
    """Too many heavy fields in one request: ask for fewer at once."""


class Refused(GraphQLError):
    """The keys are missing, wrong, or lack a scope (`scope`, where the answer names it); or a change was refused."""

    is_key_refusal = False  # the key itself is refused, whatever is asked with it

    def __init__(self, message: str, path: Sequence[str | int] = (), scope: str | None = None) -> None:
        super().__init__(message, path)
        self.scope = scope
        if scope is not None:
            self.args = (
                f"the API key lacks the scope {scope}: make a key that has it at numer.ai, Account, Custom API keys",
            )

    @classmethod
    def saying(cls, line: str, message: str = "", path: Sequence[str | int] = ()) -> Refused:
        """A refusal in our own words; `message` and `path` are the API's."""
        refusal = cls(message or line, path)
        refusal.args = (line,)
        return refusal


class KeyRefused(Refused):
    """The API does not take the key: one of its halves is wrong, or it was revoked."""

    is_key_refusal = True

    def __init__(self, reason: str, path: Sequence[str | int] = ()) -> None:
        super().__init__(reason, path)
        self.args = (f"key refused ({self.message}): check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY",)


class KeysMissing(Refused):
    """The question needs an API key, and there is none."""

    def __init__(self) -> None:
        super().__init__("no API key")
        self.args = ("this needs an API key: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY",)


class MutationsForbidden(ApiError):
    """A change was asked for that may not leave this process. Nothing was sent."""


class NotSent(ApiError):
    """A change could not be sent: the connection was never made. Nothing has changed at Numerai."""


class UnknownOutcome(ApiError):
    """A change was sent, and no answer says whether it took effect: never send it again before it is known."""
