"""From an exception to one line on stderr and an exit code."""

from __future__ import annotations

import logging

import click

from numtui.analysis.rules.portfolio import RuleError
from numtui.api import errors as api
from numtui.cli import codes
from numtui.config import ConfigError
from numtui.export import ExportError
from numtui.stake.errors import BadInput, StakeError
from numtui.store import errors as store

CODES: tuple[tuple[type[Exception], int], ...] = (
    (api.Unreachable, codes.UNREACHABLE),
    (api.RateLimited, codes.UNREACHABLE),
    (api.BadAnswer, codes.UNREACHABLE),
    (api.ApiError, codes.FAILED),
    (store.NoDatabase, codes.NOTHING),
    (store.StoreError, codes.FAILED),
    (ConfigError, codes.USAGE),
    (ExportError, codes.FAILED),
    (RuleError, codes.USAGE),
    (BadInput, codes.USAGE),
    (StakeError, codes.FAILED),
)


def explain(error: Exception) -> int:
    """Say on stderr what went wrong and what to do; the exit code. With --log-level debug the traceback follows."""
    code = next((code for kind, code in CODES if isinstance(error, kind)), None)
    if code is None and isinstance(error, OSError) and error.strerror:
        where = f"{error.filename}: " if error.filename else ""
        line, code = f"{where}{error.strerror}", codes.FAILED
    else:
        line = str(error) if code is not None else f"{type(error).__name__}: {error}"
    click.echo(f"numtui: {line}", err=True)
    logging.getLogger("numtui").debug("the error in full", exc_info=error)
    return codes.FAILED if code is None else code
