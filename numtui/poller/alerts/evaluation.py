"""The evaluation of all rules: facts are read, states and what there is to tell are written in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass

from numtui.alert_rules import AlertRule
from numtui.analysis.alerts.checking import check_rules
from numtui.analysis.alerts.findings import Check
from numtui.analysis.alerts.states import ACTIVE, State, changes
from numtui.clock import Clock
from numtui.config import Settings
from numtui.poller.alerts.channels import channel_names
from numtui.reports.alerts.facts import Sources, collect_facts
from numtui.reports.alerts.rules_in_force import AlertRuleError, check_names, rules_in_force
from numtui.store.database import open_reader, open_writer, read_transaction, transaction
from numtui.store.queries.alerts import HistoryRow, alerts, checks, history_since
from numtui.store.queries.firing import firing_count, last_entry
from numtui.store.writes.alerts import put_changes, put_checks


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What came of an evaluation: what each rule found, the changes that are news, how many alerts fire now, and lines
    on rules that can do nothing."""

    checks: tuple[Check, ...]
    news: tuple[HistoryRow, ...]
    firing: int
    problems: tuple[str, ...]


def evaluate(settings: Settings, clock: Clock, sources: Sources, *, strict: bool = False) -> Evaluation:
    """Holds all rules against the cache and writes what changed, with what is to be delivered.

    Whoever dies between the two has written both or neither. Uses connections of its own. `strict`: AlertRuleError for
    a rule that can do nothing. StoreErrors.
    """
    now = clock.now().replace(microsecond=0)
    with closing(open_reader(settings.db)) as connection, read_transaction(connection):
        rules, problems, _ = rules_in_force(connection, settings)
        try:
            check_names(connection, settings, rules)
        except AlertRuleError as error:
            if strict:
                raise
            problems = (*problems, str(error))
        if not rules and not checks(connection) and not any(row.state in ACTIVE for row in alerts(connection)):
            return Evaluation((), (), 0, problems)
        found = check_rules(rules, collect_facts(connection, settings, rules, now, sources))
    with closing(open_writer(settings.db)) as connection, transaction(connection):
        known = {alert.identity: alert for alert in alerts(connection)}
        before = last_entry(connection)
        told = put_changes(
            connection,
            changes(known, found, now),
            now,
            channels=channel_names(settings.notify),
            tell=_told(settings),
        )
        put_checks(connection, found, now)
        news = [row for row in history_since(connection, before) if row.entry in told]
        return Evaluation(tuple(found), tuple(news), firing_count(connection), problems)


def _told(settings: Settings) -> Sequence[State]:
    over = settings.notify is None or settings.notify.cleared
    return (State.FIRING, State.CLEARED) if over else (State.FIRING,)


def findings(settings: Settings, clock: Clock, sources: Sources, kind: str | None = None) -> list[Check]:
    """What the rules (of one kind) find now; nothing is written. AlertRuleError, StoreErrors."""
    with closing(open_reader(settings.db)) as connection, read_transaction(connection):
        rules: Sequence[AlertRule] = rules_in_force(connection, settings).rules
        check_names(connection, settings, rules)
        chosen = [rule for rule in rules if kind in {None, rule.kind}]
        return check_rules(chosen, collect_facts(connection, settings, chosen, clock.now(), sources))
