"""The states of an alert and its changes: firing, acknowledged, snoozed, cleared. What never fired is ok."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from numtui.analysis.alerts.findings import Check, Finding, Identity
from numtui.analysis.alerts.levels import CALM

GONE = "it is about nothing any more"
TAKEN_OUT = "the rule was taken out"


class State(StrEnum):
    """FIRING wants attention; ACKNOWLEDGED is silent until it clears, SNOOZED until its time, whatever happens."""

    FIRING = "firing"
    ACKNOWLEDGED = "acknowledged"
    SNOOZED = "snoozed"
    CLEARED = "cleared"


ACTIVE = (State.FIRING, State.ACKNOWLEDGED, State.SNOOZED)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that has fired once. `since`: when it last began; `changed`: when its state did; `until`: of a snooze.

    `calm` counts the evaluations in a row that found it on the right side of its level. `number` is the cache's; None:
    not written yet.
    """

    identity: Identity
    kind: str
    state: State
    since: datetime
    changed: datetime
    text: str
    until: datetime | None = None
    calm: int = 0
    value: float | None = None
    nmr: Decimal | None = None
    deadline: datetime | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """An alert whose row is to be written; `before` is its state until now, `gone`: it is over with its subject."""

    alert: Alert
    before: State | None
    gone: bool = False

    @property
    def moved(self) -> bool:
        """Whether the state has changed, not only the words."""
        return self.alert.state is not self.before

    @property
    def told(self) -> bool:
        """Whether it is news of an evaluation: it began to fire, or what it was about is well again."""
        fires = self.alert.state is State.FIRING
        ends = self.alert.state is State.CLEARED and self.before is not State.SNOOZED and not self.gone
        return self.moved and (fires or ends)


def changes(known: Mapping[Identity, Alert], checks: Sequence[Check], now: datetime) -> list[Change]:
    """The changes that an evaluation brings, in the order of the rules.

    What is not known stays as it is. An alert whose rule was looked at and no longer names its subject is cleared, and
    so is one whose rule is gone.
    """
    found = [
        change
        for check in checks
        for finding in check.findings
        if (change := step(known.get(check.identity(finding)), check, finding, now)) is not None
    ]
    named = {check.identity(finding) for check in checks for finding in check.findings}
    looked = {(check.rule, check.tournament): check.unknown is None for check in checks}
    for identity, alert in known.items():
        if alert.state is State.CLEARED or identity in named:
            continue
        if looked.get((identity.rule, identity.tournament), True):
            why = GONE if (identity.rule, identity.tournament) in looked else TAKEN_OUT
            found.append(Change(_cleared(alert, f"{alert.text}; {why}", now), alert.state, gone=True))
    return found


def step(alert: Alert | None, check: Check, finding: Finding, now: datetime) -> Change | None:
    """What a finding makes of an alert (None: it never fired); None where nothing changes."""
    if finding.standing is None:
        return None
    if not finding.standing.past:
        return None if alert is None or alert.state is State.CLEARED else _calmer(alert, finding, now)
    before = None if alert is None else alert.state
    begins = alert is None or alert.state is State.CLEARED
    state = State.FIRING if begins or before is None else before
    until = None if alert is None else alert.until
    if until is not None and (begins or state is State.SNOOZED):
        state = State.SNOOZED if now < until else State.FIRING
    new = Alert(
        identity=check.identity(finding),
        kind=check.kind,
        state=state,
        since=now if begins or alert is None else alert.since,
        changed=now if alert is None or state is not before else alert.changed,
        text=finding.text,
        until=until if state is State.SNOOZED else None,
        value=finding.value,
        nmr=finding.nmr,
        deadline=finding.deadline,
        number=None if alert is None else alert.number,
    )
    return None if new == alert else Change(new, before)


def _calmer(alert: Alert, finding: Finding, now: datetime) -> Change:
    """An active alert that was found on the right side of its level."""
    calm = alert.calm + 1
    if (finding.standing is not None and finding.standing.well_back) or calm >= CALM:
        return Change(_cleared(alert, finding.text, now, finding.value), alert.state)
    return Change(replace(alert, calm=calm, text=finding.text, value=finding.value), alert.state)


def _cleared(alert: Alert, text: str, now: datetime, value: float | None = None) -> Alert:
    return replace(alert, state=State.CLEARED, changed=now, calm=0, text=text, value=value)


def acknowledged(alert: Alert, now: datetime) -> Change | None:
    """The user has seen it: silent until it clears. None where it is not firing or snoozed."""
    if alert.state not in {State.FIRING, State.SNOOZED}:
        return None
    return Change(replace(alert, state=State.ACKNOWLEDGED, changed=now, until=None), alert.state)


def snoozed(alert: Alert, now: datetime, until: datetime) -> Change | None:
    """Silent until `until`, whatever it does. None where it is over."""
    if alert.state is State.CLEARED:
        return None
    return Change(replace(alert, state=State.SNOOZED, changed=now, until=until), alert.state)


def woken(alert: Alert, now: datetime) -> Change | None:
    """No longer snoozed or acknowledged. None where it is neither."""
    if alert.state not in {State.SNOOZED, State.ACKNOWLEDGED}:
        return None
    return Change(replace(alert, state=State.FIRING, changed=now, until=None), alert.state)
