"""The poller on behalf of the screens: started where none works on the database, and asked for new data.

Runs in the viewer's process, so it imports neither httpx nor sqlite_utils.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

from filelock import Timeout

from numtui.config import Settings
from numtui.poller.lock import PRIVATE, HungHolder, PollerLock, ViewerLock
from numtui.reports.logs import POLLER_LOG
from numtui.store.database import make_private_folder, open_writer
from numtui.store.errors import StoreError
from numtui.store.writes import meta

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0  # seconds: a dead poller is replaced well within 10
LONGEST_PAUSE = 60.0  # before a poller that ends in failure is started again
SOUND_AFTER = 10.0  # seconds: a poller that lives so long has begun
LAST_WORDS = 4000  # bytes that hold the last line
LOG_SIZE = 1_000_000  # bytes; a larger log begins anew


class PollerSupervisor:
    """Starts a poller whenever none works on the database, from a thread of its own, until `close`.

    The poller is a child that outlives this process as long as another one watches, and ends with the last. `problem`
    is the line that says why none works; None while one does.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._mark = ViewerLock(settings.db)
        self._lock = PollerLock(settings.db)
        self._hung = HungHolder(self._lock)
        self._child: subprocess.Popen[bytes] | None = None
        self._words: BinaryIO | None = None  # what the child writes
        self.problem: str | None = None
        self._failures = 0
        self._spawned = 0.0
        self._not_before = 0.0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="poller supervisor", daemon=True)

    def start(self) -> None:
        """Marks this process as a viewer, starts a poller where there is none, and goes on watching."""
        self._try_to_look()
        self._thread.start()

    def close(self) -> None:
        """This process watches no longer."""
        self._closing.set()
        self._thread.join(timeout=5)
        self._mark.remove()

    def _watch(self) -> None:
        while not self._closing.wait(LOOK_EVERY):
            self._try_to_look()

    def _try_to_look(self) -> None:
        try:
            self._look()
        except (OSError, StoreError, Timeout) as error:
            problem = f"the poller could not be started: {_reason(error)}"
            if self.problem != problem:
                log.warning("%s", problem)
            self.problem = problem

    def _look(self) -> None:
        self._mark.keep()
        if self._child is not None:
            code = self._child.poll()
            if code is None:
                if time.monotonic() - self._spawned > SOUND_AFTER:
                    self.problem = None
                self._hung.look()
                return
            self._child = None
            failed = code not in {0, 130}  # 130: told to end
            self.problem = self._last_words(code) if failed else None
            self._failures = self._failures + 1 if failed else 0
            pause = min(2.0**self._failures, LONGEST_PAUSE) if failed else 0.0
            self._not_before = time.monotonic() + pause
        if time.monotonic() < self._not_before:
            return
        if self._lock.is_free():
            self._child, self._words = _spawn(self._settings)
            self._spawned = time.monotonic()
        else:
            self.problem = None
            self._hung.look()

    def _last_words(self, code: int) -> str:
        """Why the child ended: its own last line."""
        said: list[str] = []
        if self._words is not None:
            with self._words as words:
                words.seek(max(words.seek(0, os.SEEK_END) - LAST_WORDS, 0))
                said = words.read().decode(errors="replace").splitlines()
            self._words = None
        lines = [line.removeprefix("numtui: ") for line in said if line.startswith("numtui: ")]
        return lines[-1] if lines else f"the poller ended with exit code {code}: {log_file(self._settings)} may say why"


def _reason(error: Exception) -> str:
    """What happened and where, in few words."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}: {error.filename}" if error.filename else error.strerror
    return str(error)


def start_supervisor(settings: Settings) -> PollerSupervisor:
    """A supervisor at work: from now on a poller works on the database; `problem` says why none does."""
    supervisor = PollerSupervisor(settings)
    supervisor.start()
    return supervisor


def child_command(settings: Settings) -> list[str]:
    """The command of a poller with these settings. Keys and clock come to it in the environment."""
    return own_command(settings, "poll", "--child")


def own_command(settings: Settings, *words: str) -> list[str]:
    """A command of this program with these settings, as another process runs it."""
    options = ["--db", str(settings.db), "--state-dir", str(settings.state_dir)]
    if settings.config_file.exists():
        options += ["--config", str(settings.config_file)]
    if settings.profile is not None:
        options += ["--profile", settings.profile]
    for url in settings.api_urls:
        options += ["--api-url", url]
    options += ["--tournament", settings.tournament.label, "--poll-interval", repr(settings.poll_interval)]
    options += ["--log-level", settings.log_level]
    for name in ("connect_timeout", "read_timeout", "total_timeout", "concurrency"):
        options += [f"--{name.replace('_', '-')}", str(getattr(settings, name))]
    for flag in ("simulated", "insecure_keys", "no_field"):
        options += [f"--{flag.replace('_', '-')}"] if getattr(settings, flag) else []
    return [sys.executable, "-m", "numtui", *options, *words]


def log_file(settings: Settings) -> Path:
    """Where a poller that the screens started writes its words."""
    return settings.state_dir / POLLER_LOG


def _spawn(settings: Settings) -> tuple[subprocess.Popen[bytes], BinaryIO]:
    """Starts a poller; what it writes can be read in the file that comes with it."""
    words = _open_log(log_file(settings))
    child = subprocess.Popen(
        child_command(settings),
        stdin=subprocess.DEVNULL,
        stdout=words,
        stderr=words,
        start_new_session=True,  # ctrl+c and the end of an SSH session are the viewer's, not its
    )
    return child, words


def _open_log(path: Path) -> BinaryIO:
    """The log, made anew once it is long; where it cannot be written, a file of this session alone."""
    try:
        make_private_folder(path)
        begin_anew = path.exists() and path.stat().st_size > LOG_SIZE
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | (os.O_TRUNC if begin_anew else 0)
        return os.fdopen(os.open(path, flags, PRIVATE), "r+b", buffering=0)
    except OSError as error:
        log.warning("the poller's words cannot be kept in %s: %s", path, error.strerror)
        return tempfile.TemporaryFile(buffering=0)


def request_refresh(settings: Settings) -> None:
    """Asks the poller, whichever process it is, to poll now. StoreError when the cache cannot be written."""
    with closing(open_writer(settings.db)) as connection:
        meta.request_refresh(connection)
