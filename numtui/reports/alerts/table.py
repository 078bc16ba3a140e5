"""The tables of alerts: what fires or has fired, the history of the states, and what each rule found last."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.alert_rules import AlertRule, content, identities, parameters
from numtui.analysis.alerts.findings import Check
from numtui.analysis.alerts.levels import Standing
from numtui.analysis.alerts.states import ACTIVE, Alert
from numtui.config import Settings
from numtui.format import counted
from numtui.model import Column, Kind, Table, Tournament
from numtui.reports.alerts.rules_in_force import rules_in_force
from numtui.store.queries.alerts import CheckRow, alert_history, alerts, checks, delivery_troubles

RULE = Column("rule", Kind.TEXT, doc="the rule's name in the settings file")
MODEL = Column("model", Kind.TEXT, doc="the model's name; empty: about none")
SUBJECT = Column("subject", Kind.TEXT, doc="the round, score or day that it is about, where it is about one")
TEXT = Column("text", Kind.TEXT, "what", "what is the matter")
NMR = Column("nmr", Kind.NMR, "NMR", "the money that it is about")
DEADLINE = Column("deadline", Kind.TIME, doc="when it is too late")
VALUE = Column("value", Kind.FLOAT, doc="what is held against the rule's level")
TOURNAMENT = Column("tournament", Kind.TEXT, doc="classic, signals or crypto; empty: of none")
ALERT_COLUMNS = (
    Column("alert", Kind.INT, "#", "its number: what ack and snooze are told"),
    Column("state", Kind.TEXT, doc="firing, acknowledged, snoozed or cleared"),
    RULE,
    MODEL,
    TEXT,
    NMR,
    DEADLINE,
    Column("since", Kind.TIME, doc="when it last began to fire"),
    Column("until", Kind.TIME, doc="when the snooze ends"),
    Column("changed", Kind.TIME, doc="when its state last changed"),
    VALUE,
    SUBJECT,
    TOURNAMENT,
)
HISTORY_COLUMNS = (
    Column("time", Kind.TIME, doc="when the state changed"),
    Column("alert", Kind.INT, "#", "the alert's number"),
    Column("state", Kind.TEXT, doc="firing, acknowledged, snoozed or cleared"),
    Column("who", Kind.TEXT, doc="poller, or you"),
    RULE,
    MODEL,
    TEXT,
    NMR,
    DEADLINE,
    Column("until", Kind.TIME, doc="when the snooze ends"),
    VALUE,
    SUBJECT,
    TOURNAMENT,
)
RULE_COLUMNS = (
    Column("rule", Kind.TEXT, doc="the rule, and whom it is about where that is not all of the account"),
    Column("levels", Kind.TEXT, doc="its parameters, as far as they are not the defaults"),
    Column("past", Kind.INT, "past level", "subjects past the level"),
    Column("ok", Kind.INT, doc="subjects that are as they should be"),
    Column("not_known", Kind.INT, "not known", "subjects that cannot be judged"),
    Column("reason", Kind.TEXT, doc="why something is not known"),
    Column("time", Kind.TIME, "evaluated", "when it was last held against the cache"),
    Column("source", Kind.TEXT, "made", "in the settings file, or on screen"),
    Column("key", Kind.KEY),
)
FINDING_COLUMNS = (
    RULE,
    Column("finding", Kind.TEXT, doc="past level, ok or not known"),
    MODEL,
    TEXT,
    NMR,
    DEADLINE,
    VALUE,
    SUBJECT,
    TOURNAMENT,
)


class AlertRow(NamedTuple):
    """An alert as `ALERT_COLUMNS` say; None where there is nothing."""

    alert: int | None
    state: str
    rule: str
    model: str | None
    text: str
    nmr: Decimal | None
    deadline: datetime | None
    since: datetime
    until: datetime | None
    changed: datetime
    value: float | None
    subject: str | None
    tournament: str | None


class HistoryLine(NamedTuple):
    """A change of a state as `HISTORY_COLUMNS` say."""

    time: datetime
    alert: int
    state: str
    who: str
    rule: str
    model: str | None
    text: str
    nmr: Decimal | None
    deadline: datetime | None
    until: datetime | None
    value: float | None
    subject: str | None
    tournament: str | None


class RuleRow(NamedTuple):
    """A rule and what it found last in all tournaments, as `RULE_COLUMNS` say; None before it was evaluated."""

    rule: str
    levels: str
    past: int | None
    ok: int | None
    not_known: int | None
    reason: str | None
    time: datetime | None
    source: str
    key: str


class FindingRow(NamedTuple):
    """What a rule finds of a subject, as `FINDING_COLUMNS` say."""

    rule: str
    finding: str
    model: str | None
    text: str
    nmr: Decimal | None
    deadline: datetime | None
    value: float | None
    subject: str | None
    tournament: str | None


def alerts_table(connection: sqlite3.Connection, *, cleared: bool = True) -> Table:
    """Every alert of all tournaments, those that fire first, by deadline; the notes say what is not known, and what
    cannot be delivered. `cleared`: also what is over."""
    rows = [_alert_row(alert) for alert in alerts(connection) if cleared or alert.state in ACTIVE]
    return Table("alerts", ALERT_COLUMNS, rows, notes(connection))


def notes(connection: sqlite3.Connection) -> tuple[str, ...]:
    """Lines on rules that could not be held against anything, and on deliveries that fail."""
    unknown = [
        f"{check.rule}{_in(check.tournament)}: {counted(check.not_known, 'subject') if check.not_known else 'all'} "
        f"not known: {check.reason}"
        for check in checks(connection)
        if check.reason is not None
    ]
    failing = [
        f"delivery by {trouble.channel} fails, tried {counted(trouble.attempts, 'time')}: {trouble.problem}"
        for trouble in delivery_troubles(connection)
    ]
    return (*unknown, *failing)


def _label(tournament: Tournament | None) -> str | None:
    return None if tournament is None else tournament.label


def _in(tournament: Tournament | None) -> str:
    return "" if tournament is None else f" in {tournament.label}"


def history_table(connection: sqlite3.Connection, limit: int = 1000, alert: int | None = None) -> Table:
    """The newest changes of states, the newest first; of one alert where it is named."""
    rows = [
        HistoryLine(
            time=row.time,
            alert=row.alert,
            state=str(row.state),
            who=row.who,
            rule=row.kind,
            model=row.model,
            text=row.text,
            nmr=row.nmr,
            deadline=row.deadline,
            until=row.until,
            value=row.value,
            subject=row.subject or None,
            tournament=_label(row.tournament),
        )
        for row in alert_history(connection, limit, alert)
    ]
    return Table("alert_history", HISTORY_COLUMNS, rows)


def listed_rules(connection: sqlite3.Connection, settings: Settings) -> Table:
    """The rules in force and what each found when it was last held against the cache; the notes are about those made on
    screen that cannot be read."""
    in_force = rules_in_force(connection, settings)
    found = checks(connection)
    sources = [("settings file", f"file {number}") for number, _ in enumerate(settings.alerts)]
    sources += [("screen", f"screen {number}") for number in in_force.numbers]
    rows = [
        _rule_row(name, rule, [check for check in found if check.rule == name], source)
        for (name, rule), source in zip(identities(in_force.rules).items(), sources, strict=True)
    ]
    return Table("alert_rules", RULE_COLUMNS, rows, in_force.problems)


def _rule_row(name: str, rule: AlertRule, found: Sequence[CheckRow], source: tuple[str, str]) -> RuleRow:
    levels = {key: value for key, value in content(rule).items() if key in parameters(type(rule))}
    reasons = {check.reason: None for check in found if check.reason is not None}
    return RuleRow(
        rule=name,
        levels=", ".join(f"{key} {value}" for key, value in levels.items()),
        past=sum(check.past for check in found) if found else None,
        ok=sum(check.ok for check in found) if found else None,
        not_known=sum(check.not_known for check in found) if found else None,
        reason="; ".join(reasons) or None,
        time=max((check.time for check in found), default=None),
        source=source[0],
        key=source[1],
    )


def findings_table(found: Sequence[Check]) -> Table:
    """What rules find, subject by subject, those past their level first; a rule that cannot look is one row."""
    rows = [
        FindingRow(
            check.rule, _word(finding.standing), finding.model, finding.text, finding.nmr, finding.deadline,
            finding.value, finding.subject or None, _label(check.tournament),
        )
        for check in found
        for finding in check.findings
    ]  # fmt: skip
    blind = [
        FindingRow(
            check.rule, _word(None), None, check.unknown, None, None, None, None,
            _label(check.tournament),
        )
        for check in found
        if check.unknown is not None
    ]  # fmt: skip
    order = ("past level", "not known", "ok")
    every = sorted([*rows, *blind], key=lambda row: order.index(row.finding))
    return Table("alert_findings", FINDING_COLUMNS, every)


def _word(standing: Standing | None) -> str:
    return "not known" if standing is None else "past level" if standing.past else "ok"


def _alert_row(alert: Alert) -> AlertRow:
    identity = alert.identity
    return AlertRow(
        alert=alert.number,
        state=str(alert.state),
        rule=alert.kind,
        model=identity.model,
        text=alert.text,
        nmr=alert.nmr,
        deadline=alert.deadline,
        since=alert.since,
        until=alert.until,
        changed=alert.changed,
        value=alert.value,
        subject=identity.subject or None,
        tournament=_label(identity.tournament),
    )
