"""The root of all errors that are told to the user, and the exit codes of commands: scripts rely on them."""

from __future__ import annotations

from typing import ClassVar

DONE = 0
FAILED = 1
USAGE = 2
UNREACHABLE = 3  # the API could not be reached and the cache was not enough
NO_DATA = 4  # nothing to show
ALERT = 5  # an alert fired
INTERRUPTED = 130


class NumtuiError(Exception):
    """A failure with words for the user: `str(error)` is one line, what happened and what to do, never a secret.

    `exit_code`: of a command that ends with it. Commands and screens catch this, sqlite3.Error and OSError; any other
    exception is a fault of the program.
    """

    exit_code: ClassVar[int] = FAILED


def fault_line(error: BaseException) -> str:
    """The one line on an exception that is a fault of the program; the log has it with its traceback."""
    said = " ".join(str(error).split())
    return f"a fault of numtui ({type(error).__name__}{f': {said}' if said else ''}); run with --log-level debug"
