"""The settings file's keys: type, bounds and words of each. Imported only where there is a file or a value to check.

An option and an environment variable of the same name take the same values.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta

from numtui.alert_rules import checked_rules, meant, shown

Label = Literal["classic", "signals", "crypto"]
Level = Literal["debug", "info", "warning", "error"]
Flag = Annotated[bool, Meta(description="true or false")]
Name = Annotated[str, Meta(min_length=1)]
Path = Annotated[str, Meta(min_length=1, max_length=4096, description="a path, as text")]
Seconds = Annotated[float, Meta(ge=0.5, le=86_400, description="seconds, from 0.5 to 86400")]
Whole = Annotated[int, Meta(ge=1, le=32, description="a whole number from 1 to 32")]
Addresses = Annotated[str | list[str], Meta(description="an address, or a list of addresses")]
Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$", description='three capitals such as "USD"')]
Zone = Annotated[str, Meta(pattern="^[A-Za-z0-9_+/-]+$", description='a time zone such as "Europe/Berlin" or "UTC"')]
ScreenName = Annotated[str, Meta(pattern="^[a-z]+$", description='a screen\'s name such as "overview"')]
Theme = Annotated[str, Meta(pattern="^[a-z0-9-]+$", description='a theme\'s name such as "textual-dark"')]
Contract = Annotated[str, Meta(pattern="^0x[0-9a-fA-F]{40}$")]


Url = Annotated[str, Meta(pattern="^[a-zA-Z0-9]+://.+")]
Words = Annotated[list[Name], Meta(min_length=1, description='a list such as ["/home/me/alert.sh", "--loud"]')]
KeyWords = Annotated[list[Name], Meta(min_length=1, description='a list such as ["pass", "show", "numerai"]')]
KeyringName = Annotated[str, Meta(min_length=1, max_length=200, description='a name such as "numtui"')]
Urls = Annotated[list[Url], Meta(description='a list of apprise addresses such as ["ntfy://my-topic"]')]
Hour = "([01][0-9]|2[0-3]):[0-5][0-9]"
Quiet = Annotated[str, Meta(pattern=f"^{Hour}\\.\\.{Hour}$", description='hours such as "22:00..07:30"')]
Timeout = Annotated[float, Meta(ge=1, le=600, description="seconds, from 1 to 600")]


class Notify(msgspec.Struct, forbid_unknown_fields=True, frozen=True, omit_defaults=True):
    """How changes of alerts are delivered; `urls` may hold secrets, so no repr shows them.

    `bell`: bell and OSC 9 in the terminal; `cleared`: also that an alert is over; `quiet`: hours of the day in which
    nothing is sent; `timeout`: seconds that one delivery may take.
    """

    bell: Flag = True
    command: Words | None = None
    urls: Urls = []
    quiet: Quiet | None = None
    cleared: Flag = True
    timeout: Timeout = 30.0

    def __repr__(self) -> str:
        return f"Notify(bell={self.bell}, command={self.command}, {len(self.urls)} urls, quiet={self.quiet})"


class ConfigFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole file; None: the key is not given. What a rule says is read where rules are."""

    db: Path | None = None
    state_dir: Path | None = None
    api_url: Addresses | None = None
    tournament: Annotated[Label, Meta(description="classic, signals or crypto")] | None = None
    offline: Flag | None = None
    ascii: Flag | None = None
    no_color: Flag | None = None
    log_level: Annotated[Level, Meta(description="debug, info, warning or error")] | None = None
    poll_interval: Seconds | None = None
    connect_timeout: Seconds | None = None
    read_timeout: Seconds | None = None
    total_timeout: Seconds | None = None
    concurrency: Whole | None = None
    fiat: Currency | None = None
    time_zone: Zone | None = None
    theme: Theme | None = None
    start_screen: ScreenName | None = None
    insecure_keys: Flag | None = None
    no_field: Flag | None = None
    quiet: Flag | None = None
    dotenv: Path | None = None
    key_command: KeyWords | None = None
    keyring: KeyringName | None = None
    watch: Annotated[dict[Label, list[Name]], Meta(description='a table such as: classic = ["name", "name"]')] = {}
    epochs: Annotated[
        dict[Label, dict[Name, Name]], Meta(description='tables such as [epochs.classic] with: retrained = "1200.."')
    ] = {}
    staker: Annotated[
        dict[Label, Contract], Meta(description='a table such as: classic = "0x...", the contract of 40 hex digits')
    ] = {}
    rules: Annotated[list[dict[str, Any]], Meta(description='[[rules]] tables such as: rule = "take_profit"')] = []
    alerts: Annotated[list[dict[str, Any]], Meta(description='[[alerts]] tables such as: rule = "no_submission"')] = []
    notify: Annotated[Notify, Meta(description="the table [notify]")] = Notify()
    profiles: Annotated[
        dict[Name, dict[str, Any]], Meta(description='tables such as [profiles.work] with: db = "/home/me/work.sqlite"')
    ] = {}


