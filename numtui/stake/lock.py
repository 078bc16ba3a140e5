"""One stake action an account at a time, in whatever process and on whatever cache."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from numtui.stake.errors import LockHeld, StakeError
from numtui.stake.journal import account_key, private_folder


def lock_path(state_dir: Path, account: str) -> Path:
    """The account's lock file."""
    return state_dir / f"stake-{account_key(account)}.lock"


@contextmanager
def account_lock(state_dir: Path, account: str) -> Iterator[None]:
    """Hold the account's lock; LockHeld at once where another process (or another action here) has it.

    It ends with the process, so one that was killed leaves none behind.
    """
    try:
        private_folder(state_dir)
        path = lock_path(state_dir, account)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        lock = FileLock(path, timeout=0, mode=0o600)
        lock.acquire()
    except Timeout:
        raise LockHeld("another numtui is changing or reconciling this account's stakes: nothing was sent") from None
    except OSError as error:
        raise StakeError(f"the state folder {state_dir} cannot be used: {error}") from error
    try:
        yield
    finally:
        lock.release()
