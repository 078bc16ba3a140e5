"""What needs the user, read from the cache: quick, so that the first frame and every header can have it."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from numtui.reports.overview.alerts import alert_needs
from numtui.reports.overview.needs import Need, TournamentFacts, needs
from numtui.reports.overview.rules import rule_needs
from numtui.reports.stake.claims import claims
from numtui.reports.stake.status import AccountStatus
from numtui.store.queries.polls import last_failure
from numtui.store.queries.submissions import submission_round

if TYPE_CHECKING:  # brings the rules of alerts with it
    from numtui.reports.alerts.facts import Proposals


def account_needs(
    connection: sqlite3.Connection, status: AccountStatus, now: datetime, proposals: Proposals | None = None
) -> list[Need]:
    """What needs the user in these tournaments, firing alerts among it, and stake rules by their `proposals`. Quick: it
    reads no scores, but for rules that want evidence."""
    facts = {
        item.tournament: TournamentFacts(
            claims=claims(connection, item.tournament),
            target=submission_round(connection, item.tournament, now),
            failure=last_failure(connection, item.tournament),
        )
        for item in status.tournaments
    }
    due = [] if proposals is None else rule_needs(connection, facts, now, proposals)
    return needs(status, facts, now, [*alert_needs(connection, [*facts]), *due])
