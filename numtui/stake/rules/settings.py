"""The user's combination of rules: the [[rules]] tables of the settings file."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path

from numtui.analysis.rules.config import Evidence, Noted, Sources, parse_rules
from numtui.analysis.rules.portfolio import Rule, RuleError
from numtui.analysis.rules.rules import Combination, Only, Weights
from numtui.analysis.rules.tiers import Among
from numtui.config import Settings, read_file
from numtui.model import Tournament
from numtui.reports.notes.notes import tags_by_model, tier_by_model
from numtui.stake.errors import PlanError
from numtui.stake.plan.file import read_weights
from numtui.store.notes.notes import Notes


def configured_rules(
    settings_file: Path,
    evidence: Callable[[], Evidence] | None = None,
    own_names: Collection[str] | None = None,
    noted: Noted | None = None,
) -> Combination:
    """The rules of `settings_file`; files of weights are looked for beside it, `evidence` is what a backtest says,
    `noted` the tiers and tags of models.

    RuleError when there are none, one is not understood, or one names a model that is not among `own_names` (the
    account's, of all tournaments; None: not looked at); ConfigError when the file cannot be read.
    """

    def weights_of(name: str) -> Mapping[str, Decimal]:
        try:
            return read_weights((settings_file.parent / Path(name).expanduser()).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, PlanError) as error:
            raise RuleError(f"{name}: {error}") from None

    tables = read_file(settings_file, required=False).get("rules")
    if not tables:
        raise RuleError(f'no rules in {settings_file}: add [[rules]] tables to it, such as rule = "take_profit"')
    rules = parse_rules(tables, Sources(weights_of=weights_of, evidence=evidence, noted=noted or Noted()))
    if own_names is not None:
        check_names(rules, own_names)
    return rules


def check_names(rules: Combination, own_names: Collection[str]) -> None:
    """RuleError for the first rule that names a model which the account does not have: it would do nothing for it."""
    for number, rule in enumerate(rules.rules, start=1):
        unknown = sorted(named_models(rule) - set(own_names))
        if unknown:
            near = get_close_matches(unknown[0], own_names, n=1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise RuleError(f"rule {number}: you have no model {', '.join(unknown)}{hint}")


def named_models(rule: Rule) -> set[str]:
    """The models that a rule names: those it is limited to, and those that it has weights for."""
    match rule:
        case Only():
            return {*rule.models, *named_models(rule.rule)}
        case Among():
            return named_models(rule.rule)
        case Weights():
            return set(rule.weights)
        case _:
            return set()


def noted_of(settings: Settings, tournament: Tournament) -> Noted:
    """What is noted of the models of a tournament: their tiers and tags."""
    contents = Notes.of(settings).contents()
    return Noted(tier_by_model(contents, tournament), tags_by_model(contents, tournament))
