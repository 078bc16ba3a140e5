"""The API key in the keyring of the system: GNOME's, KDE's, the macOS Keychain, and what else the library knows."""

from __future__ import annotations

from types import ModuleType

from numtui.config import PUBLIC_ID, SECRET_KEY, ConfigError
from numtui.printable import printable

NO_PACKAGE = "the keyring needs one more package: pip install 'numtui[keyring]'"
NO_KEYRING = "there is no keyring on this system that the package knows: use key_command or the environment"


def key_of_keyring(name: str) -> dict[str, str]:
    """The API key that is kept under a name, as the environment would have it. ConfigError without one, and where the
    keyring cannot be asked."""
    library = _library()
    try:
        key = {half: library.get_password(name, half) for half in (PUBLIC_ID, SECRET_KEY)}
    except library.errors.KeyringError as error:
        raise _said(library, error) from None
    if not all(key.values()):
        raise ConfigError(f"the keyring has no API key under {name!r}: `numtui config keyring` puts it there")
    return key


def keep_key(name: str, public_id: str, secret_key: str) -> None:
    """Keep both halves of an API key under a name, in the place of what was there. ConfigError."""
    library = _library()
    try:
        library.set_password(name, PUBLIC_ID, public_id)
        library.set_password(name, SECRET_KEY, secret_key)
    except library.errors.KeyringError as error:
        raise _said(library, error) from None


def forget_key(name: str) -> None:
    """Take away what is kept under a name. ConfigError where there is nothing."""
    library = _library()
    try:
        kept = [half for half in (PUBLIC_ID, SECRET_KEY) if library.get_password(name, half)]
        for half in kept:
            library.delete_password(name, half)
    except library.errors.KeyringError as error:
        raise _said(library, error) from None
    if not kept:
        raise ConfigError(f"the keyring has no API key under {name!r}")


def _library() -> ModuleType:
    try:
        import keyring  # slow to import, and an extra
        import keyring.errors
    except ImportError:
        raise ConfigError(NO_PACKAGE) from None
    return keyring


def _said(library: ModuleType, error: Exception) -> ConfigError:
    if isinstance(error, library.errors.NoKeyringError):
        return ConfigError(NO_KEYRING)
    if isinstance(error, library.errors.KeyringLocked):
        return ConfigError("the keyring is locked: unlock it, then try again")
    why = printable(str(error)).strip() or "no reason given"
    return ConfigError(f"the keyring cannot be used: {why}")
