"""The alerts that fire, as needs of the Overview: a line a rule and tournament."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Collection

from numtui.analysis.alerts.states import Alert, State
from numtui.format import counted
from numtui.model import Tournament
from numtui.money import ZERO
from numtui.reports.overview.needs import Need, NeedKind, few_names
from numtui.store.queries.alerts import alerts

# What the Overview finds by itself, with or without a rule.
LISTED = {"no_submission", "bad_submission", "claim_due", "release_free", "key_refused", "stake_rule"}


def alert_needs(connection: sqlite3.Connection, tournaments: Collection[Tournament]) -> list[Need]:
    """The firing alerts of these tournaments, and of none, but for those that the Overview lists anyway."""
    groups: dict[tuple[str, Tournament | None], list[Alert]] = defaultdict(list)
    for alert in alerts(connection):
        of = alert.identity.tournament
        if alert.state is State.FIRING and alert.kind not in LISTED and (of is None or of in tournaments):
            groups[alert.kind, of].append(alert)
    return [_need(kind, tournament, group) for (kind, tournament), group in groups.items()]


def _need(kind: str, tournament: Tournament | None, group: list[Alert]) -> Need:
    first = group[0]
    names = [alert.identity.model for alert in group if alert.identity.model is not None]
    unique = list(dict.fromkeys(names))
    text = f"{counted(len(group), 'alert')} {kind}: {few_names(unique)}"
    return Need(
        NeedKind.ALERT,
        f"{kind}: {first.text}" if len(group) == 1 else text.removesuffix(": "),
        None if tournament is None else tournament.label,
        names[0] if len(group) == 1 and names else None,
        amount=sum((alert.nmr or ZERO for alert in group), ZERO) or None,
        deadline=min((alert.deadline for alert in group if alert.deadline is not None), default=None),
        rule=kind,
        alert=first.number,
        models=tuple(unique),
    )
