"""What the asynchronous client and the bridge share about HTTP: headers, time-outs, proxies, and its failures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from numtui.api.errors import ApiError, BadAnswer, Refused, TimedOut, Unreachable
from numtui.api.settings import USER_AGENT, ApiSettings
from numtui.config import Credentials

HEADERS = {"User-Agent": USER_AGENT, "Content-Type": "application/json", "Accept": "application/json"}

# A server on this machine (the demo) is never behind the environment's proxy.
NO_PROXY: dict[str, None] = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}

# At DEBUG hpack logs encoded header blocks, the key among them.
logging.getLogger("hpack").setLevel(logging.WARNING)


def authorization(credentials: Credentials | None) -> dict[str, str]:
    """The header that carries the API key; nothing without one. Refused when it cannot stand in a header."""
    if credentials is None:
        return {}
    token = f"{credentials.public_id}${credentials.secret_key}"
    if not token.isascii() or not token.isprintable() or " " in token:
        raise Refused.saying("the API key holds characters no key has: check NUMERAI_PUBLIC_ID, NUMERAI_SECRET_KEY")
    return {"Authorization": f"Token {token}"}


def timeouts(settings: ApiSettings) -> httpx.Timeout:
    """The time-outs of a request. Waiting for a free connection has none: our own queue is in front of it."""
    return httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout, pool=None)


@contextmanager
def usable_proxy() -> Iterator[None]:
    """Around the making of an httpx client: Unreachable where the environment names a proxy that cannot be used."""
    try:
        yield
    except (ImportError, ValueError):
        raise Unreachable("the environment's proxy cannot be used: check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY") from None


def unreachable(error: httpx.HTTPError | httpx.InvalidURL, url: str, settings: ApiSettings) -> ApiError:
    """httpx's failure as one of ours, with the host in its message."""
    host = _host(url)
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return BadAnswer(f"not a URL of an API: {host}", passing=False)
        case httpx.ConnectTimeout():
            return TimedOut(f"no connection to {host} within {settings.connect_timeout:g} s: check the network")
        case httpx.TimeoutException():
            return TimedOut(f"no answer from {host} within {settings.read_timeout:g} s: try again later")
        case httpx.ConnectError() | httpx.ProxyError():
            return Unreachable(f"no connection to {host}: check the network and the API's URL")
        case httpx.DecodingError():
            return BadAnswer("the API's answer was cut off or wrongly compressed: try again")
        case _:
            return Unreachable(f"the connection to {host} was dropped: try again")


def _host(url: str) -> str:
    """Host and port of a URL; a user and password inside it stay out of messages."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        return "the given address"
    return parsed.netloc.decode("ascii") or "the given address"
