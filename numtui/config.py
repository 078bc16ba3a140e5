"""Settings: option > environment > file > default. click reads the first two; this module knows the rest.

The file is TOML (`numtui config` prints where it is and what is in force). Keys of the API are never in it: they come
the way numerapi takes them, from NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numtui.errors import USAGE, NumtuiError
from numtui.model import Tournament

if TYPE_CHECKING:
    from numtui.alert_rules import AlertRule
    from numtui.config_file import ConfigFile, Notify

API_URL = "https://api-tournament.numer.ai"
PUBLIC_ID = "NUMERAI_PUBLIC_ID"
SECRET_KEY = "NUMERAI_SECRET_KEY"


class ConfigError(NumtuiError, ValueError):
    """A setting that cannot be used; its text is one line that says which and what to do."""

    exit_code = USAGE


@dataclass(frozen=True, slots=True)
class Credentials:
    """An API key. The secret shows in no repr, and so in no log or traceback."""

    public_id: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force for this process.

    `api_urls`: the endpoint, then its alternatives for reads. `poll_interval` and the time-outs in seconds. `watch`:
    names of models to watch by tournament, beside those marked in the program. `state_dir` holds what outlives a cache:
    the stake journal and its locks. `epochs`: the user's own ranges of rounds by tournament and name, as text.
    `time_zone`: of the times on screen (None: UTC). `start_screen`: by name (None: the last one).
    `quiet`: the screens look for news twice a minute and ring no bell. `insecure_keys`: keys may go to http:// on
    another host. `no_field`: the poller fetches no rounds with everybody in them. `staker`: the address of the
    account's strategy contract by tournament. `alerts`: the rules of [[alerts]], `notify` how their changes are
    delivered (None: by the bell of a terminal). `profile`: the one whose settings these are. `key_command`: prints the
    API key (empty: there is none). `keyring`: the name under which the system's keyring holds it.
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
    total_timeout: float = 180.0
    concurrency: int = 8
    fiat: str = "USD"
    time_zone: str | None = None
    theme: str | None = None
    start_screen: str | None = None
    insecure_keys: bool = False
    no_field: bool = False
    quiet: bool = False
    simulated: bool = False
    watch: Mapping[Tournament, tuple[str, ...]] = field(default_factory=dict)
    epochs: Mapping[Tournament, Mapping[str, str]] = field(default_factory=dict)
    staker: Mapping[Tournament, str] = field(default_factory=dict)
    alerts: tuple[AlertRule, ...] = ()
    notify: Notify | None = None
    profile: str | None = None
    key_command: tuple[str, ...] = field(default=(), repr=False)
    keyring: str | None = None

    @property
    def has_key_source(self) -> bool:
        """Whether a command or the system's keyring has the API key where the environment has none."""
        return bool(self.key_command or self.keyring)


def data_dir() -> Path:
    """The folder of the cache."""
    import platformdirs  # not needed by --version and --help

    return Path(platformdirs.user_data_dir("numtui", appauthor=False))


def state_dir() -> Path:
    """The folder of journal and locks, apart from any cache."""
    import platformdirs  # not needed by --version and --help

    return Path(platformdirs.user_state_dir("numtui", appauthor=False))


def config_file() -> Path:
    """The path at which the settings file is looked for."""
    import platformdirs  # not needed by --version and --help

    return Path(platformdirs.user_config_dir("numtui", appauthor=False)) / "numtui.toml"


def read_file(path: Path, *, required: bool) -> dict[str, Any]:
    """The settings file's content, each key checked; empty where there is none unless `required`.

    ConfigError with one line when it cannot be read, a key does not exist, or a value is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        if required:
            raise ConfigError(f"there is no settings file {path}") from None
        return {}
    except OSError as error:
        raise ConfigError(f"the settings file {path} cannot be read: {error.strerror or 'no reason given'}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"the settings file {path} is not UTF-8 text") from None
    import tomllib  # only where there is a file

    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"the settings file {path} is not TOML: {error}") from None
    except RecursionError:
        raise ConfigError(f"the settings file {path} is nested too deep") from None
    if content:
        _checked(content, path)
    return content


def _checked(content: Mapping[str, Any], path: Path) -> ConfigFile:
    from numtui.config_file import checked  # its library is loaded only where there is something to check

    try:
        return checked(content)
    except ValueError as error:
        raise ConfigError(f"the settings file {path}: {error}") from None


def with_profile(content: Mapping[str, Any], name: str | None, path: Path) -> dict[str, Any]:
    """The settings of a checked file with those of a profile over them (None: without). A profile without `db` and
    `state_dir` has files of its own beside those in force, called by its name. ConfigError where there is no such one.
    """
    plain = {key: value for key, value in content.items() if key != "profiles"}
    if name is None:
        return plain
    profiles = content.get("profiles", {})
    if name not in profiles:
        known = ", ".join(sorted(profiles)) or "none"
        raise ConfigError(f"there is no profile {name!r} in {path}: it has {known}")
    if not name.replace("-", "").replace("_", "").isalnum():
        raise ConfigError(f"a profile is called by letters, digits, - and _, not {name!r}")
    from numtui.config_file import KEY_SOURCES  # its library is there: the file was checked

    own = {"db": str(data_dir() / name / "numtui.sqlite"), "state_dir": str(state_dir() / name)}
    if any(source in profiles[name] for source in KEY_SOURCES):  # another key than that of the settings above
        plain = {key: value for key, value in plain.items() if key not in KEY_SOURCES}
    return {**plain, **own, **profiles[name]}


def profile_names(path: Path) -> tuple[str, ...]:
    """The profiles of a settings file, by name; none where there is no file. ConfigError as `read_file`."""
    return tuple(sorted(read_file(path, required=False).get("profiles", {})))


def alert_settings(content: Mapping[str, Any]) -> tuple[tuple[AlertRule, ...], Notify | None]:
    """The rules of [[alerts]] and the table [notify] of a checked file; nothing is imported where there are none."""
    if not content.get("alerts") and "notify" not in content:
        return (), None
    from numtui.alert_rules import checked_rules  # their library is loaded only where there is something to read
    from numtui.config_file import checked_value

    notify = checked_value("notify", content["notify"]) if "notify" in content else None
    return checked_rules(content.get("alerts", [])), notify


def by_tournament(table: Mapping[str, Any]) -> dict[Tournament, Any]:
    """A checked table of the file with tournaments in the place of their labels."""
    return {Tournament.from_label(label): value for label, value in table.items()}


def zone(name: str) -> tzinfo:
    """The time zone of that name. ConfigError when there is none."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # only where one is set

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(f'there is no time zone {name!r}: write one such as "Europe/Berlin" or "UTC"') from None


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

    try:
        with path.open(encoding="utf-8-sig") as stream:
            values = dotenv_values(stream=stream)
    except FileNotFoundError:
        raise ConfigError(f"there is no file {path}") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text") from None
    return {name: value for name, value in values.items() if value is not None}
