"""The checks of this machine: whether the program may write where it must, and whether the rules can be read."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from numtui.analysis.rules.config import Evidence
from numtui.config import Settings, read_file
from numtui.errors import NumtuiError
from numtui.stake.rules.settings import configured_rules

Line = tuple[str, bool | None, str]  # what was looked at, whether it is well (None: a remark), and a line for the user


def examine(settings: Settings) -> Iterator[Line]:
    """A line for each folder that is written to, and one for the rules of the settings file."""
    for what, folder in (("cache", settings.db.parent), ("state", settings.state_dir)):
        reason = why_not_writable(folder)
        yield (
            what,
            reason is None,
            f"{folder} {'can be written' if reason is None else f'cannot be written: {reason}'}",
        )
    yield from _rules(settings)


def why_not_writable(folder: Path) -> str | None:
    """Why no file can be made in `folder`, or in the nearest folder above it that is there; None where one can."""
    try:
        nearest = next(place for place in (folder.absolute(), *folder.absolute().parents) if place.exists())
        with tempfile.TemporaryFile(dir=nearest):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


def _no_evidence() -> Evidence:
    """In the place of a backtest: whether the rules can be read does not hang on it."""
    return Evidence({}, Decimal(0))


def _rules(settings: Settings) -> Iterator[Line]:
    try:
        if read_file(settings.config_file, required=False).get("rules"):
            count = len(configured_rules(settings.config_file, _no_evidence).rules)
            yield "rules", True, f"{count} stake rule{'' if count == 1 else 's'} in the settings file"
    except NumtuiError as error:
        yield "rules", False, str(error)
