"""URLs of the API: as they may be shown, and whether a key may be sent there. Loads no HTTP client."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

NOWHERE = "the given address"


def without_password(url: str) -> str:
    """A URL as it may be shown and logged: a user and password inside it are "***"."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return NOWHERE
    if "@" not in parts.netloc:
        return url if "@" not in url.partition("?")[0] else NOWHERE  # no address, but perhaps a password
    return parts._replace(netloc=f"***@{parts.netloc.rpartition('@')[2]}").geturl()


def host_of(url: str) -> str:
    """Host and port of a URL; a user and password inside it stay out of messages."""
    try:
        return urlsplit(url).netloc.rpartition("@")[2] or NOWHERE
    except ValueError:
        return NOWHERE


def is_loopback(url: str) -> bool:
    """Whether a URL leads to this machine by its host: localhost, 127.0.0.0/8 or ::1."""
    host = hostname(url)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def shows_keys(url: str) -> bool:
    """Whether a key sent to this URL could be read on its way: it is not HTTPS, and leads to another machine."""
    return not url.lower().lstrip().startswith("https://") and not is_loopback(url)


def hostname(url: str) -> str:
    """The host of a URL without its port, in lower case; "" where it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
