"""The log file that takes the log lines while the screens are open: they would overwrite what is drawn."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from numtui.config import PUBLIC_ID, SECRET_KEY, Settings
from numtui.printable import printable
from numtui.reports.logs import SCREENS_LOG

SIZE = 1_000_000  # bytes of a file
KEPT = 2  # files beside the newest
PRIVATE = 0o600
SECRETS = (SECRET_KEY, PUBLIC_ID)
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_file(settings: Settings) -> Path:
    """The file that log lines go to while the screens are open."""
    return settings.state_dir / SCREENS_LOG


class PrivateFile(RotatingFileHandler):
    """A rotating log file that nobody else can read."""

    def _open(self) -> TextIOWrapper:
        os.close(os.open(self.baseFilename, os.O_WRONLY | os.O_CREAT | os.O_APPEND, PRIVATE))
        Path(self.baseFilename).chmod(PRIVATE)
        return super()._open()


class Redacted(logging.Formatter):
    """A formatter that leaves out the halves of the API key, and anything that a terminal would obey."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, or lines where there is a traceback."""
        text = super().format(record)
        for name in SECRETS:
            secret = os.environ.get(name, "")
            if secret:
                text = text.replace(secret, "***")
        return "\n".join(printable(line) for line in text.splitlines())


@contextmanager
def logged_to_file(settings: Settings) -> Iterator[None]:
    """In the block log lines and warnings go to `log_file`, or nowhere where it cannot be written."""
    root, before = logging.getLogger(), logging.getLogger().handlers[:]
    handler: logging.Handler
    try:
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = PrivateFile(log_file(settings), maxBytes=SIZE, backupCount=KEPT, encoding="utf-8")
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(Redacted(FORMAT))
    root.handlers[:] = [handler]
    logging.captureWarnings(capture=True)
    try:
        yield
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:] = before
        handler.close()
