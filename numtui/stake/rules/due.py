"""What the user's stake rules propose now, as alerts look at it."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from functools import partial
from pathlib import Path

from numtui.analysis.alerts.facts import ProposalFact, Unknown
from numtui.config import read_file
from numtui.errors import NumtuiError
from numtui.model import Tournament


def proposals_due(
    config_file: Path, connection: sqlite3.Connection, tournament: Tournament, now: datetime
) -> tuple[ProposalFact, ...] | Unknown:
    """A fact for each of the account's models, with what the rules of a settings file propose for it; Unknown, and why,
    without rules or an account, and where the rules cannot be used."""
    if not read_file(config_file, required=False).get("rules"):
        return Unknown("there are no stake rules: add [[rules]] to the settings file")
    from numtui.reports.backtest.weights import backtest_weights  # numpy: only where there are rules
    from numtui.reports.stake.cached_snapshot import cached_snapshot
    from numtui.stake.rules.inputs import cached_book, own_model_names
    from numtui.stake.rules.settings import configured_rules

    try:
        snapshot = cached_snapshot(connection, tournament, now)
        evidence = partial(backtest_weights, connection, tournament)
        rule = configured_rules(config_file, evidence, own_model_names(connection))
        proposals = {item.model: item for item in rule.propose(cached_book(connection, snapshot))}
    except NumtuiError as error:
        return Unknown(str(error))
    return tuple(
        ProposalFact(model.name, True, item.current, item.proposed, item.reason)
        if (item := proposals.get(model.name)) is not None
        else ProposalFact(model.name, True, None, None, "")
        for model in snapshot.models
    )
