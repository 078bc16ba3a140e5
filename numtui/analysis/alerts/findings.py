"""What rules find in the facts, subject by subject; what cannot be known is said, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from numtui.analysis.alerts.levels import Standing
from numtui.model import Tournament


class Finding(NamedTuple):
    """What a rule says of one subject: a model, or None; `subject` is a round, a score or the like, else empty.

    `standing` None: not known, and `text` says why. `value` is what was held against the level; `nmr` is the money that
    it is about, `deadline` when it is too late.
    """

    model: str | None
    subject: str
    standing: Standing | None
    text: str
    value: float | None = None
    nmr: Decimal | None = None
    deadline: datetime | None = None


class Identity(NamedTuple):
    """Which alert it is: the rule (`alert_rules.identities`), the tournament (None: of none), model and subject."""

    rule: str
    tournament: Tournament | None
    model: str | None
    subject: str


@dataclass(frozen=True, slots=True)
class Check:
    """What a rule found in one tournament (None: it is about none); `unknown` says why it could not look at all."""

    rule: str
    kind: str
    tournament: Tournament | None
    findings: tuple[Finding, ...]
    unknown: str | None = None

    def identity(self, finding: Finding) -> Identity:
        """Which alert a finding is about."""
        return Identity(self.rule, self.tournament, finding.model, finding.subject)

    @property
    def ok(self) -> int:
        """How many subjects are as they should be."""
        return sum(finding.standing is not None and not finding.standing.past for finding in self.findings)

    @property
    def past(self) -> int:
        """How many subjects are past the level."""
        return sum(finding.standing is not None and finding.standing.past for finding in self.findings)

    @property
    def not_known(self) -> int:
        """How many subjects cannot be judged."""
        return sum(finding.standing is None for finding in self.findings)

    @property
    def reason(self) -> str | None:
        """Why something is not known; None where all is."""
        return self.unknown or next((finding.text for finding in self.findings if finding.standing is None), None)
