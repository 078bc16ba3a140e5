"""Settings: option > environment > file > default. click reads the first two; this module knows the rest.

The file is TOML (`numtui config` prints where it is and what is in force). Keys of the API are never in it: they come
the way numerapi takes them, from NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from numtui.model import Tournament

API_URL = "https://api-tournament.numer.ai"
PUBLIC_ID = "NUMERAI_PUBLIC_ID"
SECRET_KEY = "NUMERAI_SECRET_KEY"


class ConfigError(ValueError):
    """A setting that cannot be used; its text is one line that says which and what to do."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key. The secret shows in no repr, and so in no log or traceback."""

    public_id: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is in force for this process.

    `api_urls`: the endpoint, then its alternatives for reads. `poll_interval` and the time-outs in seconds. `watch`:
    names of models to watch by tournament, beside those marked in the program. `state_dir` holds what outlives a cache:
    the stake journal and its locks. `epochs`: the user's own ranges of rounds by tournament and name, as text.
    """

    db: Path
    state_dir: Path
    config_file: Path
    api_urls: tuple[str, ...] = (API_URL,)
    tournament: Tournament = Tournament.CLASSIC
    offline: bool = False
    ascii: bool = False
    no_color: bool = False
    log_level: str = "warning"
    allow_stake: bool = False
    poll_interval: float = 300.0
    connect_timeout: float = 10.0
    read_timeout: float = 60.0
    concurrency: int = 8
    fiat: str = "USD"
    simulated: bool = False
    watch: Mapping[Tournament, tuple[str, ...]] = field(default_factory=dict)
    epochs: Mapping[Tournament, Mapping[str, str]] = field(default_factory=dict)
    staker: Mapping[Tournament, str] = field(default_factory=dict)


def data_dir() -> Path:
    """Where the cache lies."""
    import platformdirs  # not needed by --version and --help

    return Path(platformdirs.user_data_dir("numtui", appauthor=False))


def state_dir() -> Path:
    """Where journal and locks lie, apart from any cache."""
    import platformdirs  # not needed by --version and --help

    return Path(platformdirs.user_state_dir("numtui", appauthor=False))


def config_file() -> Path:
    """Where the settings file is looked for."""
    import platformdirs  # not needed by --version and --help

    return Path(platformdirs.user_config_dir("numtui", appauthor=False)) / "numtui.toml"


def read_file(path: Path, *, required: bool) -> dict[str, object]:
    """The settings file's content; empty where there is none unless `required`. ConfigError when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        if required:
            raise ConfigError(f"there is no settings file {path}") from None
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"the settings file {path} cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the settings file {path} is not TOML: {error}") from None


def watch_of(content: Mapping[str, object]) -> dict[Tournament, tuple[str, ...]]:
    """The table `[watch]` of the file: `classic = ["name", ...]`. ConfigError when it is something else."""
    table = content.get("watch", {})
    if not isinstance(table, Mapping):
        raise ConfigError("[watch] must be a table such as: classic = ['name', 'name']")
    found: dict[Tournament, tuple[str, ...]] = {}
    for label, names in table.items():
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise ConfigError(f"watch.{label} must be a list of model names")
        found[_tournament(f"watch.{label}", label)] = tuple(names)
    return found


def epochs_of(content: Mapping[str, object]) -> dict[Tournament, dict[str, str]]:
    """The tables `[epochs.classic]` and so on of the file: `retrained = "1200.."`. ConfigError when they are something
    else; what a range says is read where it is used."""
    tables = content.get("epochs", {})
    if not isinstance(tables, Mapping):
        raise ConfigError('[epochs.classic] must be a table such as: retrained = "1200.."')
    found: dict[Tournament, dict[str, str]] = {}
    for label, table in tables.items():
        if not isinstance(table, Mapping) or not all(isinstance(span, str) for span in table.values()):
            raise ConfigError(f'[epochs.{label}] must be a table such as: retrained = "1200.."')
        found[_tournament(f"epochs.{label}", label)] = dict(table)
    return found


def staker_of(content: Mapping[str, object]) -> dict[Tournament, str]:
    """The table `[staker]` of the file: `classic = "0x..."`, the account's strategy contract. ConfigError otherwise."""
    table = content.get("staker", {})
    if not isinstance(table, Mapping) or not all(isinstance(address, str) for address in table.values()):
        raise ConfigError('[staker] must be a table such as: classic = "0x..."')
    return {_tournament(f"staker.{label}", label): str(address) for label, address in table.items()}


def _tournament(key: str, label: object) -> Tournament:
    try:
        return Tournament.from_label(str(label))
    except ValueError as error:
        raise ConfigError(f"{key}: {error}") from None


def credentials(environ: Mapping[str, str] | None = None) -> Credentials | None:
    """The API key of the environment, as numerapi takes it; None without one. ConfigError when half is missing."""
    env = os.environ if environ is None else environ
    public_id, secret_key = env.get(PUBLIC_ID, ""), env.get(SECRET_KEY, "")
    if not public_id and not secret_key:
        return None
    if not public_id or not secret_key:
        missing = SECRET_KEY if public_id else PUBLIC_ID
        raise ConfigError(f"{missing} is not set: set both halves of the API key, or neither")
    return Credentials(public_id, secret_key)


def read_dotenv(path: Path) -> dict[str, str]:
    """NAME=value lines of a .env file, read only when the user asks for it. ConfigError when it cannot be read."""
    from dotenv import dotenv_values  # only when asked for

    if not path.is_file():
        raise ConfigError(f"there is no file {path}")
    return {name: value for name, value in dotenv_values(path).items() if value is not None}
