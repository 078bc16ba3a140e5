"""Stake rules that are due stand among what needs the user, as the plan by rules has them."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from sqlite3 import Connection

import pytest

from numtui.analysis.alerts.facts import Unknown
from numtui.model import Tournament
from numtui.money import exact_sum
from numtui.reports.overview.needs import NeedKind
from numtui.reports.overview.overview import overview
from numtui.reports.overview.rules import rule_needs
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.stake.rules.due import proposals_due
from numtui.stake.rules.inputs import plan_by_rule
from numtui.stake.rules.settings import configured_rules
from tests.poller.site import NOW


@pytest.fixture
def settings_file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('[[rules]]\nrule = "stop"\nloss = 0.0001\n', encoding="utf-8")
    return path


def test_a_line_a_tournament_with_what_the_plan_by_rules_moves(cache: Connection, settings_file: Path) -> None:
    read = overview(cache, NOW, fiat="USD", proposals=partial(proposals_due, settings_file))
    lines = {need.tournament: need for need in read.needs if need.kind is NeedKind.RULE}
    planned = {}
    for tournament in Tournament:
        rule = configured_rules(settings_file)
        _, proposals = plan_by_rule(cache, cached_snapshot(cache, tournament, NOW), rule)
        if proposals:
            planned[tournament.label] = proposals
    assert planned and lines.keys() == planned.keys()
    for label, proposals in planned.items():
        assert lines[label].amount == exact_sum(abs(item.proposed - item.current) for item in proposals)
        assert f"propose {len(proposals)} change" in lines[label].text
        assert proposals[0].model in lines[label].text


def test_nothing_where_there_are_no_rules_or_they_cannot_be_used(cache: Connection, tmp_path: Path) -> None:
    assert rule_needs(cache, Tournament, NOW, partial(proposals_due, tmp_path / "none.toml")) == []
    assert rule_needs(cache, Tournament, NOW, lambda *_: Unknown("no account")) == []
