"""What needs the user, read from the cache in a thread: for the Overview, and for the count in every header."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from numtui.model import Tournament
from numtui.store.queries.stakes.account import account_name
from numtui.tui.data import ReadRequest

if TYPE_CHECKING:
    from numtui.reports.alerts.facts import Proposals
    from numtui.reports.overview.needs import Need

EVERY = tuple(Tournament)


def locked_models(request: ReadRequest, account: str) -> frozenset[str]:
    """The models whose last change has an unknown outcome."""
    from numtui.stake.journal.journal import Journal, locks_of  # in the thread

    locked, _ = locks_of(Journal(request.settings.state_dir, account))
    return locked


def due_rules(request: ReadRequest) -> Proposals:
    """What reads the proposals of the user's stake rules."""
    from numtui.stake.rules.due import proposals_due  # in the thread

    return partial(proposals_due, request.settings.config_file)


def read_needs(
    connection: sqlite3.Connection, request: ReadRequest, tournaments: Sequence[Tournament] = EVERY
) -> list[Need] | None:
    """What needs the user in these tournaments, the most urgent first; None without an account."""
    from numtui.reports.overview.account_needs import account_needs  # in the thread, behind the first frame
    from numtui.reports.stake.status import account_status

    account = account_name(connection)
    if account is None:
        return None
    status = account_status(connection, request.now, locked_models(request, account), tournaments)
    return account_needs(connection, status, request.now, due_rules(request))


def count_needs(connection: sqlite3.Connection, request: ReadRequest) -> int | None:
    """How many there are in all tournaments."""
    needs = read_needs(connection, request)
    return None if needs is None else len(needs)
