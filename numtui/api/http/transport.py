"""HTTP for the asynchronous client and the stake transport: headers, time-outs, proxies, trust and failures."""

from __future__ import annotations

import logging
import os
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import httpx

from numtui.api.errors import ApiError, BadAnswer, Refused, TimedOut, Unreachable
from numtui.api.http.addresses import host_of, hostname, is_loopback, shows_keys
from numtui.api.http.unpacking import PACKED, PLAIN, TOO_LARGE
from numtui.api.settings import USER_AGENT, ApiSettings
from numtui.config import Credentials

HEADERS = {
    "User-Agent": USER_AGENT,
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
}

# A server on this machine (the demo) is never behind the environment's proxy.
NO_PROXY: dict[str, None] = {"all://127.0.0.1": None, "all://localhost": None, "all://[::1]": None}

# Where the environment names certificates to trust instead of the usual ones; the first one set counts. The latter two
# are what numerapi's HTTP library reads.
TRUST_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
MOST_BYTES = 64 * 2**20  # of an answer on the wire

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


def direct(urls: Sequence[str]) -> dict[str, None]:
    """httpx's `mounts`: no proxy for this machine, however the endpoints name it."""
    hosts = [hostname(url) for url in urls if is_loopback(url)]
    return NO_PROXY | {f"all://[{host}]" if ":" in host else f"all://{host}": None for host in hosts}


def check_keys_may_go(url: str, settings: ApiSettings) -> None:
    """Refused where a key sent to `url` could be read on its way, unless the settings allow that."""
    if shows_keys(url) and not settings.insecure_keys:
        raise Refused.saying(
            f"the key was not sent: {host_of(url)} is not asked over https, so that anybody on the way could read it "
            "(--insecure-keys sends it all the same)"
        )


def urls_for_keys(settings: ApiSettings) -> Sequence[str]:
    """The endpoints that a key may be sent to. Refused when there is none."""
    allowed = [url for url in settings.urls if settings.insecure_keys or not shows_keys(url)]
    if not allowed:
        check_keys_may_go(settings.urls[0], settings)
    return allowed


def timeouts(settings: ApiSettings) -> httpx.Timeout:
    """The time-outs of a request. Waiting for a free connection has none: our own queue is in front of it."""
    return httpx.Timeout(settings.read_timeout, connect=settings.connect_timeout, pool=None)


@contextmanager
def usable_proxy() -> Iterator[None]:
    """Around the making of an httpx client: Unreachable where the environment names a proxy, or a file of certificates,
    that cannot be used."""
    try:
        yield
    except (ImportError, ValueError):
        raise Unreachable("the environment's proxy cannot be used: check HTTPS_PROXY, HTTP_PROXY, ALL_PROXY") from None
    except OSError as error:
        raise _no_trust(error) from None


def trusted(*, http2: bool) -> ssl.SSLContext:
    """The value of httpx's `verify`: the certificates that the environment names, else the usual ones.

    `http2` is whether the client speaks it. OSError, which `usable_proxy` explains, when they cannot be read.
    """
    name = _trust_name()
    if name is None:
        return _usual_trust(http2, os.environ.get("SSL_CERT_DIR"))
    place = Path(os.environ[name])
    if not place.exists():
        raise FileNotFoundError(2, "there is no such file")
    if place.is_dir():
        return ssl.create_default_context(capath=place)
    return ssl.create_default_context(cafile=place)


@lru_cache(maxsize=4)
def _usual_trust(_http2: bool, _folder: str | None) -> ssl.SSLContext:
    """What httpx trusts, read once (20 ms). It looks at SSL_CERT_DIR itself; HTTP/1.1 and 2 write into a context."""
    return httpx.create_ssl_context()


def _trust_name() -> str | None:
    return next((name for name in TRUST_FILES if os.environ.get(name)), None)


def _no_trust(error: OSError) -> Unreachable:
    name = _trust_name()
    if name is None:
        return Unreachable(f"no certificates to trust can be read: {error.strerror or 'no reason given'}")
    reason = "which holds no certificates" if isinstance(error, ssl.SSLError) else "which cannot be read"
    if isinstance(error, FileNotFoundError):
        reason = "which is not there"
    return Unreachable(f"{name} names {os.environ[name]}, {reason}: correct it or unset it")


def unreachable(error: httpx.HTTPError | httpx.InvalidURL, url: str, settings: ApiSettings) -> ApiError:
    """httpx's failure as one of ours, with the host in its message."""
    host = host_of(url)
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            return BadAnswer(f"not a URL of an API: {host}", passing=False)
        case httpx.ConnectTimeout():
            return TimedOut(f"no connection to {host} within {settings.connect_timeout:g} s: check the network")
        case httpx.TimeoutException():
            return TimedOut(f"no answer from {host} within {settings.read_timeout:g} s: try again later")
        case httpx.ConnectError() | httpx.ProxyError() if _is_distrust(error):
            return Unreachable(
                f"the certificate of {host} is not trusted: where a proxy puts its own in place, name the file of that "
                "certificate in SSL_CERT_FILE or REQUESTS_CA_BUNDLE"
            )
        case httpx.ConnectError() | httpx.ProxyError():
            return Unreachable(f"no connection to {host}: check the network and the API's URL")
        case httpx.DecodingError():
            return BadAnswer("the API's answer was cut off or wrongly compressed: try again")
        case _:
            return Unreachable(f"the connection to {host} was dropped: try again")


def _is_distrust(error: BaseException) -> bool:
    """Whether a certificate that is not trusted stands at the beginning of a failure."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return True
        seen = seen.__cause__ or seen.__context__
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


async def body_of(response: httpx.Response) -> tuple[str, bytes]:
    """How the body of a streamed response is packed, and the body as it came.

    BadAnswer for a way that was not asked for, or one upon another, and for more than any answer of the API.
    """
    packing = response.headers.get("content-encoding", "").strip().lower()
    if packing not in PLAIN | PACKED:
        raise BadAnswer("the API's answer is packed in a way that was not asked for: a proxy may be in the way")
    parts: list[bytes] = []
    async for part in response.aiter_raw() if packing in PACKED else response.aiter_bytes():
        parts.append(part)
        if response.num_bytes_downloaded > MOST_BYTES:
            raise BadAnswer(TOO_LARGE, passing=False)
    return packing, b"".join(parts)
