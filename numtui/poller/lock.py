"""Lock files beside the database: one for who polls, one for who fetches, one for each who watches.

The kernel releases them when a process dies. A holder shows that it lives by touching a file; one that has stopped
(SIGSTOP, a hung loop) is ended by who waits for the lock.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from filelock import FileLock, Timeout

from numtui.store.database import make_private_folder
from numtui.store.errors import as_store_errors

log = logging.getLogger(__name__)

PRIVATE = 0o600
BEAT_EVERY = 3.0  # seconds between two signs of life of a holder
HUNG_AFTER = 30.0  # seconds without one, as the one who waits counts them
PATIENCE = 600.0  # seconds that a holder may ask for before long work that no sign can interrupt
GRACE = 2.0  # seconds between asking a hung holder to end and ending it


class HeldLock:
    """A lock `<db>.<kind>`, of the file that the database's path leads to, with its holder's sign of life beside it."""

    kind = "lock"

    def __init__(self, db: Path) -> None:
        self._db = db.resolve()
        self._lock = FileLock(f"{self._db}.{self.kind}", timeout=0, mode=PRIVATE, thread_local=False)
        self._sign = Path(f"{self._db}.{self.kind}-holder")

    def try_acquire(self) -> bool:
        """Takes the lock if it is free; whether it is held now. StoreErrors when the folder refuses."""
        with as_store_errors(self._db):
            if not self._take():
                return False
            self.beat()
        return True

    def _take(self) -> bool:
        make_private_folder(self._db)
        try:
            self._lock.acquire()
        except Timeout:
            return False
        return True

    def beat(self, patience: float = HUNG_AFTER) -> None:
        """Shows that the holder lives; `patience`: seconds until it will again. What the disk refuses costs nothing."""
        mark = {"pid": os.getpid(), "born": birth(os.getpid()), "host": os.uname().nodename, "patience": patience}
        try:
            if self._sign.exists() and patience == HUNG_AFTER and self._read() == mark:
                os.utime(self._sign)
            else:
                draft = self._sign.with_name(f"{self._sign.name}.{os.getpid()}")
                draft.write_text(json.dumps(mark))
                draft.chmod(PRIVATE)
                draft.replace(self._sign)
        except OSError as error:
            log.debug("no sign of life: %s", error)

    def release(self) -> None:
        """Lets another process have it."""
        self._lock.release()

    def is_free(self) -> bool:
        """Whether no process holds it; asked without holding it for longer than the question takes."""
        with as_store_errors(self._db):
            if not self._take():
                return False
        self._lock.release()
        return True

    def sign(self) -> tuple[int, dict[str, object]]:
        """The holder's last sign of life (a number that changes with each) and what it says of itself."""
        try:
            return self._sign.stat().st_mtime_ns, self._read()
        except OSError:
            return 0, {}

    def _read(self) -> dict[str, object]:
        try:
            mark = json.loads(self._sign.read_text())
        except (ValueError, UnicodeDecodeError):
            return {}
        return mark if isinstance(mark, dict) else {}


class PollerLock(HeldLock):
    """Elects the one poller of a database, which holds it for its life."""


class FetchLock(HeldLock):
    """Held while anything is fetched into the database, by the poller and by exports alike."""

    kind = "fetch"


class HungHolder:
    """Ends the holder of a lock that shows no life. Ask it again and again while waiting for the lock."""

    def __init__(self, lock: HeldLock, now: Callable[[], float] = time.monotonic) -> None:
        self._lock = lock
        self._now = now
        self._last: int | None = None
        self._since = 0.0
        self._asked: float | None = None

    def look(self) -> bool:
        """Whether the holder hangs, and was told to end; once that has not helped, the kernel ends it."""
        sign, holder = self._lock.sign()
        if sign != self._last:
            self._last, self._since, self._asked = sign, self._now(), None
            return False
        patience = holder.get("patience")
        waited = self._now() - self._since
        if waited < (patience if isinstance(patience, int | float) else HUNG_AFTER):
            return False
        pid = _holder_of(holder)
        if pid is None:
            return False
        number = signal.SIGTERM if self._asked is None else signal.SIGKILL
        if self._asked is None:
            self._asked = self._now()
            log.warning("process %d holds the cache and has shown no life for %.0f s: it is ended", pid, waited)
        elif self._now() - self._asked < GRACE:
            return True
        try:
            os.kill(pid, number)
        except OSError as error:
            log.warning("process %d holds the cache, shows no life and cannot be ended: %s", pid, error.strerror)
        return True


def _holder_of(mark: dict[str, object]) -> int | None:
    """The process that a mark names, where it is surely that one: on this machine, and born when the mark says."""
    pid = mark.get("pid")
    if not isinstance(pid, int) or pid == os.getpid() or mark.get("host") != os.uname().nodename:
        return None
    born = birth(pid)
    return pid if born is not None and born == mark.get("born") else None


def birth(pid: int) -> str | None:
    """When a process began, in a form that only serves to be compared; None where the system does not tell."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return None
    return stat.rpartition(")")[2].split()[19]  # field 22, starttime


class ViewerLock:
    """The sign that this process watches a database: a locked file `<db>.viewer-PID`."""

    def __init__(self, db: Path) -> None:
        self._path = Path(f"{db.resolve()}.viewer-{os.getpid()}")
        self._lock: FileLock | None = None
        self._inode = 0

    def keep(self) -> None:
        """Sets the mark, or sets it again where a poller took it for a dead process's and removed it. StoreErrors."""
        with as_store_errors(self._path):
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
    living, db = 0, db.resolve()
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
