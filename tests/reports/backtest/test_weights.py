"""The rule `backtest`: its weights are those of the exported matched backtest."""

from __future__ import annotations

from contextlib import closing
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from numtui.analysis.rules.portfolio import RuleError
from numtui.model import Tournament
from numtui.reports.backtest.query import BacktestQuery
from numtui.reports.backtest.table import backtest_table
from numtui.reports.backtest.weights import backtest_weights
from numtui.reports.stake.cached_snapshot import cached_snapshot
from numtui.stake.rules.inputs import plan_by_rule
from numtui.stake.rules.settings import configured_rules
from numtui.store.database import open_reader, open_writer
from numtui.store.queries.selection import Models, Rounds
from tests.export.conftest import Polled
from tests.export.conftest import polled as polled  # noqa: PLC0414  a fixture
from tests.poller.site import NOW

SIGNALS = Tournament.SIGNALS


def test_weights_are_the_matched_averages_and_a_burn_weighs_nothing(polled: Polled) -> None:
    with closing(open_reader(polled.settings.db)) as connection:
        result = backtest_weights(connection, SIGNALS)
        table = backtest_table(
            connection, SIGNALS, BacktestQuery(Models(mine=True), matched=True), Rounds(resolved=True)
        )
    model, average = table.column("model"), table.column("average")
    rows = list(table.rows)
    assert {row[model] for row in rows} == set(result.weights)
    for row in rows:
        earned = Decimal(str(row[average]))
        assert result.weights[str(row[model])] == pytest.approx(max(earned, Decimal(0)), abs=Decimal("1e-15"))
    assert 0 <= result.shrinkage <= 1


def test_the_rule_makes_a_plan_that_keeps_the_total(polled: Polled, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text('[[rules]]\nrule = "backtest"\n')
    with closing(open_reader(polled.settings.db)) as connection:
        snapshot = cached_snapshot(connection, SIGNALS, NOW)
        rule = configured_rules(file, partial(backtest_weights, connection, SIGNALS))
        _, proposals = plan_by_rule(connection, snapshot, rule)
    assert proposals
    assert sum(proposal.proposed for proposal in proposals) == pytest.approx(
        sum(proposal.current for proposal in proposals)
    )
    assert all("backtest" in proposal.reason for proposal in proposals)


def test_without_resolved_rounds_it_says_so(tmp_path: Path) -> None:
    with (
        closing(open_writer(tmp_path / "empty.db")) as connection,
        pytest.raises(RuleError, match="no resolved rounds"),
    ):
        backtest_weights(connection, SIGNALS)
