"""The stake rules that are due, as needs of the Overview: a line a tournament."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from numtui.analysis.alerts.facts import Unknown
from numtui.format import counted
from numtui.model import Tournament
from numtui.money import ZERO, exact_sum
from numtui.reports.overview.needs import Need, NeedKind, few_names

if TYPE_CHECKING:  # brings the rules of alerts with it
    from numtui.reports.alerts.facts import Proposals


def rule_needs(
    connection: sqlite3.Connection, tournaments: Iterable[Tournament], now: datetime, proposals: Proposals
) -> list[Need]:
    """What the user's stake rules propose now; nothing where there are none, or where they cannot be used."""
    needs = []
    for tournament in tournaments:
        facts = proposals(connection, tournament, now)
        due = [] if isinstance(facts, Unknown) else [fact for fact in facts if fact.proposed is not None]
        if due:
            names = [fact.model for fact in due]
            text = f"stake rules propose {counted(len(due), 'change')}: {few_names(names)}"
            model = names[0] if len(due) == 1 else None
            moved = exact_sum(abs((fact.proposed or ZERO) - (fact.current or ZERO)) for fact in due)
            needs.append(Need(NeedKind.RULE, text, tournament.label, model, amount=moved, models=tuple(names)))
    return needs
