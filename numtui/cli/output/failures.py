"""Failures of commands: one line on stderr and an exit code."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path

import click

from numtui.errors import FAILED, NumtuiError, fault_line

log = logging.getLogger("numtui")


def explain(error: Exception) -> int:
    """The exit code of a command that ends with `error`, after one line on stderr that says what happened.

    With --log-level debug the traceback follows.
    """
    line, code = _line_and_code(error)
    click.echo(f"numtui: {line}", err=True)
    log.debug("the error in full", exc_info=error)
    return code


def _line_and_code(error: Exception) -> tuple[str, int]:
    match error:
        case NumtuiError():
            return str(error), error.exit_code
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return f"{where}{error.strerror or error}", FAILED
        case sqlite3.Error():
            from numtui.store.errors import store_error  # only where SQLite failed outside the store's own functions

            return str(store_error(error, Path("the cache"))), FAILED
        case _:
            return fault_line(error), FAILED
