"""The computations of the backtest screen: in a thread, on a connection of their own."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

from numtui.config import Settings
from numtui.model import Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.store.database import open_reader

if TYPE_CHECKING:
    from numtui.reports.backtest.study import Study

SWITCH_SECONDS = 0.0005


def compute(
    settings: Settings, tournament: Tournament, query: BacktestQuery, progress: Callable[[float], None]
) -> Study | None:
    """The study of a query, in a thread, on a connection of its own. What `progress` raises stops it.

    Python hands over between threads every 5 ms by default; a key needs several turns, so they are made shorter.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    from numtui.reports.backtest.study import study  # brings numpy with it: not before it is needed, nor on the loop
    from numtui.reports.epochs import rounds_named

    with closing(open_reader(settings.db)) as connection:
        rounds = rounds_named(settings, tournament, query.rounds)
        return study(connection, tournament, query, rounds, progress=progress)


def walk(of: Study) -> Study:
    """The study with its walk forward, in a thread."""
    from numtui.reports.backtest.study import with_walk  # loaded already: the study comes from there

    return with_walk(of)
