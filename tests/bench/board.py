"""A cache of 15,000 models, and `numtui` on it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from numtui.clock import MINUTES_A_DAY, VARIABLE, ScaledClock, clock_to_text
from tests.tui import filled  # the tests' own cache

MODELS = 15_000
FRAME = b"READ-ONLY"  # in the header of the first frame
SHOWN = b"aurora"  # a model of the account: whichever screen is the first shows it
BOARD, ON_BOARD = "1", b"model_0009"  # the key of the leaderboard, and what it shows
NUMTUI = """
import sys
sys.argv = ["numtui", *{arguments!r}]
from numtui.cli import main
main()
"""


def numtui(*arguments: str) -> str:
    """Python code that runs `numtui` with these arguments as its installed script does."""
    return NUMTUI.format(arguments=arguments)


@contextmanager
def compiled() -> Iterator[Path]:
    """A folder that takes the bytecode of the programs that are started, as an installed program has its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        os.environ["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        yield Path(folder)


@contextmanager
def board() -> Iterator[str]:
    """Python code that shows the leaderboard of a filled cache; its time goes on from the cache's."""
    with compiled() as folder:
        filled.fill(folder / "cache.sqlite", MODELS)
        clock = clock_to_text(ScaledClock(datetime.now(UTC), filled.NOW, 1 / MINUTES_A_DAY))
        assert clock is not None
        os.environ[VARIABLE] = clock
        where = {"--db": "cache.sqlite", "--state-dir": "state", "--config": "numtui.toml"}
        (folder / "numtui.toml").touch()
        yield numtui("--offline", *(word for name, file in where.items() for word in (name, str(folder / file))))
