"""The lock of an account: one stake action at a time, in whatever process and on whatever cache."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from numtui import config
from numtui.stake.errors import LockHeld, StakeError
from numtui.stake.journal.file import account_key, private_folder

log = logging.getLogger(__name__)


def lock_path(state_dir: Path, account: str) -> Path:
    """The account's lock file."""
    return state_dir / f"stake-{account_key(account)}.lock"


def shared_lock_path(account: str, service: str) -> Path:
    """The account's lock file beside all state folders: in the one that this user has by default. `service`: a URL."""
    return config.state_dir() / "locks" / f"stake-{account_key(f'{account} {service}')}.lock"


@contextmanager
def account_lock(state_dir: Path, account: str, service: str | None = None) -> Iterator[None]:
    """Hold the account's lock; LockHeld at once where another process (or another action here) has it.

    With `service` it is held for every state folder of this user; where there can be no such lock, for this one alone.
    It ends with the process, so one that was killed leaves none behind.
    """
    try:
        private_folder(state_dir)
        locks = [_acquired(lock_path(state_dir, account))]
    except OSError as error:
        raise StakeError(f"the state folder {state_dir} cannot be used: {error}") from error
    try:
        if service is not None:
            locks.extend(_shared(account, service))
        yield
    finally:
        for lock in reversed(locks):
            lock.release()


def _shared(account: str, service: str) -> list[BaseFileLock]:
    path = shared_lock_path(account, service)
    try:
        private_folder(path.parent)
        return [_acquired(path)]
    except OSError as error:
        log.warning("two state folders of one account are not kept apart, %s cannot be used: %s", path.parent, error)
        return []


def _acquired(path: Path) -> BaseFileLock:
    lock = FileLock(path, timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout:
        raise LockHeld("another numtui is changing or reconciling this account's stakes: nothing was sent") from None
    path.chmod(0o600)
    return lock