# What the README and `config init` say of each setting: an example or the default as TOML, and words. A key that is no
# table may have the default "" where the program finds one by itself.
EXPLAINED: dict[str, tuple[str, str]] = {
    "db": ("", "the file of the cache; by default in the folder that the system has for data"),
    "state_dir": ("", "the folder of stake journal, notes, locks and log; by default the system's for state"),
    "api_url": (
        '"https://api-tournament.numer.ai"',
        "an address, or a list: the others serve reads when the first is down",
    ),
    "tournament": ('"classic"', "the one that the program begins with: classic, signals or crypto"),
    "offline": ("false", "never use the network"),
    "ascii": ("false", "draw with ASCII characters only; by itself where the locale is not UTF-8"),
    "no_color": ("false", "no colours; NO_COLOR does it too"),
    "log_level": ('"warning"', "debug, info, warning or error"),
    "poll_interval": ("300.0", "seconds between polls"),
    "connect_timeout": ("10.0", "seconds until a connection must stand"),
    "read_timeout": ("60.0", "seconds without a byte after which a request is given up"),
    "total_timeout": ("180.0", "seconds that a request may take in all"),
    "concurrency": ("8", "requests at once, 1 to 32"),
    "fiat": ('"USD"', "currency of prices"),
    "time_zone": ('"UTC"', 'of the times on screen, such as "Europe/Berlin"; exports are in UTC'),
    "theme": ("", "of the screens; by default the last one that was chosen"),
    "start_screen": ("", "overview, leaderboard, rounds ...; by default the last one"),
    "quiet": ("false", "for slow lines: the screens look for news twice a minute, and ring no bell"),
    "no_field": ("false", "after a scoring run the poller leaves out the newest round with everybody in it (1.5 MB)"),
    "insecure_keys": ("false", "let the API key go over http:// to another machine"),
    "dotenv": ("", "a file with NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY"),
    "key_command": ("", "a command that prints the API key, such as a password manager's: id and secret on two lines"),
    "keyring": (
        "",
        "the name of the API key in the system's keyring; `numtui config keyring` puts it there",
    ),
    "watch": ('classic = ["integration_test"]', "models that are watched, by tournament"),
    "epochs": ('retrained = "1200.."', "ranges of rounds of your own by name: [epochs.classic]"),
    "staker": ('classic = "0x0000000000000000000000000000000000000000"', "your strategy contracts, for claims"),
    "rules": ('rule = "take_profit"\ngain = "0.2"', "stake rules: they make plans and send nothing"),
    "alerts": ('rule = "no_submission"', "alert rules"),
    "notify": (
        'bell = true\nquiet = "22:00..07:30"',
        "bell, command, urls, quiet, cleared, timeout: how alerts are told",
    ),
    "profiles": ('tournament = "signals"', "other settings under a name, for --profile: [profiles.NAME]"),
}

KEY_SOURCES = ("key_command", "keyring")  # where the API key is; the first that is set counts
NOT_HERE = {
    "allow_stake": "the file cannot allow changes of stakes: start with --allow-stake each time",
    "public_id": "keys are not read from the file: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY",
    "secret_key": "keys are not read from the file: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY",
}


def checked(content: Mapping[str, Any]) -> ConfigFile:
    """The file's content as TOML gives it. ValueError with one line: the key, its value, and what is allowed."""
    for key, value in content.items():
        checked_value(key, value)
    checked_rules(content.get("alerts", []))
    for name, profile in content.get("profiles", {}).items():
        _check_profile(name, profile)
    return msgspec.convert(content, ConfigFile)


def _check_profile(name: str, profile: Mapping[str, Any]) -> None:
    """ValueError as `checked`: a profile has any setting but profiles."""
    try:
        for key in ("profiles", "rules"):
            if key in profile:
                raise ValueError(f"{key} stand at the top of the file, not in a profile")
        checked(profile)
    except ValueError as error:
        raise ValueError(f"profiles.{name}: {error}") from None


def checked_value(key: str, value: Any, *, text: bool = False) -> Any:
    """The value of one key; `text`: it came as text, from an option or the environment. ValueError as `checked`."""
    if key not in ConfigFile.__struct_fields__:
        raise ValueError(NOT_HERE.get(key) or _unknown(key))
    hint = get_type_hints(ConfigFile, include_extras=True)[key]
    if key == "notify" and isinstance(value, Mapping):
        return _checked_notify(value)
    try:
        return msgspec.convert(value, hint, strict=not text)
    except (msgspec.ValidationError, OverflowError):
        what = f"this {key}" if key == "key_command" else f"{key} = {shown(value)}"  # it may hold a secret
        raise ValueError(f"{what} is not allowed, but {_allowed(hint)}") from None


def without_secrets(url: str) -> str:
    """An address to which alerts go, as it may be shown: any part behind its kind may be a secret."""
    return f"{url.partition('://')[0]}://***"


def _checked_notify(table: Mapping[str, Any]) -> Notify:
    """The table [notify]. ValueError as `checked`; an address and a command are not repeated in it, since they may
    hold a password."""
    hints = get_type_hints(Notify, include_extras=True)
    for key, value in table.items():
        if key not in hints:
            raise ValueError(f"notify has no {key!r}: {meant(key, hints)}")
        try:
            msgspec.convert(value, hints[key])
        except msgspec.ValidationError:
            what = {"urls": "an address", "command": "this command"}.get(key) or shown(value)
            raise ValueError(f"notify.{key}: {what} is not allowed, but {_allowed(hints[key])}") from None
    return msgspec.convert(table, Notify)


def _allowed(hint: Any) -> str:
    """What a key takes, in words."""
    metas = [meta for part in (hint, *get_args(hint)) for meta in getattr(part, "__metadata__", ())]
    return next(str(meta.description) for meta in metas if meta.description)


def _unknown(key: str) -> str:
    keys = ConfigFile.__struct_fields__
    close = get_close_matches(key, (*keys, *NOT_HERE), n=1)
    if close and close[0] in NOT_HERE:
        return NOT_HERE[close[0]]
    return f"there is no setting {key!r}: {meant(key, keys)}"
