"""The API's client of a poll: by the settings, with the keys, and what the service was seen to take of our names."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from numtui import config
from numtui.api.client import ApiClient
from numtui.api.settings import api_settings
from numtui.config import Settings
from numtui.store.queries.meta import get_meta
from numtui.store.writes.meta import set_meta


@dataclass(frozen=True, slots=True)
class DialectMemory:
    """The dialect of the service at `url`, kept in `meta`: an idle poll need not find out anew."""

    connection: sqlite3.Connection
    url: str

    @property
    def key(self) -> str:
        """Where it stands in `meta`."""
        return f"dialect {self.url}"

    def load(self) -> str | None:
        """What was saved last; None when nothing was."""
        return get_meta(self.connection, self.key)

    def save(self, text: str) -> None:
        """Keeps `text`."""
        set_meta(self.connection, self.key, text)


def make_client(settings: Settings, connection: sqlite3.Connection) -> ApiClient:
    """The API's client by these settings, with the keys of the environment. ConfigError for half a key.

    What the service takes of our names is kept in the cache behind `connection`.
    """
    return ApiClient(
        api_settings(settings),
        config.credentials(),
        memory=DialectMemory(connection, settings.api_urls[0]),
    )
