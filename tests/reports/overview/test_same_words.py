"""A need and the alert on the same submission say the same of the same NMR."""

from __future__ import annotations

from sqlite3 import Connection

from numtui.alert_rules import checked_rule
from numtui.analysis.alerts.checking import check_rules
from numtui.money import short_text
from numtui.reports.alerts.facts import Sources, collect_facts
from numtui.reports.overview.needs import NeedKind
from numtui.reports.overview.overview import Overview
from tests.export.conftest import Polled
from tests.poller.site import NOW


def test_a_missing_submission(account: Polled, cache: Connection, read: Overview) -> None:
    rules = (checked_rule({"rule": "no_submission"}),)
    checks = check_rules(rules, collect_facts(cache, account.settings, rules, NOW, Sources()))
    told = {finding.model: (finding.text, finding.nmr) for check in checks for finding in check.findings}
    needs = [need for need in read.needs if need.kind is NeedKind.SUBMISSION]
    assert needs
    for need in needs:
        assert need.amount is not None
        assert told[need.model] == (f"{need.text}, {short_text(need.amount)} NMR staked", need.amount)
