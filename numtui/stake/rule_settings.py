"""The user's combination of rules: the [[rules]] tables of the settings file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path

from numtui.analysis.rules import Combination
from numtui.analysis.rules_book import RuleError
from numtui.analysis.rules_config import Evidence, Sources, parse_rules
from numtui.config import read_file
from numtui.stake.errors import PlanError
from numtui.stake.plan_file import read_weights


def configured_rules(settings_file: Path, evidence: Callable[[], Evidence] | None = None) -> Combination:
    """The rules of `settings_file`; files of weights are looked for beside it, `evidence` is what a backtest says.

    RuleError when there are none or one is not understood; ConfigError when the file cannot be read.
    """

    def weights_of(name: str) -> Mapping[str, Decimal]:
        try:
            return read_weights((settings_file.parent / Path(name).expanduser()).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, PlanError) as error:
            raise RuleError(f"{name}: {error}") from None

    found = read_file(settings_file, required=False).get("rules")
    if not found:
        raise RuleError(f'no rules in {settings_file}: add [[rules]] tables to it, such as rule = "take_profit"')
    return parse_rules(found, Sources(weights_of=weights_of, evidence=evidence))
