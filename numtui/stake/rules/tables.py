"""The tables of rules: proposals, past actions and their result, and whether the rules were followed."""

from __future__ import annotations

from collections.abc import Sequence

from numtui.analysis.rules.backtest import RuleBacktest, Verdict
from numtui.analysis.rules.portfolio import Proposal
from numtui.model import Column, Kind, Row, Table, Tournament

MODEL = Column("model", Kind.TEXT, doc="the model's name")
DAY = Column("day", Kind.TEXT, doc="the day, 2026-11-21")
TOURNAMENT = Column("tournament", Kind.TEXT, doc="classic, signals or crypto")
PROPOSAL_COLUMNS = (
    MODEL,
    Column("current", Kind.NMR, doc="NMR staked, the change under way included"),
    Column("proposed", Kind.NMR, doc="what the rules would set it to"),
    Column("change", Kind.NMR, doc="the difference; a release is negative"),
    Column("reason", Kind.TEXT, doc="which rule, and why"),
    TOURNAMENT,
)
ACTION_COLUMNS = (
    DAY,
    MODEL,
    Column("change", Kind.NMR, doc="what the rule asked for; a release is negative"),
    Column("done", Kind.BOOL, doc="false: there was not enough free NMR for it"),
    Column("reason", Kind.TEXT, doc="which rule, and why"),
    TOURNAMENT,
)
CURVE_COLUMNS = (
    DAY,
    Column("with_rule", Kind.NMR, "with the rule", "NMR owned at the end of the day: stakes and free NMR"),
    Column("without", Kind.NMR, "without", "the same had nothing been changed"),
    Column("difference", Kind.NMR, doc="what the rule was worth by that day"),
    TOURNAMENT,
)
VERDICT_COLUMNS = (
    DAY,
    MODEL,
    Column("expected", Kind.NMR, doc="what the rule asked for; empty for a change that no rule asked for"),
    Column("done", Kind.NMR, doc="what was done; empty for nothing"),
    Column("verdict", Kind.TEXT, doc="followed, other amount, not followed, unprompted"),
    Column("reason", Kind.TEXT, doc="which rule, and why"),
    TOURNAMENT,
)


def proposals_table(proposals: Sequence[Proposal], tournament: Tournament) -> Table:
    """Proposals, one row a model."""
    rows: list[Row] = [
        (
            proposal.model,
            proposal.current,
            proposal.proposed,
            proposal.proposed - proposal.current,
            proposal.reason,
            tournament.label,
        )
        for proposal in proposals
    ]
    return Table("proposals", PROPOSAL_COLUMNS, rows)


def actions_table(result: RuleBacktest, tournament: Tournament) -> Table:
    """The changes that the rule would have made, one row each."""
    rows: list[Row] = [
        (action.day.isoformat(), action.model, action.amount, action.done, action.reason, tournament.label)
        for action in result.actions
    ]
    return Table("rule_actions", ACTION_COLUMNS, rows)


def curve_table(result: RuleBacktest, tournament: Tournament) -> Table:
    """The NMR owned with and without the rule, one row a day on which anything happened."""
    days = zip(result.days, result.with_rule, result.without, strict=True)
    rows: list[Row] = [(day.isoformat(), ruled, plain, ruled - plain, tournament.label) for day, ruled, plain in days]
    return Table("rule_curve", CURVE_COLUMNS, rows)


def verdicts_table(verdicts: Sequence[Verdict], tournament: Tournament) -> Table:
    """Whether the rule was followed, one row a request or change; the note counts what was kept to."""
    rows: list[Row] = [
        (
            verdict.day.isoformat(),
            verdict.model,
            verdict.expected,
            verdict.done,
            verdict.verdict,
            verdict.reason,
            tournament.label,
        )
        for verdict in verdicts
    ]
    asked = sum(verdict.expected is not None for verdict in verdicts)
    kept = sum(verdict.verdict == "followed" for verdict in verdicts)
    return Table("rule_followed", VERDICT_COLUMNS, rows, (f"followed {kept} of {asked} times",))
