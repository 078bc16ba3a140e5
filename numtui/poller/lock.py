"""Who polls, and who watches: locks on files beside the database, which the kernel releases when a process dies."""

from __future__ import annotations

import os
from pathlib import Path

from filelock import FileLock, Timeout

from numtui.store.database import make_private_folder

PRIVATE = 0o600


class PollerLock:
    """Elects the one poller of a database: whoever holds `<db>.lock`."""

    def __init__(self, db: Path) -> None:
        self._db = db
        self._lock = FileLock(f"{db}.lock", timeout=0, mode=PRIVATE, thread_local=False)

    def try_acquire(self) -> bool:
        """Becomes the poller if there is none; whether this is the poller now. OSError when the folder refuses."""
        make_private_folder(self._db)
        try:
            self._lock.acquire()
        except Timeout:
            return False
        return True

    def release(self) -> None:
        """Lets another process become the poller."""
        self._lock.release()

    def is_free(self) -> bool:
        """Whether no process polls; asked without becoming the poller for longer than the question takes."""
        if not self.try_acquire():
            return False
        self.release()
        return True


class ViewerMark:
    """Says that this process watches a database: a locked file `<db>.viewer-PID`."""

    def __init__(self, db: Path) -> None:
        self._path = Path(f"{db}.viewer-{os.getpid()}")
        self._lock: FileLock | None = None
        self._inode = 0

    def keep(self) -> None:
        """Sets the mark, or sets it again where a poller took it for a dead process's and removed it."""
        if self._lock is not None and self._path.exists() and self._path.stat().st_ino == self._inode:
            return
        self.remove()
        make_private_folder(self._path)
        lock = FileLock(self._path, mode=PRIVATE, thread_local=False)
        lock.acquire(timeout=1)
        self._lock, self._inode = lock, self._path.stat().st_ino

    def remove(self) -> None:
        """Takes the mark away."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None
            self._path.unlink(missing_ok=True)


def viewers(db: Path) -> int:
    """How many processes watch a database; the marks of dead ones are removed."""
    living = 0
    for mark in db.parent.glob(f"{db.name}.viewer-*"):
        lock = FileLock(mark, timeout=0, mode=PRIVATE)
        try:
            lock.acquire()
        except Timeout:
            living += 1
            continue
        mark.unlink(missing_ok=True)
        lock.release()
    return living
